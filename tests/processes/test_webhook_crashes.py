"""Real workers that send webhooks by themselves, killed with -9 in the middle: what they held is sent by the next."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generations.models import Delivery, DeliveryState, Generation, Lease, Team
from generations.webhook_secret import secret_of_team
from tests.conftest import finish
from tests.installation import Installation, wait_until
from tests.receivers import receiving, through_the_api

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_worker_killed_while_it_sends_leaves_it_to_the_next(
    installation: Installation, ask: Callable[..., Generation], team: Team
):
    with receiving() as receiver:
        generation = ask()
        through_the_api(generation, f"{receiver.origin}/slow")
        worker = installation.worker("remote", LOOPBACK_ORIGIN=receiver.origin)
        finish(generation)
        assert receiver.arrived.wait(60)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        receiver.released.set()
        assert Delivery.objects.get().state == DeliveryState.WAITING
        # What a minute does by itself.
        past = Now() - timedelta(seconds=1)
        Lease.objects.update(until=past)
        Delivery.objects.update(due_at=past)
        installation.worker("remote", LOOPBACK_ORIGIN=receiver.origin)
        wait_until(lambda: Delivery.objects.get().state == DeliveryState.DELIVERED, "the next worker sends it")
        assert len(receiver.got) == 2
        assert len(set(receiver.ids)) == 1
        assert receiver.are_true(secret_of_team(team)) == [True, True]
