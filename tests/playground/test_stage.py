"""The stage: what one press asked for, together, and the earlier pictures beneath it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from generations.backends import backend_for
from generations.models import Generation, Member, State, User
from generations.submission import repeat, submit, withdraw
from tests.conftest import finish, order
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


@pytest.fixture
def stack(member: Member) -> list[Generation]:
    first = submit(member, replace(order("boats"), count=4), hint=False)
    return list(Generation.objects.filter(stack=first.stack).order_by("pk"))


def stage(client: Client) -> Element:
    return page(client.get("/")).one("section", class_="stage")


def parts(client: Client) -> list[str]:
    """Return the ids of the cards in the stack, in their order."""
    return [card.attributes["data-generation"] for card in stage(client).all("article", class_="card-part")]


def ids(generations: list[Generation]) -> list[str]:
    return [str(each.public_id) for each in generations]


def test_one_press_is_one_stack_in_the_order_of_its_seeds(client_of_owner: Client, stack: list[Generation]):
    assert parts(client_of_owner) == ids(stack)
    assert stage(client_of_owner).all("article", class_="card-hero") == []
    assert "4 pictures · 256 × 256 · Easel" in stage(client_of_owner).text


def test_a_single_picture_stands_large(client_of_owner: Client, stack: list[Generation], ask: Asking):
    newest = ask("a boat")
    shown = stage(client_of_owner)
    assert shown.one("article", class_="card-hero").attributes["data-generation"] == str(newest.public_id)
    assert len(shown.all("article", class_="card-tile")) == 4


def test_the_form_asks_for_a_stack(client_of_owner: Client):
    response = client_of_owner.post("/", {"prompt": "boats", "count": "2", "seed": "7"}, headers=HTMX)
    assert len(page(response).all("article", class_="card-part")) == 2
    assert list(Generation.objects.order_by("pk").values_list("seed", flat=True)) == [7, 8]


def test_without_scripts_the_page_with_the_stack_follows(client_of_owner: Client):
    response = client_of_owner.post("/", {"prompt": "boats", "count": "2"})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("count", ["0", "3", "9", "-1", "two", "1e0"])
def test_another_number_is_refused_beside_the_field(client_of_owner: Client, count: str):
    response = client_of_owner.post("/", {"prompt": "boats", "count": count}, headers=HTMX)
    assert response.status_code == 422
    assert "How many can be 1, 2, 4 or 8." in page(response).text
    assert not Generation.objects.exists()


def test_what_was_asked_for_again_takes_the_place_of_the_former(client_of_owner: Client, member: Member, stack: list[Generation]):
    withdraw(stack[1])
    stack[1].refresh_from_db()
    again = repeat(member, stack[1])
    assert parts(client_of_owner) == ids([stack[0], again, *stack[2:]])


class TestAPart:
    def part(self, client: Client, generation: Generation) -> Element:
        return page(client.get(f"/generations/{generation.public_id}/card/?size=part"))

    def test_one_that_failed_says_why_what_it_cost_and_can_be_tried_again(
        self, client_of_owner: Client, stack: list[Generation], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 25_000)
        Generation.objects.filter(pk=stack[0].pk).update(state=State.FAILED, error="The paint ran out.", price_microusd=25_000)
        shown = self.part(client_of_owner, stack[0])
        assert "The paint ran out. Nothing charged." in shown.text
        assert shown.one("form").attributes["hx-post"] == f"/generations/{stack[0].public_id}/retry/?size=part"

    def test_one_that_needs_a_decision_leads_to_where_it_is_taken(self, client_of_owner: Client, stack: list[Generation]):
        Generation.objects.filter(pk=stack[0].pk).update(state=State.NEEDS_REVIEW)
        link = self.part(client_of_owner, stack[0]).one("a", class_="button-soft")
        assert (link.text, link.attributes["href"]) == ("Decide", stack[0].get_absolute_url())

    def test_a_teammate_gets_no_buttons(self, signed_in, teammate: User, stack: list[Generation]):
        Generation.objects.update(state=State.FAILED)
        assert self.part(signed_in(teammate), stack[0]).all("form") == []


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED, State.NEEDS_REVIEW, State.CANCELLED])
def test_an_earlier_one_without_a_picture_still_leads_to_its_page(client_of_owner: Client, ask: Asking, state: State):
    earlier = ask()
    Generation.objects.filter(pk=earlier.pk).update(state=state)
    finish(ask("the newest"))
    tile = stage(client_of_owner).one("article", class_="card-tile")
    assert tile.one("a", class_="frame-link").attributes["href"] == earlier.get_absolute_url()
