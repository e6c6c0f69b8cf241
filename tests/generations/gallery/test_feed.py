"""Pages by key: what somebody saw before is there again, and counting stays within bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from generations import search
from generations.gallery.feed import MOST_AGAIN, MOST_COUNTED, PAGE, count, in_words, news, page_of, pictures
from generations.gallery.filters import Filters
from generations.models import Generation, Member, User
from tests.conftest import finish
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

Adding = Callable[..., list[int]]

COPIED = (
    "team_id",
    "author_id",
    "model",
    "backend",
    "prompt",
    "width",
    "height",
    "num_inference_steps",
    "guidance_scale",
    "seed",
)
COPIED += ("output_format", "state", "finished_at")


@pytest.fixture
def add(ask: Callable[..., Generation]) -> Adding:
    """Add finished pictures by the hundred, rows alone; return their keys, newest first."""
    pattern = ask("a red fox")
    finish(pattern)
    kept = {name: getattr(pattern, name) for name in COPIED}
    Generation.objects.filter(pk=pattern.pk).update(is_check=True)
    search.index([pattern.pk])

    def rows(how_many: int, *, indexed: bool = False) -> list[int]:
        made = [row.pk for row in Generation.objects.bulk_create(Generation(**kept) for _ in range(how_many))]
        search.index(made if indexed else [])
        return made[::-1]

    return rows


@pytest.mark.parametrize("filters", [Filters(), Filters(q="fox"), Filters(mine=True), Filters(shape="square")])
def test_what_was_loaded_is_there_again_with_what_has_come_since(member: Member, add: Adding, filters: Filters):
    keys = add(3 * PAGE, indexed=True)
    last = keys[2 * PAGE - 1]
    newer = add(2, indexed=True)
    shown = pictures(member, filters, until=last)
    assert [row.pk for row in shown.generations] == newer + keys[: 2 * PAGE]
    assert (shown.next_before, shown.is_cut) == (last, False)
    assert pictures(member, filters, until=keys[-1]).next_before is None


def test_too_many_of_them_begin_later_and_say_so(member: Member, add: Adding):
    keys = add(MOST_AGAIN + 5)
    shown = pictures(member, Filters(), until=keys[-1])
    assert [row.pk for row in shown.generations] == keys[-MOST_AGAIN:]
    assert shown.is_cut


def test_more_names_the_address_that_shows_it_all_again(client_of_owner: Client, add: Adding):
    keys = add(PAGE + 5, indexed=True)
    response = client_of_owner.get("/gallery/", {"q": "fox", "before": keys[PAGE - 1]}, headers=HTMX)
    assert response.headers["HX-Replace-Url"] == f"/gallery/?q=fox&until={keys[-1]}"
    shown = page(client_of_owner.get(response.headers["HX-Replace-Url"]))
    assert len(shown.all("a", class_="picture-link")) == PAGE + 5


def test_what_left_the_gallery_is_missing_and_nothing_else(member: Member, add: Adding):
    keys = add(3)
    Generation.objects.filter(pk=keys[1]).update(trashed_at="2026-01-01T00:00Z")
    assert [row.pk for row in pictures(member, Filters()).generations] == [keys[0], keys[2]]


def test_a_page_for_whoever_wants_everything(owner: User, outsider: User, add: Adding):
    keys = add(PAGE + 1)
    assert page_of(owner).next_before == keys[PAGE - 1]
    assert [row.pk for row in page_of(owner, keys[PAGE - 1]).generations] == [keys[-1]]
    assert page_of(outsider).generations == []


def test_many_are_counted_and_very_many_are_not(member: Member, add: Adding):
    add(123)
    assert in_words(count(member, Filters())) == "123 pictures"
    add(MOST_COUNTED - 123)
    assert in_words(count(member, Filters(mine=True))) == "1,000 pictures"
    add(1)
    assert in_words(count(member, Filters())) == "more than 1,000 pictures"


def test_a_page_is_told_what_has_come_and_what_has_gone_since(member: Member, teammate: User, add: Adding):
    theirs = Member.objects.get(user=teammate)
    keys = add(2, indexed=True)
    had = {"newest": keys[0], "had": 2}
    assert news(theirs, Filters(), **had) == ""
    newest = add(1, indexed=True)[0]
    assert news(theirs, Filters(), **had) == "1 new picture"
    assert news(theirs, Filters(q="fox"), **had) == "1 new picture"
    Generation.objects.filter(pk=newest).update(is_private=True)
    assert news(theirs, Filters(), **had) == ""
    assert news(member, Filters(), **had) == "1 new picture"
    Generation.objects.filter(pk=keys[1]).update(trashed_at="2026-01-01T00:00Z")
    assert news(theirs, Filters(), **had) == "There are other pictures now"
    add(100)
    assert news(theirs, Filters(), **had) == "More than 99 new pictures"
