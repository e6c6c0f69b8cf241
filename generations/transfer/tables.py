"""What made each picture of an archive, as JSON and as a table for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO

from generations.models import Image

Row = Mapping[str, object]

BOM = "\ufeff"
"""By which spreadsheets know UTF-8."""
COLUMNS = (
    "file",
    "id",
    "prompt",
    "original_prompt",
    "seed",
    "width",
    "height",
    "num_inference_steps",
    "guidance_scale",
    "strength",
    "output_format",
    "model",
    "backend",
    "versions",
    "author",
    "created_at",
    "finished_at",
    "render_ms",
    "price_usd",
    "note",
    "tags",
    "notes",
    "sha256",
    "pixels_sha256",
)
# What spreadsheets take for a formula, their wide forms for East Asian keyboards included.
_FORMULA = frozenset("=+-@＝＋－＠")
_BLANKS = "".join(
    map(chr, (*range(0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF))
)


def row_of(image: Image, name: str) -> Row:
    """Return one picture's row; needs its run with author, enhancement and taggings at hand."""
    generation = image.generation
    tags = sorted(tagging.tag.name for tagging in generation.taggings.all())
    made = {
        "file": name,
        "id": str(generation.public_id),
        "original_prompt": generation.enhancement.original if generation.enhancement else None,
        "width": image.width,
        "height": image.height,
        "output_format": image.output_format,
        "author": str(generation.author),
        "created_at": generation.created_at.isoformat(),
        "finished_at": generation.finished_at.isoformat() if generation.finished_at else None,
        "price_usd": generation.price_microusd / 1_000_000,
        "tags": tags,
        "sha256": image.sha256,
        "pixels_sha256": image.pixels_sha256,
    }
    return {column: made[column] if column in made else getattr(generation, column) for column in COLUMNS}


def json_of(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, indent=2)


def csv_head() -> str:
    """Return the names of the columns, with the mark by which spreadsheets know UTF-8."""
    return BOM + csv_line(COLUMNS)


def csv_of(row: Row) -> str:
    return csv_line([cell(row[column]) for column in COLUMNS])


def cell(value: object) -> str:
    """Return a value as text that no spreadsheet takes for a formula: an apostrophe in front says that it is words."""
    if value in (None, [], {}):
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    starts = text.lstrip(_BLANKS)[:1] in _FORMULA or text[:1] in ("\t", "\r", "\n")
    return f"'{text}" if text and starts else text


def csv_line(cells: Sequence[str]) -> str:
    """Return a line of cells; what people wrote goes through `cell` first."""
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
