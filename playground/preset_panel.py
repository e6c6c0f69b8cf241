"""The panel of presets: what each row says of its settings, and what stands beside a field that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.urls import reverse

from generations import catalog
from generations.access import Right, may, may_change
from generations.backends import default_backend, title_of
from generations.errors import InvalidInputs
from generations.models import Member, Preset
from generations.presets import MOST_NAME, presets_for
from generations.recipes import Recipe
from playground.connections import Said

SHAPES = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16")
NEAR = 0.03
"""How far a picture may be from a shape and still go by its name; sides are multiples of 16."""
USUAL_PIXELS = range(900_000, 1_150_000)
WORDS = {
    "num_inference_steps": "{} steps",
    "seed": "seed {}",
    "guidance_scale": "guidance {}",
    "strength": "strength {}",
    "output_format": "{}",
    "count": "{} pictures",
    "backend": "{}",
}
ALWAYS = frozenset({"num_inference_steps", "seed"})
"""Said even where it is what the form begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A preset about to be saved."""

    name: str = ""
    is_shared: bool = False
    problem: str = ""
    may_replace: bool = False
    """Only a preset of the same name is in the way, and the person may replace it."""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Draft:
        return cls(name=data.get("preset_name", ""), is_shared="preset_shared" in data)

    def refused(self, error: InvalidInputs) -> Draft:
        return replace(self, problem=error.message, may_replace="replace" in error.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """A name that was refused."""

    public_id: UUID
    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    preset: Preset
    line: str
    """What it sets, in a few words."""
    recipe: str
    """JSON by the names of the form's fields, for the page's scripts."""
    address: str
    is_mine: bool
    may_change: bool
    renaming: Renaming | None
    focus: str
    """use or change: which of its controls takes the focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    rows: list[Row]
    may_save: bool
    has_own: bool
    is_open: bool
    draft: Draft
    file_problem: str
    said: Said | None
    takes_focus: bool
    most_name: int = MOST_NAME


def panel_for(
    member: Member,
    *,
    is_open: bool = False,
    draft: Draft | None = None,
    renaming: Renaming | None = None,
    file_problem: str = "",
    said: Said | None = None,
    focus: str = "",
) -> Panel:
    """Return the member's panel, for one query; `focus` is panel, or use or change with a preset's id."""
    rows = [_row(member, preset, renaming, focus) for preset in presets_for(member)]
    takes_focus = bool(focus) and not any(row.focus for row in rows)
    return Panel(
        rows=rows,
        may_save=may(member, Right.MAKE),
        has_own=any(row.is_mine for row in rows),
        is_open=is_open,
        draft=draft or Draft(),
        file_problem=file_problem,
        said=said,
        takes_focus=takes_focus,
    )


def address_of(preset: Preset) -> str:
    """Return where the form is filled with it."""
    return f"{reverse('playground')}?preset={preset.public_id}&use=all"


def form_values(filled: Mapping[str, str]) -> dict[str, str]:
    """Return a form's settings as it was filled in, to be sent once more."""
    names = (*catalog.load().properties, "width", "height", "backend", "count")
    return {name: filled[name] for name in names if filled.get(name)}


def _row(member: Member, preset: Preset, renaming: Renaming | None, focus: str) -> Row:
    wanted, _, public_id = focus.partition(" ")
    changes = may_change(member, preset)
    mends = renaming if renaming is not None and renaming.public_id == preset.public_id else None
    return Row(
        preset=preset,
        line=_line(preset.settings),
        recipe=json.dumps(Recipe(values=preset.settings).initial(), ensure_ascii=False),
        address=address_of(preset),
        is_mine=preset.author_id == member.user_id,
        may_change=changes,
        renaming=mends,
        focus=wanted if public_id == str(preset.public_id) else "",
    )


def _line(values: Mapping[str, Any]) -> str:
    """Name what a preset sets: the prompt, the shape, and what is not as the form begins."""
    parts = ["prompt"] if "prompt" in values else []
    if "size" in values:
        parts.append(_shape(*(int(side) for side in values["size"].split("*"))))
    usual = {name: spec.get("default") for name, spec in catalog.load().properties.items()}
    usual |= {"count": 1, "backend": default_backend().alias}
    said = {name: values[name] for name in WORDS if name in values and (name in ALWAYS or values[name] != usual[name])}
    return " · ".join([*parts, *(WORDS[name].format(_value(name, value)) for name, value in said.items())])


def _shape(width: int, height: int) -> str:
    """Return a shape's name where the picture has the usual number of pixels, or its exact size."""
    for shape in SHAPES if width * height in USUAL_PIXELS else ():
        across, down = (int(part) for part in shape.split(":"))
        if abs(width * down / (height * across) - 1) < NEAR:
            return shape
    return f"{width} × {height}"


def _value(name: str, value: object) -> str:
    if name == "seed" and value == -1:
        return "new each time"
    if name == "backend":
        return title_of(str(value))
    return str(value).upper() if name == "output_format" else str(value)
