"""No bytes make the reading fail, take long, or take much memory."""

from __future__ import annotations

import json
import random
import struct
import tracemalloc
import zlib
from typing import Any

import pytest

from generations.reading import Found, found_in, records
from generations.reading.found import LONGEST_NAME, MOST_NAMES, MOST_NOTES
from generations.recipes import recipe_of
from tests.generations.reading.files import (
    PNG_MAGIC,
    chunk,
    comfyui_exif,
    exif_of_comment,
    fooocus_exif,
    found,
    imagesharp_comment,
    jpeg,
    piexif_comment,
    png,
    png_with,
    webp,
    workflow_of,
)
from tests.generations.reading.graphs import FLUX_CUSTOM, SD15, changed, node
from tests.generations.reading.test_a1111 import FORGE, SDXL
from tests.generations.reading.test_fooocus import SETTINGS as FOOOCUS
from tests.generations.reading.test_fooocus import TEXT as FOOOCUS_TEXT
from tests.generations.reading.test_invokeai import FLUX as INVOKE
from tests.generations.reading.test_invokeai import LEGACY
from tests.generations.reading.test_swarmui import swarm

SOUND = {
    "a1111_png": png(parameters=SDXL),
    "a1111_jpeg": jpeg(piexif_comment(FORGE)),
    "a1111_webp": webp(piexif_comment(FORGE)),
    "invokeai": png(invokeai_metadata=json.dumps(INVOKE)),
    "invokeai_2": png(sd_metadata=json.dumps(LEGACY)),
    "comfyui_png": png(prompt=json.dumps(FLUX_CUSTOM)),
    "comfyui_webp": webp(comfyui_exif(SD15, workflow_of(SD15))),
    "swarmui_png": png(parameters=swarm()),
    "swarmui_jpeg": jpeg(imagesharp_comment(swarm())),
    "fooocus_png": png(parameters=json.dumps(FOOOCUS)),
    "fooocus_jpeg": jpeg(fooocus_exif(FOOOCUS_TEXT, "a1111")),
}


def check(data: bytes) -> Found | None:
    """Read a file, and clean what comes of it as the form does."""
    result = found_in(data)
    if result is not None:
        recipe_of(result.raw)
        assert len(result.unmapped) <= MOST_NOTES
        for sentence in result.unmapped:
            assert len(sentence) < 100 + LONGEST_NAME * MOST_NAMES
            assert sentence.isprintable()
            sentence.encode()
    return result


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_off_anywhere_never_raises(name: str) -> None:
    data = SOUND[name]
    assert check(data) is not None
    for at in range(0, len(data), 3):
        check(data[:at])


@pytest.mark.parametrize("name", SOUND)
def test_a_file_changed_anywhere_never_raises(name: str) -> None:
    data = SOUND[name]
    dice = random.Random(name)
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(dice.choice((1, 2, 8))):
            broken[dice.randrange(len(broken))] = dice.choice((0, 0xFF, dice.randrange(256)))
        check(bytes(broken))


ODD: list[Any] = [
    None,
    True,
    -1,
    1e308,
    10**4000,
    "",
    "x" * 9000,
    [],
    ["3", 0],
    ["3", 10**30],
    [["3", 0], 0],
    {"a": 1},
    "\ud83e\n\x07",
]


def odd(value: Any, dice: random.Random) -> Any:
    """Return a JSON value with some of its parts replaced."""
    if dice.random() < 0.15:
        return dice.choice(ODD)
    if isinstance(value, dict):
        return {name: odd(part, dice) for name, part in value.items()}
    return [odd(part, dice) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", SD15),
        ("prompt", FLUX_CUSTOM),
        ("invokeai_metadata", INVOKE),
        ("sd_metadata", LEGACY),
        ("parameters", FOOOCUS),
        ("parameters", json.loads(swarm())),
    ],
)
def test_values_of_any_type_anywhere_never_raise(name: str, value: Any) -> None:
    dice = random.Random(7)
    assert check(png(**{name: json.dumps(value)})) is not None
    for _ in range(300):
        check(png(**{name: json.dumps(odd(value, dice))}))


