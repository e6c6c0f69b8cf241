"""The tables and the drawings fit together."""

from __future__ import annotations

import numpy as np
import pytest

from generations.backends.easel.backdrop import backdrop
from generations.backends.easel.composition import HORIZONS, compose
from generations.backends.easel.drawings import drawing, frame, has_drawing
from generations.backends.easel.lexicon import MOST_WORDS, lexicon
from generations.backends.easel.raster import colour
from generations.backends.easel.reading import read
from generations.backends.easel.shading import recoloured
from generations.backends.easel.tokens import tokens
from generations.backends.easel.view import View


def test_every_name_in_the_tables_has_a_drawing():
    for name, known in lexicon().drawings.items():
        assert has_drawing(known.emoji), name
        assert 0.05 < frame(known.emoji).aspect < 20


def test_every_name_can_be_said():
    for name in lexicon().drawings:
        assert [token.text for token in tokens(name)] == name.split(), name
        assert len(name.split()) <= MOST_WORDS


def test_heads_get_bodies():
    assert frame("🦊").aspect < 0.9
    assert frame("🧑‍🚀").aspect < 0.8


def test_ships_are_cut_at_the_waterline():
    blue = drawing("⛵", 100)[-1, :, :3] - np.asarray(colour("55acee"), np.float32)
    assert np.abs(blue).max(-1).min() > 0.1


def test_a_new_colour_covers_the_main_part_and_spares_the_eyes():
    cat = drawing("🐈", 120)
    blue = recoloured(cat, colour("2f6fd0"))
    seen = cat[..., 3] > 0.9
    assert (blue[..., 2] > blue[..., 0] + 0.1)[seen].mean() > 0.6
    dark = seen & (cat[..., :3].max(-1) < 0.25)
    assert dark.any()
    assert blue[dark][..., :3].max(-1).mean() < 0.4


def test_every_place_can_be_painted_by_day_and_by_night():
    for place, words in {place: place for place in HORIZONS}.items():
        for time in ("day", "night"):
            scene = compose(read(f"{words} {time}"), 96, 80, 3)
            with pytest.raises(StopIteration) as stopped:
                painting = backdrop(View(scene=scene, height=80, width=96))
                while True:
                    next(painting)
            picture = stopped.value.value
            assert picture.shape == (80, 96, 3)
            assert np.isfinite(picture).all(), place
