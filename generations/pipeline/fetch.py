"""Copy finished pictures from a vendor, through the one door of the network and the one door for pictures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from generations import lifecycle
from generations.accounts import engine_of
from generations.backends.base import RenderedImage
from generations.decoding import open_in_child
from generations.errors import Cancelled, OutboundError, ReadFailed, UnusablePicture, Why
from generations.faults import reach
from generations.images import Picture
from generations.models import Attempt, Generation, Outcome
from generations.outbound import download
from generations.pipeline.store import store

log = logging.getLogger(__name__)

WAIT = timedelta(seconds=5)
"""Before a download that failed is tried again; doubled each time."""
NOT_YET = "The picture is done but could not be copied yet: {why}"
NOT_SAVED = "this server is out of disk or memory, or may not write. Tell whoever runs it."
DELETED = "WaveSpeed does not have it any more. Its pictures are deleted after seven days."


def fetch(generation_id: int) -> bool:
    """Take a row whose picture is done at the vendor, copy it and keep it; put the row off when that fails.

    False when somebody else has the row.
    """
    generation = _take(generation_id)
    if generation is None:
        return False
    attempt = generation.attempts.filter(outcome=Outcome.ACCEPTED).latest("number")
    try:
        store(generation, _pictures(generation, attempt))
    except (OutboundError, ReadFailed, UnusablePicture) as error:
        _put_off(generation, error.message, str(error))
    except OSError as error:
        _put_off(generation, NOT_SAVED, repr(error))
    except Cancelled:
        log.info("generation %s moved on without this worker", generation.public_id)
    return True


def _take(generation_id: int) -> Generation | None:
    with transaction.atomic():
        generation = Generation.objects.ready().select_related("reference").filter(pk=generation_id).first()
        if generation is None or not lifecycle.move("fetch", generation, not_before=None):
            return None
        generation.refresh_from_db(fields=["state", "fence", "lease_until"])
        return generation


def _pictures(generation: Generation, attempt: Attempt) -> Sequence[RenderedImage]:
    """Return the finished pictures; their addresses are asked for anew, as they expire."""
    engine = engine_of(attempt.account)
    is_flagged = any(answer.get("has_nsfw") for answer in attempt.answers)
    addresses = attempt.outputs
    if generation.expiries:
        status = engine.fetch(attempt.upstream_id or "")
        addresses, is_flagged = list(status.outputs), is_flagged or status.has_nsfw
    if not addresses:
        raise ReadFailed(Why.MISSING, detail="no address of a picture", message=DELETED)
    reach("before_download")
    generation.versions = engine.versions
    pictures = [_picture(generation, address, engine.loopback_origin) for address in addresses]
    return [RenderedImage(width=each.width, height=each.height, pixels=each.pixels, is_flagged=is_flagged) for each in pictures]


def _picture(generation: Generation, address: str, loopback_origin: str) -> Picture:
    """Copy one picture; several may take longer than one lease, so that it is lengthened for each."""
    if not lifecycle.hold(generation):
        raise Cancelled(detail=f"{generation} is no longer held with fence {generation.fence}")
    return open_in_child(download(address, loopback_origin=loopback_origin).body)


def _put_off(generation: Generation, why: str, detail: str) -> None:
    """Try again later, ever later; after some times a person is asked."""
    log.warning("generation %s could not be fetched: %s", generation.public_id, detail)
    count = generation.expiries + 1
    lifecycle.move(
        "put_off" if count < settings.EXPIRIES_BEFORE_REVIEW else "unfetchable",
        generation,
        expiries=F("expiries") + 1,
        not_before=Now() + WAIT * 2**count,
        error=NOT_YET.format(why=why),
        detail=detail[:2000],
    )
