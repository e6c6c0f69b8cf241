"""Whatever a model says, reading it ends in a text or a reason, and never in an error."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generations.enhancers.replies import bare, is_about, objection

PARTS = st.sampled_from(
    [
        "<think>",
        "</think>",
        "```",
        "\n",
        "**",
        "Here is the prompt:",
        "Sure, ",
        '"',
        "“",
        "1. ",
        "- ",
        "# ",
        "Note:",
        "a red fox",
        "",
    ]
)
REPLIES = st.lists(st.one_of(PARTS, st.text(max_size=8)), max_size=12).map("".join)


@given(REPLIES, REPLIES)
def test_any_reply_to_any_prompt_is_read_and_judged(reply: str, original: str) -> None:
    text = bare(reply, original)
    assert isinstance(objection(text, original, 90), str)
    assert text == text.strip()


def test_a_word_in_another_form_is_the_same_word() -> None:
    assert is_about("a dragonfly glides over ponds", "dragonflies gliding over a pond")


def test_half_of_the_words_are_enough_and_fewer_are_not() -> None:
    assert is_about("fox, snow", "fox, snow, owl, pine")
    assert not is_about("fox", "fox, snow, owl, pine")
