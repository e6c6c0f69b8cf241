"""InvokeAI's settings: JSON in `invokeai_metadata`, before version 3 in `sd-metadata`; PNG files alone have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generations.reading.found import Draft, Found
from generations.reading.records import Records, list_of, object_in, object_of

_TAKEN = {
    *("positive_prompt", "negative_prompt", "width", "height", "seed", "steps", "guidance", "cfg_scale", "strength"),
    *("scheduler", "model", "loras", "generation_mode", "init_image"),
}
_NO_MATTER = {"app_version", "rand_device", "vae", "t5_encoder", "clip_embed_model", "canvas_v2_metadata", "type", "imageDTO"}
_EMPTY: tuple[object, ...] = (None, "", 0, [], {})
_BRACKETS = re.compile(r"\[[^\[\]]*\]")


def read(records: Records) -> Found | None:
    """Return the settings in InvokeAI's JSON, old or new."""
    if values := object_in(records.get("invokeai_metadata", "")):
        return _modern(values)
    if picture := object_of(object_in(records.get("sd-metadata", "")).get("image")):
        return _legacy(picture)
    return None


def _modern(values: Mapping[str, object]) -> Found:
    draft = Draft("InvokeAI")
    draft.prompt(values.get("positive_prompt"))
    _numbers(draft, values)
    draft.guidance(values.get("guidance"), values.get("cfg_scale"))
    if not str(values.get("generation_mode", "txt2img")).endswith("txt2img"):
        draft.strength(values.get("strength"))
    draft.negative(values.get("negative_prompt"))
    draft.sampler(values.get("scheduler"))
    draft.model(_name(values.get("model")))
    draft.loras(map(_lora, list_of(values.get("loras"))))
    unknown = (name for name, value in values.items() if name not in _TAKEN | _NO_MATTER and value not in _EMPTY)
    draft.rest(name.replace("_", " ") for name in unknown)
    return draft.found()


def _legacy(values: Mapping[str, object]) -> Found:
    """Read version 2, which wrote negative words into the prompt, in square brackets."""
    draft = Draft("InvokeAI")
    prompt = "".join(_legacy_prompts(values.get("prompt")))
    draft.prompt(_BRACKETS.sub("", prompt))
    _numbers(draft, values)
    draft.guidance(None, values.get("cfg_scale"))
    draft.strength(values.get("strength") if values.get("type") == "img2img" else None)
    draft.negative("".join(_BRACKETS.findall(prompt)))
    draft.sampler(values.get("sampler"))
    return draft.found()


def _numbers(draft: Draft, values: Mapping[str, object]) -> None:
    draft.size(values.get("width"), values.get("height"))
    draft.seed(values.get("seed"))
    draft.steps(values.get("steps"))


def _legacy_prompts(prompt: object) -> Iterator[str]:
    if isinstance(prompt, str):
        yield prompt
    for part in list_of(prompt)[:1]:
        if isinstance(text := object_of(part).get("prompt"), str):
            yield text


def _name(model: object) -> object:
    values = object_of(model)
    return values.get("name") or values.get("model_name") or model


def _lora(lora: object) -> object:
    values = object_of(lora)
    return _name(values.get("model") or values.get("lora"))
