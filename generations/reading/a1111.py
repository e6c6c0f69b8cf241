"""Text as AUTOMATIC1111's web UI writes it, and Forge, SD.Next, Civitai and this playground after it.

The prompt, then `Negative prompt: …`, then one line of `key: value`, where a value with a comma is quoted as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from generations import catalog
from generations.reading.found import Draft, Found
from generations.reading.records import Records

FEWEST_PAIRS = 3
MOST_CANDIDATES = 100
"""Lines that may be the settings, counted from the end."""

_PAIR = re.compile(r'(\w[\w \-/]{1,60}):\s*("(?:\\.|[^\\"])++"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})", re.ASCII)
_NEGATIVE = "Negative prompt:"
_TAKEN = {"Steps", "Seed", "Size", "CFG scale", "Distilled CFG Scale", "Sampler", "Schedule type", "Model", "Denoising strength"}
_NO_MATTER = {"Version", "Model hash", "Hashes", "Created Date", "User", "App", "Civitai resources", "Civitai metadata"}
_LORAS = {"Lora hashes", "Lora weights"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text taken apart."""

    prompt: str
    negative: str
    values: Mapping[str, str]
    """By the names in the last line."""

    @property
    def size(self) -> tuple[str, str] | tuple[None, None]:
        """Width and height as they are written."""
        match = _SIZE.fullmatch(self.values.get("Size", ""))
        return (match[1], match[2]) if match else (None, None)


def read(records: Records) -> Found | None:
    """Return the settings in a text of this kind."""
    text = split(records.get("parameters", ""))
    if text is None:
        return None
    ours = text.values.get("Model") in catalog.image_slugs() and "Model hash" not in text.values
    return _ours(text) if ours else _theirs(text)


def split(text: str) -> Text | None:
    """Take a text apart; None where no line in it looks like settings."""
    lines = text.replace("\r\n", "\n").split("\n")
    candidates = (at for at in reversed(range(len(lines))) if "Steps:" in lines[at])
    for at in islice(candidates, MOST_CANDIDATES):
        values = _values(lines[at])
        if "Steps" in values and len(values) >= FEWEST_PAIRS:
            prompt, negative = _prompts(lines[:at])
            return Text(prompt=prompt, negative=negative, values=values)
    return None


def fill(draft: Draft, text: Text) -> None:
    """Put what every tool writes alike into a draft, but for the prompt."""
    values = text.values
    draft.size(*text.size)
    draft.seed(values.get("Seed"))
    draft.steps(values.get("Steps"))
    draft.guidance(values.get("Distilled CFG Scale"), values.get("CFG scale"))
    if not any(name.startswith("Hires") for name in values):
        draft.strength(values.get("Denoising strength"))


def _theirs(text: Text) -> Found:
    values = text.values
    draft = Draft("AUTOMATIC1111")
    draft.prompt(text.prompt)
    fill(draft, text)
    draft.negative(text.negative)
    draft.sampler(values.get("Sampler"), values.get("Schedule type"))
    draft.model(values.get("Model"))
    draft.loras(part.partition(":")[0] for part in values.get("Lora hashes", "").split(","))
    draft.rest(name for name in values if name not in _TAKEN | _NO_MATTER | _LORAS)
    return draft.found()


def _ours(text: Text) -> Found:
    """Return what the text alone tells of our own files: an editor may have dropped the complete record."""
    draft = Draft("this playground", maker=text.values.get("Sampler", ""))
    draft.prompt(text.prompt)
    fill(draft, text)
    return draft.found()


def _values(line: str) -> dict[str, str]:
    """Return the pairs of a line; the first of a name counts, as tools put what they add at the end."""
    found: dict[str, str] = {}
    for name, value in _PAIR.findall(line):
        found.setdefault(name.strip(), _unquoted(value.strip()))
    return found


def _unquoted(value: str) -> str:
    if value.startswith('"') and value.endswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value


def _prompts(lines: list[str]) -> tuple[str, str]:
    positive: list[str] = []
    negative: list[str] = []
    into = positive
    for line in lines:
        if line.lstrip().startswith(_NEGATIVE):
            into = negative
            line = line.lstrip().removeprefix(_NEGATIVE)
        into.append(line)
    return "\n".join(positive).strip(), "\n".join(negative).strip()
