"""A ZIP of many pictures: whole, in order, safe to open, and only what the person may see."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations.models import Collection, CollectionItem, Generation, Image, Member, Tag, Tagging, User
from generations.submission import submit
from generations.transfer import archive
from generations.transfer.names import Names
from generations.transfer.tables import COLUMNS, cell
from tests.conftest import order
from tests.generations.transfer.conftest import Painting, body, paint, stored

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]


def fetch(client: Client, images: Sequence[Image]) -> zipfile.ZipFile:
    response = client.post("/gallery/archive/", {"ids": [str(image.generation.public_id) for image in images]})
    assert response.status_code == 200
    return opened(body(response))


def opened(data: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(BytesIO(data))
    assert found.testzip() is None
    return found


def rows_in(found: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(found.read("settings.csv").decode("utf-8-sig"), newline="")))


@pytest.fixture
def collection(member: Member) -> Collection:
    return Collection.objects.create(team=member.team, author=member.user, name="Night & Fog")


class TestASelection:
    def test_it_holds_the_stored_files_in_the_chosen_order(self, client_of_owner: Client, painted: Painting):
        images = [painted(f"fox {number}", look=number, output_format=kind) for number, kind in enumerate(["png", "jpeg", "png"])]
        chosen = [images[2], images[0], images[1]]
        found = fetch(client_of_owner, chosen)
        *names, as_json, as_csv = found.namelist()
        assert (as_json, as_csv) == ("settings.json", "settings.csv")
        assert [name.split("-7-")[0] for name in names] == ["fox-2", "fox-0", "fox-1"]
        assert [hashlib.sha256(found.read(name)).hexdigest() for name in names] == [image.sha256 for image in chosen]
        assert {found.getinfo(name).compress_type for name in names} == {zipfile.ZIP_STORED}

    def test_settings_json_tells_what_made_each(self, client_of_owner: Client, painted: Painting, member: Member):
        image = painted("a red fox")
        tag = Tag.objects.create(team=member.team, name="animals")
        Tagging.objects.create(tag=tag, generation=image.generation)
        Generation.objects.update(note="for the wall")
        found = fetch(client_of_owner, [image])
        (row,) = json.loads(found.read("settings.json"))
        assert set(row) == set(COLUMNS)
        assert row["file"] == found.namelist()[0]
        assert (row["prompt"], row["seed"], row["tags"], row["note"]) == ("a red fox", 7, ["animals"], "for the wall")
        assert (row["sha256"], row["pixels_sha256"]) == (image.sha256, image.pixels_sha256)

    def test_ids_may_come_in_one_field_and_more_than_once(self, client_of_owner: Client, painted: Painting):
        one, two = painted("one"), painted("two", look=2)
        ids = f"{one.generation.public_id.hex}, {two.generation.public_id} {one.generation.public_id}"
        found = opened(body(client_of_owner.post("/gallery/archive/", {"ids": ids})))
        assert len(found.namelist()) == 4

    def test_a_missing_file_is_named_and_the_rest_is_there(self, client_of_owner: Client, painted: Painting):
        gone, kept = painted("gone"), painted("kept", look=2)
        gone.file.storage.delete(gone.file.name)
        found = fetch(client_of_owner, [gone, kept])
        name, *others = found.namelist()
        assert name.startswith("kept-7-") and others == ["settings.json", "settings.csv", "missing.txt"]
        said = found.read("missing.txt").decode()
        assert "gone-7-" in said and gone.generation.get_absolute_url() in said and "kept" not in said

    def test_what_is_in_the_trash_or_another_teams_is_left_out(
        self, client_of_owner: Client, painted: Painting, outsider: User, owner: User
    ):
        mine, trashed = painted("mine"), painted("trashed", look=2)
        Generation.objects.filter(pk=trashed.generation_id).update(trashed_at=timezone.now(), trashed_by=owner)
        theirs = paint(submit(Member.objects.get(user=outsider), order("theirs"), hint=False), 3)
        found = fetch(client_of_owner, [mine, trashed, theirs])
        assert len(found.namelist()) == 3
        assert "theirs" not in found.read("settings.json").decode()

    def test_of_another_teams_pictures_alone_there_is_none(
        self, signed_in: SigningIn, outsider: User, client_of_owner: Client, painted: Painting
    ):
        ids = {"ids": [str(painted().generation.public_id)]}
        assert signed_in(outsider).post("/gallery/archive/", ids).status_code == 404
        assert client_of_owner.post("/gallery/archive/", ids).status_code == 200

    @pytest.mark.parametrize("ids", ["", "fox", "1; DROP TABLE"])
    def test_nothing_chosen_is_said(self, client_of_owner: Client, ids: str):
        assert client_of_owner.post("/gallery/archive/", {"ids": ids}).status_code == 400

    def test_it_asks_for_a_sign_in(self, painted: Painting):
        assert Client().post("/gallery/archive/", {"ids": str(painted().generation.public_id)}).status_code == 302

    def test_a_person_who_leaves_the_team_meanwhile_gets_no_more(self, painted: Painting, owner: User, monkeypatch):
        monkeypatch.setattr(archive, "PAGE", 1)
        monkeypatch.setattr(archive, "CHUNK", 1000)
        keys = [painted("one").generation_id, painted("two", look=2).generation_id]
        pieces = []
        for piece in archive.archive(owner, keys):
            pieces.append(piece)
            Member.objects.filter(user=owner).delete()
        assert [name.split("-7-")[0] for name in opened(b"".join(pieces)).namelist()] == ["one", "settings.json", "settings.csv"]


class TestACollection:
    def test_it_comes_under_its_name_newest_first(self, client_of_owner: Client, painted: Painting, collection: Collection):
        for number in range(3):
            CollectionItem.objects.create(collection=collection, generation=painted(f"fox {number}", look=number).generation)
        response = client_of_owner.get(f"/gallery/collections/{collection.public_id}/archive/")
        assert response.headers["Content-Disposition"] == 'attachment; filename="night-fog.zip"'
        assert response.headers["Content-Type"] == "application/zip"
        assert [name.split("-7-")[0] for name in opened(body(response)).namelist()[:3]] == ["fox-2", "fox-1", "fox-0"]

    def test_an_empty_one_is_404(self, client_of_owner: Client, collection: Collection):
        assert client_of_owner.get(f"/gallery/collections/{collection.public_id}/archive/").status_code == 404

    def test_for_an_outsider_it_is_not_there(
        self, signed_in: SigningIn, outsider: User, painted: Painting, collection: Collection
    ):
        CollectionItem.objects.create(collection=collection, generation=painted().generation)
        assert signed_in(outsider).get(f"/gallery/collections/{collection.public_id}/archive/").status_code == 404

    def test_it_takes_as_many_queries_for_one_as_for_many(
        self, client_of_owner: Client, painted: Painting, collection: Collection
    ):
        counts = []
        for number in range(3):
            CollectionItem.objects.create(collection=collection, generation=painted(f"fox {number}", look=number).generation)
            with CaptureQueriesContext(connection) as queries:
                body(client_of_owner.get(f"/gallery/collections/{collection.public_id}/archive/"))
            counts.append(len(queries))
        # session, person, membership, collection, its items, the line in the log; pictures, their files, their taggings
        assert counts == [9, 9, 9]


class TestNames:
    @pytest.mark.parametrize("prompt", ["../../etc/passwd", "C:\\Windows\\con", "a\x07b", "\r\n", "狐狸", "." * 90, "nul", "-rf"])
    def test_no_prompt_makes_a_path_of_a_name(self, client_of_owner: Client, painted: Painting, prompt: str):
        image = painted("a fox")
        Generation.objects.update(prompt=prompt)
        name = fetch(client_of_owner, [image]).namelist()[0]
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        assert not name.startswith((".", "-")) and name.count(".") == 1

    def test_each_is_given_once_whatever_the_case(self):
        names = Names()
        assert [names.once(name) for name in ("a.png", "a.png", "A.PNG", "a-2.png", "b")] == [
            "a.png",
            "a-2.png",
            "A-3.PNG",
            "a-2-2.png",
            "b",
        ]


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u00a0=1",
    "\n\n=1",
    "\ufeff=1",
    "\u3000+1",
    "＝1",
    "\tfox",
    "\rfox",
]


class TestSpreadsheets:
    @pytest.mark.parametrize("text", FORMULAS)
    def test_no_cell_is_a_formula(self, client_of_owner: Client, painted: Painting, text: str):
        image = painted("a fox")
        Generation.objects.update(prompt=text, note=text[:300], notes=[text])
        (row,) = rows_in(fetch(client_of_owner, [image]))
        assert row["prompt"] == row["note"] == f"'{text}"
        assert row["notes"].startswith("[")

    @pytest.mark.parametrize("text", ["a fox", "1=1", "fox - a study", "", "'quoted'", '"double", and; more', "two\nlines", "狐"])
    def test_other_words_stay_as_they_are(self, client_of_owner: Client, painted: Painting, text: str):
        image = painted("a fox")
        Generation.objects.update(prompt=text)
        (row,) = rows_in(fetch(client_of_owner, [image]))
        assert row["prompt"] == text

    def test_numbers_and_nothing_are_plain(self):
        assert [cell(value) for value in (7, 3.5, None, [], {}, ["a"])] == ["7", "3.5", "", "", "", '["a"]']


def test_it_is_sent_in_pieces_no_larger_than_they_need_be(painted: Painting, owner: User, monkeypatch):
    monkeypatch.setattr(archive, "CHUNK", 10_000)
    images = [painted(f"fox {number}", look=number, output_format="png") for number in range(3)]
    pieces = list(archive.archive(owner, [image.generation_id for image in images]))
    assert max(map(len, pieces)) < 3 * 10_000
    assert sum(map(len, pieces)) > sum(len(stored(image)) for image in images)
    opened(b"".join(pieces))
