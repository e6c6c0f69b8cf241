"""Settings in and out of picture files: three records in every file this product writes.

| record                              | PNG                          | JPEG and WebP                                |
|-------------------------------------|------------------------------|----------------------------------------------|
| A1111 text, which many tools read   | text `parameters`            | EXIF UserComment                             |
| our own JSON, complete              | text `flux_srpo_playground`  | XMP property `flux_srpo_playground:settings` |
| the mark "made by AI", the credits  | XMP                          | XMP                                          |

XMP holds the JSON in a JPEG because editors carry XMP along, while they drop comments and segments that they do not know.
A JPEG segment ends at 64 kB. The record of a prompt of 5,000 characters fits, whatever they are; a longer record goes
without its notes, then without the original prompt, then is left out: a picture never fails for its metadata.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from typing import Any
from xml.etree import ElementTree  # nosec B405
from xml.sax.saxutils import escape  # nosec B406

from PIL.PngImagePlugin import PngInfo

KEY = "flux_srpo_playground"
NAMESPACE = "urn:flux-srpo-playground:1.0/"
SCHEMA = 1
AI_MARK = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_SEGMENT = 65_533
"""Bytes that a JPEG segment holds, its name included."""
_XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
_MOST_PARTS = 10_000
_LONGEST_RECORD = 400_000
"""Characters."""
_OPTIONAL = ("original_prompt", "enhancer", "enhancer_style", "enhancer_seed", "strength")
_HIGHEST = {"width": 65_535, "height": 65_535, "num_inference_steps": 10_000, "seed": 2**63 - 1, "enhancer_seed": 2**63 - 1}
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

_MALFORMED = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, struct.error, ElementTree.ParseError)

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_NOT_IN_XML = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
<Iptc4xmpExt:DigitalSourceType>{mark}</Iptc4xmpExt:DigitalSourceType>{rights}{record}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
_RIGHTS = (
    '\n<dc:rights xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:rights>'
)
_RECORD = f'\n<{KEY}:settings xmlns:{KEY}="{NAMESPACE}">{{}}</{KEY}:settings>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What makes a picture again. No date, no person, no id: the same request must give the same file."""

    prompt: str
    """What the model was given."""
    original_prompt: str | None = None
    """What the person wrote, where an enhancer changed it."""
    enhancer: str | None = None
    """The title of the enhancer."""
    enhancer_style: str | None = None
    enhancer_seed: int | None = None
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    num_inference_steps: int
    guidance_scale: float
    seed: int
    strength: float | None = None
    """0–1, None without a reference picture."""
    output_format: str
    """jpeg or png."""
    model: str
    """The catalog's name, such as flux-srpo."""
    backend: str
    """The title of the engine."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Name and version of everything that shapes the pixels."""
    pixels_sha256: str = ""
    """As `images.fingerprint_pixels` gives it."""
    notes: tuple[str, ...] = ()
    """Sentences for the person, such as "Not drawn: jazz"."""
    credits: str = ""
    """Whose work is in the picture."""


def a1111_text(settings: Settings) -> str:
    """Return the settings as AUTOMATIC1111's web UI writes them: the prompt, then one line of `key: value`.

    A value that holds a comma, a colon or a newline is quoted as JSON (its `infotext_utils.quote`).
    """
    values = {
        "Steps": settings.num_inference_steps,
        "Sampler": settings.backend,
        "CFG scale": 1,
        "Distilled CFG Scale": _short(settings.guidance_scale),
        "Seed": settings.seed,
        "Size": f"{settings.width}x{settings.height}",
        "Model": settings.model,
        "Denoising strength": None if settings.strength is None else _short(settings.strength),
        "Version": "; ".join(f"{name} {version}" for name, version in sorted(settings.versions.items())) or None,
    }
    line = ", ".join(f"{key}: {_quoted(_printable(str(value)))}" for key, value in values.items() if value is not None)
    return f"{_printable(settings.prompt)}\n{line}"


def png_records(settings: Settings) -> PngInfo:
    """Return the text chunks for Pillow's `pnginfo`: tEXt where Latin-1 is enough, else iTXt."""
    chunks = PngInfo()
    chunks.add_text("parameters", a1111_text(settings))
    chunks.add_text(KEY, _json(settings))
    chunks.add_itxt("XML:com.adobe.xmp", _packet(settings.credits, ""))
    return chunks


def exif(settings: Settings) -> bytes:
    """Return an EXIF block that holds the A1111 text as UserComment; empty where it is too long for a JPEG.

    Built by hand, as Pillow writes UserComment with the TIFF type BYTE, and readers want 7, UNDEFINED.
    """
    comment = b"UNICODE\0" + a1111_text(settings).encode("utf-16-be")
    # Header; a directory of one entry: the EXIF directory (LONG) at 26; a directory of one entry: UserComment at 44.
    header = struct.pack(">2sHI", b"MM", 42, 8)
    main = struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0)
    details = struct.pack(">HHHIII", 1, 0x9286, 7, len(comment), 44, 0)
    block = b"Exif\0\0" + header + main + details + comment
    return block if len(block) <= _SEGMENT else b""


