"""How long a picture will take, by the engine's last ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generations.cards import card_for
from generations.estimate import in_words, seconds_until_done, typical_seconds
from generations.models import Generation, Member, State
from tests.conftest import finish

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


@pytest.fixture
def took(ask: Asking) -> Callable[[int], Generation]:
    """Finish a picture that took so many milliseconds."""

    def finished(ms: int) -> Generation:
        generation = ask()
        finish(generation)
        Generation.objects.filter(pk=generation.pk).update(render_ms=ms)
        return generation

    return finished


def test_before_its_first_picture_nothing_is_known(ask: Asking, member: Member):
    assert typical_seconds("easel") is None
    waiting = Generation.objects.with_card().get(pk=ask().pk)
    assert card_for(member, waiting).time_left == ""


def test_it_is_the_middle_of_the_last_twenty(took: Callable[[int], Generation]):
    for ms in [90_000] * 3 + [2_000] * 11 + [4_000] * 9:
        took(ms)
    assert typical_seconds("easel") == 2.0


def test_each_engine_has_its_own(took: Callable[[int], Generation]):
    took(2_000)
    assert typical_seconds("wavespeed") is None


def test_the_line_before_a_row_counts(took: Callable[[int], Generation], ask: Asking, member: Member):
    took(10_000)
    rows = [ask() for _ in range(3)]
    cards = [card_for(member, Generation.objects.with_card().get(pk=row.pk)) for row in rows]
    assert [card.time_left for card in cards] == ["about 10 s", "about 20 s", "about 30 s"]


def test_engines_that_make_several_at_once_are_through_sooner(ask: Asking):
    for _ in range(4):
        ask()
    Generation.objects.update(state=State.RENDERING)
    assert seconds_until_done("easel", 4, 10.0) == 10.0


def test_a_vendors_limit_by_the_minute_holds_back(settings):
    settings.WAVESPEED_MAX_CONCURRENT, settings.WAVESPEED_MAX_PER_MINUTE = 3, 10
    assert seconds_until_done("wavespeed", 3, 10.0) == 10.0
    assert seconds_until_done("wavespeed", 9, 10.0) == 30.0
    assert seconds_until_done("wavespeed", 11, 10.0) == 70.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "a few seconds"), (3.9, "a few seconds"), (4, "about 5 s"), (22, "about 20 s"), (89, "about 90 s"), (95, "about 2 min")],
)
def test_times_are_said_as_people_do(seconds: float, words: str):
    assert in_words(seconds) == words
