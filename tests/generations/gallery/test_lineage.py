"""What a picture came from and what came from it: through its settings, and through its pixels as a reference."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from generations import checking, lifecycle
from generations.backends.base import RenderedImage
from generations.gallery.lineage import MOST, Lineage, lineage_of
from generations.images import Picture, open_picture
from generations.models import Generation, Member, Reference, User
from generations.pipeline.store import store
from generations.submission import keep_reference, repeat, submit
from tests.conftest import finish, order
from tests.pages import Element, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]
# A reference that is nobody's picture.
GREY = Picture(width=64, height=48, pixels=bytes([128]) * (3 * 64 * 48))


@pytest.fixture
def child_of(member: Member) -> Callable[..., Generation]:
    """Finish a picture that was made with another one's settings."""

    def make(parent: Generation, prompt: str = "a child", colour: tuple[int, int, int] = (1, 2, 3)) -> Generation:
        child = submit(member, replace(order(prompt), parent=parent), hint=False)
        finish(child, colour)
        return child

    return make


@pytest.fixture
def made_from(member: Member) -> Callable[..., Generation]:
    """Finish a picture that was made from a reference picture."""

    def make(picture: Picture, prompt: str = "from a picture") -> Generation:
        generation = submit(member, replace(order(prompt, strength="0.5"), picture=picture), hint=False)
        finish(generation, (9, 9, 9))
        return generation

    return make


def lineage(generation: Generation) -> Lineage:
    read = Generation.objects.with_card().get(pk=generation.pk)
    return lineage_of(read.author, read, read.images.first())


def pixels_of(generation: Generation) -> Picture:
    """Return what somebody gets who downloads it as PNG and attaches it."""
    with generation.images.get().file.open("rb") as file:
        return open_picture(file.read())


def painted(ask: Asking, **raw: object) -> Generation:
    generation = ask(output_format="png", **raw)
    finish(generation)
    return generation


class TestThroughItsSettings:
    def test_a_child_knows_its_parent_and_the_parent_its_child(self, ask: Asking, child_of: Callable[..., Generation]):
        parent = painted(ask)
        child = child_of(parent)
        found = lineage(child).parent
        assert found is not None and found.generation == parent and found.image is not None
        assert [each.generation for each in lineage(parent).children] == [child]

    def test_the_newest_children_come_first_and_only_so_many(self, ask: Asking, child_of: Callable[..., Generation]):
        parent = painted(ask)
        children = [child_of(parent) for _ in range(MOST + 2)]
        found = lineage(parent)
        assert [each.generation for each in found.children] == children[::-1][:MOST]
        assert found.is_cut

    def test_what_is_trashed_or_unfinished_is_no_child(self, ask: Asking, member: Member, child_of: Callable[..., Generation]):
        parent = painted(ask)
        Generation.objects.filter(pk=child_of(parent).pk).update(trashed_at=timezone.now())
        submit(member, replace(order(), parent=parent), hint=False)
        assert lineage(parent).children == []

    def test_a_parent_in_the_trash_is_said_to_be_there(self, ask: Asking, child_of: Callable[..., Generation]):
        parent = painted(ask)
        child = child_of(parent)
        Generation.objects.filter(pk=parent.pk).update(trashed_at=timezone.now())
        found = lineage(child).parent
        assert found is not None and found.gone == "in the trash"

    def test_a_purged_parent_has_no_picture_to_show(
        self, client_of_owner: Client, ask: Asking, child_of: Callable[..., Generation]
    ):
        parent = painted(ask)
        child = child_of(parent)
        Generation.objects.filter(pk=parent.pk).update(purged_at=timezone.now(), trashed_at=timezone.now(), prompt="")
        shown = page(client_of_owner.get(child.get_absolute_url()))
        assert "deleted for good" in shown.one(class_="lineage-older").text
        assert shown.one(class_="lineage-older").all("img") == []

    def test_what_was_made_to_check_leads_to_what_it_checks(self, member: Member, ask: Asking):
        generation = painted(ask)
        check = checking.check(member, generation)
        found = lineage(check.again).checks
        assert found is not None and found.generation == generation
        assert lineage(generation).children == []

    def test_trying_again_keeps_the_parent(self, member: Member, ask: Asking):
        parent = painted(ask)
        failed = submit(member, replace(order(), parent=parent), hint=False)
        Generation.objects.filter(pk=failed.pk).update(state="failed")
        failed.refresh_from_db()
        assert repeat(member, failed).parent == parent


