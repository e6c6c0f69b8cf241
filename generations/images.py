"""The one door that every picture passes: bytes from outside become checked pixels, pixels become files.

Nothing of a file from outside is passed on but its pixels, and which picture of this product it says it is.
"""

from __future__ import annotations

import hashlib
import re
import struct
import threading
import warnings
import zlib
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from PIL import ExifTags, Image, ImageChops, ImageFilter, ImageStat, PngImagePlugin, UnidentifiedImageError

from generations import metadata
from generations.errors import UnusablePicture

MAX_BYTES = 20_000_000
MAX_PIXELS = 32_000_000
MIN_SIDE = 16
"""Pixels."""
SMALL = 384
"""Pixels on the longer side of the gallery's thumbnail."""
LARGE = 960
"""Pixels on the longer side of the thumbnail that a page shows big."""

FINGERPRINT = re.compile("[0-9a-f]{64}")

EMPTY = "This file is empty. Choose a PNG, JPEG or WebP file."
TOO_MANY_BYTES = "This file is larger than 20 MB. Save the picture smaller or as JPEG, then try again."
TOO_MANY_PIXELS = "This picture has more than 32 million pixels. Make it smaller, then try again."
TOO_SMALL = "This picture is less than 16 pixels wide or high. Choose a larger one."
WRONG_FORMAT = "This is a {name} file. Only PNG, JPEG and WebP pictures can be used: save it as one of these, then try again."
DAMAGED = "This picture is cut off or damaged. Save or download it again, then try again."
MEMORY_RAN_OUT = "This picture needs more memory than there is. Make it smaller, then try again."

# Pillow raises at twice this number, for WebP even before it allocates the canvas.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
# All text chunks of a PNG together, unpacked; Pillow's own limit is 64 MiB, which iTXt can turn into 256.
PngImagePlugin.MAX_TEXT_MEMORY = 4 * PngImagePlugin.MAX_TEXT_CHUNK

_MOST_SCANS = 200
_MOST_PARTS = 20_000
_COMPRESSED = (b"zTXt", b"iTXt", b"iCCP")
"""PNG chunks that Pillow unpacks, each up to 1 MiB."""
_MOST_COMPRESSED = 100
_PNG = {"compress_level": 1, "compress_type": zlib.Z_RLE}
_JPEG = {"quality": 95, "subsampling": 0}
_THUMBNAIL = {"quality": 80, "method": 2}

# What hostile files have been seen to raise inside Pillow. zlib.error and struct.error derive from Exception alone.
_PILLOW_GAVE_UP = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_OTHER_FORMATS = (
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavi", "AVIF"),
)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# One picture at a time: at the pixel cap one takes up to 700 MB, and warnings.catch_warnings is not safe with threads.
_opening = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that passed the door: upright, opaque, without metadata."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, row by row: width × height × 3 bytes."""
    source_sha256: str = ""
    """The fingerprint in our own record: of the pixels before a JPEG or WebP changed them. "" in files of others."""

    def png(self) -> bytes:
        """Return it as a PNG file that holds nothing but the pixels."""
        return _file(_image(self.pixels, self.width, self.height), "PNG", **_PNG)


def open_picture(data: bytes) -> Picture:
    """Return the pixels of a PNG, JPEG or WebP file from outside, turned upright, on white, the first frame alone.

    Raises UnusablePicture with a sentence that says what is wrong with the file. Damaged EXIF or text is no reason to
    refuse: it is left behind anyway.
    """
    _refuse_at_sight(data)
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
                _refuse_by_size(image.width, image.height)
                image.load()
                upright = _opaque(_upright(image))
        except UnidentifiedImageError as error:
            raise UnusablePicture(_why_unidentified(data), detail=str(data[:16])) from error
        except Image.DecompressionBombError as error:
            raise UnusablePicture(TOO_MANY_PIXELS, detail=str(error)) from error
        except MemoryError as error:
            raise UnusablePicture(MEMORY_RAN_OUT, detail=f"{len(data)} bytes") from error
        except _PILLOW_GAVE_UP as error:
            raise UnusablePicture(DAMAGED, detail=repr(error)[:300]) from error
        return Picture(width=upright.width, height=upright.height, pixels=upright.tobytes(), source_sha256=_source_of(data))


def _source_of(data: bytes) -> str:
    record = metadata.read(data)
    return record.pixels_sha256 if record and FINGERPRINT.fullmatch(record.pixels_sha256) else ""


def encode(pixels: bytes, width: int, height: int, *, output_format: str, settings: metadata.Settings) -> bytes:
    """Return the file to keep, png or jpeg, with its settings inside; the same arguments give the same bytes."""
    image = _image(pixels, width, height)
    if output_format == "png":
        return _file(image, "PNG", pnginfo=metadata.png_records(settings), **_PNG)
    return _file(image, "JPEG", exif=metadata.exif(settings), xmp=metadata.xmp(settings), **_JPEG)


def save_as(picture: Picture, output_format: str, *, records: metadata.Records = metadata.NOTHING, quality: int = 95) -> bytes:
    """Return the picture as a file to take along: png, which ignores the quality, jpeg or webp.

    `quality` goes from 1 to 100; a WebP of 100 loses nothing.
    """
    image = _image(picture.pixels, picture.width, picture.height)
    if output_format == "png":
        return _file(image, "PNG", pnginfo=records.chunks, **_PNG)
    if output_format == "webp":
        return _file(image, "WEBP", exif=records.exif, xmp=records.xmp, quality=quality, lossless=quality == 100, method=2)
    return _file(image, "JPEG", exif=records.exif, xmp=records.xmp, **{**_JPEG, "quality": quality})


