"""The model while it is loaded: two pipelines that share their parts, and all that a receipt says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import FluxImg2ImgPipeline

from generations.backends.base import ImageRequest, OnStep, RenderedImage
from generations.backends.flux.checkpoint import Checkpoint
from generations.backends.flux.device import DETERMINISM, Device, find_device, settle_down
from generations.backends.flux.extra import SHAPING, versions_of
from generations.backends.flux.loading import load
from generations.backends.flux.memory import Offload, Plan, Precision, plan_for, plan_for_processor
from generations.backends.flux.painting import kept_as_it_is, paint, unchanged
from generations.backends.flux.previews import Projection
from generations.backends.flux.weights import fingerprints

NAMES = {
    "transformer": "transformer weights",
    "text_encoder_2": "T5 weights",
    "text_encoder": "CLIP weights",
    "vae": "VAE weights",
}


class Model:
    """Loaded once, used for many pictures, one at a time."""

    def __init__(
        self, checkpoint: Checkpoint, plan: Plan, device: Device, hashes: Path, before_each: Callable[[], object]
    ) -> None:
        settle_down()
        self.plan = plan
        self.device = device
        weights = fingerprints(checkpoint.files(), hashes, before_each)
        self.versions = {**_versions(plan, device), **{NAMES[part]: digest for part, digest in weights.items()}}
        self.from_text = load(checkpoint, plan, device, before_each)
        self.from_image = FluxImg2ImgPipeline(**_shared(self.from_text))
        self.from_image.set_progress_bar_config(disable=True)
        before_each()
        self.projection = Projection(self.from_text.vae)
        if plan.offload == Offload.SEQUENTIAL:
            # It holds for both pipelines, as they share their parts.
            self.from_text.enable_group_offload(onload_device=torch.device(device.kind), offload_type="leaf_level")
        self._offloaded: Any = None

    def paint(self, request: ImageRequest, on_step: OnStep) -> RenderedImage:
        """Make one picture; raises whatever `on_step` raises."""
        if kept_as_it_is(request):
            return unchanged(request)
        uses_image = request.image is not None and request.strength is not None and request.strength < 1
        pipeline = self.from_image if uses_image else self.from_text
        self._offload(pipeline)
        try:
            return paint(pipeline, request, self.projection, on_step)
        finally:
            # A picture that was cancelled leaves its parts on the card.
            pipeline.maybe_free_model_hooks()

    def _offload(self, pipeline: Any) -> None:
        """Let a pipeline fetch its parts onto the card as it needs them; the other one must not hold them meanwhile."""
        if self.plan.offload == Offload.MODEL and self._offloaded is not pipeline:
            pipeline.enable_model_cpu_offload(device=self.device.kind)
            self._offloaded = pipeline


def choose(checkpoint: Checkpoint, precision: Precision, offload: Offload) -> tuple[Plan, Device]:
    """Return what is to be loaded where on this machine; raises BackendUnavailable when it does not fit."""
    device = find_device()
    if device.is_card:
        return plan_for(device.memory_bytes, checkpoint.sizes(), precision, offload), device
    return plan_for_processor(checkpoint.sizes(), precision), device


def _versions(plan: Plan, device: Device) -> dict[str, str]:
    quantised = {Precision.INT8: "torchao", Precision.GGUF: "gguf"}
    extra = {quantised[form] for form in (plan.precision, plan.t5_precision) if form in quantised}
    forms = str(plan.precision) if plan.precision == plan.t5_precision else f"{plan.precision}, T5 in {plan.t5_precision}"
    return {
        **versions_of(*SHAPING, *sorted(extra)),
        **device.libraries,
        "device": device.name,
        "precision": forms,
        "determinism": DETERMINISM,
    }


def _shared(pipeline: Any) -> dict[str, Any]:
    return dict(pipeline.components)
