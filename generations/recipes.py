"""A recipe: settings on their way into the form, from a link, a preset, a picture file or an earlier picture.

It may lack any of them, and what it holds is checked one by one, so that one bad value does not cost the others.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generations import catalog
from generations.errors import InvalidInputs

COUNTS = (1, 2, 4, 8)
"""How many pictures one press of the button may ask for."""
LONGEST_TEXT = 16_000
"""Characters of a recipe in a link: a prompt of 5,000 characters fits, whatever they are."""
MOST_BYTES = 40_000
UNREADABLE = "This link does not hold settings that can be read. Ask for it again: a part of it may be missing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Some of: the catalog's inputs by their names (a size as width*height), `backend`, and `count`."""

    values: Mapping[str, Any]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Name → sentence for what was given and cannot be used."""

    def text(self) -> str:
        """Return it as a text for links: letters, digits, - and _; `parse` reads it."""
        data = json.dumps(self.values, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")

    def only(self, *names: str) -> Recipe:
        """Return a recipe of these settings alone, as far as it has them."""
        return Recipe(values={name: value for name, value in self.values.items() if name in names})

    def initial(self) -> dict[str, Any]:
        """Return the values as the form's fields take them."""
        values = dict(self.values)
        if "size" in values:
            width, _, height = str(values.pop("size")).partition("*")
            values |= {"width": int(width), "height": int(height)}
        if values.get("seed") == -1:
            values["seed"] = ""
        return values


def recipe_of(raw: Mapping[str, object]) -> Recipe:
    """Keep what can be used of settings that come from outside; names that nobody knows are dropped.

    A form's width and height join to the catalog's size.
    """
    sides = [str(raw.get(side) or "").strip() for side in ("width", "height")]
    entry = catalog.load()
    given = {name: raw.get(name) for name in entry.properties}  # one by one: a form's data holds lists
    values, left_out = entry.clean_some({**given, "size": "*".join(sides)} if any(sides) else given)
    if (backend := raw.get("backend")) and isinstance(backend, str) and len(backend) <= 40:
        values["backend"] = backend
    if (count := str(raw.get("count") or "")) in map(str, COUNTS):
        values["count"] = int(count)
    return Recipe(values=values, left_out=left_out)


def parse(text: str) -> Recipe:
    """Return the recipe that a link carries; InvalidInputs when there is none in it."""
    try:
        if len(text) > LONGEST_TEXT:
            raise ValueError("too long")
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        raw = json.loads(unpacker.decompress(packed, MOST_BYTES))
    except (ValueError, binascii.Error, zlib.error, RecursionError) as error:
        raise InvalidInputs({"recipe": UNREADABLE}) from error
    if not isinstance(raw, dict):
        raise InvalidInputs({"recipe": UNREADABLE})
    return recipe_of(raw)
