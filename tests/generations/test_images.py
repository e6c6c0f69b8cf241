"""The door for pictures: what passes, what is refused in which words, and what the files are like."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import warnings
import zlib
from base64 import b64decode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from generations import images
from generations.errors import UnusablePicture
from generations.metadata import Settings, parts

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
PNG = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def noise(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(1).randbytes(width * height * channels))


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*extra: bytes, width: int = 64, height: int = 64, depth: int = 8, kind: int = 2, data: bytes | None = None) -> bytes:
    """Build a black PNG by hand, with `extra` chunks before the pixels; kind 0 is gray, 2 is colour."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    pixels = zlib.compress(bytes((width * (kind + 1) + 1) * height)) if data is None else data
    return PNG + header + b"".join(extra) + chunk(b"IDAT", pixels) + chunk(b"IEND")


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def colour_at(picture: images.Picture, x: int, y: int) -> tuple[int, ...]:
    at = (y * picture.width + x) * 3
    return tuple(picture.pixels[at : at + 3])


def close(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(one, other, strict=True))


def refusal(data: bytes) -> str:
    with pytest.raises(UnusablePicture) as caught:
        images.open_picture(data)
    return caught.value.message


def half_red() -> Image.Image:
    """Red on the left, blue on the right, 40×20."""
    image = Image.new("RGB", (40, 20), RED)
    image.paste(BLUE, (20, 0, 40, 20))
    return image


def scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan comes again and again."""
    data = saved(noise(), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


def ztxt(text: bytes, key: bytes = b"k") -> bytes:
    return chunk(b"zTXt", key + b"\0\0" + zlib.compress(text))


DAMAGED: dict[str, Callable[[], bytes]] = {
    "png_cut_in_half": lambda: saved(noise(), "PNG")[:4000],
    "png_header_alone": lambda: PNG,
    "png_cut_in_header": lambda: saved(noise(), "PNG")[:20],
    "jpeg_cut_in_half": lambda: saved(noise(), "JPEG")[:1500],
    "jpeg_cut_in_header": lambda: saved(noise(), "JPEG")[:100],
    "jpeg_magic_alone": lambda: b"\xff\xd8\xff",
    "webp_cut_in_half": lambda: saved(noise(), "WEBP")[:800],
    "webp_header_alone": lambda: b"RIFF\x24\0\0\0WEBPVP8 ",
    "png_of_no_height": lambda: png(height=0),
    "png_of_no_width": lambda: png(width=0),
    "png_without_pixels": lambda: PNG + png()[8:33] + chunk(b"IEND"),
    "png_with_a_wrong_checksum": lambda: png()[:30] + b"\0\0\0" + png()[33:],
    "png_with_garbage_for_pixels": lambda: png(data=b"no zlib stream"),
    "png_of_an_unknown_colour_type": lambda: png(kind=5),
    "one_text_bomb": lambda: png(ztxt(bytes(50_000_000))),
    "text_bombs_that_are_each_small": lambda: png(*[ztxt(b"a" * 1_000_000, b"k%d" % i) for i in range(64)]),
    "text_bombs_without_a_key": lambda: png(*[ztxt(b"a" * 1_000_000, b"") for _ in range(101)]),
    "profile_bomb": lambda: png(chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(50_000_000)))),
    "profile_bombs_that_are_each_small": lambda: png(*[chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(1_000_000)))] * 101),
    "a_million_chunks": lambda: png(chunk(b"abCd") * 1_000_000),
    "a_million_segments": lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000,
    "a_thousand_scans": lambda: scans(1000),
}

NOT_PICTURES: dict[str, tuple[bytes, str]] = {
    "gif": (saved(noise().convert("P"), "GIF"), "GIF"),
    "bmp": (saved(noise(), "BMP"), "BMP"),
    "tiff": (saved(noise(), "TIFF"), "TIFF"),
    "svg": (b"\n <svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
    "svg_with_a_declaration": (b"<?xml version='1.0'?><svg/>", "SVG"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "avif": (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "AVIF"),
    "html": (b"<!doctype html><script>alert(1)</script>", "could not be read as a picture"),
    "random": (random.Random(2).randbytes(5000), "could not be read as a picture"),
    "zip": (b"PK\x03\x04" + bytes(100), "could not be read as a picture"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "could not be read as a picture"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_or_hostile_file_is_refused_as_damaged(name: str) -> None:
    assert refusal(DAMAGED[name]()) == images.DAMAGED


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_a_file_of_another_kind_is_refused_by_its_name(name: str) -> None:
    data, words = NOT_PICTURES[name]
    assert words in refusal(data)


def test_an_empty_file_is_called_empty() -> None:
    assert refusal(b"") == images.EMPTY


def test_a_file_over_20_mb_is_refused_and_one_of_20_mb_is_not() -> None:
    whole = saved(noise(), "JPEG")
    assert images.open_picture(whole + bytes(20_000_000 - len(whole))).width == 64
    assert refusal(whole + bytes(20_000_001 - len(whole))) == images.TOO_MANY_BYTES


def webp_canvas(width: int, height: int) -> bytes:
    canvas = struct.pack("<4sIB3x", b"VP8X", 10, 2) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas


def jpeg_header(width: int, height: int) -> bytes:
    data = saved(noise(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


HUGE = {
    "png_of_one_column_too_many": png(width=8000, height=4001, data=b""),
    "png_of_3600_million_pixels": png(width=60_000, height=60_000, data=b""),
    "png_of_the_highest_numbers": png(width=2**31 - 1, height=2**31 - 1, data=b""),
    "png_of_one_line": png(width=32_000_001, height=1, data=b""),
    "webp": webp_canvas(8000, 4001),
    "jpeg": jpeg_header(65_000, 65_000),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_file_that_claims_too_many_pixels_is_refused(name: str) -> None:
    assert refusal(HUGE[name]) == images.TOO_MANY_PIXELS


def test_the_cap_on_pixels_holds_where_somebody_lifted_that_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert refusal(HUGE["png_of_one_column_too_many"]) == images.TOO_MANY_PIXELS


def test_a_picture_of_exactly_32_million_pixels_passes() -> None:
    assert len(images.open_picture(png(width=8000, height=4000, kind=0)).pixels) == 96_000_000


def test_a_picture_under_16_pixels_is_refused_and_one_of_16_is_not() -> None:
    assert refusal(saved(noise(1, 1), "PNG")) == images.TOO_SMALL
    assert refusal(saved(noise(400, 15), "WEBP")) == images.TOO_SMALL
    assert images.open_picture(saved(noise(16, 16), "PNG")).height == 16


IN_60_MB = """
import pathlib, resource, sys
from generations import images
from generations.errors import UnusablePicture

pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
most = pages * resource.getpagesize() + 60_000_000
resource.setrlimit(resource.RLIMIT_AS, (most, most))
for path in map(pathlib.Path, sys.argv[1:]):
    try:
        images.open_picture(path.read_bytes())
    except UnusablePicture as refused:
        print(refused.message)
"""


def refusals_in_60_mb(folder: Path, files: Sequence[bytes]) -> list[str]:
    """Open files in a process of their own that may take 60 MB on top of what it takes to start."""
    paths = [folder / str(number) for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    command = [sys.executable, "-c", IN_60_MB, *map(str, paths)]
    root = Path(__file__).parents[2]
    return subprocess.run(command, check=True, timeout=60, capture_output=True, text=True, cwd=root).stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_in_little_memory_bombs_are_refused_as_bombs_and_a_large_picture_for_the_memory(tmp_path: Path) -> None:
    bombs = [make() for name, make in DAMAGED.items() if "bomb" in name]
    expected = [images.DAMAGED] * 5 + [images.MEMORY_RAN_OUT]
    assert refusals_in_60_mb(tmp_path, [*bombs, png(width=8000, height=4000)]) == expected


def test_warnings_of_pillow_neither_escape_nor_refuse() -> None:
    invalid_animation = png(chunk(b"acTL", bytes(8)))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        Image.open(BytesIO(invalid_animation)).close()
        assert len(seen) == 1
        assert images.open_picture(invalid_animation).width == 64
        assert len(seen) == 1


BAD_EXIF = [b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff\x01\x12", bytes(60_000), turned(77).tobytes()[6:]]
WITH_BAD_EXIF = [saved(noise(), "JPEG", exif=b"Exif\0\0" + exif) for exif in BAD_EXIF]


@pytest.mark.parametrize("data", [*WITH_BAD_EXIF, png(chunk(b"tEXt", b"Raw profile type exif\0\n\n\nno hex"))], ids=range(5))
def test_damaged_exif_does_not_keep_a_good_picture_out(data: bytes) -> None:
    assert images.open_picture(data).width == 64


def test_threads_leave_the_filters_for_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        assert {picture.width for picture in pool.map(images.open_picture, [saved(noise(), "PNG")] * 200)} == {64}
    assert warnings.filters == before


STARTS_RED = {1: True, 2: False, 3: False, 4: True, 5: True, 6: True, 7: False, 8: False}


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STARTS_RED)
def test_a_photo_is_turned_as_its_exif_says(image_format: str, orientation: int) -> None:
    picture = images.open_picture(saved(half_red(), image_format, exif=turned(orientation)))
    assert (picture.width, picture.height) == ((40, 20) if orientation < 5 else (20, 40))
    first, last = (RED, BLUE) if STARTS_RED[orientation] else (BLUE, RED)
    assert close(colour_at(picture, 2, 2), first)
    assert close(colour_at(picture, picture.width - 3, picture.height - 3), last)


@pytest.mark.parametrize(("alpha", "seen"), [(0, 255), (128, 127), (255, 0)])
@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_what_shows_through_shows_white(image_format: str, alpha: int, seen: int) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, alpha))
    assert close(colour_at(images.open_picture(saved(clear, image_format)), 5, 5), (seen,) * 3)


def of_16_bits(kind: int, *levels: int) -> bytes:
    row = b"\0" + struct.pack(f">{len(levels)}H", *levels) * 20
    return png(width=20, height=20, depth=16, kind=kind, data=zlib.compress(row * 20))


def moving(image_format: str) -> bytes:
    first, second = Image.new("RGB", (20, 20), GREEN), Image.new("RGB", (20, 20), RED)
    return saved(first, image_format, save_all=True, append_images=[second], duration=100)


UNUSUAL: dict[str, tuple[Callable[[], bytes], tuple[int, int, int]]] = {
    "palette": (lambda: saved(Image.new("RGB", (20, 20), GREEN).quantize(4), "PNG"), GREEN),
    "palette_with_alpha": (lambda: saved(Image.new("RGBA", (20, 20)).quantize(2, Image.Quantize.FASTOCTREE), "PNG"), WHITE),
    "one_bit": (lambda: saved(Image.new("1", (20, 20), 1), "PNG"), WHITE),
    "gray": (lambda: saved(Image.new("L", (20, 20), 77), "JPEG"), (77, 77, 77)),
    "gray_with_alpha": (lambda: saved(Image.new("LA", (20, 20), (0, 0)), "PNG"), WHITE),
    "gray_with_one_clear_level": (lambda: saved(Image.new("L", (20, 20), 7), "PNG", transparency=7), WHITE),
    "gray_16_bit": (lambda: of_16_bits(0, 0x8000), (127, 127, 127)),
    "colour_16_bit": (lambda: of_16_bits(2, 0xFFFF, 0x8000, 0), (255, 128, 0)),
    "one_clear_colour": (lambda: saved(Image.new("RGB", (20, 20), RED), "PNG", transparency=RED), WHITE),
    "cmyk": (lambda: saved(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"), RED),
    "progressive": (lambda: saved(Image.new("RGB", (20, 20), BLUE), "JPEG", progressive=True), BLUE),
    "lossless_webp": (lambda: saved(Image.new("RGB", (20, 20), BLUE), "WEBP", lossless=True), BLUE),
    "animated_png": (lambda: moving("PNG"), GREEN),
    "animated_webp": (lambda: moving("WEBP"), GREEN),
    "several_pictures_in_a_jpeg": (lambda: moving("MPO"), GREEN),
    "a_lot_of_exif": (lambda: saved(Image.new("RGB", (20, 20), BLUE), "JPEG", exif=b"Exif\0\0" + b"x" * 65_000), BLUE),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_every_kind_of_picture_becomes_rgb(name: str) -> None:
    make, colour = UNUSUAL[name]
    picture = images.open_picture(make())
    assert (picture.width, picture.height, len(picture.pixels)) == (20, 20, 1200)
    assert close(colour_at(picture, 10, 10), colour)


def test_nothing_but_the_pixels_passes_the_door() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    polyglot = saved(noise(), "JPEG", comment=b"<script>hidden", exif=turned(1), icc_profile=profile) + b"PK\x03\x04hidden"
    picture = images.open_picture(polyglot)
    kept = picture.png()
    assert b"hidden" in polyglot
    assert b"hidden" not in kept
    assert {kind for kind, _ in parts(kept)} == {b"IHDR", b"IDAT", b"IEND"}
    assert images.open_picture(kept) == picture


ASKED = {"prompt": "a red fox", "num_inference_steps": 28, "guidance_scale": 3.5, "seed": 42, "output_format": "png"}
SETTINGS = Settings(width=64, height=48, model="flux-srpo", backend="Easel", **ASKED)


def test_a_png_holds_exactly_the_pixels() -> None:
    pixels = noise().tobytes()
    data = images.encode(pixels, 64, 48, output_format="png", settings=SETTINGS)
    assert data.startswith(PNG)
    assert images.open_picture(data).pixels == pixels


def test_a_jpeg_keeps_its_colours_at_full_resolution() -> None:
    data = images.encode(half_red().tobytes(), 40, 20, output_format="jpeg", settings=SETTINGS)
    with Image.open(BytesIO(data)) as image:
        assert image.format == "JPEG"
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
    picture = images.open_picture(data)
    assert close(colour_at(picture, 19, 10), RED)
    assert close(colour_at(picture, 20, 10), BLUE)


@pytest.mark.parametrize("output_format", ["png", "jpeg"])
def test_the_same_picture_and_settings_give_the_same_bytes(output_format: str) -> None:
    first, second = (images.encode(noise().tobytes(), 64, 48, output_format=output_format, settings=SETTINGS) for _ in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("size", "small", "large"),
    [
        ((1024, 1024), (384, 384), (960, 960)),
        ((1536, 1024), (384, 256), (960, 640)),
        ((512, 768), (256, 384), (512, 768)),
        ((1536, 1), (384, 1), (960, 1)),
    ],
)
def test_thumbnails_keep_the_shape_and_are_never_larger_than_the_picture(
    size: tuple[int, int], small: tuple[int, int], large: tuple[int, int]
) -> None:
    files = images.thumbnails(noise(*size).tobytes(), *size)
    assert [webp_size(data) for data in files] == [small, large]
    assert webp_size(images.thumbnail(noise(*size).tobytes(), *size, images.SMALL)) == small


def webp_size(data: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(data), formats=("WEBP",)) as image:
        assert not {"exif", "icc_profile", "xmp"} & set(image.info)
        return image.size


def test_a_thumbnail_looks_like_its_picture() -> None:
    for data in images.thumbnails(half_red().resize((1200, 600)).tobytes(), 1200, 600):
        seen = images.open_picture(data)
        assert close(colour_at(seen, 10, 10), RED)
        assert close(colour_at(seen, seen.width - 10, 10), BLUE)


@pytest.mark.parametrize("size", [(1024, 1024), (1536, 256), (256, 1536), (20, 20), (1, 1)])
@pytest.mark.parametrize("coarse", [1, 3, 8, 1536])
def test_a_placeholder_is_tiny_whatever_the_picture(size: tuple[int, int], coarse: int) -> None:
    picture = noise(coarse, coarse).point(lambda level: 255 * (level > 127)).resize(size, Image.Resampling.NEAREST)
    uri = images.placeholder(picture.tobytes(), *size)
    head, _, code = uri.partition(",")
    assert head == "data:image/webp;base64"
    assert len(uri) <= 400
    width, height = webp_size(b64decode(code))
    assert max(width, height) <= 24
    assert abs(width / height - size[0] / size[1]) < 0.6


def test_a_preview_is_a_small_webp() -> None:
    assert webp_size(images.encode_preview(384, 256, noise(384, 256).tobytes())) == (384, 256)
    assert webp_size(images.encode_preview(1024, 512, noise(1024, 512).tobytes())) == (384, 192)


def test_fingerprints_tell_shapes_apart_and_formats_not() -> None:
    pixels = noise(10, 20).tobytes()
    assert images.fingerprint_pixels(pixels, 10, 20) != images.fingerprint_pixels(pixels, 20, 10)
    picture = images.open_picture(saved(noise(), "WEBP", lossless=True))
    assert images.fingerprint_pixels(picture.pixels, 64, 48) == images.fingerprint_pixels(noise().tobytes(), 64, 48)
    assert images.fingerprint_bytes(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
