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
from generations.models import Generation, Member
from generations.reading import ENHANCED, Found
from generations.recipes import Recipe, parse, recipe_of
from generations.submission import Order
from generations.uses import Use, parent_of, part_of, uses_of

NO_PICTURE = "There is no picture at this address."
NO_PRESET = "There is no preset at this address."
MOST_ALIKE = 20
NO_REFERENCE = "It was made from a reference picture, which does not come along. Attach it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a recipe comes from."""

    title: str
    recipe: Recipe
    query: Mapping[str, str]
    """What names it in an address."""
    notes: tuple[str, ...] = ()
    picture: Generation | None = None
    """The picture whose recipe it is, where this person sees one."""


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
    picture: Generation | None = None
    """Whose prompt is filled in."""


def arrival_of(member: Member, query: QueryDict, now: Mapping[str, Any]) -> Arrival:
    """Return what an address brings for a form that holds `now`; raises Http404 and InvalidInputs."""
    source = _source(member, query)
    if source is None or not source.recipe.values:
        return Arrival()
    if word := query.get("use"):
        part = part_of(source.recipe, word)
        picture = source.picture if "prompt" in part.values else None
        return Arrival(initial={**part.initial(), **parent_of(part, source.query)}, picture=picture)
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


def offer_of_file(member: Member, found: Found, now: Mapping[str, Any]) -> Offer:
    """Return the settings that a picture file carries as an offer."""
    recipe = recipe_of({**found.raw, "backend": _alias_of(found.maker)})
    title = f"Settings from {found.tool}"
    source = _from_recipe(member, title, recipe, notes=found.unmapped)
    if source.picture is not None and source.picture.enhancement is not None:
        source = replace(source, notes=tuple(note for note in source.notes if note != ENHANCED))
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
        return _from_recipe(member, "Settings from a link", parse(text))
    return _from_recipe(member, "Settings from a link", recipe_of(query.dict()))


def _from_picture(member: Member, name: str) -> Source:
    generation = generation_for_read(member.user, _uuid(name, NO_PICTURE))
    notes = (NO_REFERENCE,) if generation.reference_id else ()
    return Source(
        title="Settings of this picture", recipe=generation.recipe, query={"from": name}, notes=notes, picture=generation
    )


def _from_recipe(member: Member, title: str, recipe: Recipe, *, notes: tuple[str, ...] = ()) -> Source:
    """Return a source for settings that say not whose they are; they are those of a picture here that has the very same."""
    picture = _picture_with(member, recipe)
    query = {"recipe": recipe.text()} if picture is None else {"from": str(picture.public_id)}
    return Source(title=title, recipe=recipe, query=query, notes=notes, picture=picture)


def _picture_with(member: Member, recipe: Recipe) -> Generation | None:
    if not {"prompt", "seed"} <= recipe.values.keys():
        return None
    seen = Generation.objects.seen_by(member).in_gallery().select_related("enhancement").newest_first()
    alike = seen.filter(seed=recipe.values["seed"], prompt=recipe.values["prompt"])[:MOST_ALIKE]
    return next((each for each in alike if each.recipe.values == recipe.values), None)


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
