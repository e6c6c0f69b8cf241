"""One picture as a file to take along: with its recipe, with the AI mark alone, or clean; as PNG, JPEG or WebP.

The stored file goes out byte for byte unless something else is asked for. A PNG has the very pixels of the stored file. A
stored JPEG without its recipe is not encoded again: only its records are taken out. Any other JPEG or WebP is encoded anew,
which changes pixels a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from generations import images, jpeg, metadata
from generations.errors import InvalidInputs
from generations.models import Image
from generations.transfer.names import file_name

QUALITY = 95
WRONG_FORM = "A picture can be downloaded as recipe, mark or clean."
WRONG_FORMAT = "A picture can be downloaded as png, jpeg or webp."
WRONG_QUALITY = "The quality is a whole number from 1 to 100."


class Form(StrEnum):
    """What a file says beside its pixels."""

    RECIPE = "recipe"
    MARK = "mark"
    """That it was made by AI, and whose work is in it."""
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to have."""

    form: Form = Form.RECIPE
    output_format: str = ""
    """png, jpeg or webp; empty for the stored one's."""
    quality: int | None = None
    """1 to 100, of a JPEG or WebP; None encodes nothing anew that need not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    name: str
    output_format: str
    content: bytes


def wish_of(asked: Mapping[str, str]) -> Wish:
    """Return what an address asks for; raises InvalidInputs."""
    form, output_format, quality = asked.get("form") or Form.RECIPE, asked.get("as", ""), asked.get("quality", "")
    if form not in list(Form):
        raise InvalidInputs({"form": WRONG_FORM})
    if output_format not in ("", "png", "jpeg", "webp"):
        raise InvalidInputs({"as": WRONG_FORMAT})
    if quality and not (quality.isascii() and quality.isdigit() and len(quality) <= 3 and 1 <= int(quality) <= 100):
        raise InvalidInputs({"quality": WRONG_QUALITY})
    return Wish(form=Form(form), output_format=output_format, quality=int(quality) if quality else None)


def download(image: Image, wish: Wish) -> Download:
    """Return the file; raises FileNotFoundError when the stored one is gone, and UnusablePicture when it is damaged."""
    output_format = wish.output_format or image.output_format
    with image.file.open("rb") as opened:
        stored = opened.read()
    return Download(name=file_name(image, output_format), output_format=output_format, content=_content(image, stored, wish))


def _content(image: Image, stored: bytes, wish: Wish) -> bytes:
    output_format = wish.output_format or image.output_format
    as_stored = output_format == image.output_format and (wish.quality is None or output_format == "png")
    if as_stored and wish.form == Form.RECIPE:
        return stored
    records = _records(stored, wish.form)
    if as_stored and output_format == "jpeg":
        return jpeg.rewritten(stored, exif=records.exif, xmp=records.xmp)
    picture = images.open_picture(stored)
    return images.save_as(picture, output_format, records=records, quality=wish.quality or QUALITY)


def _records(stored: bytes, form: Form) -> metadata.Records:
    """Return what goes into the file; the recipe is the one in the stored file, so that both say the same."""
    settings = metadata.read(stored)
    if form == Form.RECIPE:
        return metadata.everything(settings) if settings else metadata.NOTHING
    if form == Form.MARK:
        return metadata.mark_alone(settings.credits if settings else "")
    return metadata.NOTHING
