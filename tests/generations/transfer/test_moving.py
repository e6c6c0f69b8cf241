"""A whole gallery moves to another server and back, and loses nothing."""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import enhancing, pipeline
from generations.images import Picture
from generations.models import (
    Check,
    Collection,
    CollectionItem,
    EnhancementRequest,
    Favourite,
    Generation,
    Image,
    LedgerEntry,
    Member,
    Reference,
    State,
    Tag,
    Tagging,
    Team,
    User,
    Verdict,
)
from generations.submission import Order, submit
from tests.conftest import order
from tests.generations.transfer.conftest import Painting, foreign_png, paint, pattern

pytestmark = pytest.mark.django_db

MODELS = (Generation, Image, Check, CollectionItem, Collection, Tagging, Tag, Favourite, Reference, EnhancementRequest, User)
ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Callable[..., Any]) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def gallery(team: Team, member: Member, teammate: User, painted: Painting) -> Team:
    """A team with all that pictures can have."""
    request = enhancing.ask(member, "a fox", enhancer="local", style="anime", seed=3, hint=False)
    pipeline.enhance(request.pk)
    request.refresh_from_db()
    enhanced = paint(submit(member, with_extras(order(request.text), enhancement=request), hint=False), 1).generation
    source = enhanced.images.get().pixels_sha256
    reference = Picture(width=64, height=48, pixels=pattern(50, 64, 48), source_sha256=source)
    remade = paint(submit(member, with_extras(order("=a fox\r\n狐", strength=0.4), picture=reference), hint=False), 2).generation
    again, plain, trashed = (painted(prompt, look=look).generation for prompt, look in (("again", 3), ("plain", 4), ("old", 5)))
    failed = submit(member, order("failed"), hint=False)
    Generation.objects.filter(pk=failed.pk).update(is_check=True, state=State.FAILED, error="It could not be made again.")
    Check.objects.create(generation=plain, again=failed, author=teammate, verdict=Verdict.FAILED)
    Check.objects.create(generation=plain, again=submit(member, order("waiting"), hint=False), author=teammate)
    Generation.objects.filter(pk=remade.pk).update(
        parent=enhanced, note="for the wall", price_microusd=25_000, notes=["Not drawn: jazz"], stack=enhanced.stack
    )
    Generation.objects.filter(pk=trashed.pk).update(trashed_at=timezone.now(), trashed_by=teammate)
    Generation.objects.filter(pk=again.pk).update(is_check=True)
    Check.objects.create(
        generation=plain, again=again, author=teammate, verdict=Verdict.ALIKE, distance=0.01, changes=[["skia", "1", "2"]]
    )
    for number, name in enumerate(("Night", "Empty")):
        collection = Collection.objects.create(team=team, author=teammate, name=name)
        if not number:
            CollectionItem.objects.create(collection=collection, generation=remade)
            CollectionItem.objects.create(collection=collection, generation=plain)
    for name in ("fox", "animals"):
        Tagging.objects.create(tag=Tag.objects.create(team=team, name=name), generation=remade)
    Favourite.objects.create(user=teammate, generation=remade)
    Favourite.objects.create(user=member.user, generation=remade)
    return team


def with_extras(placed: Order, **extras: object) -> Order:
    return replace(placed, **extras)  # type: ignore[arg-type]