class TestThroughItsPixels:
    def test_a_reference_with_the_pixels_of_a_picture_leads_to_it(self, ask: Asking, made_from: Callable[..., Generation]):
        source = painted(ask)
        made = made_from(pixels_of(source))
        found = lineage(made).source
        assert found is not None and found.generation == source
        assert [(each.generation, each.how) for each in lineage(source).children] == [(made, "as its reference")]

    def test_any_other_reference_leads_nowhere(self, ask: Asking, made_from: Callable[..., Generation]):
        painted(ask)
        found = lineage(made_from(GREY))
        assert found.source is None and found.reference is not None

    def test_the_same_pixels_in_another_team_lead_nowhere(
        self, ask: Asking, outsider: User, made_from: Callable[..., Generation]
    ):
        theirs = submit(Member.objects.get(user=outsider), order(output_format="png"), hint=False)
        finish(theirs)
        made = made_from(pixels_of(theirs))
        assert lineage(made).source is None
        assert lineage(theirs).children == []

    def test_a_picture_is_no_child_of_itself(self, ask: Asking, made_from: Callable[..., Generation]):
        source = painted(ask)
        again = made_from(pixels_of(source))
        image = again.images.get()
        image.pixels_sha256 = source.images.get().pixels_sha256
        image.save()
        assert lineage(again).children == []


class TestThroughALossyFile:
    """A JPEG's pixels are no longer those that were painted: its own record says whose they are."""

    @pytest.mark.parametrize("wish", [{}, {"as": "webp", "quality": "60"}, {"as": "png"}], ids=["JPEG", "WebP", "PNG"])
    def test_what_was_downloaded_finds_its_source(self, client_of_owner: Client, ask: Asking, wish: dict[str, str]):
        source = speckled(ask)
        file = BytesIO(client_of_owner.get(f"{source.get_absolute_url()}download/", wish).content)
        file.name = "it"
        client_of_owner.post("/", {"prompt": "a red fox in the rain", "image": file, "strength": "0.5"})
        made = Generation.objects.latest("pk")
        finish(made)
        assert made.reference is not None and made.reference.pixels_sha256 != source.images.get().pixels_sha256
        found = lineage(made).source
        assert found is not None and found.generation == source
        assert [(each.generation, each.how) for each in lineage(source).children] == [(made, "as its reference")]

    def test_another_teams_picture_is_no_source(self, ask: Asking, outsider: User, made_from: Callable[..., Generation]):
        theirs = submit(Member.objects.get(user=outsider), order(), hint=False)
        finish(theirs)
        made = made_from(replace(GREY, source_sha256=theirs.images.get().pixels_sha256))
        assert made.reference is not None and made.reference.source_sha256 == ""
        assert lineage(made).source is None and lineage(theirs).children == []


def speckled(ask: Asking) -> Generation:
    """Finish a picture, kept as JPEG, that JPEG changes."""
    generation = ask()
    claimed = lifecycle.claim(generation.pk)
    assert claimed is not None and lifecycle.move("rendered", claimed)
    pixels = random.Random(7).randbytes(3 * claimed.width * claimed.height)
    store(claimed, [RenderedImage(width=claimed.width, height=claimed.height, pixels=pixels)])
    generation.refresh_from_db()
    return generation


class TestThePage:
    def test_it_shows_and_links_both_sides(
        self, client_of_owner: Client, ask: Asking, child_of: Callable[..., Generation], made_from: Callable[..., Generation]
    ):
        parent = painted(ask, prompt="the parent")
        child, made = child_of(parent), made_from(pixels_of(parent))
        older = page(client_of_owner.get(child.get_absolute_url())).one(class_="lineage-older")
        assert "the parent" in older.text
        assert f"/gallery/compare/?a={parent.public_id}&b={child.public_id}" in links(older)
        reference = made.reference
        assert reference is not None
        older = page(client_of_owner.get(made.get_absolute_url())).one(class_="lineage-older")
        assert older.all("img")[0].attributes["src"] == f"/gallery/references/{reference.public_id}/small/"
        assert parent.get_absolute_url() in links(older)
        younger = page(client_of_owner.get(parent.get_absolute_url())).one(class_="lineage-younger")
        assert links(younger) == [made.get_absolute_url(), child.get_absolute_url()]

    @pytest.mark.parametrize("count", [1, 9])
    def test_relatives_take_two_queries_more_however_many_there_are(
        self, client_of_owner: Client, ask: Asking, child_of: Callable[..., Generation], django_assert_num_queries, count: int
    ):
        parent = painted(ask)
        for _ in range(count):
            child_of(parent)
        with django_assert_num_queries(14):
            client_of_owner.get(parent.get_absolute_url())

    def test_a_reference_takes_one_more(
        self, client_of_owner: Client, ask: Asking, made_from: Callable[..., Generation], django_assert_num_queries
    ):
        made = made_from(pixels_of(painted(ask)))
        with django_assert_num_queries(15):
            client_of_owner.get(made.get_absolute_url())


