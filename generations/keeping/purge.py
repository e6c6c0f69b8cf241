"""Deleting for good: first the words, in one commit that nobody can undo; then the files, as often as it takes.

A purged picture keeps its row, since the ledger needs it. What a crash or a full disk leaves of its files is found again by
the rows of `Image`, which go last.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from generations import audit_log
from generations.access import pictures_for_purge
from generations.keeping.selection import Found, held, limited
from generations.keeping.tags import forget_unused
from generations.keeping.trash import KEPT_DAYS
from generations.models import (
    Attempt,
    AuditKind,
    Check,
    CollectionItem,
    Delivery,
    DeliveryState,
    EnhancementRequest,
    Favourite,
    Generation,
    Image,
    Member,
    Prediction,
    SearchText,
    Tagging,
    Team,
)
from generations.models.generation import FINAL, GenerationQuerySet

log = logging.getLogger(__name__)

FILES_AT_ONCE = 500
"""Pictures whose files are deleted while a person waits."""
FILES_AN_HOUR = 10_000
MOST_BATCHES = 10
"""Of an hour's look; a picture that waits for the next one is no worse off."""


def purge(member: Member, public_ids: Iterable[UUID]) -> Found:
    """Delete pictures in the trash for good, for owners; what is being checked or told to a program stays."""
    found = _purge(pictures_for_purge(member, limited(public_ids)))
    _record(member, len(found))
    clear_files()
    return found


def empty(member: Member) -> int:
    """Delete all that is in the team's trash for good and return how many pictures; files beyond some hundred follow."""
    rows = Generation.objects.finished().filter(team=member.team_id, is_check=False).in_trash()
    count, last = 0, 0
    while found := _purge(rows.filter(pk__gt=last)):
        count, last = count + len(found), max(found)
        _record(member, len(found))
    clear_files()
    return count


def _record(member: Member, count: int) -> None:
    if count:
        told = f"{count} picture{'' if count == 1 else 's'} of the trash"
        audit_log.record(AuditKind.DELETED, told, team=member.team, actor=member.user)


def purge_old() -> None:
    """Delete for good what has been in the trash for 30 days, and what files are left of earlier times."""
    overdue = _in_index().filter(trashed_at__lt=Now() - timedelta(days=KEPT_DAYS), is_check=False).in_trash()
    last = 0
    for _ in range(MOST_BATCHES):
        found = _purge(overdue.filter(pk__gt=last))
        if not found:
            break
        last = max(found)
        log.info("%s pictures deleted, %s days after they were thrown away", len(found), KEPT_DAYS)
    clear_files(FILES_AN_HOUR)


def clear_files(most: int = FILES_AT_ONCE) -> None:
    """Delete files of purged pictures and their rows; what cannot be deleted now is left for the next time."""
    purged = _in_index().filter(purged_at__isnull=False)
    images = Image.objects.filter(generation__in=purged).order_by("pk")[:most]
    gone = [image.pk for image in images if _delete_files(image)]
    if gone:
        Image.objects.filter(pk__in=gone).delete()


def _in_index() -> GenerationQuerySet:
    """Return what was thrown away, in words that let the index by team, state and time be used."""
    thrown = Generation.objects.finished().filter(trashed_at__isnull=False, is_check__in=[False, True])
    return thrown.filter(team__in=Team.objects.values("pk"))


def _purge(rows: QuerySet[Generation]) -> Found:
    """Take everything but the numbers from at most 1,000 pictures and from the runs that checked them."""
    with transaction.atomic():
        found = held(rows.exclude(_in_flight()))
        if not found:
            return {}
        again = list(Check.objects.filter(generation__in=list(found)).values_list("again_id", flat=True))
        _forget_words([*found, *again])
        _forget_marks([*found, *again])
    for team_id in list(Team.objects.filter(generations__in=list(found)).values_list("pk", flat=True).distinct()):
        forget_unused(team_id)
    return found


def _in_flight() -> Q:
    """Tell pictures that are just being made again to be compared, and those of which a program is still to be told."""
    checks = Check.objects.filter(generation=OuterRef("pk")).exclude(again__state__in=FINAL)
    deliveries = Delivery.objects.filter(prediction__generation=OuterRef("pk"), state=DeliveryState.WAITING)
    untold = Prediction.objects.filter(generation=OuterRef("pk"), told_at__isnull=True).exclude(webhook_url="")
    return Q(Exists(checks)) | Q(Exists(deliveries)) | Q(Exists(untold))


def _forget_words(ids: Sequence[int]) -> None:
    """Blank what somebody wrote or what quotes it, here and in what led to the pictures."""
    rows = Generation.objects.filter(pk__in=ids)
    requests = list(rows.filter(enhancement__isnull=False).values_list("enhancement_id", flat=True))
    now = {"trashed_at": Coalesce("trashed_at", Now()), "purged_at": Now()}
    rows.update(prompt="", note="", notes=[], error="", detail="", enhancement=None, **now)
    used = Generation.objects.filter(enhancement=OuterRef("pk"))
    unused = EnhancementRequest.objects.filter(~Exists(used), pk__in=requests, prediction__isnull=True)
    unused.update(original="", text="", additions=[], notes=[])
    Attempt.objects.filter(generation__in=ids).update(request={}, answers=[], outputs=[])
    Prediction.objects.filter(generation__in=ids).update(inputs={}, deleted_at=Coalesce("deleted_at", Now()))


def _forget_marks(ids: Sequence[int]) -> None:
    for model in (SearchText, Tagging, CollectionItem, Favourite, Check):
        model.objects.filter(generation__in=ids).delete()


def _delete_files(image: Image) -> bool:
    """Say whether the picture's files are gone."""
    try:
        for stored in (image.file, image.small, image.large):
            default_storage.delete(str(stored.name))
    except OSError as error:
        log.warning("files of picture %s not deleted: %s", image.pk, error)
        return False
    with contextlib.suppress(OSError):  # Not empty while another picture of the same run is in it.
        default_storage.delete(str(PurePosixPath(str(image.file.name)).parent))
    return True
