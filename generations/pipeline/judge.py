"""Look at pictures that came in as files: whether they may be unsafe to look at is found out by a worker, a moment later."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from generations import safety, search
from generations.errors import UnusablePicture
from generations.images import MAX_BYTES, open_picture
from generations.models import Generation, Image, PicturesPolicy

log = logging.getLogger(__name__)


def score_of(pixels: bytes, width: int, height: int) -> float | None:
    """Return how unsafe to look at a picture seems; None where nothing can tell, or pictures are not looked at on purpose."""
    return safety.score(pixels, width, height) if settings.CHECK_PICTURES else None


def judge(generation_id: int) -> None:
    """Score a picture's images that have no score; one that its team does not keep goes to the trash."""
    images = Image.objects.filter(generation=generation_id, unsafe_score=None, generation__purged_at=None)
    for image in images.select_related("generation__team"):
        score = _score(image)
        if score is None:
            continue
        is_flagged = image.vendor_flagged or score >= safety.THRESHOLD
        with transaction.atomic():
            Image.objects.filter(pk=image.pk).update(unsafe_score=score, is_flagged=is_flagged)
            if is_flagged and image.generation.team.pictures_policy == PicturesPolicy.REFUSE:
                _throw_away(image.generation)


def _score(image: Image) -> float | None:
    """Score a stored file, which has passed the door for strangers' pictures before."""
    try:
        with image.file.open("rb") as file:
            picture = open_picture(file.read(MAX_BYTES + 1))
    except (OSError, UnusablePicture) as error:
        log.warning("picture %s could not be looked at: %s", image.pk, error)
        return None
    return score_of(picture.pixels, picture.width, picture.height)


def _throw_away(generation: Generation) -> None:
    kept = Generation.objects.filter(pk=generation.pk).in_gallery()
    if kept.update(trashed_at=Now(), trashed_by=generation.author_id):
        search.index([generation.pk])
