"""What a picture from outside says of itself, as far as this playground can keep it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings as django_settings
from django.utils.text import slugify

from generations import catalog, images, jpeg, metadata
from generations.backends import title_of
from generations.enhancers import enhancer_title
from generations.enhancers.base import Style
from generations.images import Picture, fingerprint_pixels
from generations.reading import Found, found_in
from generations.recipes import recipe_of

NOTE = "Brought in from a file; nothing was charged for it here."
NO_SETTINGS = "Its file does not say how it was made."
OPEN = "Not known: {names}. What is shown for that is only this playground's default."
OTHER_TOOL = "Its settings are read from what {tool} wrote into its file."
SAVED_AGAIN = "Its file was saved again since it was made, so its pixels may have changed."
NO_REFERENCE = "It was made from a reference picture, which is not in the file (strength {strength:g})."
UNKNOWN = "unknown"

_TITLES = {"prompt": "the prompt", "seed": "the seed", "num_inference_steps": "the steps", "guidance_scale": "the guidance"}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhanced:
    """How an enhancer came to the prompt, as far as a file tells it."""

    enhancer: str
    original: str
    style: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A picture that is ready to be kept."""

    picture: Picture
    values: Mapping[str, Any]
    """By the names of a generation's fields: prompt, seed, num_inference_steps, guidance_scale."""
    model: str
    backend: str
    output_format: str
    versions: Mapping[str, str]
    notes: tuple[str, ...]
    enhanced: Enhanced | None
    pixels_sha256: str
    """Of what was painted: for a JPEG of ours that is what its record says."""
    fingerprints: frozenset[str]
    """Of the pixels, each of which is reason to think that the picture is known."""
    file: bytes


def describe(data: bytes, picture: Picture) -> Described:
    """Return what is to be kept of a file: the very bytes where they are ours and unchanged, else the pixels saved again."""
    record = metadata.read(data)
    return _ours(data, picture, record) if record else _theirs(data, picture, found_in(data))


def storable(text: str) -> str:
    """Return a text as every database takes it: without NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def _ours(data: bytes, picture: Picture, record: metadata.Settings) -> Described:
    own = fingerprint_pixels(picture.pixels, picture.width, picture.height)
    is_same = _is_unchanged(data, picture, record, own)
    claimed = record.pixels_sha256 if _SHA256.fullmatch(record.pixels_sha256) else own
    values, notes = _values({name: getattr(record, name) for name in _TITLES})
    output_format = _format_of(data)
    notes = (*map(storable, record.notes), NOTE, *notes)
    if not is_same:
        notes += (SAVED_AGAIN,)
        record = replace(record, width=picture.width, height=picture.height, output_format=output_format, pixels_sha256=own)
    if record.strength is not None:
        notes += (NO_REFERENCE.format(strength=record.strength),)
    return Described(
        picture=picture,
        values=values,
        model=storable(record.model)[:80] or UNKNOWN,
        backend=_alias_of(record.backend),
        output_format=output_format,
        versions={storable(name): storable(version) for name, version in record.versions.items()},
        notes=notes,
        enhanced=_enhanced(record),
        pixels_sha256=claimed if is_same else own,
        fingerprints=frozenset({own, claimed}),
        file=data if is_same else _saved(picture, output_format, metadata.everything(record)),
    )


def _theirs(data: bytes, picture: Picture, found: Found | None) -> Described:
    own = fingerprint_pixels(picture.pixels, picture.width, picture.height)
    values, notes = _values(found.raw if found else {})
    said = (OTHER_TOOL.format(tool=found.tool), *found.unmapped) if found else (NO_SETTINGS,)
    tool = found.tool if found else UNKNOWN
    output_format = _format_of(data)
    settings = metadata.Settings(
        width=picture.width,
        height=picture.height,
        output_format=output_format,
        model=UNKNOWN,
        backend=tool,
        pixels_sha256=own,
        notes=(*said, *notes),
        **values,
    )
    # What nothing says is made by AI is not marked so: it may be a photograph.
    records = metadata.everything(settings) if found else metadata.NOTHING
    return Described(
        picture=picture,
        values=values,
        model=UNKNOWN,
        backend=_alias_of(tool),
        output_format=output_format,
        versions={},
        notes=tuple(map(storable, (NOTE, *said, *notes))),
        enhanced=None,
        pixels_sha256=own,
        fingerprints=frozenset({own}),
        file=_saved(picture, output_format, records),
    )


def _is_unchanged(data: bytes, picture: Picture, record: metadata.Settings, own: str) -> bool:
    """Say whether the file is what this product writes, byte for byte: it is written again, or taken apart, and compared.

    Its own word is not enough, as anybody can write such a record into a file that holds something else as well.
    """
    if (record.width, record.height) != (picture.width, picture.height) or record.output_format != _magic(data):
        return False
    if record.output_format == "jpeg":
        return jpeg.is_as_written_here(data, record)
    written = images.encode(picture.pixels, picture.width, picture.height, output_format="png", settings=record)
    return own == record.pixels_sha256 and written == data


def _saved(picture: Picture, output_format: str, records: metadata.Records) -> bytes:
    return images.save_as(picture, output_format, records=records)


def _magic(data: bytes) -> str:
    return "png" if data.startswith(b"\x89PNG") else "jpeg" if data.startswith(b"\xff\xd8") else "webp"


def _format_of(data: bytes) -> str:
    """Return the format to keep it in: a WebP becomes a PNG, which loses nothing."""
    return "jpeg" if _magic(data) == "jpeg" else "png"


def _values(raw: Mapping[str, object]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the four values that every row has, and sentences about those that the file does not tell or that cannot be."""
    recipe = recipe_of({name: raw.get(name) for name in _TITLES})
    properties = catalog.load().properties
    values = {name: recipe.values.get(name, properties[name].get("default", "")) for name in _TITLES}
    values["prompt"] = storable(values["prompt"])
    values["seed"] = max(0, recipe.values.get("seed", 0))
    unknown = [title for name, title in _TITLES.items() if recipe.values.get(name, -1) == -1]
    notes = (OPEN.format(names=", ".join(unknown)),) if unknown else ()
    return values, notes


def _enhanced(record: metadata.Settings) -> Enhanced | None:
    if not record.original_prompt or not record.enhancer:
        return None
    style = record.enhancer_style if record.enhancer_style in list(Style) else Style.DEFAULT.value
    seed = min(max(0, record.enhancer_seed or 0), 2**31 - 1)
    original = storable(record.original_prompt)
    return Enhanced(enhancer=_enhancer_alias(record.enhancer), original=original, style=str(style), seed=seed)


def _alias_of(title: str) -> str:
    """Return the name of the engine of that title; a name made of it where this server has none."""
    known = {title_of(alias): alias for alias in django_settings.IMAGE_BACKENDS}
    return known.get(title) or slugify(title)[:40] or UNKNOWN


def _enhancer_alias(title: str) -> str:
    known = {enhancer_title(alias): alias for alias in django_settings.PROMPT_ENHANCERS}
    return known.get(title) or slugify(title)[:40] or UNKNOWN
