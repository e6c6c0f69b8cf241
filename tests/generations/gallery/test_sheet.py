"""Sheets, more like this, and checks, as a person meets them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import pipeline
from generations.models import Check, Generation, State, User, Verdict
from tests.conftest import finish
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

Ask = Callable[..., Generation]


@pytest.fixture
def generation(ask: Ask) -> Generation:
    generation = ask(seed=7, num_inference_steps=20)
    finish(generation)
    return generation


def address(name: str, generation: Generation) -> str:
    return reverse(f"gallery:{name}", args=[generation.public_id])


def test_more_seeds_lead_to_a_sheet_of_all(client_of_owner: Client, generation: Generation):
    answer = client_of_owner.post(address("more", generation), {"count": "4"}, follow=True)
    labels = [each.text for each in page(answer).all("figcaption")]
    assert labels == ["seed 7", "seed 8", "seed 9", "seed 10", "seed 11"]


def test_variations_are_labelled_with_what_differs(client_of_owner: Client, generation: Generation):
    answer = client_of_owner.post(address("vary", generation), {"vary": "grid"}, follow=True)
    labels = [each.text for each in page(answer).all("figcaption")]
    assert len(labels) == 9
    assert labels[4] == "20 steps · guidance 3.5"


def test_a_count_that_nobody_offered_is_told_and_nothing_is_made(client_of_owner: Client, generation: Generation):
    answer = client_of_owner.post(address("more", generation), {"count": "1000000"}, follow=True)
    assert "Choose 4, 8 or 12 more seeds." in page(answer).text
    assert Generation.objects.count() == 1


def test_the_rest_of_a_sheet_can_be_stopped(client_of_owner: Client, generation: Generation):
    client_of_owner.post(address("more", generation), {"count": "8"})
    answer = client_of_owner.post(reverse("gallery:stop", args=[generation.stack]), follow=True)
    assert "8 cancelled. Nothing is charged for them." in page(answer).text
    states = set(Generation.objects.exclude(pk=generation.pk).values_list("state", flat=True))
    assert states == {State.CANCELLED}
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED


def test_a_teammate_stops_only_their_own(signed_in, teammate: User, client_of_owner: Client, generation: Generation):
    client_of_owner.post(address("more", generation), {"count": "4"})
    signed_in(teammate).post(reverse("gallery:stop", args=[generation.stack]))
    assert Generation.objects.filter(state=State.QUEUED).count() == 4


def test_an_outsider_finds_no_sheet(signed_in, outsider: User, generation: Generation):
    assert signed_in(outsider).get(reverse("gallery:sheet", args=[generation.stack])).status_code == 404


def test_there_is_no_sheet_at_a_made_up_address(client_of_owner: Client):
    assert client_of_owner.get(reverse("gallery:sheet", args=[uuid.uuid4()])).status_code == 404


def test_a_sheet_makes_as_many_queries_whatever_its_length(client_of_owner, generation, django_assert_num_queries):
    client_of_owner.post(address("more", generation), {"count": "4"})
    client_of_owner.get(reverse("gallery:sheet", args=[generation.stack]))
    with django_assert_num_queries(9):
        client_of_owner.get(reverse("gallery:sheet", args=[generation.stack]))
    client_of_owner.post(address("more", generation), {"count": "12"})
    with django_assert_num_queries(9):
        client_of_owner.get(reverse("gallery:sheet", args=[generation.stack]))


def test_check_it_says_identical_in_the_page(client_of_owner: Client, ask: Ask):
    generation = ask()
    pipeline.advance(generation.pk)
    fragment = page(client_of_owner.post(address("checks", generation), headers=HTMX))
    assert "Being made again" in fragment.text
    assert not fragment.all("button")
    pipeline.advance(Check.objects.get().again_id)
    fragment = page(client_of_owner.get(address("checks", generation), headers=HTMX))
    assert "Identical pixels" in fragment.text
    assert fragment.one("button").text.startswith("Check it")


def test_check_it_works_without_scripts(client_of_owner: Client, ask: Ask):
    generation = ask()
    pipeline.advance(generation.pk)
    answer = client_of_owner.post(address("checks", generation), follow=True)
    assert "Being made again" in page(answer).text
    pipeline.advance(Check.objects.get().again_id)
    assert "Identical pixels" in page(client_of_owner.get(generation.get_absolute_url())).text
    assert Check.objects.get().verdict == Verdict.IDENTICAL


def test_what_cannot_be_checked_says_why(client_of_owner: Client, ask: Ask):
    answer = client_of_owner.post(address("checks", ask()), headers=HTMX)
    assert answer.status_code == 422
    assert "no finished picture" in page(answer).text


def test_a_viewer_sees_checks_but_makes_none(signed_in, viewer: User, generation: Generation):
    client = signed_in(viewer)
    assert not page(client.get(address("checks", generation), headers=HTMX)).all("button")
    assert client.post(address("checks", generation)).status_code == 403


def test_a_stack_lies_in_the_gallery_as_one_picture_that_opens_and_is_taken_whole(
    client_of_owner: Client, generation: Generation
):
    client_of_owner.post(address("more", generation), {"count": "4"})
    for each in Generation.objects.filter(state=State.QUEUED):
        finish(each)
    shown = page(client_of_owner.get("/gallery/"))
    assert len(shown.all("article", class_="picture")) == 1
    badge = shown.one("a", class_="picture-stack")
    assert badge.text == "5"
    assert len(page(client_of_owner.get(badge.attributes["href"])).all("figure")) == 5
    box = shown.one("input", class_="pick-box")
    assert box.attributes["aria-label"].startswith("Select all 5: ")
    pressed = {"what": "trash", "picture": box.attributes["value"]}
    answer = client_of_owner.post(reverse("gallery:selection"), pressed, headers=HTMX)
    assert "Moved 5 pictures to the trash." in page(answer).text
    assert Generation.objects.in_trash().count() == 5


def test_whoever_looks_for_a_seed_finds_it_in_a_stack(client_of_owner: Client, generation: Generation):
    client_of_owner.post(address("more", generation), {"count": "4"})
    for each in Generation.objects.filter(state=State.QUEUED):
        finish(each)
    shown = page(client_of_owner.get("/gallery/", {"q": generation.prompt.split()[-1]}))
    assert len(shown.all("article", class_="picture")) == 5


def test_a_card_leads_to_all_ways_to_make_it_again(client_of_owner: Client, signed_in, viewer: User, generation: Generation):
    menu = page(client_of_owner.get("/gallery/")).one(id=f"again-{generation.public_id}")
    use_all, new_seed, like_this = [client_of_owner.get(link.attributes["href"].partition("#")[0]) for link in menu.all("a")]
    assert (use_all.status_code, new_seed.status_code) == (200, 200)
    assert "open" in page(like_this).one(id="like-this").attributes
    assert "open" not in page(client_of_owner.get(generation.get_absolute_url())).one(id="like-this").attributes
    assert not page(signed_in(viewer).get("/gallery/")).all(class_="tile-again")


def test_pictures_of_their_own_have_no_badge(client_of_owner: Client, generation: Generation):
    assert not page(client_of_owner.get("/gallery/")).all(class_="picture-stack")
