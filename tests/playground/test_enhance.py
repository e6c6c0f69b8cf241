"""The enhancer's buttons beside the prompt: start, look, agree, cancel, revert, Another, with htmx and as whole pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from generations import pipeline
from generations.accounts import connect
from generations.enhancement_lifecycle import OVERDUE_AFTER_S
from generations.enhancers import enhancer_for
from generations.enhancing import NO_PROMPT, OVERDUE, ask
from generations.errors import EnhanceUnknown
from generations.models import EnhancementRequest, EnhancementState, Generation, Member, User
from tests.enhancers import SORRY, phrases, wise
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

Putting = Callable[..., Any]
SigningIn = Callable[[User], Client]
Wishing = Callable[..., EnhancementRequest]

FOX = "a red fox"
PRICE = 1_000
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{ 7|add:7 }}"""
# What a person has set elsewhere in the form, other than its defaults.
OTHERS = {
    "width": "512",
    "height": "384",
    "count": "2",
    "seed": "42",
    "num_inference_steps": "9",
    "guidance_scale": "4.5",
    "output_format": "png",
    "backend": "easel",
    "idempotency_key": "0123456789abcdef",
}
BUTTONS = ["look", "agree", "cancel", "revert"]


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Putting) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def paid(enhancers: Putting, member: Member) -> Any:
    connect(member.team, "wavespeed", "key-1234")
    return enhancers("wavespeed", "Paid", price_microusd=PRICE)


@pytest.fixture
def waiting(member: Member) -> Wishing:
    """Ask as the owner, without a hint."""

    def make(prompt: str = FOX, enhancer: str = "local", style: str = "default", **more: Any) -> EnhancementRequest:
        return ask(member, prompt, enhancer=enhancer, style=style, hint=False, **more)

    return make


@pytest.fixture
def answered(waiting: Wishing) -> Wishing:
    """Ask as the owner and let a worker's task run."""
    return lambda *args, **kwargs: run(waiting(*args, **kwargs))


def run(request: EnhancementRequest) -> EnhancementRequest:
    pipeline.enhance(request.pk)
    request.refresh_from_db()
    return request


def newest() -> EnhancementRequest:
    return EnhancementRequest.objects.latest("pk")


def address(request: EnhancementRequest, button: str = "look") -> str:
    return f"/enhance/{request.public_id}/" + ("" if button == "look" else f"{button}/")


def start(client: Client, prompt: str = FOX, *, htmx: bool = True, **fields: object) -> HttpResponse:
    return client.post("/enhance/", {"prompt": prompt, **fields}, headers=HTMX if htmx else {})


def look(client: Client, request: EnhancementRequest) -> HttpResponse:
    return client.get(address(request), headers=HTMX)


def press(client: Client, button: str, request: EnhancementRequest, *, htmx: bool = True, **fields: object) -> HttpResponse:
    sent = {"prompt": FOX, "enhancement": str(request.public_id), **fields}
    return client.post(address(request, button), sent, headers=HTMX if htmx else {})


def field_of(response: HttpResponse, status: int = 200) -> Element:
    """Return the prompt's field of a fragment, checking that nothing but it is there."""
    assert response.status_code == status
    shown = page(response)
    assert shown.all("html") == shown.all("form") == []
    return shown.one("prompt-field")


def buttons(shown: Element) -> list[str]:
    return [button.text for button in shown.all("button")]


def switches(shown: Element) -> dict[str, bool]:
    """Return the words of each addition and whether it is on."""
    rows = shown.all("label", class_="addition")
    return {row.one(class_="addition-words").text: "checked" in row.one("input").attributes for row in rows}


def chosen(shown: Element, name: str) -> str:
    return next(each.attributes["value"] for each in shown.field(name).all("option") if "selected" in each.attributes)


def others_in(shown: Element) -> dict[str, str]:
    return {name: shown.value(name) for name in OTHERS}