def xmp(settings: Settings) -> bytes:
    """Return an XMP packet with the AI mark, the credits and, where it fits into a JPEG segment, our JSON."""
    shorter = replace(settings, notes=())
    for candidate in (settings, shorter, replace(shorter, original_prompt=None)):
        packet = _packet(settings.credits, _json(candidate))
        if len(packet) <= _SEGMENT - len(_XMP_NAME):
            return packet
    return _packet(settings.credits, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a file carries beside its pixels, as Pillow takes it: chunks for a PNG, the others for a JPEG or WebP."""

    chunks: PngInfo | None = None
    exif: bytes = b""
    xmp: bytes = b""


NOTHING = Records()


def everything(settings: Settings) -> Records:
    """Return all three records."""
    return Records(chunks=png_records(settings), exif=exif(settings), xmp=xmp(settings))


def mark_alone(credits: str = "") -> Records:
    """Return the mark "made by AI" with the credits, and no word about how the picture was made."""
    packet = _packet(credits, "")
    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", packet)
    return Records(chunks=chunks, xmp=packet)


def read(data: bytes) -> Settings | None:
    """Return the settings in a PNG, JPEG or WebP file that this product wrote, else None; never raises."""
    try:
        for record in _records(data):
            if len(record) <= _LONGEST_RECORD:
                return _settings(json.loads(record))
    except _MALFORMED:
        pass
    return None


def parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each chunk of a PNG or WebP, or of each segment before a JPEG's first scan."""
    if data.startswith(_PNG_MAGIC):
        return _png_parts(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp_parts(data)
    return _jpeg_parts(data) if data.startswith(b"\xff\xd8") else iter(())


def _json(settings: Settings) -> str:
    """Return our own record; characters that XML forbids are written as JSON escapes."""
    text = json.dumps({"schema": SCHEMA, **asdict(settings)}, ensure_ascii=False, sort_keys=True)
    return _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _packet(credits: str, record: str) -> bytes:
    rights = _RIGHTS.format(escape(_printable(credits))) if credits else ""
    return _PACKET.format(mark=AI_MARK, rights=rights, record=_RECORD.format(escape(record)) if record else "").encode()


def _printable(text: str) -> str:
    """Leave out control characters but tab and newline; half a surrogate pair becomes a question mark."""
    one_newline = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", one_newline).encode(errors="replace").decode()


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ",:\n") else value


def _short(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _records(data: bytes) -> Iterator[str]:
    """Yield what looks like our JSON."""
    for kind, content in islice(parts(data), _MOST_PARTS):
        if kind in (b"tEXt", b"iTXt"):
            yield from _record_in_text(kind, content)
        elif kind == b"XMP ":
            yield from _record_in_xmp(content)
        elif kind == b"\xe1" and content.startswith(_XMP_NAME):
            yield from _record_in_xmp(content.removeprefix(_XMP_NAME))


def _record_in_text(kind: bytes, content: bytes) -> Iterable[str]:
    key, _, rest = content.partition(b"\0")
    if key != KEY.encode():
        return []
    if kind == b"tEXt":
        return [rest.decode("latin-1")]
    return [rest[2:].split(b"\0", 2)[2].decode()]


def _record_in_xmp(packet: bytes) -> Iterable[str]:
    """Return our property, as an element or as the attribute that other tools may have made of it."""
    text = packet.decode()
    if "<!DOCTYPE" in text or len(text) > _LONGEST_RECORD:
        return []
    name = f"{{{NAMESPACE}}}settings"
    # Without a DOCTYPE there are no entities to expand.
    nodes = ElementTree.fromstring(text).iter()  # nosec B314
    return [found for node in nodes if (found := node.text if node.tag == name else node.get(name))]


def _png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_MAGIC)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _webp_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _jpeg_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1 : at + 2], data[at + 4 : at + 2 + length]
        at += 2 + length


def _settings(record: Any) -> Settings | None:
    """Return a record's settings if every value has the type and the range that it must have."""
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        return None
    found = {known.name: record[known.name] for known in fields(Settings) if known.name in record}
    if not all(_fits(name, value) for name, value in found.items()):
        return None
    return Settings(**found | {"notes": tuple(found.get("notes", ()))})


def _fits(name: str, value: Any) -> bool:
    if value is None:
        return name in _OPTIONAL
    if name in _HIGHEST:
        return type(value) is int and 0 <= value <= _HIGHEST[name]
    if name in ("guidance_scale", "strength"):
        return type(value) in (int, float) and math.isfinite(value)
    if name == "versions":
        return isinstance(value, dict) and all(isinstance(version, str) for version in value.values())
    if name == "notes":
        return isinstance(value, list) and all(isinstance(note, str) for note in value)
    return isinstance(value, str)
