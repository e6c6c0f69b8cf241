"""One playground is another one's vendor: its key and its address are all that the other is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.drivers import Python, fetch
from tests.clients.site import Site
from tests.clients.test_runs import MODEL, SMALL
from tests.installation import wait_until

MODEL_WITH_IMAGE = f"{MODEL}/image-to-image"


@pytest.fixture(scope="module")
def front(site: Site, front_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A playground whose key lets the other one make what it is asked for."""
    running = Site(
        tmp_path_factory.mktemp("front") / "data",
        ["wavespeed"],
        front_port,
        WAVESPEED_API_KEY=site.key,
        WAVESPEED_BASE_URL=site.url,
    )
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture
def person(front: Site, tmp_path: Path) -> Python:
    """Somebody who asks the one in front."""
    return Python(front.url, front.key, tmp_path)


def test_a_picture_is_ordered_by_one_and_painted_by_the_other(front: Site, site: Site, person: Python, prompt: str) -> None:
    (url,) = person.run(MODEL, {**SMALL, "prompt": prompt})
    assert url.startswith(front.url)
    ordered, painted = front.kept(prompt), site.kept(prompt)
    assert hashlib.sha256(fetch(url)).hexdigest() == ordered.sha256
    assert ordered.pixels_sha256 == painted.pixels_sha256
    assert (ordered.width, ordered.height) == (320, 256)


def test_a_reference_picture_travels_along(front: Site, site: Site, person: Python, prompt: str, reference: Path) -> None:
    inputs = {name: value for name, value in SMALL.items() if name != "size"}
    (url,) = person.run(MODEL_WITH_IMAGE, {**inputs, "prompt": prompt, "image": person.upload(reference)})
    ordered, painted = front.kept(prompt), site.kept(prompt)
    assert hashlib.sha256(fetch(url)).hexdigest() == ordered.sha256
    assert ordered.pixels_sha256 == painted.pixels_sha256


def test_the_one_in_front_is_told_of_the_end_by_webhook(front: Site, site: Site, person: Python, prompt: str) -> None:
    told = site.told(front.url)
    person.run(MODEL, {**SMALL, "prompt": prompt})
    wait_until(lambda: site.told(front.url) > told, "the webhook was taken")