def export(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("export_gallery", str(path), *arguments, stdout=out, stderr=out)
    return out.getvalue()


def bring_in(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("import_images", str(path), *arguments, stdout=out, stderr=out)
    return out.getvalue()


def files_in(path: Path) -> dict[str, bytes]:
    """Return all of an export, with the team's name left out of its head."""
    if path.is_file():
        with zipfile.ZipFile(path) as opened:
            found = {name: opened.read(name) for name in opened.namelist()}
    else:
        found = {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    head = json.loads(found["gallery.json"])
    head.pop("team")
    return {**found, "gallery.json": json.dumps(head, sort_keys=True).encode()}


def lines_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files_in(path)["gallery.jsonl"].splitlines()]


def said_of(count: int) -> str:
    return f"{count} brought in, 0 here already, 0 could not be read.\n"


def move_away(settings) -> None:
    """Give all that is here to nobody: new ids for it, no people, no files, as on a fresh server."""
    for model in (Generation, Collection, Reference, EnhancementRequest):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(public_id=uuid.uuid4())
    Generation.objects.update(stack=uuid.uuid4())
    for number, user in enumerate(User.objects.all()):
        User.objects.filter(pk=user.pk).update(email=f"gone{number}@example.org", name="Gone")
    Team.objects.update(name="Gone")


def renamed_as_here(path: Path, team: Team) -> dict[str, bytes]:
    """Return an export with the ids that a second team of the same server gives to what it brings in."""
    ids = set(re.findall(ID, b"".join(files_in(path).values()).decode("latin-1")))

    def renamed(text: str) -> str:
        for own in ids:
            other = str(uuid.uuid5(team.public_id, own))
            text = text.replace(own, other).replace(own.replace("-", ""), other.replace("-", ""))
        return text

    found = {}
    for name, content in files_in(path).items():
        to = renamed(name)
        to = to if not to.startswith("pictures/") else f"pictures/{Path(to).name[:2]}/{Path(to).name}"
        found[to] = renamed(content.decode()).encode() if name.startswith("gallery") else content
    return found


class TestTheRoundTrip:
    @pytest.mark.parametrize("name", ["gallery", "gallery.zip"])
    def test_an_export_brought_into_a_second_team_and_exported_again_is_the_same(self, gallery: Team, tmp_path: Path, name: str):
        first, second = tmp_path / "1" / name, tmp_path / "2" / name
        export(first)
        fresh = Team.objects.create(name="Fresh")
        assert bring_in(first, "--team", "Fresh").endswith(said_of(6))
        export(second, "--team", "Fresh")
        theirs = renamed_as_here(first, fresh)
        assert theirs == files_in(second)

    def test_on_another_server_even_the_ids_are_the_same(self, gallery: Team, tmp_path: Path, settings):
        export(tmp_path / "1")
        move_away(settings)
        Team.objects.create(name="Fresh")
        assert bring_in(tmp_path / "1", "--team", "Fresh").endswith(said_of(6))
        export(tmp_path / "2", "--team", "Fresh")
        assert files_in(tmp_path / "1") == files_in(tmp_path / "2")

    def test_every_picture_can_be_seen_afterwards(
        self, gallery: Team, tmp_path: Path, outsider: User, signed_in: Callable[[User], Client]
    ):
        export(tmp_path / "1", "--team", gallery.name)
        bring_in(tmp_path / "1", "--team", "Elsewhere")
        client = signed_in(outsider)
        mine = Generation.objects.filter(team__name="Elsewhere").in_gallery()
        assert len(mine) == 3
        for generation in mine:
            assert client.get(generation.get_absolute_url()).status_code == 200
            for kind in ("original", "large", "small", "download"):
                assert client.get(f"{generation.get_absolute_url()}{kind}/").status_code == 200

    def test_nothing_is_charged(self, gallery: Team, tmp_path: Path):
        export(tmp_path / "1")
        before = LedgerEntry.objects.count()
        bring_in(tmp_path / "1", "--team", Team.objects.create(name="Fresh").name)
        assert LedgerEntry.objects.count() == before

    def test_nothing_of_another_team_is_in_it(self, gallery: Team, tmp_path: Path, outsider: User):
        paint(submit(Member.objects.get(user=outsider), order("theirs"), hint=False), 9)
        export(tmp_path / "1", "--team", gallery.name)
        assert all("theirs" not in content.decode("latin-1") for content in files_in(tmp_path / "1").values())


class TestAgain:
    def test_repeating_adds_nothing(self, gallery: Team, tmp_path: Path):
        export(tmp_path / "1")
        Team.objects.create(name="Fresh")
        bring_in(tmp_path / "1", "--team", "Fresh")
        rows = {model: model.objects.count() for model in MODELS}
        assert bring_in(tmp_path / "1", "--team", "Fresh") == "0 brought in, 6 here already, 0 could not be read.\n"
        assert bring_in(tmp_path / "1", "--team", gallery.name) == "0 brought in, 6 here already, 0 could not be read.\n"
        assert {model: model.objects.count() for model in MODELS} == rows

    def test_an_import_that_broke_off_is_gone_on_with(self, gallery: Team, tmp_path: Path):
        export(tmp_path / "1")
        whole = (tmp_path / "1" / "gallery.jsonl").read_bytes()
        fresh = Team.objects.create(name="Fresh")
        (tmp_path / "1" / "gallery.jsonl").write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
        bring_in(tmp_path / "1", "--team", "Fresh")
        (tmp_path / "1" / "gallery.jsonl").write_bytes(whole)
        assert bring_in(tmp_path / "1", "--team", "Fresh").endswith("4 brought in, 2 here already, 0 could not be read.\n")
        export(tmp_path / "2", "--team", "Fresh")
        assert renamed_as_here(tmp_path / "1", fresh) == files_in(tmp_path / "2")

    def test_an_export_that_broke_off_is_gone_on_with(self, gallery: Team, tmp_path: Path):
        export(tmp_path / "1")
        picture = next((tmp_path / "1" / "pictures").rglob("*.jpeg"))
        (tmp_path / "1" / "gallery.jsonl").unlink()
        stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "1").rglob("*.jpeg")}
        picture.write_bytes(picture.read_bytes()[:-100])
        export(tmp_path / "1")
        export(tmp_path / "2")
        assert files_in(tmp_path / "1") == files_in(tmp_path / "2")
        assert [path for path, stamp in stamps.items() if path.stat().st_mtime_ns != stamp] == [picture]


