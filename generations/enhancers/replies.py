"""What a language model says around a prompt, taken off; and what makes its answer unusable."""

from __future__ import annotations

import re

from generations.enhancers.kinds import word_set

MOST_CHARACTERS = 5_000
TIMES_TOO_LONG = 3
"""An answer of more than so many times the words that were asked for is no prompt."""
SHARE_KEPT = 0.5
"""The least share of the prompt's own words that its improvement still has."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_THOUGHT_END = re.compile(r"\A.*</(think|thinking|reasoning)>", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"\A\s*```[\w-]*[ \t]*\n(.*?)\n?```", re.DOTALL)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_HEADING = re.compile(r"^[ \t]*(#{1,6}|>)[ \t]+", re.MULTILINE)
_PREAMBLE = re.compile(
    r"""\A\s*(?:
        (?:sure(?:\ thing)?|certainly|of\ course|absolutely|okay|ok)[.,:!]\s+
        | here\ (?:it\ is|you\ go)\s*[.:!]\s*
        | (?:here(?:'s|\ is|\ are)|below\ is|this\ is)\b[^:\n]{0,60}
          \b(?:prompts?|version|description|rewrite|result)\b[^:\n]{0,60}:\s*
        | (?:the\ )?(?:(?:final|enhanced|improved|optimi[sz]ed|refined|rewritten|new|image)\ ){0,2}prompt\s*:\s*
        | (?:answer|output|result|description)\s*:\s*
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_AFTERWORD = re.compile(
    r"""\n[ \t]*(?:
        \(?note\b | this\ (?:prompt|version|description)\b | i\ (?:have|kept|added)\b | i've\b | explanation\b
        | let\ me\ know\b | feel\ free\b | would\ you\b
    ).*\Z""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`"}
_REFUSAL = re.compile(
    r"""\A\W*(?:
        (?:i'm|i\ am)\ (?:very\ |so\ |really\ )?(?:sorry|afraid|unable|not\ able) | sorry\b | my\ apologies | as\ an\ ai\b
        | i\ (?:can't|cannot|can\ not|won't|will\ not|must\ decline) | unfortunately,?\ i
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ITEM = re.compile(
    r"""^[ \t]*(?:
        \d{1,2}\s*[.):]\s | [-*•]\s
        | (?:(?:enhanced\ |improved\ )?prompt|option|version|variation|variant)\s*\#?(?:\d|one|two|three|[a-c])\b
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ENDINGS = re.compile(r"(?:ing|edly|ed|ies|es|s|ly|y)\Z")
_ENGLISH = word_set(
    "a an the of in on at with and or by for from to into under over near behind is are his her its their very some no"
)
_EMPTY = _ENGLISH | word_set("""
    that this these those there it he she they we you me my your our who which what be been being was were has have had will would
    can could should picture image photo photograph painting drawing illustration please make show create want one two as up out
    off but not so than then while where when through across between inside outside
""")
_FOREIGN = word_set("""
    der die das den dem des ein eine einen einem einer und mit im auf unter ist von zu le la les un une des et avec dans sur sous
    el los las unos unas y con en del il lo gli di nel nella sul e os um uma com het een van met op och med ett og w z pod
""")


def bare(reply: str, original: str) -> str:
    """Return the prompt in a reply, without thoughts, preamble, afterword, Markdown and quotes around it.

    What the person wrote in this way themselves stays.
    """
    text = _THOUGHT_END.sub("", _THOUGHT.sub("", _CONTROLS.sub("", reply))).strip()
    if len(text) > 2 * MOST_CHARACTERS:  # refused anyway
        return text
    text = _unwrapped(_without_preamble(text, original), original)
    text = _AFTERWORD.sub("", text)
    text = _without_preamble(_unwrapped(text, original), original)
    if not _is_list(text, original) and "\n" not in original:
        text = " ".join(text.split())
    return _unquoted(text.strip(), original)


def objection(text: str, original: str, most_words: int) -> str:
    """Say in half a sentence why a text cannot stand for the original; "" when it can."""
    if not text:
        return "it was empty"
    if len(text) > MOST_CHARACTERS or len(text.split()) > TIMES_TOO_LONG * most_words:
        return "it was far too long"
    if _REFUSAL.match(_straight(text)) and not _REFUSAL.match(_straight(original)):
        return "it did not contain a prompt"
    if _is_list(text, original):
        return "it held several prompts in place of one"
    return "" if is_about(text, original) else "it was about something else"


def is_about(text: str, original: str) -> bool:
    """Say whether enough of the original's own words are still there; True where it may have been translated."""
    wanted = _stems(original)
    if not wanted or _may_be_translated(original):
        return True
    return len(wanted & _stems(text)) >= SHARE_KEPT * len(wanted)


def _without_preamble(text: str, original: str) -> str:
    for _ in range(2):  # "Sure! Here is the prompt:"
        found = _PREAMBLE.match(_straight(text))
        if found is None or _PREAMBLE.match(_straight(original)):
            break
        text = text[found.end() :].lstrip()
    return text


def _unwrapped(text: str, original: str) -> str:
    fence = _FENCE.match(text)
    text = fence[1] if fence else text
    if "**" not in original and "__" not in original:
        text = _BOLD.sub(r"\2", text)
    return _HEADING.sub("", text).strip()


def _unquoted(text: str, original: str) -> str:
    """Take off one pair of quotes around the whole, or one that was never closed."""
    closing = _QUOTES.get(text[:1])
    if closing is None or original.strip()[:1] == text[0]:
        return text
    inner = text[1:].removesuffix(closing)
    return text if text[0] in inner or closing in inner else inner.strip()


def _is_list(text: str, original: str) -> bool:
    return len(_ITEM.findall(text)) > 1 and len(_ITEM.findall(original)) < 2


def _may_be_translated(original: str) -> bool:
    words = set(_words(original))
    return not original.isascii() or bool(words & _FOREIGN and not words & _ENGLISH)


def _stems(text: str) -> set[str]:
    return {_ENDINGS.sub("", word)[:6] for word in _words(text) if len(word) > 2 and word not in _EMPTY}


def _words(text: str) -> list[str]:
    return _LETTERS.findall(_straight(text).lower())


def _straight(text: str) -> str:
    return text.replace("’", "'")
