"""FLUX on a graphics card of one's own: the same weights make the same picture again, for as long as they are kept."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from generations.backends.base import ImageRequest, LocalBackend, OnStep, Preview, RenderedImage
from generations.backends.flux.checkpoint import Checkpoint, locate
from generations.backends.flux.extra import importing_quietly, why_missing
from generations.backends.flux.hub import Hub
from generations.backends.flux.idle import Idle
from generations.backends.flux.memory import GIB, Offload, Plan, Precision
from generations.backends.flux.sources import source_of, why_unusable
from generations.errors import BackendError, BackendUnavailable

if TYPE_CHECKING:
    from generations.backends.flux.device import Device
    from generations.backends.flux.model import Model

__all__ = ["Flux"]

log = logging.getLogger(__name__)
Result = TypeVar("Result")

VERSION = "1"
"""Raised whenever the same request gives another picture with the same weights and libraries."""
SLOWEST_S = 1800
"""Seconds that loading from a slow disk, or one step on a slow card, may take."""
PLAIN = "black-forest-labs/FLUX.1-dev"
TOO_LARGE = (
    "The graphics card ran out of memory at this picture. Nothing was charged. Choose a smaller size; if it stays so, whoever "
    "runs this server sets FLUX_OFFLOAD to model or FLUX_PRECISION to int8."
)
NO_ROOM = (
    "The model does not fit into this machine's memory. Whoever runs this server ends what else uses the card, or sets "
    "FLUX_PRECISION and FLUX_OFFLOAD to auto."
)
UNLOADABLE = "The packages for FLUX are installed, but do not work here. Whoever runs this server looks into the worker's log."


class Flux(LocalBackend):
    """Loads the model for the first picture, and frees its memory when no picture has been asked for in a while."""

    title = "Own GPU"
    tagline = "FLUX on our own graphics card"
    queue = "gpu"
    quiet_for_s = SLOWEST_S

    def __init__(
        self,
        *,
        model: str,
        transformer: str = "",
        precision: str = "auto",
        offload: str = "auto",
        idle_unload_s: float = 600,
        hub_token: str = "",
        hub_cache: str = "",
        is_elsewhere: bool = False,
        hashes: str | Path = "flux-weights.json",
    ) -> None:
        self.source = source_of(model)
        self.transformer = source_of(transformer) if transformer else None
        # Known to be another model than SRPO; what else is named is taken at its word.
        self.runs_model = self.transformer is not None or self.source.repository != PLAIN
        self.precision = Precision(precision)
        self.offload = Offload(offload)
        self.hub = Hub(token=hub_token, cache=hub_cache)
        self.is_elsewhere = is_elsewhere
        self.hashes = Path(hashes)
        self._model: Model | None = None
        self._busy = threading.Lock()
        self._idle = Idle(idle_unload_s, self.unload)
        self._versions: dict[str, str] = {}

    @property
    def versions(self) -> dict[str, str]:
        """Return what shaped the last picture; nothing before the first."""
        return self._versions

    def unavailable_because(self) -> str:
        """Say what is missing by looking at names of files and packages; where other machines paint, they know best."""
        if self.is_elsewhere:
            return ""
        reasons = [why_missing(), why_unusable(self.source, "FLUX_MODEL")]
        if self.transformer is not None:
            reasons.append(why_unusable(self.transformer, "FLUX_TRANSFORMER"))
        return next(filter(None, reasons), "")

    @property
    def is_loaded(self) -> bool:
        return self._model is not None

    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        """Make the picture; `on_step` hears of step 0 of 0 while the model is loaded, then of each finished step once."""
        with self._busy:
            self._idle.end()
            try:
                model = self._loaded(lambda: on_step(0, 0, _nothing))
                image = _within_memory(lambda: model.paint(request, on_step), TOO_LARGE)
                self._versions = {"flux": VERSION, **model.versions}
            finally:
                self._idle.begin()
        return [image]

    def unload(self) -> None:
        """Free the model's memory, unless it is at work."""
        if self._busy.acquire(blocking=False):
            try:
                if self._model is not None:
                    self._model = None
                    _free()
                    log.info("FLUX was not needed for %g s: its memory is free again", self._idle.seconds)
            finally:
                self._busy.release()

    def plan(self) -> dict[str, str]:
        """Return what would be loaded where, in words, without loading it; raises BackendUnavailable."""
        checkpoint = self._located()
        choose, _ = _tools()
        plan, device = choose(checkpoint, self.precision, self.offload)
        memory = f"{device.memory_bytes / GIB:.1f} GB" if device.is_card else "no card"
        return {
            "Device": device.name,
            "Memory": memory,
            "Precision": f"{plan.precision}, T5 in {plan.t5_precision}",
            "Offload": str(plan.offload),
            "On the card": f"{plan.weights_bytes / GIB:.1f} GB of weights",
        }

    def _loaded(self, before_each: Callable[[], object]) -> Model:
        if self._model is None:
            self._model = _within_memory(lambda: self._load(before_each), NO_ROOM)
        return self._model

    def _load(self, before_each: Callable[[], object]) -> Model:
        before_each()
        started = time.monotonic()
        checkpoint = self._located()
        before_each()
        choose, make = _tools()
        plan, device = choose(checkpoint, self.precision, self.offload)
        log.info("loading FLUX in %s, offload %s, on %s", plan.precision, plan.offload, device.name)
        model = make(checkpoint, plan, device, hashes=self.hashes, before_each=before_each)
        log.info("FLUX is loaded after %.0f s", time.monotonic() - started)
        return model

    def _located(self) -> Checkpoint:
        if reason := why_missing() or self.unavailable_because():
            raise BackendUnavailable(reason)
        return locate(self.source, self.transformer, self.hub)


def _tools() -> tuple[Callable[..., tuple[Plan, Device]], type[Model]]:
    """Return what needs the extra packages, imported now; raises BackendUnavailable where they do not work."""
    try:
        with importing_quietly():
            from generations.backends.flux.model import Model, choose
    except (ImportError, OSError) as error:
        log.exception("the packages for FLUX cannot be imported")
        raise BackendUnavailable(UNLOADABLE, detail=repr(error)[:500]) from error
    return choose, Model


def _within_memory(work: Callable[[], Result], sentence: str) -> Result:
    """Do something; where memory runs out, free what is free and raise BackendError with the sentence."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        from generations.backends.flux.device import is_out_of_memory

        if not is_out_of_memory(error):
            raise
        detail = repr(error)[:500]
    log.warning("memory ran out: %s", detail)
    # Only here: inside the handler the error's frames still hold what did not fit.
    _free()
    raise BackendError(sentence, detail=detail)


def _free() -> None:
    from generations.backends.flux.device import free_memory

    gc.collect()
    free_memory()


def _nothing() -> Preview:
    return Preview(width=8, height=8, pixels=bytes(8 * 8 * 3))
