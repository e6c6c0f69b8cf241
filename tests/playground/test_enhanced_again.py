"""Pictures made from another picture's settings: they know as well that their prompt was enhanced, and by whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from generations import enhancing, pipeline
from generations.models import EnhancementRequest, Generation, Member, User
from generations.reading import ENHANCED
from generations.submission import submit
from tests.conftest import finish, order
from tests.enhancers import wise
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

Making = Callable[..., Generation]
SigningIn = Callable[[User], Client]

FOX = "a red fox"
ALL = ["0", "1", "2"]
LESS = f"{FOX}, default light 1, warm hues 1"


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Callable[..., Any]) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def improved(member: Member) -> Making:
    """Make the owner's picture from an enhanced prompt, perhaps changed since."""

    def make(prompt: str = "", original: str = FOX) -> Generation:
        request = enhancing.ask(member, original, enhancer="local", style="default", hint=False)
        pipeline.enhance(request.pk)
        request.refresh_from_db()
        generation = submit(member, replace(order(prompt or request.text), enhancement=request), hint=False)
        finish(generation)
        return generation

    return make


def opened(client: Client, generation: Generation, use: str = "all") -> Element:
    return page(client.get("/", {"from": str(generation.public_id), "use": use}))


def sent(shown: Element) -> dict[str, Any]:
    """Return what the form of a page sends, as a browser would."""
    form = shown.one("form", id="generate")
    fields = [*form.all("input"), *form.all("textarea"), *form.all("select")]
    named = [each for each in fields if each.attributes.get("type") not in {"file", "checkbox"} and "name" in each.attributes]
    values = {each.attributes["name"]: form.value(each.attributes["name"]) for each in named}
    kept = [box.attributes["value"] for box in form.all("input", name="kept") if "checked" in box.attributes]
    return {**values, "kept": kept}


def switches(shown: Element) -> list[bool]:
    return ["checked" in box.attributes for box in shown.all("input", name="kept")]


def made(client: Client, fields: dict[str, Any], **changed: Any) -> Generation:
    """Press Generate with these fields and return the picture's row."""
    assert client.post("/", {**fields, **changed}, headers=HTMX).status_code == 200
    return Generation.objects.latest("pk")


@pytest.mark.parametrize("person", ["owner", "teammate"])
def test_a_picture_made_again_keeps_the_original_and_what_was_added(
    signed_in: SigningIn, improved: Making, person: str, request: pytest.FixtureRequest
):
    first, client = improved(), signed_in(request.getfixturevalue(person))
    shown = opened(client, first, "new-seed")
    assert (shown.value("prompt"), switches(shown)) == (wise(FOX), [True] * 3)
    assert {"Another", "Revert"} <= {button.text for button in shown.all("button")}
    again = made(client, sent(shown))
    assert (again.prompt, again.parent, again.enhancement) == (first.prompt, first, first.enhancement)
    told = page(client.get(again.get_absolute_url())).one(class_="origin")
    assert told.one(class_="origin-words").text == FOX
    assert "Wise, default style, seed 1" in told.text and "quiet mood 1" in told.text


@pytest.mark.parametrize("stale", [False, True], ids=["empty form", "form of another prompt"])
def test_filled_in_place_the_picture_counts_and_not_what_the_form_held(client_of_owner: Client, improved: Making, stale: bool):
    first, other = improved(), improved(original="a cat")
    way = page(client_of_owner.get(first.get_absolute_url())).all("a", class_="use-all")[0]
    fields = {**sent(page(client_of_owner.get("/"))), **json.loads(way.attributes["data-recipe"])}
    again = made(client_of_owner, fields, enhancement=str(other.enhancement.public_id) if stale else "")
    assert (again.enhancement, again.parent) == (first.enhancement, first)


def test_what_was_switched_off_is_off_and_switches_work_without_scripts(client_of_owner: Client, improved: Making):
    shown = opened(client_of_owner, improved(LESS))
    assert (shown.value("prompt"), switches(shown)) == (LESS, [True, False, True])
    fields = sent(shown)
    assert made(client_of_owner, fields).prompt == LESS
    again = made(client_of_owner, fields, kept=["1"], idempotency_key="without-light")
    assert (again.prompt, again.enhancement.original) == (f"{FOX}, quiet mood 1", FOX)
    none = made(client_of_owner, fields, kept=[], idempotency_key="without-all")
    assert (none.prompt, none.enhancement) == (FOX, None)


def test_a_mistake_elsewhere_keeps_the_switches_of_a_teammates_prompt(signed_in: SigningIn, teammate: User, improved: Making):
    client = signed_in(teammate)
    response = client.post("/", {**sent(opened(client, improved())), "num_inference_steps": "999", "kept": ["0", "2"]})
    assert (response.status_code, switches(page(response))) == (422, [True, False, True])


