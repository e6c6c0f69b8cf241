"""Bring an export back: every picture under its own id, with all that its team knew of it.

It may be repeated, and gone on with after a break: what is here by its id is left as it is. Where another team of this
server has a picture of the same id, the one that comes in gets an id that follows from that and from its team. People who
have no account here get one that nobody can sign in with, so that their pictures stay theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from generations import images, search, tasks
from generations.decoding import open_in_child
from generations.errors import InvalidInputs, UnusablePicture
from generations.models import Collection, Generation, Image, State, Team
from generations.transfer.arrivals import Arrival, What
from generations.transfer.belongings import keep_enhancement, keep_reference, mark, tie
from generations.transfer.export import FORMAT
from generations.transfer.here import Here, known_moment, moment
from generations.transfer.keeping import kept_or_removed, written
from generations.transfer.lines import PLAIN, TIMES, Line, picture_path, reference_path
from generations.transfer.parts import Export

OTHER_FORMAT = "This export was written by another version of the playground. Update both servers to the same one first."
UNREADABLE = "Its line in gallery.jsonl cannot be read."
NO_FILE = "Its file is not in the export."
OTHER_FILE = "Its file is not the one that was exported: it is damaged or was changed."

_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, ValidationError, DataError, IntegrityError)
_BOUND = ["prompt", "team", "author", "trashed_by", "reference", "enhancement", "parent"]
"""Fields that are not checked as a form's: a prompt may be empty, and the others are rows of this server."""


def restore(team: Team, export: Export) -> Iterator[Arrival]:
    """Bring in each picture that is not here yet, and tell of each; raises InvalidInputs for an export of another format."""
    here = _opened(team, export)
    for number, text in enumerate(export.lines(), 1):
        yield _arrived(here, number, text)
    for text in export.lines():
        with suppress(*_MALFORMED):
            tie(here, json.loads(text))


def _opened(team: Team, export: Export) -> Here:
    try:
        head = export.head()
        if head["format"] != FORMAT:
            raise InvalidInputs({"path": OTHER_FORMAT})
        here = Here(team=team, export=export, names=dict(head["people"]))
        _collections(here, head["collections"])
    except (*_MALFORMED, FileNotFoundError) as error:
        raise InvalidInputs({"path": OTHER_FORMAT}) from error
    return here


def _collections(here: Here, listed: list[dict[str, Any]]) -> None:
    here.collections = {each.name.lower(): each for each in here.team.collections.all()}
    for each in listed:
        name = str(each["name"])[:80]
        if name.lower() not in here.collections:
            here.collections[name.lower()] = Collection.objects.create(
                public_id=here.own_id(Collection, each["id"]),
                team=here.team,
                author=here.person(each["author"]),
                name=name,
                created_at=known_moment(each["created_at"]),
            )


def _arrived(here: Here, number: int, text: bytes) -> Arrival:
    name = f"line {number}"
    try:
        line: Line = json.loads(text)
        name = str(UUID(line["id"]))
        known = here.picture(line["id"])
        if known is not None:
            return Arrival(name=name, what=What.KNOWN, generation=known)
        return Arrival(name=name, what=What.BROUGHT, generation=_brought_in(here, line))
    except UnusablePicture as error:
        return Arrival(name=name, what=What.REFUSED, because=error.message)
    except _MALFORMED:
        return Arrival(name=name, what=What.REFUSED, because=UNREADABLE)


def _brought_in(here: Here, line: Line) -> Generation:
    generation = _row(here, line)
    reference = _reference_file(here, line["reference"]) if line["reference"] else None
    rows: list[Image] = []
    with kept_or_removed(rows):
        for image in line["images"]:
            rows.append(_file(here, generation, line, image))
        with transaction.atomic():
            generation.reference = keep_reference(here, line["reference"], reference) if reference else None
            generation.enhancement = keep_enhancement(here, line["enhancement"]) if line["enhancement"] else None
            generation.save(force_insert=True)
            for row in rows:
                row.save(force_insert=True)
            mark(here, generation, line)
            search.index([generation.pk])
            transaction.on_commit(lambda: tasks.hint_judge(generation.pk))
    return generation


def _row(here: Here, line: Line) -> Generation:
    """Return the row, not saved yet; only what is finished can be carried."""
    if line["state"] not in (State.SUCCEEDED, State.FAILED, State.CANCELLED) or not isinstance(line["prompt"], str):
        raise ValueError(line["state"])
    if (line["state"] == State.SUCCEEDED) != bool(line["images"]):
        raise ValueError("a picture without a file")
    generation = Generation(
        public_id=here.own_id(Generation, line["id"]),
        team=here.team,
        author=here.person(line["author"]),
        trashed_by=here.person(line["trashed_by"]) if line["trashed_by"] else None,
        stack=here.stack(line["stack"]),
        fence=1,
        **{name: line[name] for name in PLAIN},
        **{name: moment(line[name]) for name in TIMES},
    )
    generation.clean_fields(exclude=_BOUND)
    return generation


def _file(here: Here, generation: Generation, line: Line, image: Line) -> Image:
    """Store one of its files as it was exported, byte for byte, once it has passed the door."""
    content = _read(here, picture_path(str(UUID(line["id"])), image))
    if images.fingerprint_bytes(content) != image["sha256"]:
        raise UnusablePicture(OTHER_FILE)
    picture = open_in_child(content)
    output_format = "png" if image["output_format"] == "png" else "jpeg"
    row = written(generation, int(image["index"]), file=content, picture=picture, output_format=output_format)
    row.pixels_sha256 = str(image["pixels_sha256"])[:64]
    row.created_at = known_moment(image["created_at"])
    return row


def _reference_file(here: Here, line: Line) -> images.Picture:
    picture = open_in_child(_read(here, reference_path(str(UUID(line["id"])))))
    if images.fingerprint_pixels(picture.pixels, picture.width, picture.height) != line["pixels_sha256"]:
        raise UnusablePicture(OTHER_FILE)
    return picture


def _read(here: Here, name: str) -> bytes:
    try:
        with here.export.open(name) as file:
            return file.read(images.MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UnusablePicture(NO_FILE) from error
