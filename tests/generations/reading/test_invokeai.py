"""Settings that InvokeAI writes into PNG files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generations.reading.found import NO_NEGATIVE, NO_REFERENCE
from tests.generations.reading.files import found, png

FLUX: dict[str, Any] = {
    "generation_mode": "flux_txt2img",
    "positive_prompt": "a red fox, 狐",
    "negative_prompt": "",
    "width": 1024,
    "height": 768,
    "seed": 1234,
    "guidance": 4,
    "steps": 30,
    "scheduler": "euler",
    "model": {"key": "k", "hash": "blake3:1", "name": "FLUX.1 dev", "base": "flux", "type": "main"},
    "vae": {"key": "v", "name": "FLUX.1-schnell_ae"},
    "t5_encoder": {"key": "t", "name": "t5_8b"},
    "clip_embed_model": {"key": "c", "name": "clip"},
    "loras": [],
    "ref_images": [],
    "app_version": "6.0.2",
}
SDXL = FLUX | {
    "generation_mode": "sdxl_img2img",
    "negative_prompt": "ugly",
    "cfg_scale": 7.5,
    "strength": 0.55,
    "seed": 4294967295,
    "loras": [{"model": {"key": "l", "name": "ink"}, "weight": 0.75}],
    "ref_images": [{"id": 1}],
    "clip_skip": 0,
}
del SDXL["guidance"]
LEGACY: dict[str, Any] = {
    "model": "stable diffusion",
    "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a red fox [ugly, blurry]", "weight": 1.0}],
        "steps": 50,
        "cfg_scale": 7.5,
        "height": 512,
        "width": 640,
        "seed": 99,
        "type": "txt2img",
        "sampler": "k_euler_a",
    },
}


def invoke(values: object) -> bytes:
    return png(invokeai_metadata=json.dumps(values), invokeai_graph='{"nodes": {}}')


def test_flux_settings_are_taken_as_they_are() -> None:
    result = found(invoke(FLUX))
    assert result.tool == "InvokeAI"
    assert result.raw == {
        "prompt": "a red fox, 狐",
        "size": "1024*768",
        "seed": 1234,
        "num_inference_steps": 30,
        "guidance_scale": 4,
    }
    assert result.unmapped == (
        "Sampler euler: it cannot be chosen here.",
        "Model FLUX.1 dev: this playground has another one.",
    )


def test_what_another_model_had_is_said() -> None:
    result = found(invoke(SDXL))
    assert (result.raw["guidance_scale"], result.raw["strength"]) == (7.5, 0.55)
    assert "seed" not in result.raw
    assert {
        NO_NEGATIVE,
        NO_REFERENCE,
        "Seed 4294967295 is larger than this model takes, so it is left open.",
        "LoRAs are not used here: ink.",
        "Also not used: ref images.",
    } < set(result.unmapped)


def test_the_strength_of_a_picture_made_from_words_alone_is_left_out() -> None:
    assert "strength" not in found(invoke(FLUX | {"strength": 0.5})).raw


def test_a_model_may_be_named_as_version_3_did() -> None:
    result = found(invoke(FLUX | {"model": {"model_name": "sd-1", "base_model": "sd-1"}}))
    assert "Model sd-1: this playground has another one." in result.unmapped


def test_version_2_is_read() -> None:
    result = found(png(sd_metadata=json.dumps(LEGACY)))
    assert result.raw == {
        "prompt": "a red fox",
        "size": "640*512",
        "seed": 99,
        "num_inference_steps": 50,
        "guidance_scale": 7.5,
    }
    assert NO_NEGATIVE in result.unmapped


ODD = [None, [], {}, True, "x", float("nan"), float("inf"), 10**4000, ["x"], {"a": 1}, "\ud83e"]


@pytest.mark.parametrize("value", ODD, ids=lambda value: ascii(value)[:9])
@pytest.mark.parametrize("name", [*FLUX, "loras", "strength", "cfg_scale"])
def test_one_odd_value_does_not_cost_the_others(name: str, value: object) -> None:
    result = found(invoke(FLUX | {name: value}))
    assert result.raw["seed" if name != "seed" else "size"] == (1234 if name != "seed" else "1024*768")


def test_it_comes_before_text_of_another_kind() -> None:
    text = "a cat\nSteps: 1, Sampler: x, CFG scale: 2, Seed: 3, Size: 64x64"
    assert found(png(parameters=text, invokeai_metadata=json.dumps(FLUX))).tool == "InvokeAI"
