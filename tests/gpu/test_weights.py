"""Every way to name weights, the forms they are loaded in, what a receipt says of them, and a sentence for what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from generations.backends.flux import Flux
from generations.errors import BackendError
from tests.gpu.test_pictures import pixels
from tests.gpu.tiny import build
from tests.installation import ROOT

Engines = Callable[..., Flux]
FILE = "diffusion_pytorch_model.safetensors"


def as_gguf(transformer: Path, file: Path, name_of_form: str) -> Path:
    """Write a transformer as GGUF, its matrices in a quantised form."""
    form = gguf.GGMLQuantizationType[name_of_form]
    writer = gguf.GGUFWriter(file, "flux")
    for name, tensor in load_file(transformer / FILE).items():
        if tensor.ndim == 2 and tensor.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(tensor, form), raw_dtype=form)
        else:
            writer.add_tensor(name, tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


@pytest.fixture
def own(tiny: Path, tmp_path: Path) -> Path:
    """Return a checkpoint that the test may spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "own"))


def test_a_folder_a_file_and_a_folder_with_a_file_make_the_same_picture(
    tiny: Path, engine: Flux, engine_at: Engines, tmp_path: Path
):
    lone = tmp_path / "srpo"
    lone.mkdir()
    shutil.copy(tiny / "transformer" / FILE, lone / FILE)
    made = {pixels(engine_at(tiny, transformer=str(name))) for name in (tiny, lone / FILE, lone)}
    assert made == {pixels(engine)}


def test_another_transformer_makes_another_picture_and_the_receipt_shows_it(
    tiny: Path, engine: Flux, engine_at: Engines, tmp_path: Path
):
    usual, other = engine, engine_at(tiny, transformer=str(build(tmp_path / "other", seed=1) / "transformer"))
    assert pixels(usual) != pixels(other)
    changed = {name for name in usual.versions if usual.versions[name] != other.versions[name]}
    assert changed == {"transformer weights"}
    assert usual.versions.keys() >= {"torch", "diffusers", "transformers", "device", "precision", "determinism", "VAE weights"}


@pytest.mark.parametrize("form", ["int8", "fp8", "Q8_0", "Q5_0", "Q4_0"])
def test_weights_of_fewer_bits_make_nearly_the_same_picture(
    tiny: Path, engine: Flux, engine_at: Engines, tmp_path: Path, form: str
):
    options = {"precision": form}
    if form.startswith("Q"):
        options = {"transformer": str(as_gguf(tiny / "transformer", tmp_path / f"tiny-{form}.gguf", form))}
    small = engine_at(tiny, **options)
    one, other = (np.frombuffer(pixels(each), np.uint8).astype(float) for each in (engine, small))
    assert 0 < np.abs(one - other).mean() < 3, "of 255"
    assert ("gguf" if form.startswith("Q") else form) in small.versions["precision"]
    assert pixels(small) == bytes(other.astype(np.uint8))


def test_fingerprints_are_taken_again_only_when_a_file_has_changed(own: Path, engine_at: Engines, tmp_path: Path):
    kept = tmp_path / "hashes.json"
    first = engine_at(own)
    pixels(first)
    known = json.loads(kept.read_text())
    kept.write_text(json.dumps({name: [size, time_ns, "0" * 64] for name, (size, time_ns, _) in known.items()}))
    second = engine_at(own)
    pixels(second)
    assert second.versions["VAE weights"] == "0" * 16
    (own / "vae" / FILE).touch()
    third = engine_at(own)
    pixels(third)
    assert third.versions["VAE weights"] == first.versions["VAE weights"]


def other_model(own: Path) -> dict[str, str]:
    index = own / "model_index.json"
    index.write_text(index.read_text().replace("FluxPipeline", "StableDiffusionPipeline"))
    return {}


def no_index(own: Path) -> dict[str, str]:
    (own / "model_index.json").unlink()
    return {}


def no_encoder(own: Path) -> dict[str, str]:
    shutil.rmtree(own / "text_encoder_2")
    return {}


def no_weights(own: Path) -> dict[str, str]:
    (own / "vae" / FILE).unlink()
    return {}


