"""Have a local backend paint, keeping the lease and telling the pages how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from generations import lifecycle, safety
from generations.announce import announce
from generations.backends import backend_for
from generations.backends.base import LocalBackend, Preview, RenderedImage
from generations.errors import BackendUnavailable, Cancelled
from generations.faults import reach
from generations.images import encode_covered_preview, encode_preview
from generations.models import Generation, PicturesPolicy, Progress
from generations.pipeline.judge import score_of
from generations.pipeline.patience import kept
from generations.pipeline.request import request_for

Watch = Callable[[int, int], None]
"""Told the step and the number of steps."""

HOLD_EVERY_S = 0.1
"""Each time the lease is renewed, and a painting that was cancelled is noticed."""
TELL_EVERY_S = 0.2


def render(generation: Generation, watch: Watch | None = None) -> Sequence[RenderedImage]:
    """Return the pictures of a claimed generation; raises Cancelled when the row was taken away meanwhile."""
    backend = backend_for(generation.backend)
    if not isinstance(backend, LocalBackend):
        raise BackendUnavailable(detail=f"{generation.backend} does not render")
    # Over somebody's picture a harmless brush may paint something unsafe, too.
    is_looked_at = not backend.is_harmless or generation.reference_id is not None
    started = time.monotonic()
    report = _Report(generation, watch, is_looked_at=is_looked_at)
    with kept(generation, lambda: backend.quiet_for_s + report.heard_at - time.monotonic()):
        images = backend.render(request_for(generation), report)
    generation.render_ms = round((time.monotonic() - started) * 1000)
    generation.versions = backend.versions
    generation.notes = [*generation.notes, *(note for image in images for note in image.notes)]
    reach("after_render")
    return images


class _Report:
    """What a backend calls at every step: keeps the lease, saves step and preview, stops a cancelled painting.

    A preview that the team would not see as a finished picture is covered, and so is every one after it.
    """

    def __init__(self, generation: Generation, watch: Watch | None, *, is_looked_at: bool) -> None:
        self.generation = generation
        self.watch = watch
        self.is_looked_at = is_looked_at and generation.team.pictures_policy != PicturesPolicy.SHOW
        self.heard_at = time.monotonic()
        self.held_at = 0.0
        self.told_at = 0.0
        self.is_covered = False

    def __call__(self, step: int, of: int, preview: Callable[[], Preview]) -> None:
        self.heard_at = time.monotonic()
        if self.watch is not None and of:
            self.watch(step, of)
        if time.monotonic() - self.held_at >= HOLD_EVERY_S:
            self._hold()
        if time.monotonic() - self.told_at >= TELL_EVERY_S:
            self._save(step, of, preview())
            reach("mid_render")
            self.told_at = time.monotonic()

    def _hold(self) -> None:
        if not lifecycle.hold(self.generation):
            raise Cancelled(detail=f"{self.generation} is no longer held with fence {self.generation.fence}")
        self.held_at = time.monotonic()

    def _save(self, step: int, of: int, preview: Preview) -> None:
        self.is_covered = self.is_covered or (of > 0 and self._is_unsafe(preview))
        encode = encode_covered_preview if self.is_covered else encode_preview
        shown = encode(preview.width, preview.height, preview.pixels)
        Progress.objects.update_or_create(generation=self.generation, defaults={"step": step, "of": of, "preview": shown})
        announce(self.generation.team_id, str(self.generation.public_id))

    def _is_unsafe(self, preview: Preview) -> bool:
        score = score_of(preview.pixels, preview.width, preview.height) if self.is_looked_at else None
        return score is not None and score >= safety.THRESHOLD
