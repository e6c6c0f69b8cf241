"""Parts of a checkpoint, loaded in the form that a plan says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import torch
from diffusers import FluxPipeline, FluxTransformer2DModel, GGUFQuantizationConfig, TorchAoConfig
from safetensors import SafetensorError
from torchao.quantization import Int8WeightOnlyConfig, quantize_
from transformers import T5EncoderModel

from generations.backends.flux.checkpoint import DAMAGED, Checkpoint
from generations.backends.flux.device import Device, is_out_of_memory
from generations.backends.flux.memory import Offload, Plan, Precision
from generations.errors import BackendUnavailable

# What files of other models, and damaged ones, have been seen to raise inside the loaders.
_LOADERS_GAVE_UP = (OSError, ValueError, KeyError, AttributeError, TypeError, IndexError, RuntimeError, SafetensorError)
NOT_A_TRANSFORMER = (
    "{file} could not be loaded as a transformer of FLUX: it is of another model, or damaged. "
    "Whoever runs this server corrects FLUX_TRANSFORMER."
)


def load(checkpoint: Checkpoint, plan: Plan, device: Device, before_each: Callable[[], object]) -> FluxPipeline:
    """Return the pipeline, on its device unless parts are offloaded; `before_each` is called before a part is loaded.

    Raises BackendUnavailable for files that are not what they should be, and whatever `before_each` raises.
    """
    stays = device.kind if plan.offload == Offload.NONE else "cpu"
    before_each()
    transformer = _transformer(checkpoint, plan.precision).to(stays)
    before_each()
    t5 = _t5(checkpoint.folder, plan.t5_precision).to(stays)
    before_each()
    try:
        pipeline = FluxPipeline.from_pretrained(  # nosec B615 all three read folders of this machine
            str(checkpoint.folder),
            transformer=transformer,
            text_encoder_2=t5,
            dtype=torch.bfloat16,
            local_files_only=True,
            use_safetensors=True,
        )
    except _LOADERS_GAVE_UP as error:
        _blame(error, DAMAGED, checkpoint.folder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline if plan.offload != Offload.NONE else pipeline.to(stays)


def _transformer(checkpoint: Checkpoint, precision: Precision) -> Any:
    file = checkpoint.transformer
    options: dict[str, Any] = {"dtype": torch.bfloat16, "local_files_only": True}
    if precision == Precision.GGUF:
        options["quantization_config"] = GGUFQuantizationConfig(compute_dtype=torch.bfloat16)
    elif precision == Precision.INT8:
        options["quantization_config"] = TorchAoConfig(Int8WeightOnlyConfig())
    try:
        loaded = _from_file(checkpoint, options) if file.is_file() else _from_folder(file, options)
    except _LOADERS_GAVE_UP as error:
        _blame(error, NOT_A_TRANSFORMER, file)
    if any(parameter.is_meta for parameter in loaded.parameters()):
        raise BackendUnavailable(NOT_A_TRANSFORMER.format(file=file), detail="some of its weights are not in the file")
    if precision == Precision.FP8:
        loaded.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16)
    return loaded


def _from_folder(folder: Path, options: dict[str, Any]) -> Any:
    return FluxTransformer2DModel.from_pretrained(str(folder), use_safetensors=True, **options)  # nosec B615


def _from_file(checkpoint: Checkpoint, options: dict[str, Any]) -> Any:
    """Load a single file, which says nothing of its shape: the checkpoint's own transformer has the same."""
    return FluxTransformer2DModel.from_single_file(
        str(checkpoint.transformer), config=str(checkpoint.folder), subfolder="transformer", **options
    )


def _t5(folder: Path, precision: Precision) -> Any:
    try:
        loaded = T5EncoderModel.from_pretrained(  # nosec B615
            str(folder), subfolder="text_encoder_2", dtype=torch.bfloat16, local_files_only=True, use_safetensors=True
        )
    except _LOADERS_GAVE_UP as error:
        _blame(error, DAMAGED, folder / "text_encoder_2")
    if precision == Precision.INT8:
        quantize_(loaded, Int8WeightOnlyConfig())
    return loaded


def _blame(error: Exception, sentence: str, file: Path) -> NoReturn:
    """Raise that a file is to blame for an error; the error itself where memory ran out, which is no fault of the file."""
    if is_out_of_memory(error):
        raise error
    raise BackendUnavailable(sentence.format(file=file), detail=repr(error)[:500]) from error
