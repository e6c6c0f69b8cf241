"""Pictures that programs hand over: first a ticket, then the file, which is kept for some days."""

from __future__ import annotations

import logging
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.decoding import open_in_child
from generations.errors import InvalidInputs, UnusablePicture
from generations.images import MAX_BYTES, TOO_MANY_BYTES, Picture
from generations.models import ApiKey, Team, Upload

log = logging.getLogger(__name__)

TICKET = timedelta(hours=1)
"""How long a file is waited for."""
MOST_LIVE = 1000
"""Tickets and files of a team at a time."""
MOST_FORGOTTEN = 300
"""How many are deleted at once: a sweep has more to do."""
LONGEST_NAME = 200
UNKNOWN_TYPE = "application/octet-stream"
"""What a program says of a file when it does not know better."""

NO_NAME = "The file needs a name, such as fox.png."
NO_SIZE = "Give the size of the file in bytes: a whole number, 1 or more."
NOT_AN_IMAGE = "Only pictures can be uploaded: the content type has to start with image/, or to be left out."
TOO_MANY = (
    f"Your team has {MOST_LIVE:,} uploads already, the most there can be at a time. Each is deleted some days after it came: "
    "try again later."
)

# Longer than a file takes to be written by somebody whose ticket was good a moment ago.
_GRACE = timedelta(minutes=10)


class TooLarge(UnusablePicture):
    message = TOO_MANY_BYTES


def ticket(key: ApiKey, *, filename: object, size: object, content_type: object = "") -> Upload:
    """Save a place for a file that shall come within the hour; all three are taken as they came from outside.

    Raises InvalidInputs, and TooLarge for what announces itself as more than 20 MB.
    """
    named, size_bytes, kind = _name(filename), _size(size), _type(content_type)
    team = key.member.team
    with transaction.atomic():
        # Of many at once, no more get through than there is room for.
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        if team.uploads.filter(expires_at__gt=Now()).count() >= MOST_LIVE:
            raise InvalidInputs({"file": TOO_MANY})
        return Upload.objects.create(
            team=team,
            key=key,
            filename=named,
            content_type=kind,
            size_bytes=size_bytes,
            expires_at=timezone.now() + TICKET,
        )


def awaited(public_id: UUID) -> Upload | None:
    """Return the upload whose file may still come."""
    return Upload.objects.filter(public_id=public_id, file="", expires_at__gt=Now()).first()


def take(upload: Upload, data: bytes) -> bool:
    """Keep the file of a ticket; False when it has come already or the hour is over.

    Raises TooLarge and UnusablePicture, which leave the ticket as it is.
    """
    return _keep(upload, opened(data))


def receive(key: ApiKey, data: bytes, *, filename: object, content_type: object = "") -> Upload:
    """Keep a file that comes without a ticket; raises what `ticket` and `take` raise."""
    picture = opened(data)
    upload = ticket(key, filename=filename, size=len(data), content_type=content_type)
    _keep(upload, picture)
    return upload


def opened(data: bytes) -> Picture:
    """Return the picture in a file from outside."""
    if len(data) > MAX_BYTES:
        raise TooLarge(detail=f"{len(data)} bytes")
    return open_in_child(data)


def downloadable_until(upload: Upload) -> datetime:
    """Return when the file is deleted; for one that has not come, when it is deleted at the latest."""
    return upload.expires_at if upload.file else upload.expires_at + timedelta(days=settings.API_FILES_DAYS)


def forget_old() -> None:
    """Delete the longest overdue uploads with their files."""
    overdue = Upload.objects.filter(expires_at__lt=Now() - _GRACE).order_by("expires_at")[:MOST_FORGOTTEN]
    forgotten = [upload.pk for upload in overdue if _delete_file(upload)]
    if forgotten:
        Upload.objects.filter(pk__in=forgotten).delete()


def _name(filename: object) -> str:
    """Return the last part of a name, without what cannot be seen."""
    text = filename.replace("\\", "/").rpartition("/")[2] if isinstance(filename, str) else ""
    seen = "".join(each for each in text if not unicodedata.category(each).startswith("C"))
    if not (name := seen.strip()[:LONGEST_NAME].strip()):
        raise InvalidInputs({"filename": NO_NAME})
    return name


def _size(size: object) -> int:
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise InvalidInputs({"size": NO_SIZE})
    if size > MAX_BYTES:
        raise TooLarge(detail=f"announced {size} bytes")
    return size


def _type(content_type: object) -> str:
    """Return the type in its short form; it is kept to be told again, and what the file is shows when it is opened."""
    if content_type in (None, "", UNKNOWN_TYPE):
        return ""
    kind = content_type.partition(";")[0].strip().lower() if isinstance(content_type, str) else ""
    if not kind.startswith("image/") or len(kind) > 100 or not kind.isascii() or not kind.isprintable():
        raise InvalidInputs({"content_type": NOT_AN_IMAGE})
    return kind


def _keep(upload: Upload, picture: Picture) -> bool:
    """Let the row decide who is first, and write the file before anybody can see that it is there."""
    until = timezone.now() + timedelta(days=settings.API_FILES_DAYS)
    png = ContentFile(picture.png())
    with transaction.atomic():
        waiting = Upload.objects.filter(pk=upload.pk, file="", expires_at__gt=Now())
        if not waiting.update(file=_path(upload), width=picture.width, height=picture.height, expires_at=until):
            return False
        default_storage.save(_path(upload), png)
    upload.refresh_from_db()
    return True


def _path(upload: Upload) -> str:
    name = upload.public_id.hex
    return f"uploads/{name[:2]}/{name}.png"


def _delete_file(upload: Upload) -> bool:
    """Say whether there is no file any more; one may be there although the row does not know, after a crash."""
    try:
        default_storage.delete(_path(upload))
    except OSError as error:
        log.warning("upload %s not deleted: %s", upload.public_id, error)
        return False
    return True