class TestWhoAndWhere:
    def test_people_keep_their_pictures_and_the_unknown_cannot_sign_in(self, gallery: Team, tmp_path: Path, settings):
        export(tmp_path / "1")
        move_away(settings)
        Team.objects.create(name="Fresh")
        bring_in(tmp_path / "1", "--team", "Fresh")
        teammate = User.objects.get(email="teammate@example.org")
        assert (teammate.name, teammate.is_active, teammate.has_usable_password()) == ("Teammate", False, False)
        assert not Member.objects.filter(user=teammate).exists()
        assert Favourite.objects.filter(user=teammate).exists()

    def test_a_picture_of_another_teams_id_gets_one_of_its_own(self, gallery: Team, tmp_path: Path):
        export(tmp_path / "1")
        bring_in(tmp_path / "1", "--team", Team.objects.create(name="Fresh").name)
        stacks = {team: set(Generation.objects.filter(team=team).values_list("stack", flat=True)) for team in Team.objects.all()}
        one, two = stacks.values()
        assert one.isdisjoint(two) and len(two) == len(one) - 1  # the check that waits stays behind

    def test_several_teams_must_be_told_apart(self, gallery: Team, tmp_path: Path, outsider: User):
        with pytest.raises(CommandError, match=r"There are several teams\. Say which one with --team NAME: Atelier, Elsewhere\."):
            export(tmp_path / "1")
        with pytest.raises(CommandError, match=r"There is no team called Nowhere\."):
            export(tmp_path / "1", "--team", "Nowhere")

    def test_a_file_that_is_gone_is_said_and_stops_nothing(self, gallery: Team, tmp_path: Path):
        image = Image.objects.first()
        assert image is not None
        image.file.storage.delete(image.file.name)
        assert "is not on this server any more" in export(tmp_path / "1")
        said = bring_in(tmp_path / "1", "--team", Team.objects.create(name="Fresh").name)
        assert "Its file is not in the export." in said
        assert said.endswith("5 brought in, 0 here already, 1 could not be read.\n")


