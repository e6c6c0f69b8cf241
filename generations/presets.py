"""Presets: settings kept under a name, for oneself or for the whole team, and the file that carries them elsewhere."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Lower

from generations.backends import backend_for
from generations.errors import InvalidInputs
from generations.models import Member, Preset
from generations.recipes import Recipe, recipe_of

FORMAT = "flux-srpo-playground/presets"
VERSION = 1
MOST_NAME = 60
MOST_PRESETS = 200
"""Of one person in one team."""
MOST_BYTES = 1_000_000

NO_NAME = "Write a name for the preset."
LONG_NAME = f"Use at most {MOST_NAME} characters."
TAKEN = "There is a preset “{name}” already. Choose another name."
YOURS = "You have a preset “{name}” already. Replace it, or choose another name."
FULL = f"You have {MOST_PRESETS} presets, which is the most. Delete one that you no longer use."
BEYOND = f"A file may hold {MOST_PRESETS} presets, so the last {{count}} of this one were left out."
NOTHING = "There are no settings to save. Fill in the form first."
LARGE = "This file is larger than 1 MB, so it cannot hold presets. Choose a presets.json that was exported here."
UNREADABLE = "This file does not hold presets. Choose a presets.json that was exported from a playground."
NEWER = "A newer version of the playground made this file. Update this one first, then import the file again."
EMPTY = "There are no presets in this file."
NO_SETTINGS = "It holds no settings that can be used here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    preset: Preset
    left_out: tuple[str, ...]
    """A sentence for each setting that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    count: int
    left_out: tuple[str, ...]
    """A sentence for each preset, or setting of one, that cannot be used."""


def presets_for(member: Member) -> QuerySet[Preset]:
    """Return what the member may apply: their own by name, then what others share with the team."""
    mine = Q(author=member.user_id)
    seen = Preset.objects.filter(mine | Q(is_shared=True), team=member.team_id).select_related("author")
    return seen.order_by(Case(When(mine, then=0), default=1), Lower("name"), "name", "pk")


def save(member: Member, name: str, filled: Mapping[str, object], *, is_shared: bool = False, may_replace: bool = False) -> Saved:
    """Keep what can be used of a form as it was filled in; what is shared stays so when it is replaced.

    Raises InvalidInputs with a sentence for `name`, or for `replace` when only a person's own preset is in the way.
    """
    name, recipe = _named(name), recipe_in(filled)
    if not recipe.values:
        raise InvalidInputs({"name": NOTHING})
    with transaction.atomic():
        own = _held(member.team_id, member.user_id)
        preset = own.filter(name=name).first()
        if preset is not None and not may_replace:
            raise InvalidInputs({"replace": YOURS.format(name=name)})
        if preset is None and own.count() >= MOST_PRESETS:
            raise InvalidInputs({"name": FULL})
        preset = preset or Preset(team=member.team, author=member.user, name=name)
        preset.settings = dict(recipe.values)
        preset.is_shared = preset.is_shared or is_shared
        preset.save()
    return Saved(preset=preset, left_out=tuple(recipe.left_out.values()))


def rename(preset: Preset, name: str) -> None:
    """Give it another name; InvalidInputs with a sentence for `name`."""
    name = _named(name)
    with transaction.atomic():
        if _held(preset.team_id, preset.author_id).filter(name=name).exclude(pk=preset.pk).exists():
            raise InvalidInputs({"name": TAKEN.format(name=name)})
        preset.name = name
        preset.save(update_fields=["name"])


def share(preset: Preset, *, is_shared: bool) -> None:
    """Show it to the whole team, or only to who made it."""
    preset.is_shared = is_shared
    preset.save(update_fields=["is_shared"])


def delete(preset: Preset) -> None:
    preset.delete()


def export(member: Member) -> dict[str, Any]:
    """Return the content of a file with all of the member's own presets: names and settings, and nothing of people."""
    own = Preset.objects.filter(team=member.team_id, author=member.user_id).order_by(Lower("name"), "name")
    presets = [{"name": preset.name, "settings": preset.settings} for preset in own]
    return {"format": FORMAT, "version": VERSION, "presets": presets}


