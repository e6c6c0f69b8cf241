"""Enhancers for tests, put into PROMPT_ENHANCERS by the fixture `enhancers`."""

from __future__ import annotations

from collections.abc import Callable

from generations.enhancers.base import Addition, Enhancement, Enhancer, Kind, Style
from generations.errors import EnhanceFailed

SORRY = "The pen broke. Your prompt is as you wrote it; try again."


def phrases(style: str, seed: int) -> list[tuple[Kind, str]]:
    """Return what `Wise` adds, each with the comma before it."""
    return [(Kind.LIGHT, f", {style} light {seed}"), (Kind.MOOD, f", quiet mood {seed}"), (Kind.PALETTE, f", warm hues {seed}")]


def wise(prompt: str, style: str = "default", seed: int = 1) -> str:
    """Return the whole text of `Wise`."""
    return prompt + "".join(words for _, words in phrases(style, seed))


class Wise(Enhancer):
    """Adds three phrases that name the style and the seed; what happens meanwhile is up to the test."""

    title = "Wise"
    tagline = "Adds three phrases"

    def __init__(self, between: Callable[[], object] = lambda: None, notes: tuple[str, ...] = ()) -> None:
        self.between = between
        self.notes = notes
        self.asked: list[tuple[str, str, int]] = []

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        self.asked.append((prompt, str(style), seed))
        self.between()
        text, additions = prompt, []
        for kind, words in phrases(style, seed):
            additions.append(Addition(kind=kind, start=len(text), end=len(text) + len(words)))
            text += words
        return Enhancement(original=prompt, text=text, additions=tuple(additions), notes=self.notes)


class Anew(Wise):
    """Writes everything anew: nothing of it can be told apart."""

    title = "Anew"

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        self.asked.append((prompt, str(style), seed))
        return Enhancement(original=prompt, text=f"Imagine number {seed}: {prompt.upper()}")


class Sorry(Wise):
    """Knows that it cannot."""

    title = "Sorry"

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        self.asked.append((prompt, str(style), seed))
        raise EnhanceFailed(SORRY, detail="nib 7")


class Broken(Wise):
    """Has a bug."""

    title = "Broken"

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        self.asked.append((prompt, str(style), seed))
        raise ZeroDivisionError("secret inside")


class Shut(Wise):
    """Cannot be used here."""

    title = "Shut"

    def unavailable_because(self) -> str:
        return "Shut is shut on Sundays. Choose another."


class Paid(Wise):
    """Takes money for each prompt, and counts what was sent; `problem` is what it raises in place of an answer.

    What happens while it is asked for its price, `pricing`, is up to the test, too.
    """

    title = "Paid"
    is_paid = True

    def __init__(self, price_microusd: int = 1_000, problem: Exception | None = None, **options: Callable[[], object]) -> None:
        super().__init__(**options)
        self.price_microusd = price_microusd
        self.problem = problem
        self.pricing: Callable[[], object] = lambda: None
        self.keys: list[str] = []
        self.priced: list[str] = []

    def for_key(self, key: str) -> Paid:
        self.keys.append(key)
        return self

    def unavailable_because(self) -> str:
        return "" if self.keys[-1:] != [""] else "Paid has no key."

    def price(self, prompt: str, *, style: Style, image: bytes | None = None) -> int:
        self.priced.append(prompt)
        self.pricing()
        return self.price_microusd

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        found = super().enhance(prompt, style=style, seed=seed)
        if self.problem is not None:
            raise self.problem
        return found
