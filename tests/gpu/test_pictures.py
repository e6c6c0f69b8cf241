"""What FLUX makes of a request: the same bytes again, steps and previews on the way, the reference as strong as asked."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generations.backends.base import ImageRequest, Preview
from generations.backends.flux import Flux, painting
from generations.backends.flux.checkpoint import locate
from generations.backends.flux.device import find_device
from generations.backends.flux.memory import Offload, Precision, plan_for_processor
from generations.backends.flux.model import Model
from generations.errors import BackendError, Cancelled
from generations.images import Picture
from tests.installation import wait_until

Engines = Callable[..., Flux]
REFERENCE = bytes(range(256)) * 54
"""The pixels of a picture of 72 × 64."""


def request(**values: object) -> ImageRequest:
    usual = {"prompt": "a red fox", "width": 72, "height": 64, "num_inference_steps": 3, "guidance_scale": 3.5, "seed": 7}
    return ImageRequest(**{**usual, **values})


def pixels(engine: Flux, on_step: Callable[..., object] = lambda *_: None, **values: object) -> bytes:
    return engine.render(request(**values), on_step)[0].pixels


def test_the_same_request_gives_the_same_bytes_and_every_setting_counts(engine: Flux):
    first = pixels(engine)
    assert len(first) == 72 * 64 * 3
    assert pixels(engine) == first
    others = [{"seed": 8}, {"prompt": "a blue lighthouse"}, {"guidance_scale": 9.0}, {"num_inference_steps": 2}]
    made = [pixels(engine, **other) for other in others]
    assert len({first, *made}) == 1 + len(others)


def test_each_step_is_told_once_with_a_small_picture(tiny: Path, engine_at: Engines):
    told: list[tuple[int, int]] = []
    seen: list[Preview] = []

    def on_step(step: int, of: int, preview: Callable[[], Preview]) -> None:
        told.append((step, of))
        if of:
            seen.append(preview())

    pixels(engine_at(tiny), on_step)
    loading = [each for each in told if each == (0, 0)]
    assert loading
    assert told == [*loading, (1, 3), (2, 3), (3, 3)]
    # 64 × 80 is made, of which 64 × 72 is kept; a latent stands for 8 × 8.
    assert {(preview.width, preview.height, len(preview.pixels)) for preview in seen} == {(10, 8, 240)}
    assert len({preview.pixels for preview in seen}) == 3


def test_a_preview_shows_where_the_picture_is_heading(engine: Flux):
    """The first one has no step before it to go by, and is noise."""
    seen: list[np.ndarray] = []

    def look(step: int, of: int, preview: Callable[[], Preview]) -> None:
        if of:
            seen.append(np.frombuffer(preview().pixels, np.uint8).astype(float))

    pixels(engine, look, num_inference_steps=8)
    apart = [float(np.abs(each - seen[-1]).mean()) for each in seen]
    assert apart[1] < apart[0] / 2


def test_strength_says_how_much_of_the_reference_stays(engine: Flux):
    png = Picture(width=72, height=64, pixels=REFERENCE).png()
    steps: list[tuple[int, int]] = []
    assert pixels(engine, image=png, strength=0.0) == REFERENCE
    half = pixels(engine, lambda step, of, _: steps.append((step, of)), image=png, strength=0.5, num_inference_steps=4)
    assert steps == [(1, 2), (2, 2)]
    assert half not in (REFERENCE, pixels(engine))
    assert pixels(engine, image=png, strength=1.0) == pixels(engine)


def test_a_large_picture_is_decoded_in_tiles_and_has_the_exact_size(engine: Flux, monkeypatch: pytest.MonkeyPatch):
    """This model's tiles are of 64 × 64, and where it begins to need them is lowered to their size."""
    whole = pixels(engine, width=150, height=140)
    monkeypatch.setattr(painting, "UNTILED", 64 * 64)
    tiled = pixels(engine, width=150, height=140)
    assert len(whole) == len(tiled) == 150 * 140 * 3
    assert tiled != whole
    monkeypatch.undo()
    assert pixels(engine, width=150, height=140) == whole


