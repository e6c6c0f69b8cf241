"""Files go in, pictures are made from them and come out."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.clients.conftest import SIDES
from tests.clients.drivers import CommandLine, Driver, Mcp, fetch
from tests.clients.matrix import covers
from tests.clients.site import Site
from tests.clients.test_runs import MODEL, SMALL, WITH_IMAGE, assert_same_picture

FROM_IMAGE: dict[str, object] = {"strength": 0.5, "num_inference_steps": 2, "seed": 7, "output_format": "png"}


@covers("upload")
def test_an_uploaded_file_becomes_the_reference_of_a_picture(client: Driver, site: Site, prompt: str, reference: Path) -> None:
    uploaded = client.upload(reference)  # type: ignore[attr-defined]
    assert uploaded.startswith(site.url)
    with Image.open(reference) as sent, Image.open(_saved(fetch(uploaded), reference)) as found:
        assert found.convert("RGB").tobytes() == sent.tobytes()
    (url,) = client.run(WITH_IMAGE, {**FROM_IMAGE, "prompt": prompt, "image": uploaded})
    assert_same_picture(fetch(url), site, prompt)
    assert (site.kept(prompt).width, site.kept(prompt).height) == SIDES


@covers("local_file")
def test_a_local_file_named_in_the_inputs_is_uploaded_by_the_client(
    client: Mcp, site: Site, prompt: str, reference: Path
) -> None:
    said = client.tool("run_model", model=WITH_IMAGE, input={**FROM_IMAGE, "prompt": prompt, "image": f"@{reference}"})
    assert said["uploaded_files"] == 1
    assert_same_picture(fetch(said["outputs"][0]), site, prompt)


@covers("download")
def test_the_client_downloads_what_was_made(client: CommandLine, site: Site, prompt: str, tmp_path: Path) -> None:
    made = client.json("run", MODEL, "-p", prompt, *_pairs(), "--download", str(tmp_path / "{index}.{ext}"))
    assert made["saved"] == [str(tmp_path / "1.png")]
    assert_same_picture((tmp_path / "1.png").read_bytes(), site, prompt)
    client.json("download", made["outputs"][0], "--output", str(tmp_path / "again.png"))
    assert_same_picture((tmp_path / "again.png").read_bytes(), site, prompt)


def _pairs() -> list[str]:
    return [word for name, value in SMALL.items() for word in ("-i", f"{name}={value}")]


def _saved(data: bytes, beside: Path) -> Path:
    path = beside.with_name("found")
    path.write_bytes(data)
    return path
