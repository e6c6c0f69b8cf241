"""What a team has put on a picture, and where it came from: read from a line of an export and saved."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generations.images import FINGERPRINT, Picture
from generations.models import (
    Check,
    CollectionItem,
    EnhancementRequest,
    Favourite,
    Generation,
    Reference,
    Tag,
    Tagging,
)
from generations.transfer.here import Here, known_moment, moment
from generations.transfer.lines import CHECK, ENHANCEMENT, Line


def keep_reference(here: Here, line: Line, picture: Picture) -> Reference:
    """Return the team's copy of a reference picture, under the id that it had where it may have it."""
    fingerprint = line["pixels_sha256"]
    known = Reference.objects.filter(team=here.team, pixels_sha256=fingerprint).first()
    if known is not None:
        return known
    source = str(line.get("source_sha256") or "")
    name = f"references/{here.team.public_id.hex}/{fingerprint}.png"
    return Reference.objects.create(
        public_id=here.own_id(Reference, line["id"]),
        team=here.team,
        pixels_sha256=fingerprint,
        source_sha256=source if FINGERPRINT.fullmatch(source) else "",
        file=default_storage.save(name, ContentFile(picture.png())),
        width=picture.width,
        height=picture.height,
        created_at=known_moment(line["created_at"]),
    )


def keep_enhancement(here: Here, line: Line) -> EnhancementRequest:
    """Return what led to the prompt; several pictures may share it."""
    public_id = here.own_id(EnhancementRequest, line["id"])
    known = EnhancementRequest.objects.filter(team=here.team, public_id__in=[line["id"], public_id]).first()
    return known or EnhancementRequest.objects.create(
        public_id=public_id,
        team=here.team,
        author=here.person(line["author"]),
        created_at=known_moment(line["created_at"]),
        moved_at=known_moment(line["moved_at"]),
        finished_at=moment(line["finished_at"]),
        **{name: line[name] for name in ENHANCEMENT},
    )


def mark(here: Here, generation: Generation, line: Line) -> None:
    """Save favourites, tags and places in collections."""
    for each in line["favourites"]:
        person = here.person(each["email"])
        Favourite.objects.create(user=person, generation=generation, created_at=known_moment(each["created_at"]))
    for name in line["tags"]:
        tag, _ = Tag.objects.get_or_create(team=here.team, name=str(name)[:40])
        Tagging.objects.create(tag=tag, generation=generation)
    for each in line["collections"]:
        collection = here.collections[each["name"].lower()]
        CollectionItem.objects.create(collection=collection, generation=generation, added_at=known_moment(each["added_at"]))


def tie(here: Here, line: Line) -> None:
    """Save what leads from one picture to another, once both are here; what is tied already stays so."""
    if not line["parent"] and not line["checks"]:
        return
    generation = here.picture(line["id"])
    if generation is None:
        return
    parent = here.picture(line["parent"]) if line["parent"] else None
    if parent is not None and generation.parent_id is None:
        Generation.objects.filter(pk=generation.pk).update(parent=parent)
    for each in line["checks"]:
        again = here.picture(each["again"])
        if again is not None and not Check.objects.filter(again=again).exists():
            _check(here, generation, again, each)


def _check(here: Here, generation: Generation, again: Generation, line: Line) -> None:
    Check.objects.create(
        generation=generation,
        again=again,
        author=here.person(line["author"]),
        created_at=known_moment(line["created_at"]),
        decided_at=moment(line["decided_at"]),
        **{name: line[name] for name in CHECK},
    )
