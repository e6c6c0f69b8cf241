"""Which plan fits which card, by counts of parameters alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generations.backends.flux.cards import table
from generations.backends.flux.memory import FLUX_DEV, GIB, Offload, Precision, plan_for, plan_for_processor
from generations.errors import BackendUnavailable
from tests.installation import ROOT

AUTO = (Precision.AUTO, Offload.AUTO)
Q4 = replace(FLUX_DEV, gguf_bytes=6_700_000_000)


@pytest.mark.parametrize(
    ("card_gb", "precision", "offload"),
    [(80, "bf16", "none"), (32, "bf16", "model"), (24, "int8", "none"), (16, "int8", "model"), (8, "bf16", "sequential")],
)
def test_a_card_gets_the_best_that_fits(card_gb: int, precision: str, offload: str):
    plan = plan_for(card_gb * GIB, FLUX_DEV, *AUTO)
    assert (plan.precision, plan.offload) == (precision, offload)
    assert plan.needs_bytes <= card_gb * GIB


def test_what_is_asked_for_is_kept_to_while_the_weights_fit():
    assert plan_for(80 * GIB, FLUX_DEV, Precision.INT8, Offload.AUTO).precision == Precision.INT8
    assert plan_for(80 * GIB, FLUX_DEV, Precision.AUTO, Offload.MODEL).offload == Offload.MODEL
    # The weights fit and the reserve does not: tried, as the reserve is a guess.
    tight = plan_for(24 * GIB, FLUX_DEV, Precision.BF16, Offload.MODEL)
    assert tight.weights_bytes < 24 * GIB < tight.needs_bytes


def test_weights_that_cannot_fit_are_refused_with_numbers_and_advice():
    with pytest.raises(BackendUnavailable) as caught:
        plan_for(24 * GIB, FLUX_DEV, Precision.BF16, Offload.NONE)
    assert "has 24 GB of memory, and FLUX needs 35 GB" in caught.value.message
    assert "sets both to auto" in caught.value.message


def test_settings_that_exclude_each_other_are_refused():
    with pytest.raises(BackendUnavailable, match="FLUX_OFFLOAD=sequential works with FLUX_PRECISION=bf16 alone"):
        plan_for(24 * GIB, FLUX_DEV, Precision.INT8, Offload.SEQUENTIAL)
    with pytest.raises(BackendUnavailable, match="not with a GGUF file"):
        plan_for(24 * GIB, Q4, Precision.AUTO, Offload.SEQUENTIAL)


def test_a_gguf_file_brings_its_precision_and_shrinks_t5_only_where_it_must():
    assert plan_for(24 * GIB, Q4, Precision.INT8, Offload.AUTO).precision == Precision.GGUF
    assert plan_for(24 * GIB, Q4, *AUTO).t5_precision == Precision.BF16
    assert plan_for(16 * GIB, Q4, *AUTO).t5_precision == Precision.INT8


def test_without_a_card_small_models_stay_where_they_are_and_large_ones_are_refused():
    small = replace(FLUX_DEV, transformer=80_000)
    assert plan_for_processor(small, Precision.AUTO).precision == Precision.BF16
    assert plan_for_processor(small, Precision.FP8).offload == Offload.NONE
    for large in (FLUX_DEV, Q4):
        with pytest.raises(BackendUnavailable, match="No graphics card was found"):
            plan_for_processor(large, Precision.AUTO)


def test_the_table_in_the_document_is_the_computed_one():
    assert table() in (ROOT / "docs/gpu.md").read_text()
