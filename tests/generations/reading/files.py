"""Picture files with settings inside, laid out as the tools themselves lay them out."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

from generations.reading import Found, found_in

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def png(**texts: str) -> bytes:
    """Return a PNG as tools in Python write it with Pillow: tEXt where Latin-1 is enough, else iTXt."""
    chunks = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        chunks.add_text(name.replace("sd_metadata", "sd-metadata"), text)
    return _saved("PNG", pnginfo=chunks)


def png_with(*chunks: bytes) -> bytes:
    """Return a PNG with chunks of any content before its pixels."""
    plain = _saved("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def jpeg(exif: bytes) -> bytes:
    return _saved("JPEG", exif=exif)


def webp(exif: bytes) -> bytes:
    return _saved("WEBP", exif=exif)


def exif_of_comment(comment: bytes, *, order: str = ">", kind: int = 7) -> bytes:
    """Return an EXIF block with a UserComment in the EXIF directory: big-endian from piexif, little from ImageSharp."""
    header = (b"MM" if order == ">" else b"II") + struct.pack(order + "HI", 42, 8)
    main = struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, 26, 0)
    details = struct.pack(order + "HHHIII", 1, 0x9286, kind, len(comment), 44, 0)
    return b"Exif\0\0" + header + main + details + comment


def piexif_comment(text: str) -> bytes:
    """Return what piexif.helper.UserComment.dump(text, encoding="unicode") gives, which AUTOMATIC1111 writes."""
    return exif_of_comment(b"UNICODE\0" + text.encode("utf-16-be"))


def imagesharp_comment(text: str) -> bytes:
    """Return what ImageSharp's ExifTag.UserComment gives, which SwarmUI writes."""
    return exif_of_comment(b"UNICODE\0" + text.encode("utf-16-le"), order="<")


def exif_of_entries(entries: Mapping[int, str]) -> bytes:
    """Return the block that Pillow makes of entries in the main directory, as Fooocus and ComfyUI set them."""
    exif = Image.Exif()
    for tag, text in entries.items():
        exif[tag] = text
    return exif.tobytes()


def fooocus_exif(text: str, scheme: str) -> bytes:
    return exif_of_entries({0x9286: text, 0x0131: "Fooocus v2.5.5", 0x927C: scheme})


def comfyui_exif(prompt: Mapping[str, Any], workflow: Mapping[str, Any]) -> bytes:
    return exif_of_entries({0x0110: f"prompt:{json.dumps(prompt)}", 0x010F: f"workflow:{json.dumps(workflow)}"})


def found(data: bytes) -> Found:
    result = found_in(data)
    assert result is not None
    return result


def workflow_of(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the links of a graph in the editor's format: number, from, output, to, input, type."""
    types = {"model": "MODEL", "clip": "CLIP", "vae": "VAE", "positive": "CONDITIONING", "negative": "CONDITIONING"}
    links = [
        [number, int(value[0]), value[1], int(node), 0, types.get(name, "CONDITIONING" if "cond" in name else "*")]
        for node, content in prompt.items()
        for number, (name, value) in enumerate(content["inputs"].items())
        if isinstance(value, list)
    ]
    return {"nodes": [], "links": links, "version": 0.4}


def _saved(format_: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (16, 16), "teal").save(out, format_, **options)
    return out.getvalue()
