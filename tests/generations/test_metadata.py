"""Settings that went into a file come out of it again, and other programs can read them."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from generations import images, metadata
from generations.metadata import Settings

FORMATS = ["png", "jpeg", "webp"]
PIXELS = bytes(range(256)) * 3

SETTINGS = Settings(
    prompt="a red fox",
    original_prompt="fox",
    enhancer="Built in",
    enhancer_style="anime",
    enhancer_seed=3,
    width=16,
    height=16,
    num_inference_steps=28,
    guidance_scale=3.5,
    seed=42,
    strength=0.8,
    output_format="png",
    model="flux-srpo",
    backend="Easel",
    versions={"skia": "144.1", "easel": "1"},
    pixels_sha256="ab" * 32,
    notes=("Not drawn: jazz",),
    credits="Twemoji graphics, CC BY 4.0",
)

PROMPTS = {
    "empty": "",
    "latin": "café crème, naïve façade",
    "cjk": "一只红色的狐狸",
    "arabic": "ثعلب أحمر\u200f",
    "emoji": "🦊 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "quotes": "\"a\" 'b' `c` «d» \\ \\n",
    "newlines": "one\ntwo\r\nthree\rfour\n",
    "markup": "<b>&amp;</b> ]]> <!-- x --> <?xpacket end='w'?> <!DOCTYPE x>",
    "control": "".join(map(chr, range(32))) + "\x7f\x80\x85\x9f",
    "not_in_xml": "\ufffe\uffff\ufeff\u2028\u2029",
    "half_a_pair": "\ud83e fox \udd8a",
    "like_settings": "fox\nNegative prompt: cat\nSteps: 1, Sampler: x, CFG scale: 9, Seed: 7, Size: 1x1",
    "braces": "{prompt} {0} %s",
    "5000_cjk": "狐" * 5000,
    "5000_emoji": "🦊" * 5000,
    "5000_control": "\x01" * 5000,
    "5000_ampersands": "&" * 5000,
    "5000_quotes": '"' * 5000,
}


def file_with(settings: Settings, output_format: str) -> bytes:
    if output_format != "webp":
        return images.encode(PIXELS, 16, 16, output_format=output_format, settings=settings)
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "WEBP", exif=metadata.exif(settings), xmp=metadata.xmp(settings))
    return out.getvalue()


def exif_block(data: bytes) -> bytes:
    with Image.open(BytesIO(data)) as image:
        return bytes(image.info["exif"]).removeprefix(b"Exif\0\0")


def user_comment(tiff: bytes) -> tuple[int, bytes]:
    """Walk an EXIF block by the TIFF 6.0 specification; return UserComment's type and content."""
    order = {b"MM": ">", b"II": "<"}[tiff[:2]]
    assert struct.unpack_from(order + "H", tiff, 2) == (42,)
    directory = struct.unpack_from(order + "I", tiff, 4)[0]
    for wanted in (0x8769, 0x9286):
        (count,) = struct.unpack_from(order + "H", tiff, directory)
        entries = [struct.unpack_from(order + "HHII", tiff, directory + 2 + 12 * number) for number in range(count)]
        ((kind, length, directory),) = [entry[1:] for entry in entries if entry[0] == wanted]
    return kind, tiff[directory : directory + length]


def a1111_text(data: bytes) -> str:
    with Image.open(BytesIO(data)) as image:
        if image.format == "PNG":
            return str(image.info["parameters"])
    return user_comment(exif_block(data))[1].removeprefix(b"UNICODE\0").decode("utf-16-be")


def as_a1111_reads(text: str) -> tuple[str, dict[str, str]]:
    """Split a text as AUTOMATIC1111's infotext_utils.parse_generation_parameters does."""
    *lines, last = text.strip().split("\n")
    pairs = re.findall(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)', last)
    return "\n".join(lines), {key: json.loads(value) if value.startswith('"') else value for key, value in pairs}


def xmp_of(data: bytes) -> ElementTree.Element:
    with Image.open(BytesIO(data)) as image:
        return ElementTree.fromstring(image.info["xmp"])


def with_record(record: object, key: str = metadata.KEY) -> bytes:
    """Return a PNG with a record of somebody else's making."""
    chunks = metadata.PngInfo()
    chunks.add_text(key, record if isinstance(record, str) else json.dumps(record))
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def with_xmp(packet: str | bytes) -> bytes:
    content = b"http://ns.adobe.com/xap/1.0/\0" + (packet.encode() if isinstance(packet, str) else packet)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(content) + 2) + content + b"\xff\xda"


def record(**changes: Any) -> dict[str, Any]:
    with Image.open(BytesIO(file_with(SETTINGS, "png"))) as image:
        return {**json.loads(image.info[metadata.KEY]), **changes}


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("name", PROMPTS)
def test_settings_come_back_exactly_whatever_the_prompt(output_format: str, name: str) -> None:
    settings = replace(SETTINGS, prompt=PROMPTS[name], original_prompt=PROMPTS[name])
    assert metadata.read(file_with(settings, output_format)) == settings


