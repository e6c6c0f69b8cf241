"""Uploads, in the vendor's words: a ticket for a file that comes by itself, or the file in the request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from generations import keys, uploads
from generations.errors import NotAllowed
from generations.images import MAX_BYTES
from generations.models import ApiKey, Upload
from generations.signed import ticket_address, upload_address

READ_ONLY = "This API key can only read. To upload a picture, use one that may run models."


def ticket(key: ApiKey, order: Mapping[str, object]) -> dict[str, Any]:
    """Return where a file has to be PUT, and where it will be found.

    `order` is the request's body: filename, size in bytes, content_type. Raises NotAllowed, InvalidInputs and TooLarge.
    """
    _require_run(key)
    upload = uploads.ticket(key, filename=order.get("filename"), size=order.get("size"), content_type=order.get("content_type"))
    instruction = {
        "method": "PUT",
        "url": ticket_address(upload.public_id, upload.expires_at),
        "headers": {"Content-Type": upload.content_type or uploads.UNKNOWN_TYPE},
        "expires_at": _moment(upload.expires_at),
    }
    return {**_described(upload), "upload": instruction}


def receive(
    key: ApiKey, file: UploadedFile | bytes, filename: str | None, content_type: str | None, *, with_url: bool = False
) -> dict[str, Any]:
    """Keep a file that came in the request, and return where it is found; call it in a thread, as it opens the picture.

    `with_url` is for the older address, whose clients read `url`. Raises NotAllowed, InvalidInputs, TooLarge and
    UnusablePicture.
    """
    _require_run(key)
    data = file if isinstance(file, bytes) else file.read(MAX_BYTES + 1)
    described = _described(uploads.receive(key, data, filename=filename or "upload", content_type=content_type))
    return {**described, "url": described["download_url"]} if with_url else described


def _require_run(key: ApiKey) -> None:
    if not keys.may_run(key):
        raise NotAllowed(READ_ONLY)


def _described(upload: Upload) -> dict[str, Any]:
    return {
        "type": "image",
        "download_url": upload_address(upload.public_id, uploads.downloadable_until(upload)),
        "filename": upload.filename,
        "size": upload.size_bytes,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
