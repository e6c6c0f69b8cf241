"""The picture that an address in a request leads to: one of this server's own, one in the address itself, one elsewhere."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Now
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from generations import catalog, signed
from generations.decoding import open_in_child
from generations.errors import (
    AddressRefused,
    AnswerTooLarge,
    DeadlinePassed,
    DownloadRefused,
    InvalidInputs,
    OutboundError,
    UnusablePicture,
)
from generations.images import MAX_BYTES, TOO_MANY_BYTES, Picture
from generations.models import Image, State, Upload
from generations.outbound import adownload, loopback_origin_of
from generations.signed import Kind, Opened

WITHIN_S = 15.0
LONGEST_ADDRESS = 8000
STEP = 16
"""Pixels; sides that the model likes are multiples of it."""

NOT_AN_ADDRESS = "This is not the address of a picture. Give one that starts with https://, or upload the picture first."
NOT_BASE64 = "This data: address is damaged. It has to be data:image/png;base64, followed by the file in base64."
OVER = "This address is wrong or has expired. Ask for the result again to get a new one, or upload the picture again."
NOT_PUBLIC = "This address leads to a place that this server does not talk to. Use a public https address, or upload the picture."
NOT_THERE = "There is no picture at this address. Check that it opens without signing in, then try again."
TOO_SLOW = "The server at this address took too long. Upload the picture instead, or try again."
NOT_REACHED = "The server at this address could not be reached. Check the address, then try again."

_OUTBOUND: tuple[tuple[type[OutboundError], str], ...] = (
    (AddressRefused, NOT_PUBLIC),
    (AnswerTooLarge, TOO_MANY_BYTES),
    (DownloadRefused, NOT_THERE),
    (DeadlinePassed, TOO_SLOW),
    (OutboundError, NOT_REACHED),
)
# Pictures are opened one at a time anyway: those that wait for their turn shall not use up the threads of everybody else.
_opener = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of this server's own."""

    file: FieldFile
    filename: str
    """For those who save it."""


async def picture_at(address: str, *, within_s: float = WITHIN_S) -> Picture:
    """Return the picture that an address leads to, without holding the event loop.

    Whoever has an address that was signed here may use it: the signature is the permission. Raises InvalidInputs with a
    sentence for `image` when there is no usable picture, and OSError when this machine cannot open one.
    """
    address = address.strip()
    try:
        if address.startswith(settings.PUBLIC_URL + signed.PREFIX):
            return await _in_thread(reopened, await sync_to_async(_own)(address))
        data_url = address[:5].lower() == "data:"
        return (
            await _in_thread(_inlined, address)
            if data_url
            else await _in_thread(open_in_child, await _fetched(address, within_s))
        )
    except UnusablePicture as error:
        raise InvalidInputs({"image": error.message}) from error
    except OutboundError as error:
        raise InvalidInputs({"image": next(words for kind, words in _OUTBOUND if isinstance(error, kind))}) from error


def kept(opened: Opened) -> Kept | None:
    """Return the file that a signed address opens; None when it is not there, not finished or deleted."""
    if opened.kind == Kind.UPLOAD:
        upload = Upload.objects.filter(public_id=opened.public_id, expires_at__gt=Now()).exclude(file="").first()
        return Kept(file=upload.file, filename=f"{PurePosixPath(upload.filename).stem}.png") if upload else None
    if opened.kind == Kind.PICTURE:
        found = Image.objects.filter(
            generation__public_id=opened.public_id,
            generation__state=State.SUCCEEDED,
            generation__prediction__deleted_at__isnull=True,
            index=opened.index,
            output_format=opened.ending,
        ).first()
        return Kept(file=found.file, filename=f"{opened.public_id.hex}-{opened.index}.{opened.ending}") if found else None
    return None


def reopened(data: bytes) -> Picture:
    """Return the pixels of a file that this product wrote.

    Such a file needs no child process, and no limit either: of a photo of 4 MB an upload keeps a PNG of more than 20.
    """
    with PngImageFile(BytesIO(data)) if data.startswith(b"\x89PNG") else JpegImageFile(BytesIO(data)) as image:
        return Picture(width=image.width, height=image.height, pixels=image.convert("RGB").tobytes())


def fitted_size(width: int, height: int) -> tuple[int, int]:
    """Return the size (px) in which a model that is told no size makes a picture from one of this size.

    The same proportions, as far as the model's smallest and largest side allow, and sides that are multiples of 16.
    """
    sides = catalog.load().properties["size"]
    smallest, largest = int(sides["minimum"]), int(sides["maximum"])
    scale = max(min(1.0, largest / max(width, height)), smallest / min(width, height))

    def fitted(side: int) -> int:
        return min(largest, max(smallest, round(side * scale / STEP) * STEP))

    return fitted(width), fitted(height)


def _own(address: str) -> bytes:
    """Read the file behind an address of this server's own, without asking over the network."""
    opened = signed.opened(address.removeprefix(settings.PUBLIC_URL))
    found = kept(opened) if opened else None
    try:
        if found is not None:
            with found.file.open("rb") as file:
                return bytes(file.read())
    except FileNotFoundError as error:
        raise InvalidInputs({"image": OVER}) from error
    raise InvalidInputs({"image": OVER})


def _inlined(address: str) -> Picture:
    """Open the file inside a data: address."""
    head, comma, text = address.partition(",")
    words = head.lower().split(";")
    if not comma or not words[0].startswith("data:image/") or words[-1] != "base64":
        raise UnusablePicture(NOT_BASE64)
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        raise UnusablePicture(TOO_MANY_BYTES)
    try:
        # Some programs break base64 into lines.
        data = b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise UnusablePicture(NOT_BASE64) from error
    return open_in_child(data)


async def _fetched(address: str, within_s: float) -> bytes:
    if not _is_address(address):
        raise UnusablePicture(NOT_AN_ADDRESS)
    origin = loopback_origin_of(settings.LOOPBACK_ORIGIN)
    return (await adownload(address, loopback_origin=origin, within_s=within_s, most_bytes=MAX_BYTES)).body


def _is_address(text: str) -> bool:
    if len(text) > LONGEST_ADDRESS or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


async def _in_thread(opening: Callable[..., Picture], content: bytes | str) -> Picture:
    return await asyncio.get_running_loop().run_in_executor(_opener, opening, content)
