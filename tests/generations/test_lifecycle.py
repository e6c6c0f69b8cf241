"""The state machine: one table, guarded updates, one winner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations import lifecycle
from generations.models import Generation, State

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


def overdue(generation: Generation) -> Generation:
    Generation.objects.filter(pk=generation.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    generation.refresh_from_db()
    return generation


def test_only_one_worker_claims_a_row(ask: Asking):
    generation = ask()
    first, second = lifecycle.claim(generation.pk), lifecycle.claim(generation.pk)
    assert first is not None
    assert first.state == State.RENDERING
    assert first.fence == 1
    assert second is None


def test_a_claim_of_a_row_that_is_gone_is_quiet():
    assert lifecycle.claim(10**9) is None


def test_a_worker_that_slept_past_its_lease_can_write_nothing(ask: Asking):
    sleeper = lifecycle.claim(ask().pk)
    assert sleeper is not None
    assert lifecycle.move("give_back", overdue(sleeper))
    successor = lifecycle.claim(sleeper.pk)
    assert successor is not None
    assert not lifecycle.hold(sleeper)
    assert not lifecycle.move("rendered", sleeper)
    assert not lifecycle.move("fail", sleeper, error="mine")
    assert lifecycle.move("rendered", successor)


def test_a_row_is_not_given_back_while_its_lease_runs(ask: Asking):
    generation = lifecycle.claim(ask().pk)
    assert generation is not None
    assert not lifecycle.move("give_back", generation)


def test_holding_lengthens_the_lease(ask: Asking):
    generation = lifecycle.claim(ask().pk)
    assert generation is not None
    Generation.objects.filter(pk=generation.pk).update(lease_until=timezone.now() + timedelta(seconds=1))
    assert lifecycle.hold(generation)
    generation.refresh_from_db()
    assert generation.lease_until > timezone.now() + timedelta(seconds=30)


@pytest.mark.parametrize("name", ["rendered", "stored", "fail", "give_back", "park"])
def test_a_queued_row_makes_no_move_of_a_worker(ask: Asking, name: str):
    assert not lifecycle.move(name, ask())


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_a_final_row_never_moves_again(ask: Asking, state: State):
    generation = ask()
    Generation.objects.filter(pk=generation.pk).update(state=state)
    assert not any(lifecycle.move(name, generation) for name in lifecycle.TABLE)


def test_every_state_can_be_left_or_is_final():
    sources = {source for move in lifecycle.TABLE.values() for source in move.sources}
    assert set(State) - sources == {State.SUCCEEDED, State.FAILED, State.CANCELLED}


def test_the_database_refuses_an_unknown_state(ask: Asking):
    generation = ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=generation.pk).update(state="dreaming")
