"""Easel repeats itself: a worker that has never seen a picture makes it again, to the last byte of its file."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Generation, State, Verdict
from tests.installation import Installation, wait_until
from tests.pages import page

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROMPT = "A lighthouse on a cliff at sunset, oil painting"


def test_check_it_says_identical_after_a_restart(
    installation: Installation, client_of_owner: Client, ask: Callable[..., Generation]
):
    generation = ask(PROMPT, num_inference_steps=12)
    first = installation.worker(PYTHONHASHSEED="1")
    wait_until(lambda: is_made(generation), "the first worker makes it")
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    client_of_owner.post(reverse("gallery:checks", args=[generation.public_id]))
    again = generation.checks.get().again
    assert not is_made(again)
    installation.worker(PYTHONHASHSEED="2")
    wait_until(lambda: is_made(again), "the second worker makes it again")
    assert "Identical pixels" in page(client_of_owner.get(generation.get_absolute_url())).text
    assert generation.checks.get().verdict == Verdict.IDENTICAL
    assert file_of(again) == file_of(generation)


def is_made(generation: Generation) -> bool:
    return Generation.objects.filter(pk=generation.pk, state=State.SUCCEEDED).exists()


def file_of(generation: Generation) -> bytes:
    with generation.images.get().file.open("rb") as file:
        return bytes(file.read())
