"""Somebody finds a picture that should not be here: reported once a person, looked at by an owner, cleared or thrown away."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.db.models.functions import Now

from generations import audit_log, keeping
from generations.announce import WISHES, announce
from generations.models import AuditKind, Generation, Image, Member, Report, Resolution, User
from generations.models.generation import GenerationQuerySet

PAGE = 30
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    generations: list[Generation]
    """Each with its open reports as `open_reports`."""
    next_before: int | None
    """The key that the next page starts below; None on the last one."""


def report(reporter: User, generation: Generation, reason: str) -> bool:
    """Report a picture that this person may see; False when they have done so and nobody has looked at it yet."""
    try:
        with transaction.atomic():
            Report.objects.create(generation=generation, reporter=reporter, reason=reason)
            audit_log.record(AuditKind.REPORTED, _named(generation), team=generation.team_id, actor=reporter)
            transaction.on_commit(lambda: announce(generation.team_id, WISHES))
    except IntegrityError:
        return False
    return True


def waiting(member: Member) -> GenerationQuerySet:
    """Return what an owner should look at: reported, or flagged and not cleared; never what others keep to themselves."""
    reported = Report.objects.filter(resolution=Resolution.OPEN, generation__team=member.team_id).values("generation")
    flagged = Image.objects.filter(is_flagged=True, cleared_at=None, generation__team=member.team_id).values("generation")
    # One list and no "or", so that every database begins with the few that are in it.
    return Generation.objects.seen_by(member).in_gallery().filter(pk__in=reported.order_by().union(flagged.order_by()))


def page_of(member: Member, before: int | None = None) -> Page:
    """Return the newest pictures that wait to be looked at, or those older than the key `before`."""
    rows = waiting(member).with_card().newest_first()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    still_open = Report.objects.filter(resolution=Resolution.OPEN).select_related("reporter").order_by("pk")
    found = list(rows.prefetch_related(Prefetch("reports", queryset=still_open, to_attr="open_reports"))[: PAGE + 1])
    return Page(generations=found[:PAGE], next_before=found[PAGE - 1].pk if len(found) > PAGE else None)


def find_fine(member: Member, generation: Generation) -> None:
    """Show a picture to everybody from now on, and close what was reported of it."""
    with transaction.atomic():
        Image.objects.filter(generation=generation).update(cleared_at=Now())
        _close(member, generation, Resolution.FINE)
        audit_log.record(AuditKind.REVIEWED, f"{_named(generation)}: fine", team=member.team_id, actor=member.user_id)


def throw_away(member: Member, generation: Generation) -> bool:
    """Move a picture to the trash, and close what was reported of it; False when it is no longer in the gallery."""
    with transaction.atomic():
        if not keeping.trash(member, [generation.public_id]).found:
            return False
        _close(member, generation, Resolution.TRASHED)
        audit_log.record(AuditKind.REVIEWED, f"{_named(generation)}: to the trash", team=member.team_id, actor=member.user_id)
    return True


def _close(member: Member, generation: Generation, resolution: Resolution) -> None:
    still_open = Report.objects.filter(generation=generation, resolution=Resolution.OPEN)
    still_open.update(resolution=resolution, resolved_at=Now(), resolved_by=member.user_id)
    transaction.on_commit(lambda: announce(generation.team_id, WISHES))


def _named(generation: Generation) -> str:
    return f"Picture {generation.public_id}, made by {generation.author}"