class TestHostileExports:
    @pytest.fixture
    def exported(self, painted: Painting, tmp_path: Path) -> Path:
        painted()
        export(tmp_path / "1")
        Team.objects.create(name="Fresh")
        return tmp_path / "1"

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "../../../etc/passwd"},
            {"state": "running"},
            {"images": []},
            {"width": "wide"},
            {"prompt": 7},
            {"price_microusd": -1},
            {"seed": 10**30},
            {"guidance_scale": None},
            {"tags": 7},
            {"collections": [{"name": "not there", "added_at": "2026-01-01T00:00:00+00:00"}]},
            {"created_at": "yesterday"},
        ],
    )
    def test_a_line_that_cannot_be_is_said_and_leaves_nothing(self, exported: Path, change: dict[str, Any], settings):
        (line,) = lines_in(exported)
        (exported / "gallery.jsonl").write_text(json.dumps({**line, **change}) + "\n[]\nno json\n")
        before = {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
        assert bring_in(exported, "--team", "Fresh").endswith("0 brought in, 0 here already, 3 could not be read.\n")
        assert Generation.objects.count() == 1
        assert {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()} == before

    def test_another_file_than_the_one_exported_is_refused(self, exported: Path):
        next((exported / "pictures").rglob("*.jpeg")).write_bytes(foreign_png())
        assert "not the one that was exported" in bring_in(exported, "--team", "Fresh")

    def test_an_export_of_another_format_is_refused(self, exported: Path):
        (exported / "gallery.json").write_text('{"format": 2}')
        with pytest.raises(CommandError, match="written by another version"):
            bring_in(exported, "--team", "Fresh")


class TestPlainFiles:
    def test_a_folder_of_any_pictures_comes_in(self, owner: User, tmp_path: Path):
        folder = tmp_path / "mine"
        (folder / "more").mkdir(parents=True)
        (folder / "a.png").write_bytes(foreign_png(1))
        (folder / "more" / "b.png").write_bytes(foreign_png(2))
        (folder / "words.txt").write_text("no picture")
        (folder / ".hidden").write_text("no picture")
        (folder / "link.png").symlink_to("/etc/passwd")
        with zipfile.ZipFile(folder / "c.zip", "w") as made:
            made.writestr("c.png", foreign_png(3))
        said = bring_in(folder)
        assert said.endswith("3 brought in, 0 here already, 1 could not be read.\n")
        assert "words.txt: This" in said and "link" not in said and "hidden" not in said
        assert set(Generation.objects.values_list("author", flat=True)) == {owner.pk}
        assert bring_in(folder).endswith("0 brought in, 3 here already, 1 could not be read.\n")

    def test_one_file_comes_in_as_the_person_named(self, owner: User, teammate: User, tmp_path: Path):
        (tmp_path / "a.png").write_bytes(foreign_png(1))
        bring_in(tmp_path / "a.png", "--as", "Teammate@example.org")
        assert Generation.objects.get().author == teammate

    @pytest.mark.parametrize("email", ["viewer@example.org", "outsider@example.org", "nobody@example.org"])
    def test_who_may_make_no_pictures_there_brings_none_in(self, viewer: User, outsider: User, tmp_path: Path, email: str):
        (tmp_path / "a.png").write_bytes(foreign_png(1))
        with pytest.raises(CommandError, match="may make pictures in the team Atelier"):
            bring_in(tmp_path / "a.png", "--as", email, "--team", "Atelier")

    def test_a_path_with_nothing_there_is_said(self, owner: User, tmp_path: Path):
        with pytest.raises(CommandError, match="There is nothing at"):
            bring_in(tmp_path / "nowhere")


def test_an_export_takes_as_many_queries_for_one_as_for_many(painted: Painting, tmp_path: Path):
    counts = []
    for number in range(3):
        painted(f"fox {number}", look=number)
        with CaptureQueriesContext(connection) as queries:
            export(tmp_path / str(number))
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
