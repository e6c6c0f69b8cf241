"""Asking for a better prompt: one request, one run, money only after a yes; and which prompts owe something to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as some

from generations import enhancing, pipeline, tasks
from generations.accounts import connect, pause
from generations.enhancement_lifecycle import OVERDUE_AFTER_S
from generations.enhancers import enhancer_for
from generations.enhancers.base import Addition, Enhancement, Kind, Style
from generations.enhancing import agree, credit, is_of, owes_to, request_of, settle, withdraw
from generations.errors import DeadlinePassed, EnhanceFailed, EnhanceUnknown, InvalidInputs
from generations.models import EnhancementRequest, EnhancementState, Generation, Member, User
from generations.submission import Order, repeat, submit
from generations.submission import withdraw as withdraw_picture
from tests.conftest import order
from tests.enhancers import SORRY, phrases, wise

pytestmark = pytest.mark.django_db

Putting = Callable[..., Any]
Wishing = Callable[..., EnhancementRequest]

FOX = "a red fox"
PRICE = 1_000


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Putting) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def wish(member: Member) -> Wishing:
    """Ask as the owner, without a hint."""

    def make(prompt: str = FOX, *, of: Member = member, enhancer: str = "local", style: str = "default", **more: Any) -> Any:
        return enhancing.ask(of, prompt, enhancer=enhancer, style=style, hint=False, **more)

    return make


def run(request: EnhancementRequest) -> EnhancementRequest:
    """Run a request as its task does, and return it as it stands then."""
    pipeline.enhance(request.pk)
    request.refresh_from_db()
    return request


class TestAsking:
    def test_a_request_is_saved_and_waits(self, wish: Wishing, member: Member):
        request = wish(style="anime", seed=4)
        assert (request.state, request.original, request.style, request.seed) == ("queued", FOX, "anime", 4)
        assert (request.team, request.author, request.enhancer) == (member.team, member.user, "local")

    def test_the_hint_leaves_after_the_commit(self, member: Member, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as callbacks:
            enhancing.ask(member, FOX, enhancer="local", style="default")
        assert len(callbacks) == 1

    def test_the_first_one_that_waits_is_cancelled_by_the_second(self, wish: Wishing):
        first, second = wish(), wish("a blue boat")
        assert run(first).state == EnhancementState.CANCELLED
        assert enhancer_for("local").asked == []
        assert run(second).state == EnhancementState.READY

    def test_a_teammates_request_waits_on(self, wish: Wishing, teammate: User):
        theirs = wish(of=Member.objects.get(user=teammate))
        wish()
        theirs.refresh_from_db()
        assert theirs.state == EnhancementState.QUEUED

    @pytest.mark.parametrize(
        ("field", "asked"),
        [
            ("prompt", {"prompt": ""}),
            ("prompt", {"prompt": " \r\n\t "}),
            ("prompt", {"prompt": "x" * 5001}),
            ("style", {"style": "shouting"}),
            ("style", {"style": ""}),
            ("enhancer", {"enhancer": "dalle"}),
            ("enhancer", {"enhancer": ""}),
        ],
        ids=["empty", "blank", "too long", "unknown style", "no style", "unknown enhancer", "no enhancer"],
    )
    def test_what_cannot_be_used_is_told_in_a_sentence_and_saves_nothing(self, wish: Wishing, field: str, asked: dict[str, str]):
        with pytest.raises(InvalidInputs) as caught:
            wish(**asked)
        assert list(caught.value.fields) == [field]
        assert_a_sentence(caught.value.fields[field])
        assert not EnhancementRequest.objects.exists()

    def test_a_prompt_is_kept_as_a_picture_keeps_it(self, wish: Wishing):
        assert wish(" a red fox\r\nin the\x00 snow \n").original == order(" a red fox\r\nin the\x00 snow \n").inputs.prompt

    def test_the_longest_prompt_is_taken(self, wish: Wishing):
        assert run(wish("x" * 4900)).text.startswith("x" * 4900)

    def test_a_text_that_is_too_long_to_be_used_is_refused_with_a_sentence(self, wish: Wishing):
        request = run(wish("x" * 5000))
        assert (request.state, request.text) == ("failed", "")
        assert "too long to be used" in request.error

    def test_an_enhancer_that_cannot_be_used_says_why(self, wish: Wishing, enhancers: Putting):
        enhancers("shut", "Shut")
        with pytest.raises(InvalidInputs) as caught:
            wish(enhancer="shut")
        assert caught.value.fields == {"enhancer": "Shut is shut on Sundays. Choose another."}

    def test_a_request_is_found_by_its_author_alone(self, wish: Wishing, member: Member, teammate: User, outsider: User):
        request = wish()
        assert request_of(member, str(request.public_id)) == request
        for other in (teammate, outsider):
            assert request_of(Member.objects.get(user=other), str(request.public_id)) is None

    @pytest.mark.parametrize("nonsense", [None, "", "7", "01234567-89ab-4cde-8f01-23456789abcd", "\x00", "é" * 36])
    def test_what_is_no_id_finds_nothing(self, member: Member, nonsense: str | None):
        assert request_of(member, nonsense) is None


class TestRunning:
    def test_the_text_and_its_additions_are_kept(self, wish: Wishing):
        request = run(wish(style="anime", seed=3))
        found = request.enhancement
        assert (request.state, request.text, request.error) == ("ready", wise(FOX, "anime", 3), "")
        assert [(each.kind, found.text[each.start : each.end]) for each in found.additions] == phrases("anime", 3)
        assert found.with_only(()) == FOX
        assert enhancer_for("local").asked == [(FOX, "anime", 3)]

    def test_its_notes_are_kept(self, wish: Wishing, enhancers: Putting):
        enhancers("local", "Wise", notes=("The model is not here.",))
        assert run(wish()).notes == ["The model is not here."]

    def test_a_text_written_anew_has_no_additions(self, wish: Wishing, enhancers: Putting):
        enhancers("anew", "Anew")
        found = run(wish(enhancer="anew")).enhancement
        assert (found.text, found.additions) == ("Imagine number 1: A RED FOX", ())

    def test_a_task_that_is_delivered_twice_runs_once(self, wish: Wishing):
        request = wish()
        tasks.enhance(request.pk)
        tasks.enhance(request.pk)
        assert len(enhancer_for("local").asked) == 1

    def test_a_task_that_is_delivered_while_the_first_runs_does_nothing(self, wish: Wishing, enhancers: Putting):
        request = wish()
        local = enhancers("local", "Wise", between=lambda: tasks.enhance(request.pk))
        assert run(request).state == EnhancementState.READY
        assert len(local.asked) == 1

    def test_a_request_that_is_gone_is_passed_over(self):
        tasks.enhance(10**9)

    def test_one_that_was_cancelled_before_is_not_run(self, wish: Wishing):
        request = wish()
        assert withdraw(request)
        assert run(request).state == EnhancementState.CANCELLED
        assert enhancer_for("local").asked == []

    def test_one_that_is_cancelled_meanwhile_keeps_no_text(self, wish: Wishing, enhancers: Putting):
        request = wish()
        enhancers("local", "Wise", between=lambda: withdraw(request))
        run(request)
        assert (request.state, request.text, request.additions) == ("cancelled", "", [])

    def test_a_known_failure_is_told_in_its_own_words(self, wish: Wishing, enhancers: Putting):
        enhancers("sorry", "Sorry")
        request = run(wish(enhancer="sorry"))
        assert (request.state, request.error, request.detail) == ("failed", SORRY, "nib 7")
        assert (request.original, request.text, request.charged_microusd) == (FOX, "", 0)

    def test_a_bug_is_told_in_a_sentence_without_what_is_inside(self, wish: Wishing, enhancers: Putting, caplog):
        enhancers("broken", "Broken")
        request = run(wish(enhancer="broken"))
        assert (request.state, request.error) == ("failed", EnhanceFailed.message)
        assert "secret inside" in request.detail
        assert (request.original, request.text) == (FOX, "")
        assert "broke on request" in caplog.text

    def test_an_enhancer_that_is_gone_meanwhile_is_told_in_a_sentence(self, wish: Wishing, settings):
        request = wish()
        settings.PROMPT_ENHANCERS = {}
        enhancer_for.cache_clear()
        assert run(request).state == EnhancementState.FAILED
        assert_a_sentence(request.error.partition(" Choose")[0])


class TestPaying:
    @pytest.fixture
    def paid(self, enhancers: Putting, member: Member) -> Any:
        connect(member.team, "wavespeed", "key-1234")
        return enhancers("wavespeed", "Paid", price_microusd=PRICE)

    def test_a_team_without_a_key_is_told(self, wish: Wishing, enhancers: Putting):
        enhancers("wavespeed", "Paid")
        with pytest.raises(InvalidInputs) as caught:
            wish(enhancer="wavespeed")
        assert caught.value.message == "Paid is not connected. An owner of the team can do that under Team."

    def test_an_account_that_is_paused_is_not_used(self, wish: Wishing, paid: Any, member: Member):
        pause(connect(member.team, "wavespeed", "key-1234"), "No credit left.")
        with pytest.raises(InvalidInputs) as caught:
            wish(enhancer="wavespeed")
        assert caught.value.message == "No credit left."

    def test_nothing_is_sent_before_the_person_agreed(self, wish: Wishing, paid: Any):
        request = run(wish(enhancer="wavespeed"))
        assert (request.state, request.price_microusd, request.charged_microusd) == ("priced", PRICE, 0)
        assert (paid.priced, paid.asked) == ([FOX], [])
        assert paid.keys[-1] == "key-1234"

    def test_a_yes_is_charged_once(self, wish: Wishing, paid: Any):
        request = run(wish(enhancer="wavespeed"))
        assert agree(request, request.price_microusd)
        run(request)
        tasks.enhance(request.pk)
        request.refresh_from_db()
        assert (request.state, request.charged_microusd, request.text) == ("ready", PRICE, wise(FOX))
        assert len(paid.asked) == 1

    def test_a_yes_leaves_a_hint(self, wish: Wishing, paid: Any, django_capture_on_commit_callbacks):
        request = run(wish(enhancer="wavespeed"))
        with django_capture_on_commit_callbacks() as callbacks:
            assert agree(request, request.price_microusd)
        assert len(callbacks) == 1

    def test_a_second_yes_counts_for_nothing(self, wish: Wishing, paid: Any, django_capture_on_commit_callbacks):
        request = run(wish(enhancer="wavespeed"))
        agree(request, request.price_microusd)
        with django_capture_on_commit_callbacks() as callbacks:
            assert not agree(request, request.price_microusd)
        assert callbacks == []

    def test_a_price_that_rose_is_asked_again(self, wish: Wishing, paid: Any):
        request = run(wish(enhancer="wavespeed"))
        agree(request, request.price_microusd)
        paid.price_microusd = PRICE + 1
        run(request)
        assert (request.state, request.price_microusd, request.charged_microusd) == ("priced", PRICE + 1, 0)
        assert paid.asked == []

    def test_a_price_that_fell_is_what_counts(self, wish: Wishing, paid: Any):
        paid.price_microusd = PRICE - 1
        request = run(wish(enhancer="wavespeed", agreed_microusd=PRICE))
        assert (request.state, request.charged_microusd) == ("ready", PRICE - 1)

    def test_it_stands_as_charged_before_it_is_sent(self, wish: Wishing, enhancers: Putting, member: Member):
        connect(member.team, "wavespeed", "key-1234")
        seen: list[int] = []
        asked = EnhancementRequest.objects.filter(author=member.user)
        enhancers("wavespeed", "Paid", between=lambda: seen.append(asked.get().charged_microusd))
        run(wish(enhancer="wavespeed", agreed_microusd=PRICE))
        assert seen == [PRICE]

    def test_one_that_is_cancelled_while_the_price_is_asked_is_not_sent(self, wish: Wishing, paid: Any):
        request = wish(enhancer="wavespeed", agreed_microusd=PRICE)
        paid.pricing = lambda: withdraw(request)
        run(request)
        assert (request.state, request.charged_microusd, paid.asked) == ("cancelled", 0, [])

    def test_one_that_is_cancelled_after_it_was_sent_stays_charged(self, wish: Wishing, enhancers: Putting, member: Member):
        connect(member.team, "wavespeed", "key-1234")
        request: Any = None
        enhancers("wavespeed", "Paid", between=lambda: withdraw(request))
        request = wish(enhancer="wavespeed", agreed_microusd=PRICE)
        run(request)
        assert (request.state, request.charged_microusd, request.text) == ("cancelled", PRICE, "")

    def test_a_proven_failure_is_not_charged(self, wish: Wishing, paid: Any):
        paid.problem = EnhanceFailed()
        request = run(wish(enhancer="wavespeed", agreed_microusd=PRICE))
        assert (request.state, request.charged_microusd) == ("failed", 0)
        assert "Nothing was charged" in request.error

    def test_a_bug_before_anything_was_sent_is_not_charged(self, wish: Wishing, paid: Any):
        request = run(wish(enhancer="wavespeed"))
        agree(request, request.price_microusd)
        paid.pricing = lambda: 1 // 0
        run(request)
        assert (request.state, request.charged_microusd, request.error) == ("failed", 0, EnhanceFailed.message)

    @pytest.mark.parametrize(
        "problem",
        [EnhanceUnknown(detail="cut off"), ZeroDivisionError("secret inside"), DeadlinePassed(detail="secret", sent=True)],
        ids=lambda problem: type(problem).__name__,
    )
    def test_a_lost_answer_stays_charged_and_says_so(self, wish: Wishing, paid: Any, problem: Exception):
        paid.problem = problem
        request = run(wish(enhancer="wavespeed", agreed_microusd=PRICE))
        assert (request.state, request.charged_microusd) == ("failed", PRICE)
        assert "may have been charged" in request.error
        assert "secret" not in request.error


class TestOverdue:
    def overdue(self, request: EnhancementRequest, **more: Any) -> EnhancementRequest:
        long_ago = timezone.now() - timedelta(seconds=OVERDUE_AFTER_S + 10)
        EnhancementRequest.objects.filter(pk=request.pk).update(moved_at=long_ago, **more)
        request.refresh_from_db()
        return request

    def test_what_nobody_answers_fails_in_a_sentence(self, wish: Wishing):
        request = settle(self.overdue(wish()))
        assert (request.state, request.error) == ("failed", enhancing.OVERDUE)

    def test_what_may_have_been_charged_says_so(self, wish: Wishing):
        request = settle(self.overdue(wish(), state="running", charged_microusd=PRICE))
        assert (request.state, request.error) == ("failed", enhancing.OVERDUE_PAID)
        assert request.charged_microusd == PRICE

    @pytest.mark.parametrize("state", ["priced", "ready", "cancelled"])
    def test_what_waits_for_nobody_is_left_alone(self, wish: Wishing, state: str):
        request = settle(self.overdue(wish(), state=state))
        assert (request.state, request.error) == (state, "")

    def test_what_is_young_is_left_alone(self, wish: Wishing):
        assert settle(wish()).state == EnhancementState.QUEUED

    def test_an_answer_that_comes_after_that_is_not_kept(self, wish: Wishing, enhancers: Putting):
        request = wish()
        enhancers("local", "Wise", between=lambda: settle(self.overdue(request)))
        run(request)
        assert (request.state, request.text) == ("failed", "")


class TestCredit:
    @pytest.fixture
    def ready(self, wish: Wishing) -> EnhancementRequest:
        return run(wish())

    def credited(self, prompt: str, request: EnhancementRequest, kept: set[int] | None = None) -> Order:
        return credit(order(prompt), request, kept)

    @pytest.mark.parametrize(
        "prompt",
        [
            wise(FOX),
            f"  {wise(FOX)}\n",
            f"{FOX}, quiet mood 1",
            f"{FOX}, default light 1, warm hues 1",
            "two red foxes in the snow. quiet mood 1!",
        ],
        ids=["the text", "blanks around", "one addition", "two additions", "edited with an addition left"],
    )
    def test_a_prompt_with_something_of_it_is_linked_and_not_changed(self, ready: EnhancementRequest, prompt: str):
        found = self.credited(prompt, ready)
        assert (found.enhancement, found.inputs.prompt) == (ready, prompt.strip())

    @pytest.mark.parametrize("prompt", [FOX, "a blue boat", "a red fox, with a mood"])
    def test_one_that_was_written_by_hand_is_not(self, ready: EnhancementRequest, prompt: str):
        assert self.credited(prompt, ready).enhancement is None

    def test_a_text_written_anew_is_linked_as_it_is(self, wish: Wishing, enhancers: Putting):
        enhancers("anew", "Anew")
        request = run(wish(enhancer="anew"))
        assert self.credited(request.text, request).enhancement == request
        assert self.credited(FOX, request).enhancement is None

    @pytest.mark.parametrize("state", [state for state in EnhancementState.values if state != "ready"])
    def test_only_what_is_ready_counts(self, ready: EnhancementRequest, state: str):
        ready.state = state
        assert self.credited(ready.text, ready).enhancement is None

    @pytest.mark.parametrize(
        ("kept", "prompt"),
        [({0, 1, 2}, wise(FOX)), ({1}, f"{FOX}, quiet mood 1"), ({1, 7}, f"{FOX}, quiet mood 1")],
    )
    def test_switches_without_scripts_take_out_what_is_off(self, ready: EnhancementRequest, kept: set[int], prompt: str):
        found = self.credited(ready.text, ready, kept)
        assert (found.inputs.prompt, found.enhancement) == (prompt, ready)

    def test_with_every_switch_off_the_persons_words_are_used_and_nothing_is_linked(self, ready: EnhancementRequest):
        found = self.credited(ready.text, ready, set())
        assert (found.inputs.prompt, found.enhancement) == (FOX, None)

    def test_switches_do_nothing_to_a_text_that_was_edited(self, ready: EnhancementRequest):
        edited = ready.text.replace("red", "blue")
        assert self.credited(edited, ready, {1}).inputs.prompt == edited

    def test_the_link_is_kept_with_the_picture_and_its_repeat(self, ready: EnhancementRequest, member: Member):
        submit(member, replace(self.credited(ready.text, ready), count=2), hint=False)
        first, second = Generation.objects.all()
        withdraw_picture(first)
        again = repeat(member, Generation.objects.get(pk=first.pk))
        assert first.enhancement == second.enhancement == again.enhancement == ready

    def test_lines_are_compared_whatever_their_ends(self, wish: Wishing):
        request = run(wish("a red fox\r\nin the snow"))
        assert self.credited("a red fox\nin the snow, quiet mood 1", request).enhancement == request
        shown = request.enhancement.text.replace("\r\n", "\n")
        assert is_of(shown, request.enhancement)
        assert is_of(shown.replace(", quiet mood 1", ""), request.enhancement)


WORDS = some.text(some.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text.strip(" ,.;") != ""
)


@some.composite
def enhancements(draw: some.DrawFn) -> Enhancement:
    """Return some text of a person's words with additions before, between and behind them."""
    original = draw(WORDS).strip() or "x"
    text, additions = original, []
    for words in draw(some.lists(WORDS, max_size=4)):
        piece = f", {words.strip()}"
        additions.append(Addition(kind=draw(some.sampled_from(Kind)), start=len(text), end=len(text) + len(piece)))
        text += piece
    return Enhancement(original=original, text=text, additions=tuple(additions))


