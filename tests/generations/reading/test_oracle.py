"""A reader written by others, sd-parsers, finds the same in the same files."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from sd_parsers import ParserManager

from generations.metadata import a1111_text
from tests.generations.reading.files import found, jpeg, piexif_comment, png, webp, workflow_of
from tests.generations.reading.graphs import FLUX_KSAMPLER, SD15
from tests.generations.reading.test_a1111 import FORGE, SDXL
from tests.generations.reading.test_fooocus import SETTINGS as FOOOCUS
from tests.generations.reading.test_invokeai import FLUX as INVOKE
from tests.generations.reading.test_invokeai import LEGACY
from tests.generations.reading.test_ours import FORMATS, OURS
from tests.generations.test_metadata import file_with

SMALL_SEED = {**SD15, "3": {**SD15["3"], "inputs": {**SD15["3"]["inputs"], "seed": 17}}}
FILES = {
    "a1111_png": png(parameters=SDXL),
    "a1111_jpeg": jpeg(piexif_comment(SDXL)),
    "a1111_webp": webp(piexif_comment(SDXL)),
    "forge_png": png(parameters=FORGE),
    "invokeai": png(invokeai_metadata=json.dumps(INVOKE)),
    "invokeai_2": png(sd_metadata=json.dumps(LEGACY)),
    "comfyui": png(prompt=json.dumps(SMALL_SEED), workflow=json.dumps(workflow_of(SD15))),
    "comfyui_flux": png(prompt=json.dumps(FLUX_KSAMPLER), workflow=json.dumps(workflow_of(FLUX_KSAMPLER))),
    "fooocus": png(parameters=json.dumps(FOOOCUS)),
    "our_text": png(parameters=a1111_text(OURS)),
    **{f"our_{output_format}": file_with(OURS, output_format) for output_format in FORMATS},
}
TOOLS = {"a1111": "AUTOMATIC1111", "forge": "AUTOMATIC1111", "invokeai": "InvokeAI", "comfyui": "ComfyUI", "fooocus": "Fooocus"}


@pytest.mark.parametrize("name", FILES)
def test_another_reader_finds_the_same(name: str) -> None:
    theirs = ParserManager().parse(BytesIO(FILES[name]))
    assert theirs is not None
    (sampler,) = theirs.samplers
    ours = found(FILES[name])
    assert ours.raw["prompt"] == str(theirs.prompts[0])
    assert ours.raw["seed"] == int(sampler.parameters["seed"])
    assert ours.raw["num_inference_steps"] == int(sampler.parameters["steps"])
    if (tool := TOOLS.get(name.split("_")[0])) is not None:
        assert (ours.tool, theirs.generator.value) == (tool, tool)
