"""Settings that come with an address: shown as an offer that waits for a press, or, after one, filled into the form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict

from generations import catalog
from generations.access import generation_for_read, preset_for_read
from generations.backends import backends_on_offer, title_of
from generations.models import Member
from generations.reading import Found
from generations.recipes import Recipe, parse, recipe_of
from generations.submission import Order
from generations.uses import Use, parent_of, part_of, uses_of

NO_PICTURE = "There is no picture at this address."
NO_PRESET = "There is no preset at this address."
NO_REFERENCE = "It was made from a reference picture, which does not come along. Attach it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a recipe comes from."""

    title: str
    recipe: Recipe
    query: Mapping[str, str]
    """What names it in an address."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    now: str
    """What the form holds when it is opened."""
    offered: str
    values: str
    """JSON by the form's field names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    title: str
    rows: list[Row]
    notes: tuple[str, ...]
    uses: list[Use]
    from_file: bool = False
    """It came out of an attached picture, which may stay as a reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an address brings: settings to fill in, or an offer."""

    initial: Mapping[str, Any] = field(default_factory=dict)
    offer: Offer | None = None


def arrival_of(member: Member, query: QueryDict, now: Mapping[str, Any]) -> Arrival:
    """Return what an address brings for a form that holds `now`; raises Http404 and InvalidInputs."""
    source = _source(member, query)
    if source is None or not source.recipe.values:
        return Arrival()
    if word := query.get("use"):
        part = part_of(source.recipe, word)
        return Arrival(initial={**part.initial(), **parent_of(part, source.query)})
    return Arrival(offer=offer_of(source, now))


def offer_of(source: Source, now: Mapping[str, Any], *, from_file: bool = False) -> Offer:
    recipe = source.recipe
    return Offer(
        title=source.title,
        rows=list(_rows(recipe, now)),
        notes=(*source.notes, *recipe.left_out.values()),
        uses=uses_of(recipe, **source.query),
        from_file=from_file,
    )


def offer_of_file(found: Found, now: Mapping[str, Any]) -> Offer:
    """Return the settings that a picture file carries as an offer."""
    recipe = recipe_of({**found.raw, "backend": _alias_of(found.maker)})
    title = f"Settings from {found.tool}"
    source = Source(title=title, recipe=recipe, query={"recipe": recipe.text()}, notes=found.unmapped)
    return offer_of(source, now, from_file=True)


def descended(member: Member, order: Order, name: str) -> Order:
    """Return the order with the picture whose settings were used; the id of one that is not this team's is ignored."""
    try:
        parent = generation_for_read(member.user, _uuid(name, NO_PICTURE))
    except Http404:
        return order
    return replace(order, parent=parent) if parent.team_id == member.team_id else order


def _alias_of(title: str) -> str:
    """Return the engine of that title; "" when there is none here."""
    return next((backend.alias for backend in backends_on_offer() if backend.title == title), "")


def _source(member: Member, query: QueryDict) -> Source | None:
    if name := query.get("from"):
        return _from_picture(member, name)
    if name := query.get("preset"):
        return _from_preset(member, name)
    if text := query.get("recipe"):
        return Source(title="Settings from a link", recipe=parse(text), query={"recipe": text})
    recipe = recipe_of(query.dict())
    return Source(title="Settings from a link", recipe=recipe, query={"recipe": recipe.text()})


def _from_picture(member: Member, name: str) -> Source:
    generation = generation_for_read(member.user, _uuid(name, NO_PICTURE))
    notes = (NO_REFERENCE,) if generation.reference_id else ()
    return Source(title="Settings of this picture", recipe=generation.recipe, query={"from": name}, notes=notes)


def _from_preset(member: Member, name: str) -> Source:
    preset = preset_for_read(member.user, _uuid(name, NO_PRESET))
    return Source(title=f"Preset “{preset.name}”", recipe=recipe_of(preset.settings), query={"preset": name})


def _uuid(text: str, otherwise: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404(otherwise) from None


def _rows(recipe: Recipe, now: Mapping[str, Any]) -> Iterator[Row]:
    titles = {name: spec["title"] for name, spec in catalog.load().properties.items()}
    for name, title in {**titles, "backend": "Made by", "count": "How many"}.items():
        part = recipe.only(name).initial()
        if part:
            held = {field: now.get(field, "") for field in part}
            yield Row(label=title, now=_words(held), offered=_words(part), values=json.dumps(part, ensure_ascii=False))


def _words(values: Mapping[str, Any]) -> str:
    """Write the values of one row for a person; an empty seed is drawn anew each time."""
    if "backend" in values:
        return title_of(str(values["backend"]))
    if "seed" in values and values["seed"] in ("", -1):
        return "new each time"
    return " × ".join(str(value) for value in values.values())
