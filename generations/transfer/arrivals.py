"""Bring pictures from files into a team's gallery: each through the door for strangers' pictures, each only once.

Nothing is ordered, so nothing is charged and the ledger is as it was. What is in the gallery already, by its pixels, is said
and not doubled, so that repeating an import adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from generations import search, tasks
from generations.decoding import open_in_child
from generations.errors import UnusablePicture
from generations.models import EnhancementRequest, EnhancementState, Generation, Image, Member, State, Team
from generations.transfer.described import Described, Enhanced, describe
from generations.transfer.keeping import kept_or_removed, remove, written
from generations.transfer.parcels import Parcel

LONGEST_SIDE = 32_767
"""Pixels; what the database's column holds."""
TOO_LONG = "This picture is more than 32,767 pixels long. Make it smaller, then try again."


class What(StrEnum):
    BROUGHT = "brought in"
    KNOWN = "here already"
    IN_TRASH = "in the trash"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of one file."""

    name: str
    what: What
    because: str = ""
    """A sentence, when it was refused."""
    generation: Generation | None = None
    """The picture it is, or was already."""


def bring_in(member: Member, parcels: Iterable[Parcel]) -> Iterator[Arrival]:
    """Bring in one after the other and tell of each; raises OSError when the disk is full or no child can be started."""
    for parcel in parcels:
        try:
            yield _brought_in(member, parcel)
        except UnusablePicture as error:
            yield Arrival(name=parcel.name, what=What.REFUSED, because=error.message)


def _brought_in(member: Member, parcel: Parcel) -> Arrival:
    data = parcel.read()
    picture = open_in_child(data)
    if max(picture.width, picture.height) > LONGEST_SIDE:
        raise UnusablePicture(TOO_LONG)
    described = describe(data, picture)
    known = _known(member, described)
    if known is None:
        generation, known = _keep(member, described)
    if known is None:
        return Arrival(name=parcel.name, what=What.BROUGHT, generation=generation)
    return Arrival(name=parcel.name, what=What.IN_TRASH if known.trashed_at else What.KNOWN, generation=known)


def _known(member: Member, described: Described) -> Generation | None:
    """Return the picture of the team's that looks exactly like it, one in the trash included."""
    same = Generation.objects.seen_by(member).finished().filter(images__pixels_sha256__in=described.fingerprints)
    return same.filter(is_check=False, purged_at__isnull=True).order_by("trashed_at", "-id").first()


def _keep(member: Member, described: Described) -> tuple[Generation, Generation | None]:
    """Return the new row; or beside it the one that somebody else brought in meanwhile."""
    generation = _row(member, described)
    picture, output_format = described.picture, described.output_format
    row = written(generation, 0, file=described.file, picture=picture, output_format=output_format)
    row.pixels_sha256 = described.pixels_sha256
    with kept_or_removed([row]), transaction.atomic():
        Team.objects.select_for_update().get(pk=member.team_id)
        known = _known(member, described)
        if known is None:
            _save(member, generation, row, described.enhanced)
    if known is not None:
        remove([row])
    return generation, known


def _save(member: Member, generation: Generation, row: Image, enhanced: Enhanced | None) -> None:
    generation.enhancement = _request(member, generation, enhanced) if enhanced else None
    generation.save(force_insert=True)
    row.save(force_insert=True)
    search.index([generation.pk])
    transaction.on_commit(lambda: tasks.hint_judge(generation.pk))


def _row(member: Member, described: Described) -> Generation:
    picture = described.picture
    now = timezone.now()
    return Generation(
        team=member.team,
        author=member.user,
        model=described.model,
        backend=described.backend,
        width=picture.width,
        height=picture.height,
        output_format=described.output_format,
        versions=dict(described.versions),
        notes=list(described.notes),
        state=State.SUCCEEDED,
        fence=1,
        created_at=now,
        finished_at=now,
        **described.values,
    )


def _request(member: Member, generation: Generation, enhanced: Enhanced) -> EnhancementRequest:
    return EnhancementRequest.objects.create(
        team=member.team,
        author=member.user,
        enhancer=enhanced.enhancer,
        original=enhanced.original,
        style=enhanced.style,
        seed=enhanced.seed,
        state=EnhancementState.READY,
        text=generation.prompt,
        finished_at=generation.finished_at,
    )
