"""Settings that SwarmUI writes as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generations.reading.found import NO_NEGATIVE, NO_REFERENCE
from tests.generations.reading.files import found, imagesharp_comment, jpeg, png, webp

SETTINGS: dict[str, Any] = {
    "prompt": "a red fox, 狐",
    "negativeprompt": "",
    "model": "flux1-dev-fp8",
    "seed": 1234567,
    "steps": 20,
    "cfgscale": 1.0,
    "aspectratio": "1:1",
    "width": 1024,
    "height": 1152,
    "sampler": "euler",
    "scheduler": "simple",
    "fluxguidancescale": 3.5,
    "automaticvae": True,
    "swarm_version": "0.9.6.0",
}
CARRIERS = {"png": lambda text: png(parameters=text), "jpeg": lambda text: jpeg(imagesharp_comment(text))}
CARRIERS["webp"] = lambda text: webp(imagesharp_comment(text))


def swarm(**changes: Any) -> str:
    values = {"sui_image_params": SETTINGS | changes, "sui_extra_data": {"date": "2026-01-01"}}
    return json.dumps(values, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_flux_settings_are_taken_as_they_are(carrier: str) -> None:
    result = found(CARRIERS[carrier](swarm()))
    assert result.tool == "SwarmUI"
    assert result.raw == {
        "prompt": "a red fox, 狐",
        "size": "1024*1152",
        "seed": 1234567,
        "num_inference_steps": 20,
        "guidance_scale": 3.5,
    }
    assert result.unmapped == (
        "Sampler euler simple: it cannot be chosen here.",
        "Model flux1-dev-fp8: this playground has another one.",
    )


def test_what_this_model_does_not_know_is_said() -> None:
    changes = {"negativeprompt": "ugly", "loras": ["ink"], "loraweights": ["1"], "initimagecreativity": 0.4, "refinersteps": 9}
    result = found(png(parameters=swarm(**changes, seed=2**40)))
    assert result.raw["strength"] == 0.4
    assert {
        NO_NEGATIVE,
        NO_REFERENCE,
        "LoRAs are not used here: ink.",
        "Also not used: refinersteps.",
        "Seed 1099511627776 is larger than this model takes, so it is left open.",
    } < set(result.unmapped)
