"""How the model fits onto a card: computed from counts of parameters, without loading anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from generations.errors import BackendUnavailable

GIB = 2**30
"""Cards are sold by it: a "24 GB" card has 24 of these."""
RESERVE_BYTES = 3_000_000_000
"""For the picture on its way and CUDA itself; assumed, for 1536 × 1536 with tiles."""
LAYER_BYTES = 700_000_000
"""The largest single layer in bf16, which sequential offload brings to the card; assumed."""

MOST_WITHOUT_CARD = 1_000_000_000
"""Parameters."""

TOO_LITTLE = (
    "This card has {has:.0f} GB of memory, and FLUX needs {needs} GB of it with FLUX_PRECISION={precision} and "
    "FLUX_OFFLOAD={offload}. Whoever runs this server sets both to auto, or uses a smaller GGUF file."
)
NO_CARD = (
    "No graphics card was found, and on the processor alone a picture would take hours. Whoever runs this server looks whether "
    "`nvidia-smi` shows the card, and which ones CUDA_VISIBLE_DEVICES names."
)
NO_SEQUENCE = (
    "FLUX_OFFLOAD=sequential works with FLUX_PRECISION=bf16 alone, and not with a GGUF file. "
    "Whoever runs this server sets one of the two to auto."
)


class Precision(StrEnum):
    AUTO = "auto"
    BF16 = "bf16"
    INT8 = "int8"
    """Weights in 8 bits with a scale a row (torchao)."""
    FP8 = "fp8"
    """Weights kept in 8-bit floats, reckoned with in bf16."""
    GGUF = "gguf"
    """As the file has it; never asked for by name."""


class Offload(StrEnum):
    AUTO = "auto"
    NONE = "none"
    """All of it stays on the card."""
    MODEL = "model"
    """One part at a time is on the card, the others in the machine's memory."""
    SEQUENTIAL = "sequential"
    """One layer at a time: fits nearly everywhere, and is slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many parameters each part has."""

    transformer: int
    t5: int
    clip: int
    vae: int
    gguf_bytes: int | None = None
    """Of a GGUF file in place of the transformer."""


FLUX_DEV = Sizes(transformer=11_900_000_000, t5=4_760_000_000, clip=123_000_000, vae=84_000_000)
"""FLUX.1-dev and all that is made of it, such as SRPO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """In which form the parts are loaded, and where they stay."""

    precision: Precision
    """Of the transformer; never AUTO."""
    t5_precision: Precision
    """BF16 or INT8."""
    offload: Offload
    """Never AUTO."""
    weights_bytes: int
    """On the card at one time."""

    @property
    def needs_bytes(self) -> int:
        return self.weights_bytes + RESERVE_BYTES

    @property
    def needs_gib(self) -> int:
        return math.ceil(self.needs_bytes / GIB)


def plan_for(card_bytes: int, sizes: Sizes, precision: Precision, offload: Offload) -> Plan:
    """Return the best plan that fits: quality before speed; the smallest one when none does by this reckoning.

    Raises BackendUnavailable when the weights alone are more than the card has, or when the two settings exclude each other.
    """
    plans = [plan for plan in _plans(sizes) if _is_asked_for(plan, precision, offload)]
    if not plans:
        raise BackendUnavailable(NO_SEQUENCE)
    chosen = next((plan for plan in plans if plan.needs_bytes <= card_bytes), min(plans, key=lambda plan: plan.weights_bytes))
    if chosen.weights_bytes > card_bytes:
        asked = {"precision": chosen.precision, "offload": chosen.offload}
        raise BackendUnavailable(TOO_LITTLE.format(has=card_bytes / GIB, needs=chosen.needs_gib, **asked))
    return chosen


def plan_for_processor(sizes: Sizes, precision: Precision) -> Plan:
    """Return the plan for a machine without a card, which is for trials; BackendUnavailable for a model of earnest size."""
    if max(sizes.transformer, sizes.gguf_bytes or 0) > MOST_WITHOUT_CARD:
        raise BackendUnavailable(NO_CARD)
    plans = [plan for plan in _plans(sizes) if plan.offload == Offload.NONE and _is_asked_for(plan, precision, Offload.AUTO)]
    return plans[0]


def _is_asked_for(plan: Plan, precision: Precision, offload: Offload) -> bool:
    # A GGUF file brings its own precision.
    fits_precision = precision == Precision.AUTO or plan.precision in (precision, Precision.GGUF)
    return fits_precision and offload in (Offload.AUTO, plan.offload)


def _plans(sizes: Sizes) -> list[Plan]:
    """Return every plan there is, the best first."""
    if sizes.gguf_bytes is not None:
        forms = [(Precision.GGUF, Precision.BF16), (Precision.GGUF, Precision.INT8)]
        return [_plan(sizes, *form, offload) for offload in (Offload.NONE, Offload.MODEL) for form in forms]
    whole, eight, float8 = (
        (Precision.BF16, Precision.BF16),
        (Precision.INT8, Precision.INT8),
        (Precision.FP8, Precision.INT8),
    )
    stays = [_plan(sizes, *form, offload) for form in (whole, eight, float8) for offload in (Offload.NONE, Offload.MODEL)]
    return [*stays, _plan(sizes, *whole, Offload.SEQUENTIAL)]


def _plan(sizes: Sizes, precision: Precision, t5_precision: Precision, offload: Offload) -> Plan:
    transformer = sizes.transformer * _bytes_each(precision) if sizes.gguf_bytes is None else sizes.gguf_bytes
    t5 = sizes.t5 * _bytes_each(t5_precision)
    small = 2 * (sizes.clip + sizes.vae)
    together = {
        Offload.NONE: transformer + t5 + small,
        Offload.MODEL: max(transformer, t5, small),
        Offload.SEQUENTIAL: min(transformer, LAYER_BYTES),
    }
    return Plan(precision=precision, t5_precision=t5_precision, offload=offload, weights_bytes=together[offload])


def _bytes_each(precision: Precision) -> int:
    return 2 if precision == Precision.BF16 else 1
