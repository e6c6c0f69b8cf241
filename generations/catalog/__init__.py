"""The models on offer: one JSON Schema file each, and the one place where inputs are cleaned.

The form, the command line and the API all pass through `Entry.clean`; nothing else decides what is valid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from generations.catalog.sentences import sentence_for
from generations.catalog.values import parse_size, plain_value
from generations.errors import InvalidInputs

FOLDER = Path(__file__).parent
DEFAULT_MODEL = "flux-srpo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a person asked for, checked and complete; the seed may still be -1."""

    prompt: str
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    strength: float
    num_inference_steps: int
    seed: int
    guidance_scale: float
    output_format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model of the catalog."""

    slug: str
    model_id: str
    name: str
    description: str
    type: str
    base_price: float
    """Dollars a run at the vendor."""
    request_schema: Mapping[str, Any]

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """The schema's fields in the order a person reads them."""
        properties = self.request_schema["properties"]
        return {name: properties[name] for name in self.request_schema["x-order-properties"]}

    def clean(self, raw: Mapping[str, object]) -> Inputs:
        """Check and complete what a person sent to an image model; numbers may come as text, unknown names are dropped.

        Raises InvalidInputs with a sentence for each field that cannot be used.
        """
        values = {name: plain_value(spec, raw.get(name)) for name, spec in self.properties.items()}
        found = self._sentences(values)
        width = height = 0
        try:
            width, height = parse_size(values.pop("size"), self.properties["size"])
        except ValueError as error:
            found["size"] = str(error)
        if found:
            raise InvalidInputs(found)
        return Inputs(width=width, height=height, **values)

    def clean_some(self, raw: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
        """Check each field by itself: return what can be used, in the schema's types, and name → sentence for the rest.

        What is empty or missing is in neither; a size comes back as width*height.
        """
        given = {name: raw[name] for name in self.properties if raw.get(name) not in (None, "")}
        values = {name: plain_value(self.properties[name], value) for name, value in given.items()}
        found = self._sentences(values)
        if "size" in values:
            try:
                values["size"] = "{}*{}".format(*parse_size(values["size"], self.properties["size"]))
            except ValueError as error:
                found["size"] = str(error)
        kept = {name: value for name, value in values.items() if name not in found and value not in (None, "")}
        return kept, {name: sentence for name, sentence in found.items() if name in given}

    def _sentences(self, values: Mapping[str, object]) -> dict[str, str]:
        """Return field → sentence for all that the schema refuses."""
        found: dict[str, str] = {}
        validator = Draft202012Validator(self.request_schema)
        checked = {name: value for name, value in values.items() if value is not None and name != "size"}
        for error in validator.iter_errors(checked):
            name = str(error.path[0]) if error.path else self.request_schema["required"][0]
            found.setdefault(name, sentence_for(name, str(error.validator), self.properties[name]))
        return found


@cache
def load(slug: str = DEFAULT_MODEL) -> Entry:
    """Read one model's file; KeyError when there is none of that name."""
    path = FOLDER / f"{slug}.json"
    if slug not in slugs():
        raise KeyError(slug)
    return Entry(slug=slug, **json.loads(path.read_text(encoding="utf-8")))


@cache
def slugs() -> tuple[str, ...]:
    """Return the names of all models on offer."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def image_slugs() -> tuple[str, ...]:
    """Return the names of those that make pictures."""
    return tuple(slug for slug in slugs() if load(slug).type.endswith("-to-image"))
