"""The engine under test, and the fake vendor it talks to over real HTTP; the vendor's counts say what was really ordered."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from generations.backends.base import ImageRequest, RemoteState, RemoteStatus
from generations.backends.wavespeed import WaveSpeed
from tests.installation import wait_until
from tests.vendor.process import KEY, Vendor

SOON_S = 1.0
"""A deadline that faults run into; they go on for minutes."""


@pytest.fixture(scope="package")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, duration_s=0.02, key=KEY) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor) -> Vendor:
    running.reset()
    return running


@pytest.fixture
def engine(vendor: Vendor) -> Iterator[WaveSpeed]:
    engine = WaveSpeed(api_key=KEY, base_url=vendor.url, pause_s=0.01)
    yield engine
    engine.close()


def request(prompt: str = "a red fox", **changes: object) -> ImageRequest:
    plain = {"width": 256, "height": 320, "num_inference_steps": 4, "guidance_scale": 3.5, "seed": 7, "output_format": "png"}
    return ImageRequest(prompt=prompt, **{**plain, **changes})  # type: ignore[arg-type]


def png(width: int = 64, height: int = 48) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(out, "PNG")
    return out.getvalue()


def ended(engine: WaveSpeed, upstream_id: str) -> RemoteStatus:
    def status() -> RemoteStatus | None:
        found = engine.fetch(upstream_id)
        return None if found.state is RemoteState.RUNNING else found

    found = wait_until(status, "the prediction ends")
    assert isinstance(found, RemoteStatus)
    return found
