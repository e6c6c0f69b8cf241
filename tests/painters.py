"""Engines for tests, put into IMAGE_BACKENDS by the fixture `painter`, and a disk that is full."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from django.core.files.base import File

from generations.backends.base import Backend, ImageRequest, LocalBackend, OnStep, Preview, RenderedImage
from generations.errors import BackendError
from generations.storage import DurableFileSystemStorage


def plain(request: ImageRequest) -> RenderedImage:
    pixels = bytes((request.seed % 256, 90, 40)) * (request.width * request.height)
    return RenderedImage(width=request.width, height=request.height, pixels=pixels, notes=("Not drawn: jazz",))


class Plain(LocalBackend):
    """Paints one colour, and tells of each step; what happens between the steps is up to the test."""

    title = "Plain"
    credits = "Nobody"

    def __init__(self, between: Callable[[ImageRequest], object] = lambda request: None) -> None:
        self.between = between

    @property
    def versions(self) -> dict[str, str]:
        return {"plain": "1"}

    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        for step in range(1, request.num_inference_steps + 1):
            on_step(step, request.num_inference_steps, lambda: Preview(width=8, height=8, pixels=bytes(8 * 8 * 3)))
            self.between(request)
        return [plain(request)]


class Broken(LocalBackend):
    """Has a bug."""

    title = "Broken"

    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        raise ZeroDivisionError("secret inside")


class Sorry(LocalBackend):
    """Knows that it cannot."""

    title = "Sorry"

    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        raise BackendError("The brush broke. Try again.", detail="bristle 7")


class Faraway(Backend):
    """Renders nothing itself."""

    title = "Faraway"


class Shut(Plain):
    """Cannot be used here."""

    title = "Shut"

    def unavailable_because(self) -> str:
        return "Shut is shut on Sundays. Choose another."


class FullDisk(DurableFileSystemStorage):
    """Has room for a number of files, then for half a one."""

    def __init__(self, room: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.room = room

    def _write(self, temporary: Any, content: File[bytes]) -> None:
        if self.room > 0:
            self.room -= 1
            return super()._write(temporary, content)
        temporary.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")
