"""What another text adds to the person's own: the person's characters stay as they are, whatever is put between them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.enhancers.base import Enhancement, Kind
from generations.enhancers.differences import ANEW, NOTHING_NEW, compare

WORDS = st.text(alphabet="abcdefgh'-äé狐🦊0", min_size=1, max_size=6)
MARKS = st.sampled_from([" ", " ", " ", ", ", ". ", "; ", "\n", " (", ") ", "! "])
PROMPTS = st.lists(st.tuples(WORDS, MARKS), min_size=1, max_size=12)
INSERTED = st.lists(st.tuples(st.integers(0, 12), st.lists(st.tuples(WORDS, MARKS), min_size=1, max_size=4)), max_size=5)


def words(text: str) -> Counter[str]:
    return Counter(word.casefold() for word in re.split(r"[\s,.;()!]+", text) if word)


def joined(parts: list[tuple[str, str]]) -> str:
    return "".join(word + mark for word, mark in parts)


def pieces(enhancement: Enhancement) -> list[str]:
    return [enhancement.text[addition.start : addition.end] for addition in enhancement.additions]


def assert_sound(enhancement: Enhancement) -> None:
    at = 0
    for addition in enhancement.additions:
        assert at <= addition.start < addition.end <= len(enhancement.text)
        at = addition.end
    assert enhancement.with_only(range(len(enhancement.additions))) == enhancement.text


@given(PROMPTS, INSERTED)
def test_whatever_words_are_put_in_without_them_the_original_is_left_character_for_character(
    prompt: list[tuple[str, str]], inserted: list[tuple[int, list[tuple[str, str]]]]
) -> None:
    parts = list(prompt)
    for place, run in inserted:
        parts[place:place] = run
    enhancement = compare(joined(prompt), joined(parts))
    assert ANEW not in enhancement.notes
    assert enhancement.with_only(()) == joined(prompt)
    assert_sound(enhancement)
    assert words(enhancement.text) == words(joined(parts))


@given(PROMPTS, INSERTED, st.sets(st.integers(0, 20)))
def test_words_do_not_run_into_each_other_whichever_pieces_are_left_out(
    prompt: list[tuple[str, str]], inserted: list[tuple[int, list[tuple[str, str]]]], kept: set[int]
) -> None:
    parts = list(prompt)
    for place, run in inserted:
        parts[place:place] = run
    enhancement = compare(joined(prompt), joined(parts))
    left = [piece for place, piece in enumerate(pieces(enhancement)) if place in kept]
    assert words(enhancement.with_only(kept)) == words(joined(prompt)) + words(" ".join(left))


@given(st.text(max_size=80), st.text(max_size=120))
def test_of_any_two_texts_either_the_original_survives_or_it_is_said_that_it_does_not(original: str, text: str) -> None:
    enhancement = compare(original, text)
    assert_sound(enhancement)
    if ANEW in enhancement.notes:
        assert (enhancement.text, enhancement.additions) == (text, ())
    else:
        assert enhancement.with_only(()) == original


@pytest.mark.parametrize(
    ("original", "text", "added"),
    [
        ("a fox", "a fox, soft light, fine detail", [", soft light", ", fine detail"]),
        ("a fox", "a fox in deep snow, at dusk.", [" in deep snow", ", at dusk."]),
        ("a fox", "a majestic, calm red fox", [" majestic, calm red"]),
        ("a fox", "a fox, bathed in soft, golden light, 35mm", [", bathed in soft, golden light", ", 35mm"]),
        ("a fox", "Watercolour, soft light, a fox", ["Watercolour, ", "soft light, "]),
        ("a fox", "A moody photograph of a fox", ["A moody photograph of "]),
        ("a fox", "A fox. The light is soft. Fine detail.", [". The light is soft", ". Fine detail."]),
        ("A fox.", "A fox. Soft light. Fine detail.", [" Soft light.", " Fine detail."]),
        ("a fox", "Soft, warm light, a fox", ["Soft, warm light, "]),
        ("a fox, snow", "a fox with a bushy tail, deep snow", [" with a bushy tail", " deep"]),
        ("a fox snow", "a fox, bushy tail, snow", [", bushy tail,"]),
        ("(fox) in snow", "Photo of (fox) in snow", ["Photo of "]),
        ("a fox at f/2", "a fox at f/2, 1.8 m away", [", 1.8 m away"]),
        ("a (b", "a ( x b", ["x "]),
        ("fox 🦊", "fox 🦊, at night", [", at night"]),
    ],
)
def test_each_piece_can_be_left_out_by_itself(original: str, text: str, added: list[str]) -> None:
    enhancement = compare(original, text)
    assert pieces(enhancement) == added
    assert enhancement.with_only(()) == original


def test_the_persons_spelling_and_marks_win() -> None:
    enhancement = compare("a Red fox; SNOW", "A red fox, in deep snow")
    assert enhancement.text == "a Red fox; in deep SNOW"


def test_words_that_the_matcher_misses_are_found_all_the_same() -> None:
    enhancement = compare("a b c", "b c a x b y c")
    assert enhancement.text == "b c a x b y c"
    assert enhancement.with_only(()) == "a b c"


def test_thousands_of_words_are_compared_without_trying_every_pair() -> None:
    original = "a " * 2_400
    assert compare(original, f"{original}, soft light").with_only(()) == original


@pytest.mark.parametrize("text", ["a cat", "fox a", "", "foxes a"])
def test_a_text_without_the_persons_words_in_their_order_was_written_anew(text: str) -> None:
    enhancement = compare("a fox", text)
    assert (enhancement.text, enhancement.additions, enhancement.notes) == (text, (), (ANEW,))


@pytest.mark.parametrize("text", ["a fox", "A fox.", "a, fox!"])
def test_a_text_that_adds_nothing_says_so(text: str) -> None:
    assert compare("a fox", text) == Enhancement(original="a fox", text="a fox", notes=(NOTHING_NEW,))


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        (", oil on canvas", Kind.MEDIUM),
        (", lit by the last sunlight", Kind.LIGHT),
        (", muted teal and amber tones", Kind.PALETTE),
        (", a quiet and dreamy mood", Kind.MOOD),
        (", seen from a low-angle viewpoint", Kind.COMPOSITION),
        (", dew on every whisker", Kind.DETAIL),
        (", golden light", Kind.LIGHT),
    ],
)
def test_an_addition_has_the_kind_that_most_of_its_words_speak_for(piece: str, kind: Kind) -> None:
    assert [addition.kind for addition in compare("a fox", f"a fox{piece}").additions] == [kind]