def take_in(member: Member, content: bytes) -> Imported:
    """Add the presets of an exported file as the member's own; nobody else sees them, and a taken name gets a number.

    Raises InvalidInputs with a sentence for `file` when nothing of it can be used.
    """
    entries = _entries(content)
    with transaction.atomic():
        names = set(_held(member.team_id, member.user_id).values_list("name", flat=True))
        added: list[Preset] = []
        left_out: list[str] = []
        for number, entry in enumerate(entries[:MOST_PRESETS], 1):
            try:
                name, recipe = _entry(entry, is_full=len(names) >= MOST_PRESETS)
            except InvalidInputs as error:
                left_out.append(f"{_called(entry, number)}: {error.message}")
                continue
            name = _free(name, names)
            names.add(name)
            added.append(Preset(team=member.team, author=member.user, name=name, settings=dict(recipe.values)))
            left_out += [f"“{name}”: {sentence}" for sentence in recipe.left_out.values()]
        Preset.objects.bulk_create(added)
    if (beyond := len(entries) - MOST_PRESETS) > 0:
        left_out.append(BEYOND.format(count=beyond))
    if not added:
        raise InvalidInputs({"file": left_out[0]})
    return Imported(count=len(added), left_out=tuple(left_out))


def recipe_in(filled: Mapping[str, object]) -> Recipe:
    """Return what can be used of a filled-in form: its two sides join to one size, and an engine has to be set up here."""
    recipe = recipe_of(filled)
    try:
        if alias := recipe.values.get("backend"):
            backend_for(alias)
    except InvalidInputs as error:
        rest = {name: value for name, value in recipe.values.items() if name != "backend"}
        return Recipe(values=rest, left_out={**recipe.left_out, **error.fields})
    return recipe


def _held(team_id: int, author_id: int) -> QuerySet[Preset]:
    """Return a person's own presets, which nobody else adds to or renames until the transaction ends."""
    list(Member.objects.select_for_update().filter(team=team_id, user=author_id).values_list("pk"))
    return Preset.objects.filter(team=team_id, author=author_id)


def _named(name: object) -> str:
    """Return a name in one line; a blank alone, or what shows nothing, is none."""
    text = unicodedata.normalize("NFC", name if isinstance(name, str) else "")
    text = " ".join("".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text).split())
    if not any(char.isprintable() for char in text):
        raise InvalidInputs({"name": NO_NAME})
    if len(text) > MOST_NAME:
        raise InvalidInputs({"name": LONG_NAME})
    return text


def _entries(content: bytes) -> list[object]:
    """Return what a file holds, unchecked."""
    if len(content) > MOST_BYTES:
        raise InvalidInputs({"file": LARGE})
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInputs({"file": UNREADABLE}) from error
    if not isinstance(read, dict) or read.get("format") != FORMAT or not isinstance(read.get("presets"), list):
        raise InvalidInputs({"file": UNREADABLE})
    if read.get("version") != VERSION:
        raise InvalidInputs({"file": NEWER})
    entries: list[object] = read["presets"]
    if not entries:
        raise InvalidInputs({"file": EMPTY})
    return entries


def _entry(entry: object, *, is_full: bool) -> tuple[str, Recipe]:
    """Return the name and the settings of one preset of a file; InvalidInputs when it cannot be kept."""
    if is_full:
        raise InvalidInputs({"file": FULL})
    given = entry if isinstance(entry, dict) else {}
    name, settings = _named(given.get("name")), given.get("settings")
    recipe = recipe_in(settings) if isinstance(settings, dict) else Recipe(values={})
    if not recipe.values:
        raise InvalidInputs({"file": NO_SETTINGS})
    return name, recipe


def _called(entry: object, number: int) -> str:
    """Return how a sentence speaks of a preset that was left out: by its name, or by its place in the file."""
    try:
        return f"“{_named(entry.get('name') if isinstance(entry, dict) else None)}”"
    except InvalidInputs:
        return f"Number {number}"


def _free(name: str, names: set[str]) -> str:
    """Return the name, with the first number that is free when it is taken."""
    if name not in names:
        return name
    endings = (f" {number}" for number in itertools.count(2))
    numbered = (name[: MOST_NAME - len(ending)].rstrip() + ending for ending in endings)
    return next(each for each in numbered if each not in names)