@pytest.mark.parametrize("output_format", FORMATS)
def test_settings_come_back_exactly_when_hardly_any_are_set(output_format: str) -> None:
    settings = replace(SETTINGS, original_prompt=None, strength=None, versions={}, pixels_sha256="", notes=(), credits="")
    assert metadata.read(file_with(settings, output_format)) == settings


def test_the_order_of_versions_does_not_change_the_file() -> None:
    turned = replace(SETTINGS, versions={"easel": "1", "skia": "144.1"})
    for output_format in FORMATS:
        assert file_with(turned, output_format) == file_with(SETTINGS, output_format)


def test_the_text_is_what_a1111_writes() -> None:
    assert metadata.a1111_text(SETTINGS) == (
        "a red fox\nSteps: 28, Sampler: Easel, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 42, Size: 16x16, "
        "Model: flux-srpo, Denoising strength: 0.8, Version: easel 1; skia 144.1"
    )


def test_what_is_not_set_is_left_out_of_the_text() -> None:
    text = metadata.a1111_text(replace(SETTINGS, strength=None, versions={}, guidance_scale=4.0))
    assert text.endswith("Distilled CFG Scale: 4, Seed: 42, Size: 16x16, Model: flux-srpo")


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("name", PROMPTS)
def test_a1111_reads_the_settings_whatever_the_prompt(output_format: str, name: str) -> None:
    backend = 'Easel: "quick", \\ two\nlines'
    data = file_with(replace(SETTINGS, prompt=PROMPTS[name], backend=backend), output_format)
    prompt, values = as_a1111_reads(a1111_text(data))
    assert (values["Seed"], values["Steps"], values["Size"]) == ("42", "28", "16x16")
    assert values["Sampler"] == backend
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", prompt)
    if name in ("latin", "cjk", "emoji", "quotes", "markup", "5000_cjk", "5000_emoji"):
        assert prompt == PROMPTS[name]
    if name == "newlines":
        assert prompt == "one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
def test_user_comment_has_the_tiff_type_undefined(output_format: str) -> None:
    kind, comment = user_comment(exif_block(file_with(SETTINGS, output_format)))
    assert kind == 7
    assert comment == b"UNICODE\0" + metadata.a1111_text(SETTINGS).encode("utf-16-be")


