"""Everything behind the things of a scene."""

from __future__ import annotations

from collections.abc import Generator

from generations.backends.easel.abstract import abstract
from generations.backends.easel.depths import above_clouds, space, underwater
from generations.backends.easel.indoors import cave, room
from generations.backends.easel.land import land, wooded
from generations.backends.easel.raster import Floats
from generations.backends.easel.sky import sky
from generations.backends.easel.view import View
from generations.backends.easel.water import beached, watered


def backdrop(view: View) -> Generator[int, None, Floats]:
    """Return the place of a scene without its things, height × width × 3; yields 0 while at it, so that it can be stopped."""
    place = view.scene.place
    if place in _WHOLE:
        return _WHOLE[place](view)
    canvas = sky(view)
    yield 0
    if place == "sky":
        return above_clouds(view, canvas)
    if view.horizon >= view.height:
        return canvas
    canvas = land(view, canvas)
    yield 0
    if place in ("forest", "jungle"):
        return wooded(view, canvas)
    if place == "sea":
        return watered(view, canvas)
    return beached(view, watered(view, canvas), canvas) if place == "beach" else canvas


_WHOLE = {"abstract": abstract, "underwater": underwater, "space": space, "room": room, "cave": cave}
"""Places that have no sky above a land."""