class TestAnyPrompt:
    @few(derandomize=True, max_examples=60, deadline=None, database=None)
    @given(found=enhancements(), data=some.data())
    def test_the_text_with_any_of_its_additions_is_of_it(self, found: Enhancement, data: some.DataObject):
        kept = data.draw(some.sets(some.integers(min_value=0, max_value=3)))
        assert is_of(found.with_only(kept), found)

    @few(derandomize=True, max_examples=60, deadline=None, database=None)
    @given(found=enhancements(), words=WORDS)
    def test_with_anything_else_in_it_it_is_not(self, found: Enhancement, words: str):
        assert not is_of(f"{found.text} ¤{words}", found)
        assert not is_of(f"¤{words} {found.original}", found)

    @few(derandomize=True, max_examples=60, deadline=None, database=None)
    @given(found=enhancements(), data=some.data())
    def test_it_is_owed_to_as_long_as_one_addition_is_left(self, found: Enhancement, data: some.DataObject):
        kept = data.draw(some.sets(some.integers(min_value=0, max_value=3)))
        left = any(place in kept for place in range(len(found.additions)))
        assert owes_to(f"¤ {found.with_only(kept)} ¤", found) or not left

    @few(derandomize=True, max_examples=60, deadline=None, database=None)
    @given(found=enhancements())
    def test_without_all_of_them_the_persons_words_are_left(self, found: Enhancement):
        assert found.with_only(()) == found.original
        assert found.with_only(range(4)) == found.text

    def test_every_style_can_be_asked_for(self, wish: Wishing):
        assert [run(wish(style=style)).style for style in Style] == [str(style) for style in Style]


def assert_a_sentence(text: str) -> None:
    assert text[:1].isupper()
    assert text.endswith(".")
    assert "\n" not in text
