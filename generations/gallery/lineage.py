"""What a picture came from, and what came from it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from generations.models import Generation, Image, Reference, User

MOST = 12
"""Descendants that are shown, the newest first."""
LOOKED_AT = 60
"""Newest descendants that are read; those of them that the gallery shows count."""
BY_SETTINGS = "its settings"
BY_REFERENCE = "as its reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A picture that another one came from, or that came from it."""

    generation: Generation
    how: str
    """What was taken of the older one."""
    image: Image | None
    """None when it is not finished, or deleted for good."""
    gone: str = ""
    """Why it is not in the gallery; "" for what is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    parent: Relative | None
    """The picture whose settings were used."""
    checks: Relative | None
    """The picture that this one was made to check."""
    reference: Reference | None
    source: Relative | None
    """The picture of the gallery that has the reference's very pixels, or of which the reference is a lossy file."""
    children: list[Relative]

    @property
    def is_from_somewhere(self) -> bool:
        return bool(self.parent or self.checks or self.reference)

    @property
    def is_cut(self) -> bool:
        """Say whether there may be more children than are shown."""
        return len(self.children) == MOST


def lineage_of(viewer: User, generation: Generation, image: Image | None) -> Lineage:
    """Return the relatives that somebody may see of a generation read with `with_card()`, all of them in its own team.

    Five queries for any number of relatives, one more with a reference and one for what was made to check another.
    """
    checked = _checked(generation)
    source = _source_of(generation.reference)
    by_settings, by_reference = _ids_by_settings(generation), _ids_by_reference(generation, image)
    older = {each for each in (generation.parent_id, checked, source) if each}
    rows = _rows(viewer, generation, older | by_settings | by_reference)
    children = [row for row in rows.values() if row.pk in by_settings | by_reference and not _gone(row)]
    return Lineage(
        parent=_relative(rows.get(generation.parent_id or 0), BY_SETTINGS),
        checks=_relative(rows.get(checked or 0), BY_SETTINGS),
        reference=generation.reference,
        source=_relative(rows.get(source or 0), BY_REFERENCE),
        children=_relatives(children[:MOST], by_settings),
    )


def _checked(generation: Generation) -> int | None:
    if not generation.is_check:
        return None
    return Generation.objects.filter(checks__again=generation).values_list("pk", flat=True).first()


def _source_of(reference: Reference | None) -> int | None:
    """Return the newest picture of the team's gallery that the reference shows."""
    if reference is None:
        return None
    fingerprints = [reference.pixels_sha256, *filter(None, [reference.source_sha256])]
    same = Generation.objects.in_gallery().filter(team=reference.team_id, images__pixels_sha256__in=fingerprints)
    return same.order_by("-id").values_list("pk", flat=True).first()


# Ids alone, without the gallery's conditions: with them a database may walk through the whole team's pictures instead.
def _ids_by_settings(generation: Generation) -> set[int]:
    found = Generation.objects.filter(parent=generation).order_by("-id")
    return set(found.values_list("pk", flat=True)[:LOOKED_AT])


def _ids_by_reference(generation: Generation, image: Image | None) -> set[int]:
    if image is None:
        return set()
    shows_it = Q(pixels_sha256=image.pixels_sha256) | Q(source_sha256=image.pixels_sha256)
    own = Reference.objects.filter(shows_it, team=generation.team_id)
    found = Generation.objects.filter(reference__in=own).exclude(pk=generation.pk).order_by("-id")
    return set(found.values_list("pk", flat=True)[:LOOKED_AT])


def _rows(viewer: User, generation: Generation, ids: set[int]) -> dict[int, Generation]:
    """Return the team's rows of these ids by id, newest first."""
    rows = Generation.objects.visible_to(viewer).filter(pk__in=ids, team=generation.team_id)
    return {row.pk: row for row in rows.select_related("author").prefetch_related("images").newest_first()}


def _relatives(rows: list[Generation], by_settings: set[int]) -> list[Relative]:
    found = (_relative(row, BY_SETTINGS if row.pk in by_settings else BY_REFERENCE) for row in rows)
    return [each for each in found if each is not None]


def _relative(row: Generation | None, how: str) -> Relative | None:
    if row is None:
        return None
    image = None if row.purged_at else next(iter(row.images.all()), None)
    return Relative(generation=row, how=how, image=image, gone=_gone(row))


def _gone(row: Generation) -> str:
    """Say why a row is not in the gallery."""
    if row.purged_at:
        return "deleted for good"
    if row.trashed_at:
        return "in the trash"
    if row.is_check:
        return "made to check another one"
    return "" if row.state == "succeeded" else "not finished"
