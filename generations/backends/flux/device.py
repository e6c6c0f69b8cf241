"""What the model runs on, and how the same request is made to give the same bytes there."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass

# cuBLAS reads it once, before its first use: with it the same product comes out the same.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

import diffusers
import torch
import transformers

DETERMINISM = "cuDNN deterministic, no TF32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    kind: str
    """cuda or cpu, as torch calls it."""
    name: str
    memory_bytes: int
    """Of the card; 0 without one."""

    libraries: Mapping[str, str]
    """What of the card's own shapes the pixels: name → version."""

    @property
    def is_card(self) -> bool:
        return self.kind == "cuda"


def find_device() -> Device:
    """Return the first card that is visible (CUDA_VISIBLE_DEVICES), or else the processor."""
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        libraries = {"CUDA": str(torch.version.cuda), "cuDNN": str(torch.backends.cudnn.version())}
        return Device(kind="cuda", name=card.name, memory_bytes=card.total_memory, libraries=libraries)
    name = platform.processor() or platform.machine()
    return Device(kind="cpu", name=f"{name}, threads: {torch.get_num_threads()}", memory_bytes=0, libraries={})


def settle_down() -> None:
    """Have the same request give the same bytes on one device, and keep libraries from drawing bars into logs."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Every buffer would be filled first, which nothing here depends on.
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that the card, or the machine, has no memory left."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in said or "can't allocate memory" in said)


def free_memory() -> None:
    """Give back what torch keeps for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