@pytest.mark.parametrize("prompt", ["a blue boat", "a blue boat, quiet mood 1", f"{wise(FOX)} in the snow"])
def test_a_prompt_that_was_edited_by_hand_inherits_nothing(client_of_owner: Client, improved: Making, prompt: str):
    fields = sent(opened(client_of_owner, improved()))
    assert made(client_of_owner, fields, prompt=prompt).enhancement is None
    fields = {**fields, "enhancement": "", "idempotency_key": "in place"}
    assert made(client_of_owner, fields, prompt=prompt).enhancement is None


def test_one_that_was_edited_before_it_was_painted_keeps_what_it_had(client_of_owner: Client, improved: Making):
    first = improved(f"{wise(FOX)} in the snow")
    shown = opened(client_of_owner, first)
    assert switches(shown) == []
    assert made(client_of_owner, sent(shown)).enhancement == first.enhancement


def test_another_and_revert_start_from_the_words_of_whoever_wrote_them(signed_in: SigningIn, teammate: User, improved: Making):
    first, client = improved(), signed_in(teammate)
    there = f"/enhance/{first.enhancement.public_id}/revert/"
    fields = {"prompt": first.prompt, "enhancement": str(first.enhancement.public_id)}
    assert page(client.post(there, fields, headers=HTMX)).value("prompt") == FOX
    client.post("/enhance/", fields, headers=HTMX)
    asked = EnhancementRequest.objects.latest("pk")
    assert (asked.original, asked.seed, asked.author) == (FOX, 2, teammate)


@pytest.mark.parametrize("who", ["teammate", "outsider"])
def test_of_a_picture_that_a_person_cannot_see_nothing_is_lent(
    signed_in: SigningIn, improved: Making, who: str, request: pytest.FixtureRequest
):
    first, client = improved(), signed_in(request.getfixturevalue(who))
    Generation.objects.update(is_private=who == "teammate")
    assert client.get("/", {"from": str(first.public_id), "use": "all"}).status_code == 404
    ids = {"parent": str(first.public_id), "enhancement": str(first.enhancement.public_id)}
    again = made(client, {**sent(page(client.get("/"))), **ids, "prompt": first.prompt, "switches": "on", "kept": ["0"]})
    assert (again.prompt, again.enhancement, again.parent) == (first.prompt, None, None)
    there = f"/enhance/{first.enhancement.public_id}/revert/"
    assert client.post(there, {"prompt": first.prompt}, headers=HTMX).status_code == 404
    client.post("/enhance/", {"prompt": first.prompt, **ids}, headers=HTMX)
    assert EnhancementRequest.objects.latest("pk").original == first.prompt


def test_a_link_with_a_pictures_very_settings_is_that_picture_for_those_who_see_it(
    signed_in: SigningIn, teammate: User, outsider: User, improved: Making
):
    first = improved()

    def pressed(who: User, **changed: object) -> Element:
        text = replace(first.recipe, values={**first.recipe.values, **changed}).text()
        client = signed_in(who)
        way = page(client.get("/", {"recipe": text})).one("settings-offer").all("a")[0]
        return page(client.get(way.attributes["href"]))

    shown = pressed(teammate)
    assert (shown.value("parent"), switches(shown)) == (str(first.public_id), [True] * 3)
    assert made(signed_in(teammate), sent(shown)).enhancement == first.enhancement
    for shown in (pressed(outsider), pressed(teammate, num_inference_steps=9)):
        assert (shown.value("prompt"), shown.value("parent"), switches(shown)) == (first.prompt, "", [])


def test_a_pictures_own_file_brings_it_back(client_of_owner: Client, signed_in: SigningIn, outsider: User, improved: Making):
    first = improved()
    with first.images.get().file.open("rb") as file:
        content = file.read()

    def read(client: Client) -> HttpResponse:
        return client.post("/settings/read/", {"image": SimpleUploadedFile("fox.png", content)}, headers=HTMX)

    mine = page(read(client_of_owner))
    values = json.loads(mine.all("a")[0].attributes["data-recipe"])
    assert (values["parent"], ENHANCED in mine.text) == (str(first.public_id), False)
    theirs = page(read(signed_in(outsider)))
    values = json.loads(theirs.all("a")[0].attributes["data-recipe"])
    assert (values["parent"], ENHANCED in theirs.text) == ("", True)


def test_it_takes_one_query_more(client_of_owner: Client, improved: Making, ask: Making, django_assert_max_num_queries):
    plain, first = ask("a boat"), improved()
    with django_assert_max_num_queries(60) as without:
        fields = sent(opened(client_of_owner, plain))
    with django_assert_max_num_queries(len(without) + 1):
        enhanced = sent(opened(client_of_owner, first))
    with django_assert_max_num_queries(60) as without:
        made(client_of_owner, fields)
    # whose request the form names, and the one of the picture that it was made from
    with django_assert_max_num_queries(len(without) + 2):
        made(client_of_owner, enhanced)