def cut_off(own: Path) -> dict[str, str]:
    file = own / "transformer" / FILE
    file.write_bytes(file.read_bytes()[:1000])
    return {}


def half_there(own: Path) -> dict[str, str]:
    file = own / "vae" / FILE
    file.write_bytes(file.read_bytes()[:60_000])
    return {}


def of_another_model(own: Path) -> dict[str, str]:
    return {"transformer": str(own / "vae" / FILE)}


def _without_a_layer(own: Path) -> dict[str, np.ndarray]:
    tensors = load_file(own / "transformer" / FILE)
    del tensors["single_transformer_blocks.0.proj_out.weight"]
    return tensors


def a_layer_short(own: Path) -> dict[str, str]:
    save_file(_without_a_layer(own), own / "x.safetensors")
    return {"transformer": str(own / "x.safetensors")}


def a_layer_short_in_its_folder(own: Path) -> dict[str, str]:
    save_file(_without_a_layer(own), own / "transformer" / FILE)
    return {}


def of_another_shape(own: Path) -> dict[str, str]:
    config = own / "transformer" / "config.json"
    config.write_text(config.read_text().replace('"num_single_layers": 1', '"num_single_layers": 2'))
    return {"transformer": str(own / "transformer" / FILE)}


def gibberish(own: Path) -> dict[str, str]:
    (own / "x.gguf").write_bytes(b"GGUF" + bytes(100))
    return {"transformer": str(own / "x.gguf")}


def nowhere(own: Path) -> dict[str, str]:
    return {"transformer": str(own / "nowhere.safetensors")}


def a_text(own: Path) -> dict[str, str]:
    return {"transformer": str(own / "model_index.json")}


def several(own: Path) -> dict[str, str]:
    for name in ("a", "b"):
        shutil.copy(own / "vae" / FILE, own / "scheduler" / f"{name}.safetensors")
    return {"transformer": str(own / "scheduler")}


WRONG = [
    (other_model, "holds another model than FLUX (StableDiffusionPipeline)"),
    (no_index, "is no checkpoint of FLUX"),
    (no_encoder, "incomplete: text_encoder_2 is missing"),
    (no_weights, "the file of weights in vae is missing"),
    (cut_off, "is cut off or damaged"),
    (half_there, "is cut off or damaged"),
    (of_another_model, "could not be loaded as a transformer of FLUX"),
    (a_layer_short, "could not be loaded as a transformer of FLUX"),
    (a_layer_short_in_its_folder, "could not be loaded as a transformer of FLUX"),
    (of_another_shape, "could not be loaded as a transformer of FLUX"),
    (gibberish, "could not be loaded as a transformer of FLUX"),
    (nowhere, "which is not there"),
    (a_text, "neither a folder nor a file that ends in .safetensors or .gguf"),
    (several, "holds 2 files of weights and no config.json"),
]


@pytest.mark.parametrize(("spoil", "sentence"), WRONG, ids=[spoil.__name__ for spoil, _ in WRONG])
def test_wrong_files_end_with_a_sentence_that_says_what_to_do(own: Path, engine_at: Engines, spoil, sentence: str):
    options = spoil(own)
    with pytest.raises(BackendError) as caught:
        pixels(engine_at(own, **options))
    assert sentence in caught.value.message
    assert "Whoever runs this server" in caught.value.message


def test_packages_that_cannot_be_imported_end_with_a_sentence_and_the_log_has_the_cause(tiny: Path, tmp_path: Path):
    (tmp_path / "broken" / "torch").mkdir(parents=True)
    (tmp_path / "broken" / "torch" / "__init__.py").write_text("raise ImportError('libcudart.so.13 is not there')")
    ours = {"FLUX_MODEL": str(tiny), "PLAYGROUND_DATA": str(tmp_path / "data"), "PYTHONPATH": str(tmp_path / "broken")}
    command = [sys.executable, "manage.py", "gpu_check", "--dry-run"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **ours}, capture_output=True, text=True, timeout=60, check=False)
    assert "CommandError: The packages for FLUX are installed, but do not work here." in done.stderr
    assert "libcudart.so.13 is not there" in done.stderr
