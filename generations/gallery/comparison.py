"""Two pictures side by side in words: which settings differ, and which words of the prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generations.gallery.recipe import making, recipe, versions
from generations.models import Generation, Image, State

NOTHING = "none"
MOST_PAIRS = 250_000
"""Words of the one times words of the other that are compared with care; beyond that, frequent words count for less."""

# A word, a sign, or a character of a script without blanks, each with the blanks before it.
_TOKEN = re.compile(r"\s*(?:[぀-ヿ㐀-鿿]|(?:(?![぀-ヿ㐀-鿿])\w)(?:(?![぀-ヿ㐀-鿿])[\w'’-])*|[^\w\s]|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A row of a recipe in both pictures."""

    name: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        return self.one != self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A run of a prompt's words."""

    text: str
    only_in: str = ""
    """ "one" or "other"; "" for what stands in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    settings: list[Setting]
    prompt: list[Words]
    """Both prompts laid over each other."""
    same_pixels: bool
    same_size: bool

    @property
    def differing(self) -> list[Setting]:
        return [each for each in self.settings if each.differs]

    @property
    def same(self) -> list[Setting]:
        return [each for each in self.settings if not each.differs]

    @property
    def same_prompt(self) -> bool:
        return not any(run.only_in for run in self.prompt)


def compared(one: Generation, other: Generation) -> Comparison:
    """Compare two generations read with `with_card()`."""
    images = [_image(each) for each in (one, other)]
    pixels = {image.pixels_sha256 if image else None for image in images}
    return Comparison(
        settings=_settings(_facts(one), _facts(other)),
        prompt=words_of(one.prompt, other.prompt),
        same_pixels=len(pixels) == 1 and None not in pixels,
        same_size=one.size == other.size,
    )


def words_of(one: str, other: str) -> list[Words]:
    """Return two texts laid over each other word by word; what only the one has stands before what took its place."""
    ours, theirs = _TOKEN.findall(one), _TOKEN.findall(other)
    our_keys, their_keys = ([token.strip() for token in tokens] for tokens in (ours, theirs))
    matcher = SequenceMatcher(None, our_keys, their_keys, autojunk=len(ours) * len(theirs) > MOST_PAIRS)
    return [run for step in matcher.get_opcodes() for run in _runs(step, ours, theirs) if run.text]


def _runs(step: tuple[str, int, int, int, int], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Words]:
    kind, start, end, their_start, their_end = step
    mine, other = "".join(ours[start:end]), "".join(theirs[their_start:their_end])
    if kind == "equal":
        yield Words(text=other)
    else:
        yield from _marked(mine, "one")
        yield from _marked(other, "other")


def _marked(text: str, only_in: str) -> Iterator[Words]:
    """Yield the blanks before a run by themselves, so that no mark begins with them."""
    words = text.lstrip()
    yield Words(text=text[: len(text) - len(words)])
    yield Words(text=words, only_in=only_in)


def _facts(generation: Generation) -> dict[str, str]:
    """Return all that may tell two pictures apart, by its name."""
    reference = generation.reference
    rows = [
        *recipe(generation),
        ("Reference", f"{reference.width} × {reference.height}, {reference.pixels_sha256[:8]}" if reference else NOTHING),
        *(making(generation) if generation.state == State.SUCCEEDED else []),
        *versions(generation),
    ]
    return dict(rows)


def _settings(one: dict[str, str], other: dict[str, str]) -> list[Setting]:
    names = [*one, *(name for name in other if name not in one)]
    return [Setting(name=name, one=one.get(name, NOTHING), other=other.get(name, NOTHING)) for name in names]


def _image(generation: Generation) -> Image | None:
    return next(iter(generation.images.all()), None)
