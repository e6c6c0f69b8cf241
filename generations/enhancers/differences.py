"""What a prompt written by somebody else adds to the person's own.

The person's characters stay exactly as they are; what is new is fitted in between them, piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generations.enhancers.base import Addition, Enhancement
from generations.enhancers.kinds import QUALITIES, kind_of, word_set

ANEW = (
    "The model has written the prompt anew, so its pieces cannot be switched off one by one. Revert brings your own words back."
)
NOTHING_NEW = "The model had nothing to add. Your prompt is as you wrote it."
MOST_PAIRS = 250_000
"""Words of the one times words of the other that are compared with care; beyond that, the first place that fits is taken."""

# Words, numbers and emoji; the usual punctuation stands between them.
_WORD = re.compile(r"[^\s.,;:!?…()\[\]{}\"“”«»]+")
_PUNCTUATION = ",;:.!?…"
_BLANK = " \n\t"
_BEFORE_MARK = re.compile(r"(?=[,;.!?](?:\s|$))")
_AFTER_BLANK = re.compile(r"(?<=[,;.!?]\s)")
_AFTER_MARK = re.compile(r"(?<=[,;.!?])(?=\s)")
_LINKS = word_set("a an and as at by for from in into of on or over the through to under very with without")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Inserted characters at a place of the original."""

    at: int
    text: str
    leads: bool = False
    """It stands before all that the person wrote."""
    ends: bool = False
    """It stands behind all that the person wrote."""


def compare(original: str, text: str) -> Enhancement:
    """Return the text as the original with additions; as one that was written anew, when the person's words are not all in it.

    Words count as the same whatever their case; the person's spelling and punctuation win. Without its additions the text
    is the original, character for character.
    """
    ours, theirs = list(_WORD.finditer(original)), list(_WORD.finditer(text))
    places = _places([_plain(word[0]) for word in ours], [_plain(word[0]) for word in theirs])
    if places is None or not ours:
        return Enhancement(original=original, text=text, notes=(ANEW,))
    runs = list(_runs(original, text, ours, [theirs[place] for place in places]))
    return _merged(original, runs) if runs else Enhancement(original=original, text=original, notes=(NOTHING_NEW,))


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")


def _places(ours: Sequence[str], theirs: Sequence[str]) -> list[int] | None:
    """Return where each of our words is among theirs, in order; None when one of them is missing."""
    if len(ours) * len(theirs) <= MOST_PAIRS:
        blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
        found = [block.b + offset for block in blocks for offset in range(block.size)]
        if len(found) == len(ours):
            return found
    return _first_places(ours, theirs)


def _first_places(ours: Sequence[str], theirs: Sequence[str]) -> list[int] | None:
    """The matcher looks for long pieces first and may miss words that are there; this finds them if they are."""
    found: list[int] = []
    rest = iter(enumerate(theirs))
    for word in ours:
        place = next((place for place, other in rest if other == word), None)
        if place is None:
            return None
        found.append(place)
    return found


def _runs(original: str, text: str, ours: Sequence[re.Match[str]], theirs: Sequence[re.Match[str]]) -> Iterator[_Run]:
    """Yield what is inserted before, between and after the person's words."""
    head = text[: theirs[0].start()].removesuffix(original[: ours[0].start()].strip())
    if _WORD.search(head):
        yield _Run(at=0, text=f"{head.strip()} ", leads=True)
    for left, right, their_left, their_right in zip(ours, ours[1:], theirs, theirs[1:], strict=False):
        gap = text[their_left.end() : their_right.start()]
        yield from _in_gap(original[left.end() : right.start()], gap, left.end())
    yield from _in_gap(original[ours[-1].end() :], text[theirs[-1].end() :], ours[-1].end(), ends=True)


def _in_gap(own: str, gap: str, at: int, *, ends: bool = False) -> Iterator[_Run]:
    """Fit what stands between two words around the punctuation that the person put there."""
    if not _WORD.search(gap):
        return
    mark = own.strip()
    if not mark:
        yield _Run(at=at, text=_spaced(gap), ends=ends)
        return
    before, _, after = gap.partition(mark) if mark in gap else ("", "", gap)
    if _WORD.search(before):
        yield _Run(at=at, text=_spaced(before))
    if _WORD.search(after):
        run = _spaced(after.lstrip(_BLANK + _PUNCTUATION) if mark[-1] in _PUNCTUATION else after)
        touches = not ends and not own[-1].isspace()
        yield _Run(at=at + len(own.rstrip()), text=f"{run.strip()} " if touches else run, ends=ends)


def _spaced(run: str) -> str:
    """Return a run that begins with its own blank or mark, and leaves the next word's blank to the person."""
    run = run.rstrip()
    return run if run[0].isspace() or run[0] in _PUNCTUATION else f" {run}"


def _merged(original: str, runs: Sequence[_Run]) -> Enhancement:
    parts: list[str] = []
    additions: list[Addition] = []
    at = length = 0
    for run in runs:
        parts.append(original[at : run.at])
        length += run.at - at
        at = run.at
        for piece in _pieces(run, original):
            parts.append(piece)
            additions.append(Addition(kind=kind_of(piece), start=length, end=length + len(piece)))
            length += len(piece)
    text = "".join([*parts, original[at:]])
    return Enhancement(original=original, text=text, additions=tuple(additions))


def _pieces(run: _Run, original: str) -> list[str]:
    """Cut a run where each piece can be left out by itself: before its marks, or after them when it follows or leads."""
    follows = original[: run.at].rstrip()[-1:] in tuple(_PUNCTUATION) and run.text[0].isspace()
    if run.leads:
        return _joined(_AFTER_BLANK.split(run.text), glue_last=run.text.rstrip()[-1] not in _PUNCTUATION)
    if run.ends and follows:
        return _joined(_AFTER_MARK.split(run.text))
    if run.ends or run.text[0] in _PUNCTUATION:
        return _joined(_BEFORE_MARK.split(run.text))
    return [run.text]


def _joined(parts: Sequence[str], *, glue_last: bool = False) -> list[str]:
    """Put together again what says nothing alone: a mark, half of "with soft, warm light", what goes on into our words."""
    pieces: list[str] = []
    for part in filter(None, parts):
        if pieces and (not _WORD.search(part) or _is_open(pieces[-1], part)):
            pieces[-1] += part
        else:
            pieces.append(part)
    return ["".join(pieces)] if glue_last else pieces


def _is_open(piece: str, following: str) -> bool:
    """Say whether a piece waits for what follows: it has no word, or ends with a quality or a link before a comma."""
    words = [_plain(word) for word in _WORD.findall(piece)]
    at_comma = following[0] == "," or piece.rstrip().endswith(",")
    return not words or (at_comma and (words[-1] in QUALITIES or words[-1] in _LINKS))
