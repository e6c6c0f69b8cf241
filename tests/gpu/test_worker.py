"""A real worker of the queue gpu: it loads once, makes each picture once, and outlives what goes wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from generations.backends.base import ImageRequest
from generations.backends.flux import Flux
from generations.images import fingerprint_pixels
from generations.models import Generation, Progress, State, Verdict
from generations.pipeline import advance as advance_here
from generations.submission import withdraw
from generations.tasks import advance
from tests.gpu.engines import OUTGROWS, SLOW, SLOW_STEP_S
from tests.gpu.tiny import build
from tests.installation import Installation, assert_made_exactly_once, wait_until
from tests.pages import page

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

Asking = Callable[..., Generation]


def ended(generation: Generation) -> Generation:
    wait_until(lambda: Generation.objects.get(pk=generation.pk).is_final, "the row ends")
    generation.refresh_from_db()
    return generation


def gpu_worker(installation: Installation, **variables: str) -> subprocess.Popen[bytes]:
    """Start a worker as `manage.py up` does, beside one that sends the periodic tasks."""
    installation.worker("remote,poll")
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return installation.start(
        "celery", "-A", "playground", "worker", "-P", "threads", "-c", "1", "-l", "INFO", "-Q", "gpu", *alone, **variables
    )


def log_of(installation: Installation) -> str:
    return installation.logs[-1].read_text()


@pytest.fixture
def flux(installation: Installation, tiny: Path) -> Installation:
    """Offer FLUX in the processes that are started from now on."""
    installation.variables |= {"FLUX_MODEL": str(tiny)}
    return installation


def test_a_worker_makes_what_another_process_makes_and_outlives_every_mishap(
    flux: Installation, ask_flux: Asking, engine: Flux, client_of_owner: Client
):
    """One worker for all of it, as its start takes longer than all the pictures."""
    first = ask_flux()
    gpu_worker(flux, DJANGO_SETTINGS_MODULE="tests.gpu.settings", RENDER_LEASE_S=str(SLOW_STEP_S - 1))
    card = reverse("card", args=[first.public_id])
    wait_until(lambda: "Loading the model …" in page(client_of_owner.get(card)).text, "the page is told that the model is loaded")
    assert_made_exactly_once(ended(first), settings.DATA_DIR / "media")

    # Another process: this one.
    wanted = ImageRequest(prompt="a red fox", width=256, height=256, num_inference_steps=4, guidance_scale=3.5, seed=7)
    pixels = engine.render(wanted, lambda *_: None)[0].pixels
    assert first.images.get().pixels_sha256 == fingerprint_pixels(pixels, 256, 256)
    assert first.versions == engine.versions

    slow, outgrowing, cancelled = ask_flux(seed=SLOW), ask_flux(seed=OUTGROWS), ask_flux(num_inference_steps=50)
    for _ in range(3):
        advance.apply_async((slow.pk,), queue="gpu")
    wait_until(lambda: Progress.objects.filter(generation=cancelled, step__gt=0).exists(), "the last one is being made")
    assert withdraw(cancelled)
    last = ask_flux("a blue lighthouse")
    assert ended(last).state == State.SUCCEEDED
    assert_made_exactly_once(ended(slow), settings.DATA_DIR / "media")
    assert (slow.fence, slow.expiries) == (1, 0)
    assert ended(outgrowing).state == State.FAILED
    assert "Choose a smaller size" in outgrowing.error
    assert not cancelled.images.exists()
    assert log_of(flux).count("FLUX is loaded") == 1

    client_of_owner.post(reverse("gallery:checks", args=[first.public_id]))
    ended(first.checks.get().again)
    assert "Identical pixels" in page(client_of_owner.get(first.get_absolute_url())).text
    assert first.checks.get().verdict == Verdict.IDENTICAL


def test_other_weights_are_named_when_a_picture_is_checked(
    ask_flux: Asking, offer_flux: Callable[..., None], tmp_path: Path, client_of_owner: Client
):
    generation = ask_flux()
    advance_here(generation.pk)
    offer_flux(transformer=str(build(tmp_path / "other", seed=1) / "transformer"))
    client_of_owner.post(reverse("gallery:checks", args=[generation.public_id]))
    advance_here(generation.checks.get().again.pk)
    shown = page(client_of_owner.get(generation.get_absolute_url())).text
    generation.refresh_from_db()
    assert "transformer weights" in shown
    assert generation.versions["transformer weights"] in shown
    assert generation.checks.get().verdict != Verdict.IDENTICAL
    assert [what for what, _, _ in generation.checks.get().changes] == ["transformer weights"]
