"""Where FLUX is offered, what runs for it, and what people read where its packages or weights are missing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from generations import lifecycle, supervision
from generations.backends import backend_for
from generations.backends.flux import Flux
from generations.backends.flux.extra import why_missing
from generations.backends.flux.sources import source_of
from generations.images import encode_preview
from generations.models import Generation, Progress, State
from tests.installation import ROOT, Installation, wait_until
from tests.pages import page

Offering = Callable[..., None]
Asking = Callable[..., Generation]

without_extra = pytest.mark.skipif(not why_missing(), reason="the packages of requirements-gpu.txt are installed here")


@pytest.fixture
def offer(settings) -> Iterator[Offering]:
    """Put FLUX among the engines, as FLUX_MODEL does."""

    def put(model: str | Path, **options: Any) -> None:
        entry = {"BACKEND": "generations.backends.flux.Flux", "OPTIONS": {"model": str(model), **options}}
        settings.IMAGE_BACKENDS = {**settings.IMAGE_BACKENDS, "flux": entry}
        backend_for.cache_clear()

    yield put
    backend_for.cache_clear()


def test_it_is_offered_once_its_weights_are_named_and_torch_is_not_loaded_for_it(tmp_path: Path):
    code = (
        "import sys, json, django; django.setup(); from django.conf import settings;"
        "from generations.backends import backends_on_offer as on_offer;"
        "said = {each.alias: each.unavailable_because() for each in on_offer()};"
        "print(json.dumps([said.get('flux'), 'torch' in sys.modules]))"
    )

    def asked(**variables: str) -> list[Any]:
        environment = {"PATH": "", "DJANGO_SETTINGS_MODULE": "playground.settings", "PLAYGROUND_DATA": str(tmp_path), **variables}
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
        answer: list[Any] = json.loads(done.stdout)
        return answer

    assert asked() == [None, False]
    reason, has_torch = asked(FLUX_MODEL=str(tmp_path / "nowhere"))
    assert not has_torch
    assert reason == why_missing() or "nowhere, which is not there" in reason


def test_plain_flux_does_not_pass_for_srpo():
    assert not Flux(model="black-forest-labs/FLUX.1-dev").runs_model
    assert Flux(model="black-forest-labs/FLUX.1-dev", transformer="tencent/SRPO").runs_model
    assert Flux(model="/weights/srpo").runs_model


def test_where_other_machines_have_the_weights_nothing_is_looked_for():
    assert Flux(model="/nowhere").unavailable_because()
    assert Flux(model="/nowhere", is_elsewhere=True).unavailable_because() == ""


def test_a_worker_runs_for_each_card_where_the_cards_are(offer: Offering, settings):
    def workers() -> dict[str, dict[str, str]]:
        return {each.name: dict(each.environment) for each in supervision.programs() if each.name.startswith("gpu")}

    assert workers() == {}
    offer("black-forest-labs/FLUX.1-dev")
    assert workers() == {"gpu": {}}
    settings.CUDA_VISIBLE_DEVICES = "0, 3"
    assert workers() == {"gpu-0": {"CUDA_VISIBLE_DEVICES": "0"}, "gpu-3": {"CUDA_VISIBLE_DEVICES": "3"}}
    supervision.write_configuration(settings.RUN_DIR / "cards.conf")
    assert 'CUDA_VISIBLE_DEVICES="3"' in (settings.RUN_DIR / "cards.conf").read_text()
    settings.FLUX_ELSEWHERE = True
    assert workers() == {}


@pytest.mark.parametrize(
    ("name", "repository", "file"),
    [
        ("tencent/SRPO", "tencent/SRPO", ""),
        ("somebody/SRPO-GGUF/srpo-Q4_K.gguf", "somebody/SRPO-GGUF", "srpo-Q4_K.gguf"),
        ("somebody/SRPO/deep/in/x.safetensors", "somebody/SRPO", "deep/in/x.safetensors"),
        ("tencent/SRPO@v1.0", "tencent/SRPO", ""),
        ("somebody/SRPO@0123abc/x.gguf", "somebody/SRPO", "x.gguf"),
        ("/weights/srpo.gguf", "", ""),
        ("./tencent/SRPO", "", ""),
        ("tencent/SRPO/readme.md", "", ""),
    ],
)
def test_a_name_is_of_the_hub_or_a_path(name: str, repository: str, file: str):
    source = source_of(name)
    assert (source.repository, source.file) == (repository, file)
    assert (source.path is None) == bool(repository)
    assert source.revision == name.partition("@")[2].partition("/")[0]


def test_a_folder_that_is_here_comes_before_a_model_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tencent" / "SRPO").mkdir(parents=True)
    assert source_of("tencent/SRPO").path == Path("tencent/SRPO")


@pytest.mark.django_db
def test_people_read_on_the_form_why_it_cannot_be_used(client_of_owner: Client, offer: Offering, tmp_path: Path):
    offer(tmp_path / "nowhere")
    makers = page(client_of_owner.get("/")).one(class_="makers")
    assert "disabled" in makers.one("input", value="flux").attributes
    said = backend_for("flux").unavailable_because()
    assert said
    assert said in makers.text
    answer = client_of_owner.post("/", {"prompt": "a red fox", "backend": "flux", "size": "256*256"})
    assert answer.status_code == 422
    assert not Generation.objects.exists()


@pytest.mark.django_db
def test_a_card_says_that_the_model_is_being_loaded(client_of_owner: Client, ask: Asking):
    generation = ask()
    lifecycle.claim(generation.pk)
    Progress.objects.create(generation=generation, step=0, of=0, preview=encode_preview(8, 8, bytes(8 * 8 * 3)))
    card = page(client_of_owner.get(reverse("card", args=[generation.public_id]) + "?size=hero"))
    assert "Loading the model …" in card.text
    assert not card.all("progress")
    Progress.objects.update(step=1, of=4)
    assert "Step 1 of 4" in page(client_of_owner.get(reverse("card", args=[generation.public_id]))).text


def test_the_check_of_the_card_says_what_is_missing(offer: Offering, tmp_path: Path):
    with pytest.raises(CommandError, match="set FLUX_MODEL or FLUX_TRANSFORMER"):
        call_command("gpu_check")
    offer(tmp_path / "nowhere")
    with pytest.raises(CommandError, match=r"installs them with: make gpu|which is not there"):
        call_command("gpu_check")


@without_extra
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_without_the_packages_says_so_and_so_do_its_pictures(
    installation: Installation, ask: Asking, offer: Offering, tmp_path: Path
):
    offer(tmp_path)
    generation = ask()
    Generation.objects.update(backend="flux")
    installation.worker("remote,poll", FLUX_MODEL=str(tmp_path))
    worker = installation.start("manage", "serve", "gpu", FLUX_MODEL=str(tmp_path))
    wait_until(lambda: Generation.objects.filter(pk=generation.pk, state=State.FAILED).exists(), "the row fails")
    generation.refresh_from_db()
    assert generation.error == why_missing()
    lines = [line for line in installation.logs[-1].read_text().splitlines() if "queue gpu: FLUX needs packages" in line]
    assert len(lines) == 1
    assert worker.poll() is None
