"""The trash's page, and emptying it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generations import keeping
from generations.gallery.trash import NOTHING_TO_UNDO, PAGE
from generations.models import Generation, Image, Member, User
from tests.conftest import finish
from tests.generations.gallery.test_views import addresses, many, more
from tests.pages import HTMX, page

__all__ = ["many"]

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]


@pytest.fixture
def thrown(ask: Callable[..., Generation], member: Member) -> Generation:
    generation = ask()
    finish(generation)
    keeping.trash(member, [generation.public_id])
    return generation


def test_it_shows_for_how_long_each_picture_stays(client_of_owner: Client, thrown: Generation):
    Generation.objects.update(trashed_at=timezone.now() - timedelta(days=28.5))
    shown = page(client_of_owner.get("/gallery/trash/"))
    assert addresses(shown) == [thrown.get_absolute_url()]
    assert shown.one(class_="thrown-days").text == "2 days left"
    assert [each.text for each in shown.one(id="selection").all("button", name="what")] == ["Restore", "Delete now"]


def test_owners_see_what_it_takes_on_the_disk(client_of_owner: Client, signed_in: SigningIn, teammate: User, thrown: Generation):
    Image.objects.update(size_bytes=3 * 1024 * 1024)
    facts = [each.text.replace("\xa0", " ") for each in page(client_of_owner.get("/gallery/trash/")).all("dd")]
    assert facts == ["1 · 3.0 MB", "1 · 3.0 MB"]
    shown = page(signed_in(teammate).get("/gallery/trash/"))
    assert shown.all(class_="disk") == []
    assert "Empty trash" not in shown.text
    assert [each.text for each in shown.one(id="selection").all("button", name="what")] == ["Restore"]


def test_emptying_says_what_is_deleted_and_deletes_it(client_of_owner: Client, thrown: Generation):
    shown = page(client_of_owner.get("/gallery/trash/empty/"))
    assert shown.one("h1").text == "Delete 1 picture for good?"
    assert "the files, in all sizes" in shown.text
    assert Generation.objects.in_trash().exists()
    shown = page(client_of_owner.post("/gallery/trash/empty/", follow=True))
    assert "Deleted 1 picture for good." in shown.text
    assert "The trash is empty" in shown.text
    assert not Image.objects.exists()


def test_only_owners_empty_it(signed_in: SigningIn, teammate: User, viewer: User, thrown: Generation):
    for user in (teammate, viewer):
        assert signed_in(user).get("/gallery/trash/empty/").status_code == 403
        assert signed_in(user).post("/gallery/trash/empty/").status_code == 403
    assert Generation.objects.in_trash().exists()


def test_an_outsider_sees_and_empties_only_their_own(signed_in: SigningIn, outsider: User, thrown: Generation):
    client = signed_in(outsider)
    assert "The trash is empty" in page(client.get("/gallery/trash/")).text
    client.post("/gallery/trash/empty/")
    assert Generation.objects.in_trash().exists()


@pytest.mark.parametrize("nonsense", ["", "undo-", "yesterday", "undo-2026-11-30T10:00:00", "undo-2026-11-30T10:00:00+00:00"])
def test_an_undo_of_nothing_says_so(client_of_owner: Client, thrown: Generation, nonsense: str):
    shown = page(client_of_owner.post("/gallery/trash/undo/", {"at": nonsense}, headers=HTMX))
    assert shown.one(class_="passing-words").text == NOTHING_TO_UNDO
    assert Generation.objects.in_trash().exists()


def test_every_picture_is_on_exactly_one_page(client_of_owner: Client, many: Callable[[int], list[Generation]]):
    rows = many(PAGE + 5)
    Generation.objects.update(trashed_at=timezone.now())
    shown = page(client_of_owner.get("/gallery/trash/"))
    link = more(shown)
    assert link is not None
    rest = page(client_of_owner.get(link.attributes["hx-get"], headers=HTMX))
    assert rest.all("html") == []
    assert addresses(shown) + addresses(rest) == [row.get_absolute_url() for row in reversed(rows)]


def test_it_takes_seven_queries(client_of_owner: Client, many: Callable[[int], list[Generation]], django_assert_num_queries):
    many(40)
    Generation.objects.update(trashed_at=timezone.now())
    client_of_owner.get("/gallery/trash/")
    # session, person, membership twice (the view's and the header's), pictures, their files, disk use
    with django_assert_num_queries(7):
        client_of_owner.get("/gallery/trash/")