def thumbnails(pixels: bytes, width: int, height: int) -> tuple[bytes, bytes]:
    """Return the SMALL and the LARGE thumbnail as WebP files; the small one is made from the large one."""
    large = _shrunk(_image(pixels, width, height), LARGE)
    return _file(_shrunk(large, SMALL), "WEBP", **_THUMBNAIL), _file(large, "WEBP", **_THUMBNAIL)


def thumbnail(pixels: bytes, width: int, height: int, longest: int) -> bytes:
    """Return a WebP file of at most `longest` px a side; a smaller picture keeps its size."""
    return _file(_shrunk(_image(pixels, width, height), longest), "WEBP", **_THUMBNAIL)


def small_jpeg(png: bytes, longest: int) -> bytes:
    """Return a PNG file of our own as a JPEG of at most `longest` px a side that holds nothing but pixels."""
    with PngImagePlugin.PngImageFile(BytesIO(png)) as image:
        return _file(_shrunk(image.convert("RGB"), longest), "JPEG", quality=85)


def placeholder(pixels: bytes, width: int, height: int) -> str:
    """Return a blurred picture of at most 24 px a side as a data: URI of at most 400 characters."""
    tiny = _blurred(_image(pixels, width, height))
    for quality in (50, 25, 10, 0):
        uri = "data:image/webp;base64," + b64encode(_file(tiny, "WEBP", quality=quality, method=4)).decode()
        if len(uri) <= 400:
            break
    return uri


def encode_preview(width: int, height: int, pixels: bytes) -> bytes:
    """Return a half-finished picture as a WebP file, as fast as can be."""
    return _file(_shrunk(_image(pixels, width, height), SMALL), "WEBP", quality=70, method=0)


def encode_covered_preview(width: int, height: int, pixels: bytes) -> bytes:
    """Return as much of a half-finished picture as its placeholder would show: colours, and no more."""
    return _file(_blurred(_image(pixels, width, height)), "WEBP", quality=50, method=0)


def fingerprint_bytes(data: bytes) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(data).hexdigest()


def fingerprint_pixels(pixels: bytes, width: int, height: int) -> str:
    """Return the SHA-256 of what is seen, whatever the file format; 10×20 and 20×10 differ."""
    digest = hashlib.sha256(f"RGB {width}x{height}\n".encode())
    digest.update(pixels)
    return digest.hexdigest()


def distance(one: Picture, other: Picture) -> float:
    """Return how far apart two pictures look: 0 for the same, 1 for black and white.

    Both are made 64 px small first, so that what nobody sees counts for little; another shape is another picture.
    """
    if abs(one.width / one.height - other.width / other.height) > 0.02:
        return 1.0
    small = [_image(each.pixels, each.width, each.height).resize((64, 64), Image.Resampling.BOX) for each in (one, other)]
    sums = ImageStat.Stat(ImageChops.difference(*small)).sum2
    return float((sum(sums) / (3 * 64 * 64)) ** 0.5 / 255)


def _refuse_at_sight(data: bytes) -> None:
    """Refuse what costs too much to be given to a decoder at all."""
    if not data:
        raise UnusablePicture(EMPTY)
    if len(data) > MAX_BYTES:
        raise UnusablePicture(TOO_MANY_BYTES, detail=f"{len(data)} bytes")
    if data.startswith(b"\xff\xd8") and (scans := data.count(b"\xff\xda")) > _MOST_SCANS:
        # libjpeg goes over the whole picture for each scan of a progressive file (LJT-01-005): a few kB can cost hours.
        raise UnusablePicture(DAMAGED, detail=f"{scans} scans")
    kinds = Counter(kind for kind, _ in islice(metadata.parts(data), _MOST_PARTS + 1))
    if kinds.total() > _MOST_PARTS or sum(kinds[kind] for kind in _COMPRESSED) > _MOST_COMPRESSED:
        raise UnusablePicture(DAMAGED, detail=f"too many chunks or segments: {kinds.most_common(3)}")


def _refuse_by_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnusablePicture(TOO_MANY_PIXELS, detail=f"{width}×{height}")
    if min(width, height) < MIN_SIDE:
        raise UnusablePicture(TOO_SMALL, detail=f"{width}×{height}")


def _why_unidentified(data: bytes) -> str:
    """Name the format where it is one that people try; say damaged where it starts like one of ours."""
    start = data[:1000].lstrip()
    if start.startswith((b"<svg", b"<?xml")) and b"<svg" in start:
        return WRONG_FORMAT.format(name="SVG")
    for at, magic, name in _OTHER_FORMATS:
        if data.startswith(magic, at):
            return WRONG_FORMAT.format(name=name)
    ours = data.startswith((b"\x89PNG", b"\xff\xd8\xff")) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP")
    return DAMAGED if ours else UnusablePicture.message


def _upright(image: Image.Image) -> Image.Image:
    """Turn a photo as its EXIF says; what cannot be understood there is ignored."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _PILLOW_GAVE_UP:
        return image
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    """Return it as RGB; what shows through shows white."""
    if image.mode == "I;16":
        return image.convert("I").point(lambda level: level * (1 / 257)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image)
    return white


def _image(pixels: bytes, width: int, height: int) -> Image.Image:
    return Image.frombuffer("RGB", (width, height), pixels, "raw", "RGB", 0, 1)


def _blurred(image: Image.Image) -> Image.Image:
    """Return it at most 24 px a side."""
    return _shrunk(image.reduce(max(1, max(image.size) // 96)), 24).filter(ImageFilter.GaussianBlur(1))


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _file(image: Image.Image, image_format: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()
