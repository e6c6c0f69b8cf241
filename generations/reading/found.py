"""What was read from a picture file, and the draft that a tool's reader fills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generations import catalog

NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
LARGEST = 10**30
MOST_NOTES = 20
MOST_NAMES = 12
LONGEST_NAME = 60
"""Characters of somebody else's text in a sentence."""

NO_NEGATIVE = "Negative prompt: this model has none."
NO_REFERENCE = "The reference picture is not in the file. Choose it again, or the strength has no effect."
NO_GUIDANCE = "Guidance is left open: the CFG scale was {}, which means none."
OTHER_GUIDANCE = "Guidance {} comes from the CFG scale, which works differently. Check it."
SECOND_GUIDANCE = "CFG scale {}: this model has one guidance only, and that is taken."
LORAS_IN_PROMPT = "The prompt names LoRAs. Here they are only words."


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Settings of a picture file, on their way to a recipe."""

    tool: str
    """The tool that wrote them, as people call it."""
    raw: Mapping[str, object]
    """Values by the catalog's names, a size as width*height; `recipes.recipe_of` cleans them."""
    unmapped: tuple[str, ...] = ()
    """A sentence for each thing in the file that cannot be taken over as it is."""
    maker: str = ""
    """The title of our engine that made the picture; empty for other tools."""


class Draft:
    """Settings by the catalog's names, collected one by one from what a tool wrote, and sentences about the rest."""

    def __init__(self, tool: str, *, maker: str = "") -> None:
        self.tool = tool
        self.maker = shown(maker)
        self.raw: dict[str, object] = {}
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(sentence)

    def prompt(self, text: object) -> None:
        """Take the prompt; LoRAs in it stay words."""
        if isinstance(text, str) and text.strip():
            self.raw["prompt"] = text.strip().encode(errors="ignore").decode()
            if "<lora:" in text:
                self.note(LORAS_IN_PROMPT)

    def negative(self, text: object) -> None:
        """Say that there is no negative prompt here."""
        if isinstance(text, str) and text.strip():
            self.note(NO_NEGATIVE)

    def size(self, width: object, height: object) -> None:
        """Take width and height in pixels, or neither."""
        sides = [_whole(width), _whole(height)]
        if all(side and side > 0 for side in sides):
            self.raw["size"] = "{}*{}".format(*sides)

    def seed(self, value: object) -> None:
        """Take a seed that this model takes; a larger one is said and left open, as clamped it would be another seed."""
        seed = _whole(value)
        if value in (None, "") or (seed is not None and seed < 0):
            return
        if seed is None:
            self.note("The seed cannot be read, so it is left open.")
        elif seed > catalog.load().properties["seed"]["maximum"]:
            self.note(f"Seed {seed} is larger than this model takes, so it is left open.")
        else:
            self.raw["seed"] = seed

    def steps(self, value: object) -> None:
        """Take the number of steps."""
        if (steps := number_of(value)) is not None:
            self.raw["num_inference_steps"] = steps

    def guidance(self, distilled: object, cfg: object = None) -> None:
        """Take the distilled guidance that FLUX knows, or else a CFG scale, which works differently."""
        own, other = number_of(distilled), number_of(cfg)
        if own is not None:
            self.raw["guidance_scale"] = own
            if other is not None and other > 1:
                self.note(SECOND_GUIDANCE.format(f"{other:g}"))
        elif other is not None and other <= 1:
            self.note(NO_GUIDANCE.format(f"{other:g}"))
        elif other is not None:
            self.raw["guidance_scale"] = other
            self.note(OTHER_GUIDANCE.format(f"{other:g}"))

    def strength(self, value: object) -> None:
        """Take how far a reference picture was changed, and say that the picture itself is missing."""
        if (strength := number_of(value)) is not None:
            self.raw["strength"] = strength
            self.note(NO_REFERENCE)

    def sampler(self, *names: object) -> None:
        """Say which sampler it was."""
        if name := " ".join(filter(None, map(shown, names))):
            self.note(f"Sampler {name}: it cannot be chosen here.")

    def model(self, name: object) -> None:
        """Say which model it was, unless it was this one."""
        if (title := shown(name)) and "srpo" not in title.lower():
            self.note(f"Model {title}: this playground has another one.")

    def loras(self, names: Iterable[object]) -> None:
        """Say which LoRAs there were."""
        if listed := _listed(names):
            self.note(f"LoRAs are not used here: {listed}.")

    def rest(self, names: Iterable[object]) -> None:
        """Name what else the file holds."""
        if listed := _listed(names):
            self.note(f"Also not used: {listed}.")

    def found(self) -> Found:
        """Return what was collected."""
        return Found(tool=self.tool, raw=dict(self.raw), unmapped=tuple(self.notes), maker=self.maker)


def number_of(value: object) -> int | float | None:
    """Return a number that may come as text, else None; one that is not finite or beyond all use is none."""
    if isinstance(value, str) and NUMBER.fullmatch(text := value.strip()):
        value = float(text) if any(mark in text for mark in ".eE") else int(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -LARGEST < value < LARGEST else None


def _whole(value: object) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and number == int(number) else None


def shown(value: object) -> str:
    """Return a text from outside as one short line for a sentence; empty for what is no text."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(char if char.isprintable() else " " for char in value[: 4 * LONGEST_NAME]).split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def _listed(names: Iterable[object]) -> str:
    distinct = list(dict.fromkeys(filter(None, map(shown, names))))
    more = len(distinct) - MOST_NAMES
    return ", ".join(distinct[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
