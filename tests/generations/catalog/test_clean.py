"""Inputs are cleaned by the model's schema, wherever they come from."""

from __future__ import annotations

import pytest

from generations import catalog
from generations.errors import InvalidInputs

FLUX = catalog.load()


def refused(**raw: object) -> dict[str, str]:
    with pytest.raises(InvalidInputs) as caught:
        FLUX.clean({"prompt": "a cat", **raw})
    return caught.value.fields


def test_a_prompt_alone_gets_the_vendors_defaults():
    inputs = FLUX.clean({"prompt": "a cat"})
    assert (inputs.width, inputs.height, inputs.num_inference_steps, inputs.guidance_scale) == (1024, 1024, 28, 3.5)
    assert (inputs.seed, inputs.strength, inputs.output_format) == (-1, 0.8, "jpeg")


def test_numbers_may_come_as_text():
    inputs = FLUX.clean(
        {"prompt": "a cat", "num_inference_steps": " 7 ", "guidance_scale": "4.5", "seed": "42", "strength": "0.25"}
    )
    assert (inputs.num_inference_steps, inputs.guidance_scale, inputs.seed, inputs.strength) == (7, 4.5, 42, 0.25)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("512*768", (512, 768)),
        ("512x768", (512, 768)),
        ("512 × 768", (512, 768)),
        (" 640 ", (640, 640)),
        (640, (640, 640)),
        ("", (1024, 1024)),
    ],
)
def test_a_size_is_understood_in_every_usual_spelling(size: object, expected: tuple[int, int]):
    inputs = FLUX.clean({"prompt": "a cat", "size": size})
    assert (inputs.width, inputs.height) == expected


@pytest.mark.parametrize("size", ["255*512", "512*1537", "0*0", "9999999*9999999", "-512*512"])
def test_a_size_out_of_range_is_refused_with_a_sentence(size: str):
    assert refused(size=size)["size"].endswith(".")


@pytest.mark.parametrize("size", ["wide", "512*", "512*512*512", "512,512", "５１２*５１２", "*", True, [512, 512], {"w": 1}])
def test_a_malformed_size_is_refused_with_an_example(size: object):
    assert "1024*1024" in refused(size=size)["size"]


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "\x00", None])
def test_an_empty_prompt_is_refused(prompt: object):
    assert refused(prompt=prompt) == {"prompt": "Write what the picture should show."}


def test_a_missing_prompt_is_refused():
    with pytest.raises(InvalidInputs) as caught:
        FLUX.clean({})
    assert set(caught.value.fields) == {"prompt"}


def test_a_hundred_thousand_characters_are_refused_with_the_limit():
    assert "5,000" in refused(prompt="x" * 100_000)["prompt"]


def test_five_thousand_characters_are_taken():
    assert len(FLUX.clean({"prompt": "é" * 5000}).prompt) == 5000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -2),
        ("seed", 2_147_483_648),
        ("seed", "9" * 30),
        ("seed", "4.5"),
        ("seed", "four"),
        ("seed", True),
        ("num_inference_steps", 0),
        ("num_inference_steps", 51),
        ("num_inference_steps", "1e9"),
        ("guidance_scale", 0.9),
        ("guidance_scale", "nan"),
        ("guidance_scale", "inf"),
        ("guidance_scale", 1e308 * 10),
        ("strength", -0.1),
        ("strength", "1.1"),
        ("output_format", "gif"),
        ("output_format", 7),
    ],
)
def test_a_value_beyond_its_range_is_refused_beside_its_own_field(name: str, value: object):
    fields = refused(**{name: value})
    assert set(fields) == {name}
    assert fields[name].endswith(".")


def test_every_wrong_field_is_named_at_once():
    assert set(refused(prompt="", size="x", seed="y", num_inference_steps=99)) == {
        "prompt",
        "size",
        "seed",
        "num_inference_steps",
    }


def test_unknown_names_are_dropped():
    assert FLUX.clean({"prompt": "a cat", "aspect_ratio": "16:9"}).width == 1024


def test_line_ends_and_control_characters_are_tidied():
    assert FLUX.clean({"prompt": " one\r\ntwo\x00\x07 \ud800"}).prompt == "one\ntwo"


def test_a_name_outside_the_catalog_is_no_path():
    with pytest.raises(KeyError):
        catalog.load("../../etc/passwd")