def test_text_that_is_packed_is_read() -> None:
    packed = zlib.compress(FORGE.encode())
    for kind, content in ((b"zTXt", b"parameters\0\0" + packed), (b"iTXt", b"parameters\0\1\0en\0Parameter\0" + packed)):
        assert found(png_with(chunk(kind, content))).raw["seed"] == 7


def test_text_in_utf_8_where_latin_1_belongs_is_read() -> None:
    data = png_with(chunk(b"tEXt", b"parameters\0" + FORGE.replace("fox", "狐").encode()))
    assert found(data).raw["prompt"] == "a red 狐"


def test_text_behind_the_pixels_is_read() -> None:
    plain = png_with()
    assert found(plain[:-12] + chunk(b"tEXt", b"parameters\0" + FORGE.encode()) + plain[-12:]).raw["seed"] == 7


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9)
    block = b"a" * 1_000_000
    return b"".join(packer.compress(block) for _ in range(size // 1_000_000)) + packer.flush()


def test_a_bomb_is_not_unpacked() -> None:
    packed = bomb(500_000_000)
    data = png_with(chunk(b"zTXt", b"parameters\0\0" + packed), chunk(b"iTXt", b"prompt\0\1\0\0\0" + packed))
    tracemalloc.start()
    assert check(data) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_thousands_of_bombs_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    unpack = zlib.decompressobj

    def counted() -> Any:
        unpacked.append(1)
        return unpack()

    monkeypatch.setattr(zlib, "decompressobj", counted)
    assert check(png_with(*[chunk(b"zTXt", b"parameters\0\0" + bomb(3_000_000))] * 2000)) is None
    assert 0 < len(unpacked) <= 32


def test_settings_behind_ten_thousand_chunks_are_not_looked_for() -> None:
    assert check(png_with(*[chunk(b"tEXt", b"x\0")] * 10_000, chunk(b"tEXt", b"parameters\0" + FORGE.encode()))) is None


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"prompt":[', '[{"a":'])
@pytest.mark.parametrize("times", [65, 1_000, 100_000])
def test_deep_json_is_refused_before_it_is_parsed(opening: str, times: int) -> None:
    text = '{"sui_image_params": ' + opening * times
    assert records.object_in(text) == {}
    for name in ("parameters", "prompt", "invokeai_metadata", "sd_metadata"):
        assert check(png(**{name: text})) is None


def test_sound_json_may_be_as_deep_as_tools_need_and_no_deeper() -> None:
    assert records.object_in('{"a": ' + "[" * 60 + "]" * 60 + "}")
    assert records.object_in('{"a": ' + "[" * 70 + "]" * 70 + "}") == {}


def test_json_of_too_many_parts_is_refused() -> None:
    assert records.object_in('{"a": [' + "[]," * 210_000 + "[]]}") == {}
    assert records.object_in('{"a": [' + "[]," * 190_000 + "[]]}")


def test_brackets_in_strings_do_not_count() -> None:
    assert records.object_in(json.dumps({"a": '[{"\\' * 1000}))


def test_a_record_that_is_too_long_is_refused() -> None:
    assert check(png(invokeai_metadata=json.dumps(INVOKE | {"x": "a" * 2_000_000}))) is None


SLOW = {
    "a_long_word": "Steps:" + "a" * 1_900_000,
    "many_words": "Steps: " + "ab " * 600_000,
    "many_colons": "Steps: 1, Steps:" + "a:" * 900_000,
    "many_quotes": 'Steps: "' + 'ab:"' * 400_000,
    "backslashes": 'Steps: "' + "\\" * 1_900_000,
    "blanks": "Steps:" + " " * 1_900_000,
    "lines": "Steps: 1\n" * 200_000,
    "an_open_string": '{"' + '\\"' * 900_000,
    "blanks_before_json": " " * 1_900_000 + "{",
    "brackets": '{"a": "' + "[" * 1_900_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", SLOW)
def test_work_grows_no_faster_than_the_text(name: str) -> None:
    data = SLOW[name].encode()
    check(png_with(chunk(b"tEXt", b"parameters\0" + data), chunk(b"tEXt", b"prompt\0" + data)))


def hub(nodes: int, links: int) -> dict[str, Any]:
    """Return a graph in which every node takes something from many others."""
    graph = {str(at): node("Mix", **{f"in{to}": [str((at * 7 + to) % nodes), 0] for to in range(links)}) for at in range(nodes)}
    return (
        changed(SD15, "3", positive=["10", 0], negative=["11", 0], latent_image=["12", 0], seed=["13", 0], model=["14", 0])
        | graph
    )


@pytest.mark.timeout(60)
def test_a_graph_of_many_links_ends() -> None:
    assert check(png(prompt=json.dumps(hub(1_900, 40)))) is not None


@pytest.mark.timeout(60)
def test_a_long_chain_of_samplers_ends() -> None:
    chain = {str(at): changed(SD15, "3", latent_image=[str(at + 1), 0])["3"] for at in range(100, 1_900)}
    assert check(png(prompt=json.dumps(SD15 | chain))) is not None


@pytest.mark.timeout(60)
def test_many_encoders_with_long_ways_to_their_words_end() -> None:
    chain = {str(at): node("Text", text=[str(at + 1), 0], value=[str(at + 2), 0]) for at in range(1_000, 1_500)}
    ways = {name: ["1000", 0] for name in ("text", "t5xxl", "clip_l", "text_g", "text_l", "prompt")}
    encoders = {str(at): node("Encode", **ways, conditioning=[str(at + 1), 0]) for at in range(100, 900)}
    assert check(png(prompt=json.dumps(changed(SD15, "3", positive=["100", 0]) | chain | encoders))) is not None


NO_SETTINGS = {
    "nothing": b"",
    "text": FORGE.encode(),
    "png_magic": PNG_MAGIC,
    "png_chunk_longer_than_the_file": PNG_MAGIC + struct.pack(">I4s", 2**32 - 1, b"tEXt") + b"parameters",
    "ztxt_cut_off": png_with(chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a" * 99)[:5])),
    "itxt_without_fields": png_with(chunk(b"iTXt", b"parameters\0")),
    "itxt_not_utf_8": png_with(chunk(b"iTXt", b"parameters\0\0\0\0\0" + FORGE.encode("utf-16"))),
    "jpeg_of_empty_segments": b"\xff\xd8" + b"\xff\xe1\0\0" * 1_000_000,
    "exif_of_no_bytes": jpeg(b"Exif\0\0"),
    "exif_of_no_order": jpeg(b"Exif\0\0XX" + b"\0" * 99),
    "exif_far_away": jpeg(b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "exif_in_circles": jpeg(b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIII", 1, 0x8769, 4, 1, 8, 0)),
    "exif_of_many_entries": jpeg(b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff\xff" + struct.pack(">HHII", 0x9286, 7, 60_000, 0) * 4_000),
    "comment_of_nothing": jpeg(exif_of_comment(b"UNICODE\0")),
    "comment_of_half_a_letter": jpeg(exif_of_comment(b"UNICODE\0a")),
    "webp_header": b"RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xffMM",
    "json_of_another_shape": png(parameters="[1, 2]", prompt='{"a": 1}', invokeai_metadata="null"),
    "json_with_an_endless_number": png(invokeai_metadata='{"seed": ' + "9" * 50_000 + "}"),
}


@pytest.mark.parametrize("name", NO_SETTINGS)
def test_a_file_without_settings_is_none(name: str) -> None:
    assert check(NO_SETTINGS[name]) is None


def test_sentences_hold_no_flood_from_the_file() -> None:
    flood = INVOKE | {f"key{number}" + "x" * 500: "y" for number in range(2_000)} | {"scheduler": "s\n\x07" * 9_000}
    result = check(png(invokeai_metadata=json.dumps(flood)))
    assert result is not None
    assert sum(map(len, result.unmapped)) < 2_000
    assert result.unmapped[-1].endswith("and 1988 more.")
