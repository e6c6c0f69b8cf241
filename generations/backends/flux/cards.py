"""Which card needs what: the table of docs/gpu.md, computed from counts of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generations.backends.flux.memory import FLUX_DEV, GIB, Offload, Precision, Sizes, plan_for
from generations.errors import BackendUnavailable

CARDS_GB = (8, 12, 16, 24, 32, 48, 80)
"""Memory of cards as they are sold."""
BITS = {"Q8_0": 8.5, "Q6_K": 6.5625, "Q5_K": 5.5, "Q4_K": 4.5}
"""Bits a parameter takes in a GGUF file, the scales of its blocks included."""
HEADINGS = ("card", "safetensors", *(f"GGUF {name}" for name in BITS))
IN_WORDS = {Offload.NONE: "stays", Offload.MODEL: "by part", Offload.SEQUENTIAL: "by layer"}


def table() -> str:
    """Return the table as Markdown: the plan that is chosen, and the memory that it needs with the reserve."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *_rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows() -> Iterator[tuple[str, ...]]:
    for card in CARDS_GB:
        files = [FLUX_DEV, *(_gguf(bits) for bits in BITS.values())]
        yield (f"{card} GB", *(_plan_in_words(card * GIB, sizes) for sizes in files))


def _gguf(bits: float) -> Sizes:
    return replace(FLUX_DEV, gguf_bytes=round(FLUX_DEV.transformer * bits / 8))


def _plan_in_words(card_bytes: int, sizes: Sizes) -> str:
    try:
        plan = plan_for(card_bytes, sizes, Precision.AUTO, Offload.AUTO)
    except BackendUnavailable:
        return "too small"
    if plan.needs_bytes > card_bytes:
        return f"tight, {plan.needs_gib} GB"
    form = f"T5 in {plan.t5_precision}" if plan.precision == Precision.GGUF else str(plan.precision)
    return f"{form}, {IN_WORDS[plan.offload]}, {plan.needs_gib} GB"
