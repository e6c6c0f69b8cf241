"""Settings that Fooocus writes, in both of its schemes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generations.reading.found import NO_NEGATIVE
from tests.generations.reading.files import fooocus_exif, found, jpeg, png, webp

SETTINGS: dict[str, Any] = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8Rundiffusion",
    "base_model_hash": "aeb7e9e689",
    "clip_skip": 2,
    "full_negative_prompt": ["ugly"],
    "full_prompt": ["cinematic still a red fox . emotional", "a red fox, 狐, intricate"],
    "guidance_scale": 4,
    "lora_combined_1": "sd_xl_offset_example-lora_1.0 : 0.1",
    "loras": [["sd_xl_offset_example-lora_1.0", 0.1, "4852686128"]],
    "metadata_scheme": "fooocus",
    "negative_prompt": "",
    "performance": "Speed",
    "prompt": "a red fox, 狐",
    "prompt_expansion": "a red fox, intricate",
    "refiner_model": "None",
    "refiner_switch": 0.5,
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "7420152",
    "sharpness": 2,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Cinematic']",
    "vae": "Default (model)",
    "version": "Fooocus v2.5.5",
}
TEXT = (
    "cinematic still a red fox . emotional, a red fox, intricate\nNegative prompt: ugly\n"
    "Steps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 7420152, Size: 1152x896, CFG scale: 4, Sharpness: 2, "
    'ADM Guidance: "(1.5, 0.8, 0.3)", Model: juggernautXL_v8Rundiffusion, Model hash: aeb7e9e689, Performance: Speed, '
    "Scheduler: karras, VAE: Default (model), Raw prompt: a red fox, Styles: \"['Fooocus V2', 'Fooocus Cinematic']\", "
    'Lora hashes: "offset: 4852686128", Lora weights: "offset: 0.1", Version: Fooocus v2.5.5'
)
CARRIERS = {
    "png": lambda text, scheme: png(parameters=text, fooocus_scheme=scheme),
    "jpeg": lambda text, scheme: jpeg(fooocus_exif(text, scheme)),
    "webp": lambda text, scheme: webp(fooocus_exif(text, scheme)),
}
STYLES = "Styles: the words that they added to the prompt are not taken over."


@pytest.mark.parametrize("carrier", CARRIERS)
def test_its_json_is_read(carrier: str) -> None:
    result = found(CARRIERS[carrier](json.dumps(SETTINGS), "fooocus"))
    assert result.tool == "Fooocus"
    assert result.raw == {
        "prompt": "a red fox, 狐",
        "size": "1152*896",
        "seed": 7420152,
        "num_inference_steps": 30,
        "guidance_scale": 4,
    }
    assert {
        STYLES,
        "Sampler dpmpp_2m_sde_gpu karras: it cannot be chosen here.",
        "Model juggernautXL_v8Rundiffusion: this playground has another one.",
        "LoRAs are not used here: sd_xl_offset_example-lora_1.0 : 0.1.",
        "Also not used: performance, sharpness, adm guidance, clip skip, vae.",
    } < set(result.unmapped)
    assert NO_NEGATIVE not in result.unmapped


@pytest.mark.parametrize("carrier", CARRIERS)
def test_its_text_is_read_and_the_persons_own_words_are_taken(carrier: str) -> None:
    result = found(CARRIERS[carrier](TEXT, "a1111"))
    assert result.tool == "Fooocus"
    assert result.raw == {
        "prompt": "a red fox",
        "size": "1152*896",
        "seed": 7420152,
        "num_inference_steps": 30,
        "guidance_scale": 4,
    }
    assert {STYLES, NO_NEGATIVE, "LoRAs are not used here: offset."} < set(result.unmapped)


def test_no_styles_need_no_word() -> None:
    assert STYLES not in found(png(parameters=json.dumps(SETTINGS | {"styles": "[]"}))).unmapped