def test_a_cancelled_picture_stops_at_the_next_step_and_harms_no_other(engine: Flux):
    before, steps = pixels(engine), []

    def stop(step: int, of: int, _: object) -> None:
        steps.append(step)
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        pixels(engine, stop)
    assert steps == [1, 2]
    assert pixels(engine) == before


def test_a_model_that_does_not_fit_ends_with_a_sentence_and_is_loaded_when_there_is_room(
    tiny: Path, engine: Flux, engine_at: Engines
):
    cramped, asked = engine_at(tiny), []

    def outgrow(step: int, of: int, _: object) -> None:
        asked.append(of)
        if len(asked) == 7:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    with pytest.raises(BackendError) as caught:
        pixels(cramped, outgrow)
    assert set(asked) == {0}
    assert "ends what else uses the card" in caught.value.message
    assert not cramped.is_loaded
    assert pixels(cramped) == pixels(engine)


def test_a_picture_that_outgrows_the_memory_ends_with_a_sentence_and_harms_no_other(engine: Flux):
    before = pixels(engine)

    def outgrow(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    with pytest.raises(BackendError) as caught:
        pixels(engine, outgrow)
    assert "Choose a smaller size" in caught.value.message
    assert "CUDA" not in caught.value.message
    assert "9 GiB" in caught.value.detail
    assert pixels(engine) == before


@pytest.mark.parametrize("offload", [Offload.MODEL, Offload.SEQUENTIAL])
def test_parts_that_come_and_go_make_the_same_pictures(engine: Flux, tiny: Path, tmp_path: Path, offload: Offload):
    """Here they come to the processor, from the processor; what moves them is the same."""
    checkpoint = locate(engine.source, None, engine.hub)
    device = find_device()
    plan = replace(plan_for_processor(checkpoint.sizes(), Precision.AUTO), offload=offload)
    model = Model(checkpoint, plan, device, hashes=tmp_path / "hashes.json", before_each=lambda: None)
    png = Picture(width=72, height=64, pixels=REFERENCE).png()

    def stop(*_: object) -> None:
        raise Cancelled

    for wanted in ({}, {"image": png, "strength": 0.5}, {}):
        assert model.paint(request(**wanted), lambda *_: None).pixels == pixels(engine, **wanted)
        with pytest.raises(Cancelled):
            model.paint(request(**wanted), stop)


def test_the_model_is_loaded_once_and_freed_when_it_is_not_needed(tiny: Path, engine_at: Engines):
    told: list[tuple[int, int]] = []
    engine = engine_at(tiny, idle_unload_s=0.3)
    first = pixels(engine, lambda step, of, _: told.append((step, of)))
    model = weakref.ref(engine._model)
    assert (0, 0) in told
    told.clear()
    assert pixels(engine, lambda step, of, _: told.append((step, of))) == first
    assert (0, 0) not in told
    wait_until(lambda: not engine.is_loaded and model() is None, "the model is freed")
    assert pixels(engine, lambda step, of, _: told.append((step, of))) == first
    assert (0, 0) in told


def test_a_model_at_work_is_not_freed(tiny: Path, engine_at: Engines):
    engine = engine_at(tiny)
    tried = threading.Event()

    def try_to_free(*_: object) -> None:
        threading.Thread(target=lambda: (engine.unload(), tried.set())).start()
        assert tried.wait(60)

    pixels(engine, try_to_free)
    assert engine.is_loaded


def test_a_prompt_that_is_too_long_is_made_and_says_what_was_left_out(engine: Flux):
    assert engine.render(request(prompt="fox " * 1000), lambda *_: None)[0].notes == (
        "The prompt is longer than this model reads: its end was left out.",
    )
    assert engine.render(request(), lambda *_: None)[0].notes == ()
