"""Many pictures while workers die at random points: each is made exactly once all the same."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable

import pytest
from django.conf import settings

from generations.models import Generation, Member, State
from generations.submission import repeat
from tests.installation import Installation, assert_made_exactly_once, wait_until
from tests.processes.test_local_crashes import WORKER_POINTS

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROBABILITY = 0.4


@pytest.mark.parametrize(
    ("seed", "jobs", "kills"),
    [(1, 8, 4), *(pytest.param(seed, 200, 60, marks=[pytest.mark.slow, pytest.mark.timeout(1500)]) for seed in (2, 3, 4))],
)
def test_no_picture_is_lost_or_made_twice(
    installation: Installation, ask: Callable[..., Generation], member: Member, seed: int, jobs: int, kills: int
):
    generations = [ask(seed=number, num_inference_steps=2) for number in range(jobs)]
    workers = _Workers(installation, random.Random(seed), kills)
    wait_until(lambda: workers.keep_up() and _all_made(member), f"{jobs} pictures", within_s=240 if jobs < 20 else 1400)
    assert workers.killed > 0
    for generation in generations:
        assert_made_exactly_once(generation, settings.DATA_DIR / "media")


class _Workers:
    """Two workers, each replaced when it dies at its random point, until so many have died."""

    def __init__(self, installation: Installation, chance: random.Random, kills: int) -> None:
        self.installation = installation
        self.chance = chance
        self.kills_left = kills
        self.killed = 0
        self.running: list[subprocess.Popen[bytes]] = []
        self.running = [self._start(), self._start()]

    def keep_up(self) -> bool:
        """Replace the dead and return True."""
        for worker in [worker for worker in self.running if worker.poll() is not None]:
            assert worker.returncode == -9, "a worker ended by itself"
            self.killed += 1
            self.running[self.running.index(worker)] = self._start()
        return True

    def _start(self) -> subprocess.Popen[bytes]:
        if not self.kills_left:
            return self.installation.worker()
        probability = PROBABILITY if self.running else 1  # The first ones die for certain.
        self.kills_left -= 1
        return self.installation.worker(FAULT=f"{self.chance.choice(WORKER_POINTS)}:{probability}")


def _all_made(member: Member) -> bool:
    """Say whether all are done; what was interrupted too often is tried again, as a person would."""
    for parked in Generation.objects.filter(state=State.NEEDS_REVIEW):
        repeat(member, parked)
    return not Generation.objects.exclude(state=State.SUCCEEDED).exists()
