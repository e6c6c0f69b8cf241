"""Write a whole gallery down, so that it can move to another server and back and lose nothing.

The files are the very bytes that are kept. Thumbnails are left out: they are made again. So are orders at vendors, keys,
budgets and the ledger, which belong to the server and not to the pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models.fields.files import FieldFile

from generations.models import Generation, Team
from generations.transfer.lines import IMAGE, line_of, picture_path, reference_path, to_carry
from generations.transfer.parts import HEAD, LINES, Target

FORMAT = 1
PAGE = 200


@dataclass(slots=True, kw_only=True)
class Exported:
    """What was written down."""

    pictures: int = 0
    last: int = 0
    """The key of the newest."""
    missing: list[str] = field(default_factory=list)
    """Files that are not on the server any more, by their path in the export."""
    people: dict[str, str] = field(default_factory=dict)
    """E-mail address → name."""


def export(team: Team, target: Target) -> Exported:
    """Write a team's gallery as it stands now; raises OSError when the disk is full."""
    done = Exported()
    for generation in _oldest_first(team):
        _copy(generation, target, done)
        done.pictures += not generation.is_check
        done.last = generation.pk
    target.lines(_lines(team, done), LINES)
    target.lines([json.dumps(_head(team, done), ensure_ascii=False, indent=2) + "\n"], HEAD)
    return done


def _oldest_first(team: Team) -> Iterator[Generation]:
    last = 0
    while page := list(to_carry(team).filter(pk__gt=last).order_by("pk")[:PAGE]):
        last = page[-1].pk
        yield from page


def _copy(generation: Generation, target: Target, done: Exported) -> None:
    for image in generation.images.all():
        name = picture_path(str(generation.public_id), {each: getattr(image, each) for each in IMAGE})
        if not target.has(name, image.size_bytes):
            _put(image.file, name, target, done)
    if (reference := generation.reference) is not None:
        name = reference_path(str(reference.public_id))
        if not target.has(name, -1):
            _put(reference.file, name, target, done)


def _put(file: FieldFile, name: str, target: Target, done: Exported) -> None:
    try:
        with file.open("rb") as opened:
            target.copy(name, opened)
    except FileNotFoundError:
        done.missing.append(name)


def _lines(team: Team, done: Exported) -> Iterator[str]:
    """Yield a line for each picture whose files were written; what came meanwhile waits for the next export."""
    for generation in _oldest_first(team):
        if generation.pk > done.last:
            return
        _note_people(generation, done)
        yield json.dumps(line_of(generation), ensure_ascii=False, sort_keys=True) + "\n"


def _note_people(generation: Generation, done: Exported) -> None:
    request = generation.enhancement
    named = [generation.author, generation.trashed_by, request.author if request else None]
    named += [each.user for each in generation.favourites.all()] + [each.author for each in generation.checks.all()]
    done.people.update((person.email, person.name) for person in named if person)


def _head(team: Team, done: Exported) -> dict[str, object]:
    kept = list(team.collections.select_related("author").order_by("created_at", "pk"))
    done.people.update((each.author.email, each.author.name) for each in kept)
    collections = [
        {"id": str(each.public_id), "name": each.name, "author": each.author.email, "created_at": each.created_at.isoformat()}
        for each in kept
    ]
    return {"format": FORMAT, "team": team.name, "collections": collections, "people": dict(sorted(done.people.items()))}