class TestThePage:
    def test_the_prompt_has_a_menu_of_styles_and_a_button(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/")).one("prompt-field")
        assert buttons(shown) == ["Enhance"]
        assert chosen(shown, "enhance_style") == "default"
        assert len(shown.field("enhance_style").all("option")) == 6
        assert switches(shown) == {}

    def test_the_button_works_without_scripts_and_checks_nothing_else(self, client_of_owner: Client):
        button = page(client_of_owner.get("/")).one("button", id="enhance")
        assert button.attributes["formaction"] == button.attributes["hx-post"] == "/enhance/"
        assert "formnovalidate" in button.attributes

    def test_a_viewer_finds_none(self, signed_in: SigningIn, viewer: User):
        assert page(signed_in(viewer).get("/")).all(id="enhance") == []

    def test_with_one_enhancer_there_is_nothing_to_choose(self, client_of_owner: Client):
        assert page(client_of_owner.get("/")).all("select", name="enhancer") == []

    def test_of_several_those_that_can_be_used_are_in_a_menu(self, client_of_owner: Client, enhancers: Putting):
        enhancers("shut", "Shut")
        enhancers("anew", "Anew")
        menu = page(client_of_owner.get("/")).field("enhancer")
        assert [option.text for option in menu.all("option")] == ["Wise", "Anew"]

    def test_where_the_first_cannot_be_used_the_button_asks_the_next(self, client_of_owner: Client, enhancers: Putting):
        enhancers("local", "Shut")
        enhancers("anew", "Anew")
        fields = page(client_of_owner.get("/")).one(class_="enhance").all("input")
        start(client_of_owner, **{each.attributes["name"]: each.attributes["value"] for each in fields})
        assert newest().enhancer == "anew"


class TestStart:
    def test_it_asks_and_answers_with_the_busy_field(self, client_of_owner: Client, member: Member):
        shown = field_of(start(client_of_owner, enhance_style="anime"))
        request = newest()
        assert (request.original, request.style, request.seed, request.author) == (FOX, "anime", 1, member.user)
        cancel = shown.one("button", id="enhance")
        assert (cancel.text, cancel.attributes["hx-post"]) == ("Cancel", address(request, "cancel"))
        watch = shown.one(class_="enhance-watch").attributes
        assert (watch["hx-get"], watch["hx-trigger"]) == (address(request), "every 300ms")
        assert shown.value("prompt") == FOX
        assert "readonly" in shown.field("prompt").attributes
        assert (shown.value("enhancement"), chosen(shown, "enhance_style")) == (str(request.public_id), "anime")

    def test_a_screen_reader_is_told(self, client_of_owner: Client):
        voice = page(start(client_of_owner)).one(id="enhance-voice")
        assert (voice.text, voice.attributes["hx-swap-oob"]) == ("The prompt is being improved.", "innerHTML")
        assert page(client_of_owner.get("/")).one(id="enhance-voice").attributes["role"] == "status"

    def test_a_hint_leaves_for_the_worker(self, client_of_owner: Client, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            start(client_of_owner)
        assert len(callbacks) == 1

    def test_it_needs_a_session(self, owner: User):
        assert start(Client(), htmx=False).headers["Location"] == "/account/login/?next=/enhance/"
        assert start(Client()).status_code == 401
        assert not EnhancementRequest.objects.exists()

    def test_a_viewer_is_refused(self, signed_in: SigningIn, viewer: User):
        assert start(signed_in(viewer)).status_code == 403
        assert not EnhancementRequest.objects.exists()

    def test_it_takes_few_queries(self, client_of_owner: Client, django_assert_num_queries):
        # session, person, membership, savepoint and release, what waits already, the request
        with django_assert_num_queries(7):
            start(client_of_owner)

    @pytest.mark.parametrize(
        ("prompt", "fields", "sentence"),
        [
            ("", {}, NO_PROMPT),
            (" \n ", {}, NO_PROMPT),
            ("x" * 5001, {}, "The prompt is too long. Keep it under 5,000 characters."),
            (FOX, {"enhance_style": "shouting"}, "There is no style of this name."),
            (FOX, {"enhancer": "dalle"}, "There is no enhancer of this name."),
        ],
        ids=["empty", "blank", "too long", "style", "enhancer"],
    )
    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_what_cannot_be_used_is_told_beside_the_prompt_which_stays(
        self, client_of_owner: Client, prompt: str, fields: dict[str, str], sentence: str, htmx: bool
    ):
        response = start(client_of_owner, prompt, htmx=htmx, **fields)
        shown = field_of(response, 422) if htmx else page(response).one("prompt-field")
        assert response.status_code == 422
        assert shown.one("p", role="alert").text.startswith(sentence)
        assert shown.value("prompt").strip() == prompt.strip()
        assert buttons(shown) == ["Enhance"]
        assert not EnhancementRequest.objects.exists()

    def test_the_pages_settings_of_htmx_let_that_answer_in(self, client_of_owner: Client):
        settings = json.loads(page(client_of_owner.get("/")).one("meta", name="htmx-config").attributes["content"])
        rule = next(rule for rule in settings["responseHandling"] if re.fullmatch(rule["code"], "422"))
        assert rule["swap"] and not rule.get("error")

    def test_without_htmx_it_is_the_whole_page_and_keeps_the_other_fields(self, client_of_owner: Client):
        shown = page(start(client_of_owner, htmx=False, enhance_style="anime", **OTHERS))
        assert shown.one("form", class_="generate-form")
        assert others_in(shown) == OTHERS
        assert shown.value("prompt") == FOX
        assert chosen(shown, "enhance_style") == "anime"
        assert address(newest()) in str([each.attributes.get("formaction") for each in shown.all("button")])
        assert {"Cancel", "Show it"} <= set(buttons(shown))

    def test_a_prompt_with_markup_stays_text(self, client_of_owner: Client):
        response = start(client_of_owner, HOSTILE)
        assert HOSTILE not in response.content.decode()
        assert field_of(response).value("prompt") == HOSTILE

    def test_two_presses_leave_one_that_waits(self, client_of_owner: Client):
        start(client_of_owner)
        start(client_of_owner)
        assert [each.state for each in EnhancementRequest.objects.order_by("pk")] == ["cancelled", "queued"]


class TestLook:
    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_while_it_is_being_written_the_page_stays_as_it_is(self, client_of_owner: Client, waiting: Wishing, state: str):
        request = waiting()
        EnhancementRequest.objects.filter(pk=request.pk).update(state=state)
        response = look(client_of_owner, request)
        assert (response.status_code, response.content) == (204, b"")
        assert "no-store" in response.headers["Cache-Control"]

    def test_then_the_text_stands_in_the_field_with_a_switch_for_each_addition(self, client_of_owner: Client, answered: Wishing):
        request = answered(style="anime")
        shown = field_of(look(client_of_owner, request))
        assert shown.value("prompt") == wise(FOX, "anime")
        assert "readonly" not in shown.field("prompt").attributes
        assert switches(shown) == {"anime light 1": True, "quiet mood 1": True, "warm hues 1": True}
        assert [each.text for each in shown.all(class_="addition-kind")] == ["light", "mood", "palette"]
        assert buttons(shown) == ["Enhance", "Another", "Revert"]
        assert shown.value("enhancement") == str(request.public_id)
        assert chosen(shown, "enhance_style") == "anime"
        assert shown.all(class_="enhance-watch") == []

    def test_the_marks_behind_the_text_are_the_same_text_in_pieces(self, client_of_owner: Client, answered: Wishing):
        marks = field_of(look(client_of_owner, answered())).one(class_="prompt-marks")
        pieces = ["".join(str(child) for child in piece.children) for piece in marks.all("span") + marks.all("mark")]
        assert pieces == [FOX, *(words for _, words in phrases("default", 1))]
        assert [mark.attributes["data-addition"] for mark in marks.all("mark")] == ["0", "1", "2"]
        assert marks.attributes["aria-hidden"] == "true"

    def test_a_screen_reader_hears_how_much_was_added(self, client_of_owner: Client, answered: Wishing):
        voice = page(look(client_of_owner, answered())).one(id="enhance-voice")
        assert voice.text == "The prompt is improved: 3 additions."

    def test_what_was_written_anew_has_no_switches_but_can_be_reverted(
        self, client_of_owner: Client, answered: Wishing, enhancers: Putting
    ):
        enhancers("anew", "Anew")
        shown = field_of(look(client_of_owner, answered(enhancer="anew")))
        assert shown.value("prompt") == "Imagine number 1: A RED FOX"
        assert (switches(shown), shown.all(class_="prompt-marks")) == ({}, [])
        assert buttons(shown) == ["Enhance", "Another", "Revert"]

    def test_notes_of_the_enhancer_stand_there(self, client_of_owner: Client, answered: Wishing, enhancers: Putting):
        enhancers("local", "Wise", notes=("The model is not here.",))
        assert "The model is not here." in field_of(look(client_of_owner, answered())).text

    @pytest.mark.parametrize("enhancer", ["sorry", "broken"])
    def test_a_failure_is_told_and_the_prompt_is_untouched(
        self, client_of_owner: Client, answered: Wishing, enhancers: Putting, enhancer: str
    ):
        enhancers(enhancer, enhancer.title())
        request = answered(enhancer=enhancer)
        shown = field_of(look(client_of_owner, request))
        assert shown.one("p", role="alert").text == request.error
        assert (request.error == SORRY) == (enhancer == "sorry")
        assert shown.value("prompt") == FOX
        assert buttons(shown) == ["Enhance"]

    def test_what_nobody_answers_is_told_in_the_end(self, client_of_owner: Client, waiting: Wishing):
        request = waiting()
        long_ago = timezone.now() - timedelta(seconds=OVERDUE_AFTER_S + 10)
        EnhancementRequest.objects.filter(pk=request.pk).update(moved_at=long_ago)
        shown = field_of(look(client_of_owner, request))
        assert shown.one("p", role="alert").text == OVERDUE
        assert shown.value("prompt") == FOX

    def test_one_that_another_page_cancelled_gives_the_field_back(self, client_of_owner: Client, waiting: Wishing):
        request = waiting()
        waiting("a blue boat")
        shown = field_of(look(client_of_owner, request))
        assert (shown.value("prompt"), buttons(shown)) == (FOX, ["Enhance"])

    def test_text_with_markup_stays_text(self, client_of_owner: Client, answered: Wishing, enhancers: Putting):
        enhancers("anew", "Anew")
        for enhancer in ("local", "anew"):
            response = look(client_of_owner, answered(HOSTILE, enhancer=enhancer))
            assert "<script>" not in response.content.decode().lower()
            assert page(response).all("img") == []

    def test_what_an_enhancer_adds_and_says_stays_text_too(self, client_of_owner: Client, answered: Wishing):
        request, text = answered(), f"{FOX}, {HOSTILE}"
        kept = {"text": text, "additions": [["light", len(FOX), len(text)]], "notes": [HOSTILE]}
        EnhancementRequest.objects.filter(pk=request.pk).update(**kept)
        response = look(client_of_owner, request)
        assert "<script>" not in response.content.decode().lower()
        assert page(response).all("img") == []
        assert field_of(response).value("prompt") == text

    def test_it_is_a_whole_page_without_htmx(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        shown = page(client_of_owner.get(address(request)))
        assert shown.one("form", class_="generate-form")
        assert shown.value("prompt") == wise(FOX)
        assert len(switches(shown)) == 3

    def test_while_busy_the_whole_page_offers_to_look_again(self, client_of_owner: Client, waiting: Wishing):
        request = waiting()
        response = press(client_of_owner, "look", request, htmx=False, **OTHERS)
        assert response.status_code == 200
        assert "Show it" in buttons(page(response))
        assert others_in(page(response)) == OTHERS

    def test_pressed_without_scripts_it_keeps_the_other_fields(self, client_of_owner: Client, answered: Wishing):
        shown = page(press(client_of_owner, "look", answered(), htmx=False, enhance_style="anime", **OTHERS))
        assert others_in(shown) == OTHERS
        assert shown.value("prompt") == wise(FOX)
        assert chosen(shown, "enhance_style") == "anime"

    def test_it_takes_few_queries(self, client_of_owner: Client, answered: Wishing, django_assert_num_queries):
        request = answered()
        # session, person, membership, the request, whether it is overdue
        with django_assert_num_queries(5):
            look(client_of_owner, request)


class TestWhoMay:
    @pytest.mark.parametrize("button", BUTTONS)
    def test_it_needs_a_session(self, waiting: Wishing, button: str):
        request = waiting()
        assert press(Client(), button, request).status_code == 401
        there = press(Client(), button, request, htmx=False).headers["Location"]
        assert there == f"/account/login/?next={address(request, button)}"

    @pytest.mark.parametrize("button", BUTTONS)
    def test_a_viewer_is_refused(self, signed_in: SigningIn, viewer: User, waiting: Wishing, button: str):
        assert press(signed_in(viewer), button, waiting()).status_code == 403

    @pytest.mark.parametrize("button", BUTTONS)
    def test_for_anybody_else_it_is_not_there(
        self, signed_in: SigningIn, teammate: User, outsider: User, waiting: Wishing, button: str
    ):
        request = waiting()
        for other in (teammate, outsider):
            assert press(signed_in(other), button, request).status_code == 404
        request.refresh_from_db()
        assert request.state == EnhancementState.QUEUED

    @pytest.mark.parametrize("button", BUTTONS)
    def test_an_address_that_was_never_given_out_is_not_there(self, client_of_owner: Client, waiting: Wishing, button: str):
        request = waiting()
        request.public_id = "01234567-89ab-4cde-8f01-23456789abcd"
        assert press(client_of_owner, button, request).status_code == 404

    @pytest.mark.parametrize("button", ["agree", "cancel", "revert"])
    def test_a_link_changes_nothing(self, client_of_owner: Client, waiting: Wishing, button: str):
        assert client_of_owner.get(address(waiting(), button)).status_code == 405

    @pytest.mark.parametrize(("button", "queries"), [("agree", 7), ("cancel", 5), ("revert", 4)])
    def test_it_takes_few_queries(
        self, client_of_owner: Client, waiting: Wishing, button: str, queries: int, django_assert_num_queries
    ):
        request = waiting()
        # session, person, membership, the request; then the move, for a yes in a savepoint, and the request as it stands
        with django_assert_num_queries(queries + (1 if button == "agree" else 0)):
            press(client_of_owner, button, request)

    def test_another_persons_request_lends_nothing_to_ones_own(self, signed_in: SigningIn, teammate: User, answered: Wishing):
        theirs = answered()
        start(signed_in(teammate), theirs.text, enhancement=str(theirs.public_id))
        assert (newest().original, newest().seed, newest().author) == (theirs.text, 1, teammate)


class TestTheFocus:
    """htmx moves it to what says `autofocus`."""

    @pytest.mark.parametrize("button", ["agree", "cancel", "revert"])
    def test_after_a_press_it_is_on_the_button_that_stays(self, client_of_owner: Client, answered: Wishing, button: str):
        shown = field_of(press(client_of_owner, button, answered()))
        assert [each.attributes["id"] for each in shown if "autofocus" in each.attributes] == ["enhance"]

    def test_nothing_takes_it_away_when_the_answer_comes(self, client_of_owner: Client, answered: Wishing):
        assert [each for each in field_of(look(client_of_owner, answered())) if "autofocus" in each.attributes] == []


class TestCancelAndRevert:
    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_cancel_ends_it_and_the_prompt_stays(self, client_of_owner: Client, waiting: Wishing, htmx: bool):
        request = waiting()
        response = press(client_of_owner, "cancel", request, htmx=htmx, **OTHERS)
        shown = page(response)
        assert run(request).state == EnhancementState.CANCELLED
        assert (shown.value("prompt"), shown.value("enhancement")) == (FOX, "")
        assert "Cancel" not in buttons(shown)
        assert htmx or others_in(shown) == OTHERS

    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_revert_brings_back_the_persons_words(self, client_of_owner: Client, answered: Wishing, htmx: bool):
        request = answered()
        shown = page(press(client_of_owner, "revert", request, htmx=htmx, prompt=request.text, **OTHERS))
        assert (shown.value("prompt"), shown.value("enhancement"), switches(shown)) == (FOX, "", {})
        assert "Revert" not in buttons(shown)
        assert htmx or others_in(shown) == OTHERS

    def test_after_revert_the_same_press_gives_the_same_text(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        press(client_of_owner, "revert", request, prompt=request.text)
        start(client_of_owner, FOX, enhancement="")
        assert run(newest()).text == request.text


class TestAnother:
    def test_it_takes_the_next_seed_from_the_persons_words(self, client_of_owner: Client, answered: Wishing):
        first = answered()
        start(client_of_owner, first.text, enhancement=str(first.public_id))
        second = run(newest())
        assert (second.original, second.seed, second.text) == (FOX, 2, wise(FOX, seed=2))
        start(client_of_owner, second.text, enhancement=str(second.public_id), enhance_style="anime")
        assert run(newest()).text == wise(FOX, "anime", 3)

    @pytest.mark.parametrize("kept", [(), (1,), (0, 2)])
    @pytest.mark.parametrize("words", [FOX, "a red fox\r\nin the snow", "  a red fox \r\n"], ids=["line", "lines", "blanks"])
    def test_with_additions_switched_off_it_is_still_from_the_persons_words(
        self, client_of_owner: Client, words: str, kept: tuple[int, ...]
    ):
        start(client_of_owner, words)
        first = run(newest())
        shown = first.enhancement.with_only(kept).replace("\n", "\r\n")
        start(client_of_owner, shown, enhancement=str(first.public_id))
        assert (newest().original, newest().seed) == (first.original, 2)

    def test_a_text_that_was_edited_is_improved_as_it_is(self, client_of_owner: Client, answered: Wishing):
        first = answered()
        edited = first.text.replace("red", "blue")
        start(client_of_owner, edited, enhancement=str(first.public_id))
        assert (newest().original, newest().seed) == (edited, 1)

    @pytest.mark.parametrize("nonsense", ["7", "", "01234567-89ab-4cde-8f01-23456789abcd"])
    def test_an_id_that_is_none_is_passed_over(self, client_of_owner: Client, nonsense: str):
        start(client_of_owner, enhancement=nonsense)
        assert (newest().original, newest().seed) == (FOX, 1)

    def test_cancelled_it_leaves_the_persons_words(self, client_of_owner: Client, answered: Wishing):
        first = answered()
        start(client_of_owner, first.text, enhancement=str(first.public_id))
        assert field_of(press(client_of_owner, "cancel", newest(), prompt=first.text)).value("prompt") == FOX


class TestPrice:
    def priced(self, client: Client) -> tuple[EnhancementRequest, Element]:
        start(client, enhancer="wavespeed")
        request = run(newest())
        return request, field_of(look(client, request))

    def test_it_is_shown_before_anything_is_sent(self, client_of_owner: Client, paid: Any):
        request, shown = self.priced(client_of_owner)
        assert "Paid asks $0.001 for improving this prompt. Nothing has been sent yet." in shown.one(class_="additions").text
        assert buttons(shown) == ["Enhance", "Improve for $0.001", "No, thanks"]
        assert (shown.value("prompt"), paid.asked, request.charged_microusd) == (FOX, [], 0)
        assert chosen(shown, "enhancer") == "wavespeed"

    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_a_yes_goes_on_and_is_charged_once(self, client_of_owner: Client, paid: Any, htmx: bool):
        request, _ = self.priced(client_of_owner)
        response = press(client_of_owner, "agree", request, htmx=htmx, enhancer="wavespeed", price=PRICE, **OTHERS)
        assert "Cancel" in buttons(page(response))
        assert htmx or others_in(page(response)) == OTHERS
        assert run(request).charged_microusd == PRICE
        assert field_of(look(client_of_owner, request)).value("prompt") == wise(FOX)
        assert len(paid.asked) == 1

    def test_a_no_costs_nothing(self, client_of_owner: Client, paid: Any):
        request, _ = self.priced(client_of_owner)
        shown = field_of(press(client_of_owner, "cancel", request, enhancer="wavespeed"))
        assert shown.value("prompt") == FOX
        assert (run(request).state, request.charged_microusd, paid.asked) == ("cancelled", 0, [])

    def test_a_price_that_rose_is_shown_again(self, client_of_owner: Client, paid: Any):
        request, _ = self.priced(client_of_owner)
        press(client_of_owner, "agree", request, enhancer="wavespeed", price=PRICE)
        paid.price_microusd = 2 * PRICE
        run(request)
        assert "Improve for $0.002" in buttons(field_of(look(client_of_owner, request)))
        assert paid.asked == []

    def test_a_yes_to_a_page_that_showed_less_is_asked_again(self, client_of_owner: Client, paid: Any):
        request, _ = self.priced(client_of_owner)
        press(client_of_owner, "agree", request, enhancer="wavespeed", price=PRICE - 1)
        assert (run(request).state, paid.asked) == ("priced", [])

    def test_a_yes_that_comes_late_says_yes_to_nothing(self, client_of_owner: Client, paid: Any):
        request, _ = self.priced(client_of_owner)
        press(client_of_owner, "cancel", request)
        press(client_of_owner, "agree", request, price=PRICE)
        assert (run(request).state, paid.asked) == ("cancelled", [])

    @pytest.mark.parametrize("agreed", ["-1", "1e9", "٣", "", "999"])
    def test_what_is_no_sum_or_too_little_agrees_to_nothing(self, client_of_owner: Client, paid: Any, agreed: str):
        start(client_of_owner, enhancer="wavespeed", agreed=agreed)
        assert (run(newest()).state, paid.asked) == ("priced", [])

    def test_a_lost_answer_is_told_and_the_prompt_is_untouched(self, client_of_owner: Client, paid: Any):
        paid.problem = EnhanceUnknown()
        start(client_of_owner, enhancer="wavespeed", agreed=PRICE)
        shown = field_of(look(client_of_owner, run(newest())))
        assert shown.one("p", role="alert").text == EnhanceUnknown.message
        assert shown.value("prompt") == FOX

    def test_a_team_without_a_key_does_not_find_it_in_the_menu(self, client_of_owner: Client, enhancers: Putting):
        enhancers("wavespeed", "Paid")
        enhancers("anew", "Anew")
        menu = page(client_of_owner.get("/")).field("enhancer")
        assert [option.text for option in menu.all("option")] == ["Wise", "Anew"]


class TestTheOrder:
    def order(
        self, client: Client, request: EnhancementRequest, prompt: str, *, htmx: bool = True, **more: object
    ) -> HttpResponse:
        small = {**OTHERS, "width": "256", "height": "256", "count": "1", "prompt": prompt}
        sent = {**small, "enhancement": str(request.public_id), "enhance_style": "default", **more}
        return client.post("/", sent, headers=HTMX if htmx else {})

    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_it_says_where_its_prompt_came_from(self, client_of_owner: Client, answered: Wishing, htmx: bool):
        request = answered()
        self.order(client_of_owner, request, request.text, htmx=htmx, switches="on", kept=["0", "1", "2"])
        generation = Generation.objects.get()
        assert (generation.enhancement, generation.prompt) == (request, request.text)

    def test_all_pictures_of_a_stack_say_so(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        self.order(client_of_owner, request, request.text, count="4")
        assert [each.enhancement for each in Generation.objects.all()] == [request] * 4

    def test_without_scripts_only_what_is_switched_on_is_painted(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        self.order(client_of_owner, request, request.text, htmx=False, switches="on", kept=["1"])
        generation = Generation.objects.get()
        assert (generation.prompt, generation.enhancement) == (f"{FOX}, quiet mood 1", request)

    def test_with_every_switch_off_the_persons_words_are_painted(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        self.order(client_of_owner, request, request.text, htmx=False, switches="on")
        generation = Generation.objects.get()
        assert (generation.prompt, generation.enhancement) == (FOX, None)

    def test_a_prompt_written_anew_by_hand_owes_nothing(self, client_of_owner: Client, answered: Wishing):
        self.order(client_of_owner, answered(), "a blue boat")
        assert Generation.objects.get().enhancement is None

    @pytest.mark.parametrize("kept", [["x"], ["-1"], ["99"], ["٣"]])
    def test_switches_that_do_not_exist_are_passed_over(self, client_of_owner: Client, answered: Wishing, kept: list[str]):
        request = answered()
        self.order(client_of_owner, request, request.text, switches="on", kept=[*kept, "0"])
        assert Generation.objects.get().prompt == f"{FOX}, default light 1"

    def test_another_persons_request_is_not_linked(self, signed_in: SigningIn, teammate: User, answered: Wishing):
        request = answered()
        self.order(signed_in(teammate), request, request.text)
        assert Generation.objects.get().enhancement is None

    @pytest.mark.parametrize("nonsense", ["", "7", "\x00"])
    def test_an_id_that_is_none_stops_no_order(self, client_of_owner: Client, answered: Wishing, nonsense: str):
        self.order(client_of_owner, answered(), FOX, enhancement=nonsense)
        assert Generation.objects.get().enhancement is None

    @pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "whole page"])
    def test_a_mistake_elsewhere_in_the_form_keeps_the_review(self, client_of_owner: Client, answered: Wishing, htmx: bool):
        request = answered(style="anime")
        prompt = f"{FOX}, anime light 1, warm hues 1" if htmx else request.text
        more = {"switches": "on", "kept": ["0", "2"], "enhance_style": "anime", "num_inference_steps": "999"}
        response = self.order(client_of_owner, request, prompt, htmx=htmx, **more)
        shown = page(response)
        assert response.status_code == 422
        assert switches(shown) == {"anime light 1": True, "quiet mood 1": False, "warm hues 1": True}
        assert (shown.value("prompt"), shown.value("enhancement")) == (prompt, str(request.public_id))
        assert chosen(shown, "enhance_style") == "anime"
        assert [("hidden" in mark.attributes) for mark in shown.all("mark")] == [False, True, False]

    def test_it_takes_one_query_more(self, client_of_owner: Client, answered: Wishing, django_assert_max_num_queries):
        request = answered()
        with django_assert_max_num_queries(60) as without:
            self.order(client_of_owner, request, FOX, enhancement="", idempotency_key="one")
        with django_assert_max_num_queries(len(without) + 1):
            self.order(client_of_owner, request, request.text, idempotency_key="two")

    def test_the_enhancer_was_asked_once_for_all_of_this(self, client_of_owner: Client, answered: Wishing):
        request = answered()
        self.order(client_of_owner, request, request.text)
        self.order(client_of_owner, request, request.text, idempotency_key="two")
        assert len(enhancer_for("local").asked) == 1
