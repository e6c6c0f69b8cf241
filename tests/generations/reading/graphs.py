"""ComfyUI graphs as its editor sends and saves them."""

from __future__ import annotations

from typing import Any

Graph = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


SD15: Graph = {
    "3": node(
        "KSampler",
        seed=156680208700286,
        steps=20,
        cfg=8,
        sampler_name="euler",
        scheduler="normal",
        denoise=1,
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "4": node("CheckpointLoaderSimple", ckpt_name="v1-5-pruned-emaonly.ckpt"),
    "5": node("EmptyLatentImage", width=512, height=640, batch_size=1),
    "6": node("CLIPTextEncode", text="a glass bottle, 狐", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}

FLUX_KSAMPLER: Graph = {
    "8": node("VAEDecode", samples=["31", 0], vae=["30", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    "6": node("CLIPTextEncode", text="a red fox", clip=["30", 1]),
    "33": node("CLIPTextEncode", text="", clip=["30", 1]),
    "27": node("EmptySD3LatentImage", width=1024, height=768, batch_size=1),
    "30": node("CheckpointLoaderSimple", ckpt_name="flux1-dev-fp8.safetensors"),
    "35": node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
    "31": node(
        "KSampler",
        seed=972054,
        steps=25,
        cfg=1,
        sampler_name="euler",
        scheduler="simple",
        denoise=1,
        model=["30", 0],
        positive=["35", 0],
        negative=["33", 0],
        latent_image=["27", 0],
    ),
}

FLUX_CUSTOM: Graph = {
    "5": node("EmptySD3LatentImage", width=["34", 0], height=["35", 0], batch_size=1),
    "6": node("CLIPTextEncode", text=["40", 0], clip=["11", 0]),
    "8": node("VAEDecode", samples=["13", 0], vae=["10", 0]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    "10": node("VAELoader", vae_name="ae.safetensors"),
    "11": node("DualCLIPLoader", clip_name1="t5xxl_fp16.safetensors", clip_name2="clip_l.safetensors", type="flux"),
    "12": node("UNETLoader", unet_name="flux1-dev-SRPO-bf16.safetensors", weight_dtype="default"),
    "13": node(
        "SamplerCustomAdvanced",
        noise=["25", 0],
        guider=["22", 0],
        sampler=["16", 0],
        sigmas=["17", 0],
        latent_image=["5", 0],
    ),
    "16": node("KSamplerSelect", sampler_name="euler"),
    "17": node("BasicScheduler", scheduler="simple", steps=28, denoise=1, model=["30", 0]),
    "22": node("BasicGuider", model=["30", 0], conditioning=["26", 0]),
    "25": node("RandomNoise", noise_seed=219670),
    "26": node("FluxGuidance", guidance=4.5, conditioning=["6", 0]),
    "30": node("ModelSamplingFlux", max_shift=1.15, base_shift=0.5, width=64, height=64, model=["41", 0]),
    "34": node("PrimitiveInt", value=832),
    "35": node("PrimitiveInt", value=1216),
    "40": node("StringConcatenate", string_a=["42", 0], string_b="in the snow", delimiter=", "),
    "41": node("LoraLoaderModelOnly", lora_name="ink.safetensors", strength_model=1, model=["12", 0]),
    "42": node("PrimitiveStringMultiline", value="a red fox"),
}


def changed(graph: Graph, id: str, **inputs: Any) -> Graph:
    """Return a graph with some inputs of one node changed."""
    return graph | {id: graph[id] | {"inputs": graph[id]["inputs"] | inputs}}
