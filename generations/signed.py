"""Addresses that open one thing for a while, for whoever holds them.

Nothing is looked up to make one or to check one: results are read often, and each read makes an address for each picture.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from django.conf import settings

PURPOSE = b"flux-srpo-playground signed addresses 1:"
PREFIX = "/api/media/"
"""What follows PUBLIC_URL in every one of them."""
PICTURE_DAYS = 7

_DAY_S = 86_400
_SIGNATURE_BYTES = 24
"""192 bits, which are 32 characters without padding."""
_ADDRESS = re.compile(
    PREFIX + r"(?P<of>(?P<kind>pictures|uploads|tickets)/(?P<public_id>[0-9a-f]{32})/(?:(?P<index>0|[1-9][0-9]{0,4})/)?)"
    r"(?P<expires>[1-9][0-9]{0,11})-(?P<signature>[A-Za-z0-9_-]{32})(?P<ending>\.[a-z]{1,5})?",
    re.ASCII,
)


class Kind(StrEnum):
    """What an address is for; the signature of one kind is none for another."""

    PICTURE = "pictures"
    UPLOAD = "uploads"
    TICKET = "tickets"
    """For one PUT, before there is a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an address opens that was signed here and is not over."""

    kind: Kind
    public_id: UUID
    index: int
    """Of a generation's pictures; 0 for the other kinds."""
    ending: str
    """jpeg or png; "" for a ticket."""
    expires: int
    """Seconds since 1970."""


def picture_address(public_id: UUID, index: int, output_format: str, until: datetime | None = None) -> str:
    """Return where the original of a generation's picture can be fetched; `output_format` is jpeg or png.

    Without `until` it holds for at least 7 and at most 8 days and is the same address all day (UTC), so that what was
    fetched once is found in a cache.
    """
    expires = int(until.timestamp()) if until else (int(time.time()) // _DAY_S + PICTURE_DAYS + 1) * _DAY_S
    return _signed(f"pictures/{public_id.hex}/{index}/", expires, f".{output_format}")


def upload_address(public_id: UUID, until: datetime) -> str:
    """Return where an upload's file can be fetched, once it is there."""
    return _signed(f"uploads/{public_id.hex}/", int(until.timestamp()), ".png")


def ticket_address(public_id: UUID, until: datetime) -> str:
    """Return where an upload's file has to be PUT."""
    return _signed(f"tickets/{public_id.hex}/", int(until.timestamp()), "")


def opened(path: str) -> Opened | None:
    """Return what an address opens, given all of it that follows PUBLIC_URL; None when it is wrong or over."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    of, expires, ending = found["of"], int(found["expires"]), found["ending"] or ""
    genuine = hmac.compare_digest(found["signature"], _signature(of, expires, ending))
    if not genuine or expires <= time.time():
        return None
    index, public_id = int(found["index"] or 0), UUID(found["public_id"])
    return Opened(kind=Kind(found["kind"]), public_id=public_id, index=index, ending=ending[1:], expires=expires)


def _signed(of: str, expires: int, ending: str) -> str:
    return f"{settings.PUBLIC_URL}{PREFIX}{of}{expires}-{_signature(of, expires, ending)}{ending}"


def _signature(of: str, expires: int, ending: str) -> str:
    digest = hmac.digest(_key(settings.SECRET_KEY), f"{of}{expires}{ending}".encode(), "sha256")
    return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


@lru_cache(maxsize=4)
def _key(secret_key: str) -> bytes:
    return hashlib.sha256(PURPOSE + secret_key.encode()).digest()
