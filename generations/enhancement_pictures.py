"""The reference picture that goes along with a prompt to an enhancer that can see: a file, until its request has ended.

No picture may ever come of it, so it is not kept among the team's references.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generations.images import Picture

log = logging.getLogger(__name__)

FOLDER = "enhancing"
KEPT_FOR = timedelta(days=1)
"""Longer than anybody thinks about a price."""


def keep(public_id: UUID, picture: Picture) -> None:
    """Keep what a request's enhancer shall see."""
    default_storage.save(_name(public_id), ContentFile(picture.png()))


def picture_for(public_id: UUID) -> bytes | None:
    """Return the picture of a request as a PNG; None when it has none. Raises OSError when it cannot be read."""
    try:
        with default_storage.open(_name(public_id), "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def forget(public_id: UUID) -> None:
    """Delete the picture of a request, if it has one; what cannot be deleted now is deleted later."""
    _delete(_name(public_id))


def forget_old() -> None:
    """Delete what belongs to requests that nobody came back to."""
    if not default_storage.exists(FOLDER):
        return
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        with suppress(OSError):  # Its request may have ended meanwhile.
            if default_storage.get_modified_time(path) < timezone.now() - KEPT_FOR:
                _delete(path)


def _name(public_id: UUID) -> str:
    return f"{FOLDER}/{public_id.hex}.png"


def _delete(path: str) -> None:
    try:
        default_storage.delete(path)
    except OSError as error:
        log.warning("%s not deleted: %s", path, error)
