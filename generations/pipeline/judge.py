"""Look at pictures that were kept without it: whether they may be unsafe to look at is found out by a worker, a moment later.

Files that came in are asked for by name. What is older than the classifier here, or whose hint got lost, is found by the sweep,
the newest first and a few at a time, while the painter has nothing to do.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from generations import safety, search
from generations.backends import backend_for
from generations.backends.base import LocalBackend
from generations.errors import UnusablePicture
from generations.images import MAX_BYTES, Picture, open_picture
from generations.models import AuditEntry, AuditKind, Generation, Image, PicturesPolicy, State

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Pictures a sweep, each some 80 ms of the painter's worker."""


def score_of(pixels: bytes, width: int, height: int) -> float | None:
    """Return how unsafe to look at a picture seems; None where nothing can tell, or pictures are not looked at on purpose."""
    return safety.score(pixels, width, height) if settings.CHECK_PICTURES else None


def judge(generation_id: int) -> None:
    """Score a picture's images that have no score; one that its team does not keep goes to the trash."""
    for image in _unjudged().filter(generation=generation_id):
        _judge(image)


def some_unjudged() -> bool:
    """Say whether there are pictures to be looked at, and something to look with."""
    return settings.CHECK_PICTURES and safety.is_installed() and _unjudged().exists()


def judge_some() -> None:
    """Score the newest pictures that have no score, for as long as nothing waits to be painted."""
    for image in _unjudged().order_by("-id")[:AT_ONCE]:
        if _painter_is_asked() or not _judge(image):
            return


def _unjudged() -> QuerySet[Image]:
    """Return what has no score yet; it stands in the words of the partial index."""
    images = Image.objects.filter(unsafe_score__isnull=True, unreadable_at__isnull=True)
    return images.filter(generation__purged_at__isnull=True).select_related("generation__team")


def _painter_is_asked() -> bool:
    own = [alias for alias in settings.IMAGE_BACKENDS if isinstance(backend_for(alias), LocalBackend)]
    rows = Generation.objects.filter(backend__in=own)
    return rows.filter(state=State.QUEUED).exists() or rows.filter(state=State.RENDERING, lease_until__isnull=False).exists()


def _judge(image: Image) -> bool:
    """Score one image, or note that its file cannot be read; False where no other would fare better."""
    picture = _opened(image)
    if picture is None:
        # Where all is gone, it is the disk that is away, and not this picture.
        if not default_storage.exists("pictures"):
            return False
        Image.objects.filter(pk=image.pk).update(unreadable_at=Now())
        return True
    score = score_of(picture.pixels, picture.width, picture.height)
    if score is None:
        return False
    is_flagged = image.vendor_flagged or score >= safety.THRESHOLD
    with transaction.atomic():
        Image.objects.filter(pk=image.pk).update(unsafe_score=score, is_flagged=is_flagged)
        if is_flagged and _is_unwanted(image):
            _throw_away(image.generation)
    return True


def _opened(image: Image) -> Picture | None:
    """Open a stored file, which has passed the door for strangers' pictures before."""
    try:
        with image.file.open("rb") as file:
            return open_picture(file.read(MAX_BYTES + 1))
    except (OSError, UnusablePicture) as error:
        log.warning("picture %s could not be looked at: %s", image.pk, error)
        return None


def _is_unwanted(image: Image) -> bool:
    """Say whether its team kept no such pictures when it came in; what it had before is covered and left for an owner."""
    team = image.generation.team
    changes = AuditEntry.objects.filter(team=team, kind=AuditKind.POLICY_CHANGED)
    return team.pictures_policy == PicturesPolicy.REFUSE and not changes.filter(created_at__gt=image.created_at).exists()


def _throw_away(generation: Generation) -> None:
    kept = Generation.objects.filter(pk=generation.pk).in_gallery()
    if kept.update(trashed_at=Now(), trashed_by=generation.author_id):
        search.index([generation.pk])
