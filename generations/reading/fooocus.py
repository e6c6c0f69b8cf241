"""Fooocus's settings: JSON of its own, or a text like AUTOMATIC1111's."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generations.reading import a1111
from generations.reading.found import Draft, Found
from generations.reading.records import Records, object_in

TOOL = "Fooocus"

_RESOLUTION = re.compile(r"\((\d{1,6}), ?(\d{1,6})\)", re.ASCII)
_TEXT_REST = ("Performance", "Sharpness", "ADM Guidance", "Refiner", "Clip skip", "VAE", "FreeU", "Adaptive CFG")
_JSON_REST = ("performance", "sharpness", "adm_guidance", "refiner_model", "clip_skip", "vae", "freeu", "adaptive_cfg")


def read(records: Records) -> Found | None:
    """Return the settings in Fooocus's JSON or text."""
    text = records.get("parameters", "")
    if values := object_in(text):
        return _from_json(values) if _is_fooocus(values) else None
    parts = a1111.split(text)
    if parts is None or not parts.values.get("Version", "").startswith(TOOL):
        return None
    return _from_text(parts)


def _is_fooocus(values: Mapping[str, object]) -> bool:
    return values.get("metadata_scheme") == "fooocus" or str(values.get("version", "")).startswith(TOOL)


def _from_json(values: Mapping[str, object]) -> Found:
    draft = Draft(TOOL)
    draft.prompt(values.get("prompt"))
    if match := _RESOLUTION.fullmatch(str(values.get("resolution", ""))):
        draft.size(match[1], match[2])
    draft.seed(values.get("seed"))
    draft.steps(values.get("steps"))
    draft.guidance(None, values.get("guidance_scale"))
    draft.negative(values.get("negative_prompt"))
    _styles(draft, values.get("styles"))
    draft.sampler(values.get("sampler"), values.get("scheduler"))
    draft.model(values.get("base_model"))
    draft.loras(value for name, value in values.items() if name.startswith("lora_combined_"))
    draft.rest(name.replace("_", " ") for name in _JSON_REST if values.get(name) not in (None, "", "None"))
    return draft.found()


def _from_text(text: a1111.Text) -> Found:
    """Read what the person wrote; the text's own prompt has the words of the styles in it."""
    values = text.values
    draft = Draft(TOOL)
    draft.prompt(values.get("Raw prompt") or text.prompt)
    a1111.fill(draft, text)
    draft.negative(values.get("Raw negative prompt", text.negative))
    _styles(draft, values.get("Styles"))
    draft.sampler(values.get("Sampler"), values.get("Scheduler"))
    draft.model(values.get("Model"))
    draft.loras(part.partition(":")[0] for part in values.get("Lora hashes", "").split(","))
    draft.rest(name for name in _TEXT_REST if values.get(name) not in (None, "", "None"))
    return draft.found()


def _styles(draft: Draft, styles: object) -> None:
    if isinstance(styles, str) and styles.strip("[] "):
        draft.note("Styles: the words that they added to the prompt are not taken over.")
