"""FLUX with a checkpoint of under 1 MB, on the processor: every part is the real one, and small.

Where the packages of requirements-gpu.txt are missing nothing here is collected, and the run's last line says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generations.backends import backend_for
from generations.backends.flux import Flux
from generations.backends.flux.extra import why_missing
from generations.models import Generation, Member
from generations.submission import submit
from tests.conftest import order
from tests.installation import ROOT

# More threads than one only wait for each other over tensors of this size; processes beside the tests inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
MISSING = why_missing()


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Import no torch where it is missing, nor for `make test`."""
    return True if MISSING or "not gpu" in config.option.markexpr else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            # Of the libraries, while they are imported.
            item.add_marker(pytest.mark.filterwarnings("ignore"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if MISSING or "not gpu" in terminalreporter.config.option.markexpr:
        terminalreporter.write_line("tests/gpu was left out: `make test-gpu` installs what FLUX needs, and runs it.")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a whole checkpoint."""
    folder = tmp_path_factory.mktemp("weights") / "tiny"
    subprocess.run([sys.executable, "-m", "tests.gpu.tiny", str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def engine(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flux]:
    """Return the engine with the usual weights, loaded once."""
    made = Flux(model=str(tiny), idle_unload_s=0, hashes=tmp_path_factory.mktemp("hashes") / "hashes.json")
    yield made
    made.unload()


@pytest.fixture
def engine_at(tmp_path: Path) -> Iterator[Callable[..., Flux]]:
    """Make engines that keep their fingerprints with the test."""
    made: list[Flux] = []

    def make(model: Path, **options: Any) -> Flux:
        made.append(Flux(model=str(model), **{"idle_unload_s": 0, "hashes": tmp_path / "hashes.json", **options}))
        return made[-1]

    yield make
    for engine in made:
        engine.unload()


@pytest.fixture
def offer_flux(settings: Any, tmp_path: Path, tiny: Path) -> Iterator[Callable[..., None]]:
    """Offer FLUX in this process, each time with a new engine."""

    def offer(**options: Any) -> None:
        own = {"model": str(tiny), "idle_unload_s": 0, "hashes": tmp_path / "hashes.json", **options}
        entry = {"BACKEND": "generations.backends.flux.Flux", "OPTIONS": own}
        settings.IMAGE_BACKENDS = {**settings.IMAGE_BACKENDS, "flux": entry}
        backend_for.cache_clear()

    offer()
    yield offer
    backend_for.cache_clear()


@pytest.fixture
def ask_flux(offer_flux: Callable[..., None], member: Member) -> Callable[..., Generation]:
    """Order a small picture from FLUX."""

    def ask(prompt: str = "a red fox", **raw: object) -> Generation:
        wanted = order(prompt, **{"num_inference_steps": 4, **raw})
        return submit(member, replace(wanted, backend=backend_for("flux")))

    return ask
