"""Many orders at a vendor while workers die at random: none is lost and none is paid twice, by the vendor's own count.

The control runs the same with the guard switched off (`tests.blind`): it must pay twice, or these tests could not fail.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.conf import settings as django_settings
from django.db.models import Count

from generations.backends import backend_for
from generations.models import Generation, Member, Outcome, State
from generations.submission import repeat, submit
from tests.conftest import order
from tests.installation import Installation, assert_made_exactly_once, assert_paid_once_each, wait_until, wavespeed_at
from tests.vendor.process import KEY, Counts, Vendor

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

# Where death costs most comes up most often.
POINTS = (
    *["after_post_before_save"] * 12,
    "after_intent",
    "after_save",
    "after_poll",
    "before_download",
    "after_tmp",
    "after_rename",
    "before_asset_commit",
    "after_asset_commit",
    "after_publish",
)
PROBABILITY = 0.3
AT_ONCE = "12"
"""Orders at the vendor: so few that ordering goes on until the end, and all deaths fall into it."""
LIFE_S = (6.0, 16.0)
"""How long a worker lives at most before it is killed from outside, wherever it is then."""

LONG = [pytest.mark.slow, pytest.mark.timeout(1500)]


@dataclass(slots=True, kw_only=True)
class Run:
    """What came out."""

    counts: Counts
    kills: int
    seconds: float
    states: dict[str, int]

    def __str__(self) -> str:
        orders = f"{self.counts.charges} orders taken, {self.counts.doubles} of them twice"
        return f"{self.kills} kills in {self.seconds:.0f} s: {orders}; {self.states}"


@pytest.fixture
def vendor(installation: Installation, settings) -> Iterator[Vendor]:
    with Vendor(per_minute=0, concurrency=100_000, duration_s=0.2, key=KEY) as vendor, wavespeed_at(vendor, settings):
        installation.connect(vendor, WAVESPEED_MAX_CONCURRENT=AT_ONCE)
        yield vendor


@pytest.mark.parametrize(
    ("seed", "jobs", "kills"), [(1, 12, 4), *(pytest.param(seed, 1000, 80, marks=LONG) for seed in (2, 3, 4))]
)
def test_no_order_is_lost_or_paid_twice(
    installation: Installation, vendor: Vendor, member: Member, seed: int, jobs: int, kills: int
):
    generations = _order(member, jobs)
    run = _survive(installation, vendor, member, random.Random(seed), kills)
    assert run.counts.doubles == 0, run
    assert_paid_once_each(vendor, generations)
    for generation in generations:
        assert_made_exactly_once(generation, django_settings.DATA_DIR / "media")
    assert run.kills >= kills // 2, run


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_without_the_guard_the_same_deaths_pay_twice(installation: Installation, vendor: Vendor, member: Member):
    _order(member, 1000)
    run = _survive(installation, vendor, member, random.Random(2), 80, app="tests.blind")
    assert run.counts.doubles >= 20, run


def test_without_the_guard_one_lost_answer_is_paid_twice(installation: Installation, vendor: Vendor, member: Member):
    _order(member, 1)
    doomed = installation.worker(app="tests.blind", FAULT="after_post_before_save:1")
    assert doomed.wait(60) == -9, "the crash point was not reached"
    installation.worker(app="tests.blind")
    wait_until(lambda: _all_made(member), "the picture is made")
    assert vendor.counts().doubles == 1


def _order(member: Member, jobs: int) -> list[Generation]:
    """Order so many pictures; each has a seed of its own, by which the vendor counts."""
    asked = [replace(order(seed=number, size="256*256"), backend=backend_for("wavespeed")) for number in range(jobs)]
    return [submit(member, each) for each in asked]


def _survive(
    installation: Installation, vendor: Vendor, member: Member, chance: random.Random, kills: int, app: str = "playground"
) -> Run:
    """Let workers die so many times, until every picture is made all the same."""
    began = time.monotonic()
    workers = _Workers(installation, chance, kills, app)
    wait_until(lambda: workers.keep_up() and _all_made(member), "all pictures", within_s=240 if kills < 10 else 1400)
    states = dict(Generation.objects.values_list("state").annotate(Count("pk")))
    run = Run(counts=vendor.counts(), kills=workers.killed, seconds=time.monotonic() - began, states=states)
    sys.stdout.write(f"{run}\n")
    return run


class _Workers:
    """Two workers, each replaced when it dies at its random point or at a random moment, until so many have died."""

    def __init__(self, installation: Installation, chance: random.Random, kills: int, app: str) -> None:
        self.installation = installation
        self.chance = chance
        self.kills_left = kills
        self.app = app
        self.killed = 0
        self.running: dict[subprocess.Popen[bytes], float] = {}
        """Worker → when it dies at the latest, on time.monotonic()."""
        self._fill()

    def keep_up(self) -> bool:
        """Kill whose time is up, replace the dead, and return True."""
        for worker, dies_at in list(self.running.items()):
            if time.monotonic() >= dies_at and worker.poll() is None:
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
            if worker.poll() is not None:
                assert worker.returncode == -9, "a worker ended by itself"
                self.killed += 1
                del self.running[worker]
        self._fill()
        return True

    def _fill(self) -> None:
        while len(self.running) < 2:
            if not self.kills_left:
                self.running[self.installation.worker(app=self.app)] = float("inf")
                continue
            self.kills_left -= 1
            probability = PROBABILITY if self.killed + len(self.running) >= 2 else 1  # The first ones die for certain.
            fault = f"{self.chance.choice(POINTS)}:{probability}"
            worker = self.installation.worker(app=self.app, FAULT=fault)
            self.running[worker] = time.monotonic() + self.chance.uniform(*LIFE_S)


def _all_made(member: Member) -> bool:
    """Say whether all are done; what was interrupted too often is tried again, as a person would, for it costs nothing."""
    for parked in Generation.objects.filter(state=State.NEEDS_REVIEW):
        attempt = parked.attempts.latest("number")
        assert attempt.outputs or attempt.outcome == Outcome.REJECTED, parked.error
        repeat(member, parked)
    return not Generation.objects.exclude(state=State.SUCCEEDED).exists()
