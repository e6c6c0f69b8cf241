"""An engine that is silent for longer than a lease keeps its picture, and one that hangs loses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models.functions import Now

from generations import lifecycle
from generations.backends import backend_for
from generations.models import Generation
from generations.pipeline.render import render
from tests.installation import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

Hiring = Callable[..., None]


@pytest.fixture
def hire(settings) -> Iterator[Hiring]:
    """Let an engine paint that does something between its steps, with leases of four seconds."""
    settings.RENDER_LEASE_S = 4

    def put(quiet_for_s: float, between: Callable[[Any], object]) -> None:
        settings.IMAGE_BACKENDS = {"easel": {"BACKEND": "tests.painters.Plain", "OPTIONS": {"between": between}}}
        backend_for.cache_clear()
        backend_for("easel").quiet_for_s = quiet_for_s

    yield put
    backend_for.cache_clear()


def overdue() -> bool:
    return Generation.objects.filter(lease_until__lt=Now()).exists()


def test_the_lease_is_renewed_while_the_engine_is_silent(hire: Hiring, ask: Callable[..., Generation]):
    leases = set()

    def outlast(_: Any) -> None:
        wait_until(lambda: leases.add(Generation.objects.get().lease_until) or len(leases) > 5, "five leases", 60)
        assert not overdue()

    hire(60, outlast)
    generation = lifecycle.claim(ask(num_inference_steps=1).pk)
    assert render(generation)
    assert Generation.objects.get().fence == 1


def test_an_engine_that_is_silent_for_too_long_loses_the_picture(hire: Hiring, ask: Callable[..., Generation]):
    hire(0.5, lambda _: wait_until(overdue, "the lease runs out", 60))
    generation = lifecycle.claim(ask(num_inference_steps=1).pk)
    render(generation)
    assert lifecycle.move("give_back", generation)
