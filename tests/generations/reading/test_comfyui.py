"""Settings that ComfyUI writes, as the graph that made the picture."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generations.reading.comfyui import FIRST_PASS, NOTHING, SEVERAL_PROMPTS
from generations.reading.found import NO_NEGATIVE, NO_REFERENCE
from generations.reading.graph import Graph as Nodes
from tests.generations.reading.files import comfyui_exif, found, jpeg, png, webp, workflow_of
from tests.generations.reading.graphs import FLUX_CUSTOM, FLUX_KSAMPLER, SD15, Graph, changed, node


def comfy(graph: object) -> bytes:
    return png(prompt=json.dumps(graph), workflow=json.dumps({"links": []}))


def raw(graph: Graph) -> dict[str, Any]:
    return dict(found(comfy(graph)).raw)


def test_a_simple_graph_is_read() -> None:
    result = found(comfy(SD15))
    assert result.tool == "ComfyUI"
    assert result.raw == {"prompt": "a glass bottle, 狐", "size": "512*640", "num_inference_steps": 20, "guidance_scale": 8}
    assert result.unmapped == (
        "Guidance 8 comes from the CFG scale, which works differently. Check it.",
        "Seed 156680208700286 is larger than this model takes, so it is left open.",
        NO_NEGATIVE,
        "Sampler euler normal: it cannot be chosen here.",
        "Model v1-5-pruned-emaonly.ckpt: this playground has another one.",
    )


@pytest.mark.parametrize("carry", [jpeg, webp])
def test_a_graph_in_a_camera_entry_is_read(carry: Any) -> None:
    data = carry(comfyui_exif(FLUX_KSAMPLER, workflow_of(FLUX_KSAMPLER)))
    assert found(data) == found(comfy(FLUX_KSAMPLER))


def test_guidance_is_that_of_the_flux_node() -> None:
    result = found(comfy(FLUX_KSAMPLER))
    assert result.raw == {
        "prompt": "a red fox",
        "size": "1024*768",
        "seed": 972054,
        "num_inference_steps": 25,
        "guidance_scale": 3.5,
    }
    assert not [sentence for sentence in result.unmapped if "uidance" in sentence or sentence == NO_NEGATIVE]


def test_the_flux_encoder_brings_words_and_guidance() -> None:
    encoder = node("CLIPTextEncodeFlux", clip_l="fox", t5xxl="a long fox", guidance=2.5, clip=["30", 1])
    values = raw(changed(FLUX_KSAMPLER | {"6": encoder}, "31", positive=["6", 0]))
    assert (values["prompt"], values["guidance_scale"]) == ("a long fox", 2.5)


def test_a_graph_of_separate_nodes_is_read() -> None:
    result = found(comfy(FLUX_CUSTOM))
    assert result.raw == {
        "prompt": "a red fox, in the snow",
        "size": "832*1216",
        "seed": 219670,
        "num_inference_steps": 28,
        "guidance_scale": 4.5,
    }
    assert result.unmapped == (
        "Sampler euler simple: it cannot be chosen here.",
        "LoRAs are not used here: ink.safetensors.",
    )


def test_a_guider_with_a_cfg_scale_is_read() -> None:
    guider = node("CFGGuider", model=["30", 0], positive=["6", 0], negative=["43", 0], cfg=5)
    result = found(comfy(FLUX_CUSTOM | {"22": guider, "43": node("CLIPTextEncode", text="ugly", clip=["11", 0])}))
    assert (result.raw["guidance_scale"], result.raw["prompt"]) == (5, "a red fox, in the snow")
    assert NO_NEGATIVE in result.unmapped


def test_the_advanced_sampler_is_read() -> None:
    inputs = {name: value for name, value in SD15["3"]["inputs"].items() if name not in ("seed", "denoise")}
    sampler = node("KSamplerAdvanced", **inputs, add_noise="enable", noise_seed=11, start_at_step=0, end_at_step=10000)
    assert raw(SD15 | {"3": sampler})["seed"] == 11


def test_a_sampler_of_another_maker_is_known_by_its_inputs() -> None:
    loader = node(
        "Efficient Loader", ckpt_name="x", positive="a cat", negative="bad", empty_latent_width=640, empty_latent_height=512
    )
    sampler = SD15["3"] | {"class_type": "KSampler (Efficient)"}
    graph = {**SD15, "3": sampler, "6": loader}
    result = found(comfy(changed(graph, "3", positive=["6", 1], negative=["6", 2], latent_image=["6", 3])))
    assert (result.raw["prompt"], result.raw["size"]) == ("a cat", "640*512")
    assert NO_NEGATIVE in result.unmapped


def test_a_seed_in_a_node_of_its_own_is_followed() -> None:
    graph = changed(SD15, "3", seed=["50", 0]) | {"50": node("Seed (rgthree)", seed=77)}
    assert raw(graph)["seed"] == 77


def test_words_behind_a_control_net_are_the_positive_ones() -> None:
    control = node("ControlNetApplyAdvanced", strength=1, positive=["6", 0], negative=["7", 0], control_net=["4", 0])
    result = found(comfy(changed(SD15, "3", positive=["50", 0], negative=["50", 1]) | {"50": control}))
    assert result.raw["prompt"] == "a glass bottle, 狐"
    assert NO_NEGATIVE in result.unmapped
    assert "Also not used: ControlNetApplyAdvanced." in result.unmapped
    assert SEVERAL_PROMPTS not in result.unmapped


def test_a_negative_prompt_that_is_emptied_is_none() -> None:
    graph = changed(SD15, "3", negative=["50", 0]) | {"50": node("ConditioningZeroOut", conditioning=["6", 0])}
    assert NO_NEGATIVE not in found(comfy(graph)).unmapped


def test_of_several_prompts_the_first_is_taken() -> None:
    both = node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["7", 0])
    result = found(comfy(changed(SD15, "3", positive=["50", 0]) | {"50": both}))
    assert result.raw["prompt"] == "a glass bottle, 狐"
    assert SEVERAL_PROMPTS in result.unmapped


def test_of_two_passes_the_first_is_taken() -> None:
    second = changed(SD15, "3", seed=5, steps=9, denoise=0.5, latent_image=["51", 0])["3"]
    larger = node("LatentUpscale", samples=["3", 0], width=2048, height=2048, upscale_method="nearest-exact")
    result = found(comfy(changed(SD15, "8", samples=["50", 0]) | {"50": second, "51": larger}))
    assert (result.raw["size"], result.raw["num_inference_steps"]) == ("512*640", 20)
    assert FIRST_PASS in result.unmapped
    assert "strength" not in result.raw


def test_a_graph_that_began_with_a_picture_has_a_strength() -> None:
    graph = changed(SD15, "3", denoise=0.6, latent_image=["50", 0]) | {
        "50": node("VAEEncode", pixels=["51", 0], vae=["4", 2]),
        "51": node("LoadImage", image="fox.png"),
    }
    result = found(comfy(graph))
    assert result.raw["strength"] == 0.6
    assert "size" not in result.raw
    assert NO_REFERENCE in result.unmapped


def test_a_sampler_that_the_picture_does_not_come_from_is_not_meant() -> None:
    stray = {"1": changed(SD15, "3", seed=1, steps=3)["3"]}
    assert raw(stray | SD15)["num_inference_steps"] == 20


def test_a_graph_without_a_sampler_is_said() -> None:
    result = found(comfy({"1": node("SaveImage", images=["2", 0]), "2": node("ImageFromApi", text="a fox")}))
    assert (result.tool, result.raw, result.unmapped) == ("ComfyUI", {}, (NOTHING,))


def test_text_of_another_kind_helps_where_the_graph_does_not() -> None:
    text = "a cat\nSteps: 1, Sampler: x, CFG scale: 2, Seed: 3, Size: 64x64"
    graph = json.dumps({"1": node("SaveImage", images=["2", 0])})
    assert found(png(prompt=graph, parameters=text)).tool == "AUTOMATIC1111"
    assert found(png(prompt=json.dumps(SD15), parameters=text)).tool == "ComfyUI"


def test_not_a_number_in_a_graph_is_read_as_comfyui_writes_it() -> None:
    assert raw(SD15 | {"60": node("Custom", is_changed=float("nan"))})["num_inference_steps"] == 20


def test_a_graph_that_goes_in_circles_ends() -> None:
    graph = changed(SD15, "3", latent_image=["8", 0], positive=["50", 0], seed=["51", 0], model=["3", 0]) | {
        "50": node("ConditioningCombine", conditioning_1=["50", 0], conditioning_2=["6", 0]),
        "51": node("Seed", seed=["52", 0]),
        "52": node("Seed", seed=["51", 0]),
    }
    values = raw(graph)
    assert values["prompt"] == "a glass bottle, 狐"
    assert "seed" not in values


def test_a_walk_sees_each_node_once() -> None:
    graph = Nodes(FLUX_CUSTOM | {"30": node("ModelSamplingFlux", model=["12", 0], other=["22", 0])})
    walked = [step.id for step in graph.upstream([graph.nodes["9"]])]
    assert len(walked) == len(set(walked)) == 18


def test_texts_that_join_each_other_end() -> None:
    joined = node("StringConcatenate", string_a=["50", 0], string_b=["50", 0], delimiter="x")
    assert len(str(raw(changed(SD15, "6", text=["50", 0]) | {"50": joined}).get("prompt", ""))) < 100
