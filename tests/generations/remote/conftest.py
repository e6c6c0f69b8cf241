"""A person who orders at the fake vendor over real HTTP, and a clock that tests turn forward by moving the rows back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from django.db.models import F
from PIL import Image

from generations import pipeline
from generations.backends import backend_for
from generations.images import open_picture
from generations.models import Account, Attempt, Generation, Lease, Member, State
from generations.submission import submit
from tests.conftest import order
from tests.installation import wait_until, wavespeed_at
from tests.vendor.process import KEY, Vendor

Buying = Callable[..., Generation]
Connecting = Callable[..., None]
PRICE = 25_000

CLOCKS = {
    Attempt: ("created_at", "lost_at", "checked_at", "poll_at"),
    Generation: ("lease_until", "not_before"),
    Account: ("quiet_until",),
    Lease: ("until",),
}


@pytest.fixture(scope="package")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, concurrency=1000, duration_s=0.02, key=KEY) as vendor:
        yield vendor


@pytest.fixture
def connected(running: Vendor, settings) -> Iterator[Connecting]:
    """Connect to the vendor; called again, with other options of the engine."""
    settings.PUBLIC_URL = "http://playground.invalid"
    settings.WAVESPEED_MAX_CONCURRENT = settings.WAVESPEED_MAX_PER_MINUTE = 1000
    with wavespeed_at(running, settings, read_within_s=5.0, pause_s=0.01):

        def change(**options: object) -> None:
            settings.IMAGE_BACKENDS["wavespeed"]["OPTIONS"].update(options)
            backend_for("wavespeed").close()
            backend_for.cache_clear()

        yield change


@pytest.fixture
def vendor(running: Vendor, connected: Connecting) -> Vendor:
    running.reset()
    return running


@pytest.fixture
def buy(vendor: Vendor, member: Member) -> Buying:
    """Order a picture at the vendor, without a hint."""

    def place(prompt: str = "a red fox", *, reference: bytes = b"", of: Member = member, **raw: object) -> Generation:
        wanted = replace(order(prompt, **raw), backend=backend_for("wavespeed"))
        return submit(of, replace(wanted, picture=open_picture(reference) if reference else None), hint=False)

    return place


def png(width: int = 320, height: int = 256) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(out, "PNG")
    return out.getvalue()


def pass_time(seconds: float) -> None:
    """Let so much time pass for every row."""
    for model, fields in CLOCKS.items():
        model._default_manager.update(**{field: F(field) - timedelta(seconds=seconds) for field in fields})


def advanced(generation: Generation) -> Generation:
    """Take it one step further."""
    pipeline.advance(generation.pk)
    return fresh(generation)


def fresh(generation: Generation) -> Generation:
    return Generation.objects.get(pk=generation.pk)


def polled(generation: Generation) -> Generation:
    """Ask the vendor until it says that the picture is done or will never be."""

    def ended() -> Generation | None:
        pass_time(5)
        pipeline.poll()
        found = fresh(generation)
        return None if found.state == State.RUNNING else found

    found: Generation = wait_until(ended, "the vendor is done", within_s=60)
    return found


def running_at_the_vendor(generation: Generation) -> Generation:
    found = advanced(generation)
    assert found.state == State.RUNNING, (found.state, found.error, found.detail)
    return found


def made(generation: Generation) -> Generation:
    """Take a queued or running row all the way to its picture."""
    if generation.state == State.QUEUED:
        running_at_the_vendor(generation)
    done = polled(generation)
    assert done.state == State.FETCHING, (done.state, done.error, done.detail)
    return succeeded(done)


def succeeded(generation: Generation) -> Generation:
    found = advanced(generation)
    assert (found.state, found.error) == (State.SUCCEEDED, ""), (found.state, found.error, found.detail)
    return found


def entries(generation: Generation) -> list[tuple[str, int, int]]:
    """Return what the books say: kind, number of the attempt, millionths of a dollar."""
    return list(generation.ledger.order_by("pk").values_list("kind", "attempt", "amount_microusd"))


def paid_once(attempt: int = 1) -> list[tuple[str, int, int]]:
    return [("reserve", 1, PRICE), ("release", 1, -PRICE), ("charge", attempt, PRICE)]


def lost(generation: Generation, vendor: Vendor, fault: str = "500") -> Generation:
    """Send an order whose answer is lost; after "500" the vendor has not taken it, after "502_after" it has."""
    vendor.fault("submit", fault)
    found = advanced(generation)
    assert found.state == State.UNKNOWN, (found.state, found.error, found.detail)
    return found


def proven_absent(generation: Generation) -> Generation:
    """Read the vendor's list in vain as often as it takes."""
    pass_time(120)
    assert generation.pk not in pipeline.sweep()
    pass_time(60)
    assert generation.pk in pipeline.sweep()
    return fresh(generation)
