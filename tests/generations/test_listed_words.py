"""A team's word list: what a line finds, what it does not, and which lists cannot be kept."""

from __future__ import annotations

import time

import pytest

from generations.errors import InvalidInputs
from generations.listed_words import LONGEST_LINE, MOST_LINES, found_in, read_list

LIST = """
# what this team does not draw
Gore
blood bath   # both words together
*nud*
kill* the dog
red * wine
Écorché
裸*
naked-*
"""


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a GORE scene", "gore"),
        ("some góre, please", "gore"),
        ("ＧＯＲＥ in wide letters", "gore"),
        ("gore-ish", "gore"),
        ("a Blood\n  bath!", "blood bath"),
        ("seminudes on a beach", "seminudes"),
        ("Killing, the dog", "killing the dog"),
        ("red Spanish wine", "red spanish wine"),
        ("an ecorche study", "ecorche"),
        ("裸体", "裸"),
        ("a naked fox", "naked"),
    ],
)
def test_a_listed_word_is_found_and_told_as_it_stands_in_the_prompt(prompt: str, found: str):
    assert found_in(read_list(LIST), prompt) == found


@pytest.mark.parametrize(
    "prompt", ["", "a red fox", "Gorey, the artist", "blood and a bath", "bloodbath", "red wine", "kill dog"]
)
def test_a_part_of_a_word_and_words_apart_are_not_found(prompt: str):
    assert found_in(read_list(LIST), prompt) == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fox\n" * (MOST_LINES + 1), f"The list has more than {MOST_LINES} lines."),
        ("fox\n\n" + "x" * (LONGEST_LINE + 1), "Line 3 is longer than 100 characters."),
        ("fox\n* *", "Line 2 has no word in it: “* *”."),
        ("!!!", "Line 1 has no word in it: “!!!”."),
        ("a* b c d e f g h i", "Line 1 has a * among more than 8 words."),
    ],
)
def test_a_list_that_cannot_be_kept_names_the_line(text: str, sentence: str):
    with pytest.raises(InvalidInputs, match=r".") as refused:
        read_list(text)
    assert refused.value.fields["listed_words"].startswith(sentence)


def test_what_looks_like_an_expression_is_words_and_no_list_makes_a_long_prompt_slow():
    hostile = read_list("\n".join(f"(a+)+{'*a' * 40}{number}" for number in range(MOST_LINES)))
    started = time.process_time()
    assert found_in(hostile, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! " * 120) == ""
    assert time.process_time() - started < 2
    assert found_in(read_list("(a+)+$"), "aaaa") == ""
    assert found_in(read_list("(a+)+$"), "an a, a b") == "a"