def links(shown: Element) -> list[str]:
    return [link.attributes["href"] for link in shown.all("a")]


class TestAReference:
    @pytest.fixture
    def reference(self, member: Member) -> Reference:
        return keep_reference(member, Picture(width=1200, height=900, pixels=bytes(3 * 1200 * 900)))

    @pytest.mark.parametrize(("kind", "longest"), [("small", 384), ("large", 960)])
    def test_the_team_sees_it_as_a_thumbnail(self, client_of_owner: Client, reference: Reference, kind: str, longest: int):
        for _ in range(2):  # made, then kept
            response = client_of_owner.get(f"/gallery/references/{reference.public_id}/{kind}/")
            with Pillow.open(BytesIO(response.content)) as picture:
                assert (picture.format, max(picture.size)) == ("WEBP", longest)
        assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_an_outsider_does_not(self, signed_in: SigningIn, outsider: User, reference: Reference):
        assert signed_in(outsider).get(f"/gallery/references/{reference.public_id}/small/").status_code == 404

    def test_nobody_does_without_a_session(self, reference: Reference):
        assert Client().get(f"/gallery/references/{reference.public_id}/small/").status_code == 302

    @pytest.mark.parametrize("kind", ["original", "file", "Small"])
    def test_there_are_no_other_kinds(self, client_of_owner: Client, reference: Reference, kind: str):
        assert client_of_owner.get(f"/gallery/references/{reference.public_id}/{kind}/").status_code == 404

    def test_one_whose_file_is_gone_is_not_there(self, client_of_owner: Client, reference: Reference):
        reference.file.delete(save=False)
        assert client_of_owner.get(f"/gallery/references/{reference.public_id}/small/").status_code == 404

    def test_it_takes_three_queries(self, client_of_owner: Client, reference: Reference, django_assert_num_queries):
        with django_assert_num_queries(3):  # session, person, reference
            client_of_owner.get(f"/gallery/references/{reference.public_id}/small/")


class TestAskingWithAPicturesSettings:
    def test_the_form_carries_whose_settings_it_holds(self, client_of_owner: Client, ask: Asking):
        parent = painted(ask)
        shown = page(client_of_owner.get("/", {"from": str(parent.public_id), "use": "all"}))
        assert shown.value("parent") == str(parent.public_id)

    @pytest.mark.parametrize(("use", "carried"), [("new-seed", True), ("prompt", True), ("seed", False), ("size", False)])
    def test_a_part_counts_when_the_prompt_is_in_it(self, client_of_owner: Client, ask: Asking, use: str, carried: bool):
        parent = painted(ask)
        shown = page(client_of_owner.get("/", {"from": str(parent.public_id), "use": use}))
        assert shown.value("parent") == (str(parent.public_id) if carried else "")

    def test_what_scripts_fill_in_carries_it_too(self, client_of_owner: Client, ask: Asking):
        parent = painted(ask)
        shown = page(client_of_owner.get(parent.get_absolute_url())).one(class_="detail-actions")
        carried = [
            json.loads(link.attributes["data-recipe"]).get("parent")
            for link in shown.all("a")
            if "data-recipe" in link.attributes
        ]
        assert carried == [str(parent.public_id)] * 3 + [None] * 2

    def test_the_new_picture_descends_from_it(self, client_of_owner: Client, ask: Asking):
        parent = painted(ask)
        client_of_owner.post("/", {"prompt": "a red fox in the rain", "parent": str(parent.public_id)})
        assert Generation.objects.latest("pk").parent == parent

    def test_a_whole_stack_does(self, client_of_owner: Client, ask: Asking):
        parent = painted(ask)
        client_of_owner.post("/", {"prompt": "foxes", "parent": str(parent.public_id), "count": "4"})
        assert parent.children.count() == 4

    @pytest.mark.parametrize("name", ["", "nonsense", str(uuid.uuid4())])
    def test_an_id_that_means_nothing_is_ignored(self, client_of_owner: Client, name: str):
        response = client_of_owner.post("/", {"prompt": "a red fox", "parent": name})
        assert response.status_code == 302
        assert Generation.objects.get().parent is None

    def test_a_picture_of_another_team_is_ignored(self, client_of_owner: Client, outsider: User):
        theirs = submit(Member.objects.get(user=outsider), order(), hint=False)
        client_of_owner.post("/", {"prompt": "a red fox", "parent": str(theirs.public_id)})
        assert Generation.objects.latest("pk").parent is None

    def test_a_form_with_mistakes_keeps_it(self, client_of_owner: Client, ask: Asking):
        parent = painted(ask)
        response = client_of_owner.post("/", {"prompt": "a fox", "width": "9", "height": "9", "parent": str(parent.public_id)})
        assert page(response).value("parent") == str(parent.public_id)
