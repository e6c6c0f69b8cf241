"""One server and one home folder for all clients; each client is made once a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.clients import node
from tests.clients.drivers import DRIVERS, NODE, Driver
from tests.clients.site import Site
from tests.ports import free_port

START_WITHIN_S = 240
"""The first test pays for npm and for the start of an installation."""
SIDES = (320, 256)
"""Pixels of the reference picture."""
ClientWith = Callable[[str], Driver]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.clients)
            item.add_marker(pytest.mark.timeout(START_WITHIN_S))


@pytest.fixture(scope="session")
def front_port() -> int:
    """Where the playground in front of the site will listen; the site may send webhooks to it."""
    return free_port()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, front_port: int) -> Iterator[Site]:
    """A server with keys for engines that paint, fail, and never begin."""
    folder = tmp_path_factory.mktemp("clients") / "data"
    running = Site(folder, ["easel", "sorry", "absent"], LOOPBACK_ORIGIN=f"http://127.0.0.1:{front_port}")
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of somebody who has installed the clients from npm."""
    if not node.is_here():
        pytest.skip("node and npm are not here, so the clients from npm are not tried. On Debian: apt install nodejs npm")
    return node.home_in(tmp_path_factory.mktemp("clients") / "home")


@pytest.fixture(scope="session")
def made() -> Iterator[dict[tuple[str, str], Driver]]:
    """Every client that was made, by its name and key."""
    drivers: dict[tuple[str, str], Driver] = {}
    yield drivers
    for driver in drivers.values():
        driver.close()


@pytest.fixture
def client_with(request: pytest.FixtureRequest, site: Site, made: dict[tuple[str, str], Driver], tmp_path: Path) -> ClientWith:
    """Return what makes the client of this test for a key; the rows of the matrix choose the client."""
    name: str = request.param
    home: Path = request.getfixturevalue("home") if name in NODE else tmp_path

    def with_key(key: str) -> Driver:
        if (name, key) not in made:
            made[name, key] = DRIVERS[name](site.url, key, home)
        return made[name, key]

    return with_key


@pytest.fixture
def client(client_with: ClientWith, site: Site) -> Driver:
    """The client of this test, with a key whose pictures the built-in painter makes."""
    return client_with(site.key)


@pytest.fixture
def prompt(request: pytest.FixtureRequest) -> str:
    """A prompt that no other test has."""
    return f"a red fox for {request.node.name}"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A picture file, as a person would have one."""
    path = tmp_path / "a reference.png"
    Image.linear_gradient("L").resize(SIDES).convert("RGB").save(path)
    return path
