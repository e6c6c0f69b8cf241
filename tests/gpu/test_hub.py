"""Weights from a hub on this machine: only what is needed is fetched, once, and refusals say what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from generations.backends.flux.checkpoint import Checkpoint, locate
from generations.backends.flux.hub import Hub
from generations.backends.flux.sources import source_of
from generations.errors import BackendUnavailable
from tests.gpu.hub import Server, serving

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def server(tiny: Path, tmp_path: Path) -> Iterator[Server]:
    """A hub whose repositories have what FLUX.1-dev's has: the parts, and files in another form beside them."""
    folder = Path(shutil.copytree(tiny, tmp_path / "repository"))
    (folder / "flux1-dev.safetensors").write_bytes(b"gigabytes that nobody asked for")
    with serving(folder) as started:
        yield started


def located(server: Server, cache: Path, model: str, transformer: str = "") -> Checkpoint:
    hub = Hub(token="hf_secret", cache=str(cache), address=server.url)
    return locate(source_of(model), source_of(transformer) if transformer else None, hub)


def test_only_what_is_needed_is_fetched_and_only_once(server: Server, tiny: Path, tmp_path: Path):
    lone = f"somebody/srpo/transformer/{WEIGHTS}"
    found = located(server, tmp_path / "cache", "somebody/flux", lone)
    assert found.transformer.read_bytes() == (tiny / "transformer" / WEIGHTS).read_bytes()
    assert found.sizes().transformer == 78_544
    assert server.tokens == {"Bearer hf_secret"}
    assert "flux1-dev.safetensors" not in server.fetched
    assert server.fetched.count(f"transformer/{WEIGHTS}") == 1
    server.fetched.clear()
    assert located(server, tmp_path / "cache", "somebody/flux", lone) == found
    assert server.fetched == []
    whole = located(server, tmp_path / "cache", "somebody/flux")
    assert server.fetched == [f"transformer/{WEIGHTS}"]
    server.shutdown()
    server.server_close()
    assert located(server, tmp_path / "cache", "somebody/flux") == whole


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gated/model", "accepts its licence at https://huggingface.co/gated/model"),
        ("unknown/model", "The hub knows no unknown/model"),
        ("broken/model", "the hub could not be reached"),
    ],
)
def test_a_refusal_of_the_hub_says_what_to_do(server: Server, tmp_path: Path, name: str, sentence: str):
    with pytest.raises(BackendUnavailable) as caught:
        located(server, tmp_path / "cache", name)
    assert sentence in caught.value.message
    assert "whoever runs this server" in caught.value.message.lower()