def test_pillow_itself_would_write_the_wrong_type() -> None:
    """The reason for the block by hand; when this fails, Pillow can do it."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0"
    assert user_comment(exif.tobytes().removeprefix(b"Exif\0\0"))[0] == 1


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("name", PROMPTS)
def test_every_file_says_that_it_was_made_by_ai_and_whose_graphics_it_uses(output_format: str, name: str) -> None:
    credits = f'Graphics: <&> "x" \x01\x0b {PROMPTS[name][:40]}'
    packet = xmp_of(file_with(replace(SETTINGS, prompt=PROMPTS[name], credits=credits), output_format))
    mark = packet.find(".//{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
    rights = packet.find(".//{http://purl.org/dc/elements/1.1/}rights//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")
    assert mark is not None
    assert mark.text == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert rights is not None
    assert (rights.text or "").startswith('Graphics: <&> "x" ')


def test_nothing_is_said_of_rights_without_credits() -> None:
    assert b"dc:rights" not in metadata.xmp(replace(SETTINGS, credits=""))


def test_text_beyond_latin_1_is_utf_8_in_a_png() -> None:
    kinds = {content.partition(b"\0")[0]: kind for kind, content in metadata.parts(file_with(SETTINGS, "png"))}
    assert (kinds[b"parameters"], kinds[metadata.KEY.encode()]) == (b"tEXt", b"tEXt")
    data = file_with(replace(SETTINGS, prompt="狐"), "png")
    kinds = {content.partition(b"\0")[0]: kind for kind, content in metadata.parts(data)}
    assert (kinds[b"parameters"], kinds[metadata.KEY.encode()]) == (b"iTXt", b"iTXt")


def test_a_jpeg_drops_notes_first_when_a_segment_is_full() -> None:
    settings = replace(SETTINGS, prompt="狐" * 5000, notes=("狐" * 20_000,))
    assert metadata.read(file_with(settings, "jpeg")) == replace(settings, notes=())
    assert metadata.read(file_with(settings, "png")) == settings


def test_a_jpeg_drops_the_original_prompt_next() -> None:
    settings = replace(SETTINGS, original_prompt="狐" * 25_000)
    assert metadata.read(file_with(settings, "jpeg")) == replace(settings, notes=(), original_prompt=None)


def test_a_jpeg_of_an_endless_prompt_still_says_that_it_is_ai() -> None:
    data = file_with(replace(SETTINGS, prompt="狐" * 40_000), "jpeg")
    assert metadata.read(data) is None
    assert metadata.AI_MARK in "".join(xmp_of(data).itertext())
    with Image.open(BytesIO(data)) as image:
        assert "exif" not in image.info


def test_a_record_that_another_tool_made_an_attribute_of_is_read() -> None:
    text = json.dumps(record()).replace("&", "&amp;").replace('"', "&quot;")
    packet = f'<x xmlns:other="{metadata.NAMESPACE}" other:settings="{text}"/>'
    assert metadata.read(with_xmp(packet)) == SETTINGS


def test_a_record_behind_a_chunk_of_odd_length_is_read() -> None:
    packet = metadata.xmp(SETTINGS)
    chunks = b"ODD " + struct.pack("<I", 1) + b"x\0" + b"XMP " + struct.pack("<I", len(packet)) + packet
    assert metadata.read(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks) == SETTINGS


def test_values_that_a_later_version_adds_are_ignored() -> None:
    assert metadata.read(with_record(record(sampler="new"))) == SETTINGS


def test_a_record_from_before_there_were_enhancers_is_read() -> None:
    older = {name: value for name, value in record().items() if not name.startswith("enhancer")}
    assert metadata.read(with_record(older)) == replace(SETTINGS, enhancer=None, enhancer_style=None, enhancer_seed=None)


def test_whole_numbers_where_a_fraction_is_usual_are_read() -> None:
    found = metadata.read(with_record(record(guidance_scale=4)))
    assert found is not None
    assert found.guidance_scale == 4


MALFORMED_VALUES: list[tuple[str, object]] = [
    ("schema", 2),
    ("schema", None),
    ("prompt", None),
    ("prompt", 7),
    ("prompt", ["a"]),
    ("original_prompt", {}),
    ("enhancer", 7),
    ("enhancer_style", ["anime"]),
    ("enhancer_seed", "3"),
    ("enhancer_seed", -1),
    ("enhancer_seed", True),
    ("enhancer_seed", 2**63),
    ("width", "16"),
    ("width", -1),
    ("height", 10**9),
    ("height", True),
    ("num_inference_steps", 1.5),
    ("seed", 2**63),
    ("seed", -1),
    ("guidance_scale", "high"),
    ("guidance_scale", float("inf")),
    ("guidance_scale", 10**400),
    ("strength", float("nan")),
    ("versions", ["1"]),
    ("versions", {"easel": 1}),
    ("notes", "text"),
    ("notes", [1]),
    ("credits", 0),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED_VALUES)
def test_a_record_with_one_malformed_value_is_none(name: str, value: object) -> None:
    assert metadata.read(with_record(record(**{name: value}))) is None


def test_a_record_without_a_value_that_must_be_there_is_none() -> None:
    short = record()
    del short["seed"]
    assert metadata.read(with_record(short)) is None


ENTITY = f"<!DOCTYPE x [<!ENTITY a '{json.dumps(record())}'>]>"
HOSTILE_FILES = {
    "empty": b"",
    "text": b"a red fox",
    "png_magic": b"\x89PNG\r\n\x1a\n",
    "png_cut_off": file_with(SETTINGS, "png")[:120],
    "png_of_another_tool": with_record("a fox\nSteps: 1, Sampler: x, Seed: 3", key="parameters"),
    "json_cut_off": with_record('{"schema": 1, "prompt": "'),
    "json_of_another_shape": with_record([1, 2]),
    "json_nested_deep": with_record("[" * 100_000),
    "json_with_an_endless_number": with_record('{"schema": ' + "9" * 50_000 + "}"),
    "json_too_long": with_record(record(prompt="a" * 500_000)),
    "itxt_cut_off": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 22, b"iTXt") + metadata.KEY.encode() + b"\0\0",
    "itxt_not_utf_8": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 26, b"iTXt") + metadata.KEY.encode() + b"\0\0\0\0\0\xff",
    "itxt_compressed": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 26, b"iTXt") + metadata.KEY.encode() + b"\0\1\0\0\0x",
    "jpeg_cut_off": file_with(SETTINGS, "jpeg")[:300],
    "jpeg_of_empty_segments": b"\xff\xd8" + b"\xff\xe1\0\0" * 1_000_000,
    "xmp_not_xml": with_xmp("<x"),
    "xmp_not_utf_8": with_xmp(b"\xff\xfe<\0"),
    "xmp_nested_deep": with_xmp("<a>" * 9000 + "</a>" * 9000),
    "xmp_with_entities": with_xmp(f'{ENTITY}<x xmlns:p="{metadata.NAMESPACE}"><p:settings>&a;</p:settings></x>'),
    "webp_header": b"RIFF\xff\xff\xff\xffWEBPXMP \xff\xff\xff\xff<",
}


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_file_without_a_sound_record_is_none(name: str) -> None:
    assert metadata.read(HOSTILE_FILES[name]) is None


def test_a_file_cut_off_or_changed_anywhere_never_raises() -> None:
    for output_format in FORMATS:
        data = file_with(SETTINGS, output_format)
        for at in range(min(len(data), 3000)):
            for broken in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
                assert isinstance(metadata.read(broken), Settings | None)
