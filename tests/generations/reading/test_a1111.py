"""Settings that AUTOMATIC1111's web UI, and tools after it, write as text."""

from __future__ import annotations

import pytest

from generations.reading import found_in
from generations.reading.found import NO_GUIDANCE, NO_NEGATIVE, NO_REFERENCE
from generations.recipes import recipe_of
from tests.generations.reading.files import (
    chunk,
    exif_of_comment,
    found,
    imagesharp_comment,
    jpeg,
    piexif_comment,
    png,
    png_with,
    webp,
)

SDXL = (
    "a red fox, (snow:1.2), naïve café\nsecond line\nNegative prompt: ugly, blurry\nwatermark\n"
    "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 965400086, Size: 512x768, "
    'Model hash: cc6cb27103, Model: v1-5-pruned-emaonly, Clip skip: 2, Lora hashes: "ink: abc, oil: def", Version: v1.9.4'
)
FORGE = (
    "a red fox\nSteps: 24, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 7, "
    "Size: 896x1152, Model hash: 1111, Model: flux1-dev-bnb-nf4-v2, Version: f2.0.1v1.10.1-previous-669-gdfdcbab6"
)
LONG_SEED = FORGE.replace("Seed: 7", "Seed: 9999999999")

CARRIERS = {
    "png": lambda text: png(parameters=text),
    "jpeg": lambda text: jpeg(piexif_comment(text)),
    "webp": lambda text: webp(piexif_comment(text)),
    "jpeg_little_endian": lambda text: jpeg(imagesharp_comment(text)),
    "jpeg_little_endian_in_a_big_endian_block": lambda text: jpeg(exif_of_comment(b"UNICODE\0" + text.encode("utf-16-le"))),
    "jpeg_with_a_mark_of_byte_order": lambda text: jpeg(exif_of_comment(b"UNICODE\0" + text.encode("utf-16"))),
    "jpeg_utf_8_under_a_wrong_name": lambda text: jpeg(exif_of_comment(b"UNICODE\0" + text.encode())),
    "jpeg_ascii": lambda text: jpeg(exif_of_comment(b"ASCII\0\0\0" + text.encode())),
    "jpeg_no_name": lambda text: jpeg(exif_of_comment(b"\0" * 8 + text.encode())),
    "jpeg_type_byte": lambda text: jpeg(exif_of_comment(b"UNICODE\0" + text.encode("utf-16-be"), kind=1)),
    "png_exif": lambda text: png_with(chunk(b"eXIf", piexif_comment(text)[6:])),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_all_that_this_model_knows_is_taken_whatever_carries_it(carrier: str) -> None:
    result = found(CARRIERS[carrier](SDXL))
    assert result.tool == "AUTOMATIC1111"
    assert result.raw == {
        "prompt": "a red fox, (snow:1.2), naïve café\nsecond line",
        "size": "512*768",
        "seed": 965400086,
        "num_inference_steps": 20,
        "guidance_scale": 7,
    }


def test_what_this_model_does_not_know_is_said() -> None:
    assert found(png(parameters=SDXL)).unmapped == (
        "Guidance 7 comes from the CFG scale, which works differently. Check it.",
        NO_NEGATIVE,
        "Sampler DPM++ 2M Karras: it cannot be chosen here.",
        "Model v1-5-pruned-emaonly: this playground has another one.",
        "LoRAs are not used here: ink, oil.",
        "Also not used: Clip skip.",
    )


def test_a_recipe_takes_what_was_found() -> None:
    recipe = recipe_of(found(png(parameters=SDXL)).raw)
    assert recipe.values["size"] == "512*768"
    assert not recipe.left_out


def test_the_distilled_guidance_of_forge_is_taken_before_the_cfg_scale() -> None:
    result = found(png(parameters=FORGE))
    assert result.raw["guidance_scale"] == 3.5
    assert not [sentence for sentence in result.unmapped if "CFG" in sentence]


def test_a_second_guidance_beside_the_distilled_one_is_said() -> None:
    result = found(png(parameters=FORGE.replace("CFG scale: 1,", "CFG scale: 2.5,")))
    assert result.raw["guidance_scale"] == 3.5
    assert "CFG scale 2.5: this model has one guidance only, and that is taken." in result.unmapped


def test_a_cfg_scale_of_one_is_no_guidance() -> None:
    result = found(png(parameters=FORGE.replace("Distilled CFG Scale: 3.5, ", "")))
    assert "guidance_scale" not in result.raw
    assert NO_GUIDANCE.format("1") in result.unmapped


def test_a_seed_that_is_too_large_is_said_and_left_open() -> None:
    result = found(png(parameters=LONG_SEED))
    assert "seed" not in result.raw
    assert "Seed 9999999999 is larger than this model takes, so it is left open." in result.unmapped


def test_the_largest_seed_is_taken() -> None:
    assert found(png(parameters=FORGE.replace("Seed: 7", "Seed: 2147483647"))).raw["seed"] == 2147483647
    assert "seed" not in found(png(parameters=FORGE.replace("Seed: 7", "Seed: 2147483648"))).raw


@pytest.mark.parametrize("seed", ["-1", "12.5", "x", "1" * 400])
def test_a_seed_that_is_none_is_left_open(seed: str) -> None:
    assert "seed" not in found(png(parameters=FORGE.replace("Seed: 7", f"Seed: {seed}"))).raw


def test_strength_asks_for_the_reference_picture() -> None:
    result = found(png(parameters=FORGE.replace("Model hash", "Denoising strength: 0.6, Model hash")))
    assert result.raw["strength"] == 0.6
    assert NO_REFERENCE in result.unmapped


def test_the_strength_of_an_upscaler_is_none_of_a_reference_picture() -> None:
    result = found(png(parameters=FORGE.replace("Model hash", "Denoising strength: 0.6, Hires upscale: 2, Model hash")))
    assert "strength" not in result.raw
    assert "Also not used: Hires upscale." in result.unmapped


@pytest.mark.parametrize("size", ["512", "512x", "x512", "512x512x512", "512X512", "1e3x512", "0x512", '"512x512, 1"'])
def test_an_odd_size_is_left_out(size: str) -> None:
    assert "size" not in found(png(parameters=FORGE.replace("896x1152", size))).raw


def test_a_prompt_may_look_like_settings() -> None:
    prompt = "fox\nSteps: 1, Sampler: x, CFG scale: 9, Seed: 5, Size: 1x1\nfox again"
    result = found(png(parameters=f"{prompt}\n{FORGE.splitlines()[1]}"))
    assert (result.raw["prompt"], result.raw["seed"]) == (prompt, 7)


def test_lines_behind_the_settings_are_no_prompt() -> None:
    assert found(png(parameters=f"{FORGE}\nTemplate: a fox")).raw["prompt"] == "a red fox"


def test_a_quoted_value_may_hold_commas_and_pairs() -> None:
    quoted = FORGE.replace("Model hash", '"x": y, Note: "Seed: 1, Steps: 2, \\"Size\\": 3", Model hash')
    assert found(png(parameters=quoted)).raw["seed"] == 7


def test_settings_without_a_prompt_are_settings() -> None:
    assert "prompt" not in found(png(parameters=FORGE.splitlines()[1])).raw


def test_loras_in_a_prompt_are_said_and_kept() -> None:
    result = found(png(parameters=FORGE.replace("a red fox", "a fox <lora:ink:0.8>")))
    assert result.raw["prompt"] == "a fox <lora:ink:0.8>"
    assert "The prompt names LoRAs. Here they are only words." in result.unmapped


def test_the_same_model_needs_no_word() -> None:
    result = found(png(parameters=FORGE.replace("flux1-dev-bnb-nf4-v2", "flux.1-dev-SRPO-bf16")))
    assert not [sentence for sentence in result.unmapped if sentence.startswith("Model")]


@pytest.mark.parametrize(
    "text",
    ["", "a red fox", "a fox\nSteps: 1, Seed: 3", "Focus: manual, Lens: 35 mm, Exposure: 1/20, Odd Steps: 2", "Steps: walk on"],
)
def test_text_that_is_no_settings_is_none(text: str) -> None:
    assert found_in(png(parameters=text)) is None
    assert found_in(jpeg(exif_of_comment(b"ASCII\0\0\0" + text.encode()))) is None


def test_a_text_that_names_a_model_of_words_is_not_ours() -> None:
    result = found(png(parameters="a fox\nSteps: 20, Size: 512x512, Seed: 7, Model: prompt-optimizer"))
    assert result.tool == "AUTOMATIC1111"
