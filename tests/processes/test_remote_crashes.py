"""Real workers with orders at a vendor, killed with -9 where it hurts: each is taken once, paid once and kept once."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from generations.backends import backend_for
from generations.models import Attempt, Generation, Member, Outcome, State
from generations.submission import repeat, submit
from tests.conftest import order
from tests.installation import Installation, assert_made_exactly_once, assert_paid_once_each, wait_until, wavespeed_at
from tests.vendor.process import KEY, Vendor

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

Ordering = Callable[..., Generation]

POINTS = [
    "after_intent",
    "after_post_before_save",
    "after_save",
    "after_poll",
    "before_download",
    "after_tmp",
    "after_rename",
    "before_asset_commit",
    "after_asset_commit",
    "after_publish",
]


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, concurrency=100_000, duration_s=0.05, key=KEY) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor, installation: Installation, settings) -> Iterator[Vendor]:
    running.reset()
    installation.connect(running)
    with wavespeed_at(running, settings):
        yield running


@pytest.fixture
def buy(vendor: Vendor, member: Member) -> Ordering:
    """Order a small picture at the vendor, without a hint."""
    return lambda seed=7: submit(member, replace(order(seed=seed), backend=backend_for("wavespeed")), hint=False)


def all_made(member: Member) -> bool:
    """Say whether all are done; what was interrupted too often is tried again, as a person would, for it costs nothing."""
    for parked in Generation.objects.filter(state=State.NEEDS_REVIEW):
        attempt = parked.attempts.latest("number")
        assert attempt.outputs or attempt.outcome == Outcome.REJECTED, parked.error
        repeat(member, parked)
    return not Generation.objects.exclude(state=State.SUCCEEDED).exists()


def kill(worker: subprocess.Popen[bytes]) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()


def assert_nothing_wrong(vendor: Vendor, *generations: Generation) -> None:
    for generation in generations:
        assert_made_exactly_once(generation, django_settings.DATA_DIR / "media")
    assert_paid_once_each(vendor, generations)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_orders_nothing_twice(
    installation: Installation, vendor: Vendor, buy: Ordering, member: Member, point: str
):
    generation = buy()
    doomed = installation.worker(FAULT=f"{point}:1")
    assert doomed.wait(60) == -9, "the crash point was not reached"
    installation.worker()
    wait_until(lambda: all_made(member), f"recovery after {point}")
    assert_nothing_wrong(vendor, generation)
    assert generation.attempts.count() == (2 if point == "after_intent" else 1)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", POINTS)
def test_twenty_workers_killed_at_the_same_point_order_nothing_twice(
    installation: Installation, vendor: Vendor, buy: Ordering, member: Member, point: str
):
    generations = [buy(seed) for seed in range(60)]
    for number in range(20):
        doomed = installation.worker(FAULT=f"{point}:1")
        wait_until(lambda doomed=doomed: all_made(member) or doomed.poll() is not None, f"death {number}", within_s=90)
        assert doomed.poll() == -9, "the crash point was not reached"
    installation.worker()
    wait_until(lambda: all_made(member), f"recovery after {point}", within_s=120)
    assert_nothing_wrong(vendor, *generations)


def test_a_worker_killed_in_the_middle_of_a_download_fetches_it_again(
    installation: Installation, vendor: Vendor, buy: Ordering, member: Member
):
    generation = buy()
    vendor.fault("output", "drip_body", drip_s=1.0)
    doomed = installation.worker()
    wait_until(lambda: vendor.counts().requests.get("output"), "the download has begun")
    kill(doomed)
    installation.worker()
    wait_until(lambda: all_made(member), "recovery after half a download")
    assert vendor.counts().requests["output"] == 2
    assert_nothing_wrong(vendor, generation)


def test_a_worker_killed_while_the_vendor_is_silent_orders_nothing_twice(
    installation: Installation, vendor: Vendor, buy: Ordering, member: Member
):
    generation = buy()
    vendor.fault("submit", "accept_then_hang")
    doomed = installation.worker()
    wait_until(lambda: vendor.counts().charges, "the vendor has taken the order")
    kill(doomed)
    installation.worker()
    wait_until(lambda: all_made(member), "recovery without an answer")
    assert_nothing_wrong(vendor, generation)
    assert Attempt.objects.get().outcome == Outcome.ACCEPTED


def test_a_broker_that_is_wiped_costs_no_order(installation: Installation, vendor: Vendor, buy: Ordering, member: Member):
    generations = [buy(seed) for seed in range(6)]
    installation.worker()
    wait_until(lambda: Generation.objects.exclude(state=State.QUEUED).count() >= 2, "the first are ordered")
    installation.broker.kill_and_wipe()
    wait_until(lambda: all_made(member), "the line goes on after the wipe")
    assert_nothing_wrong(vendor, *generations)


def test_two_workers_together_send_no_more_than_one_account_may(installation: Installation, vendor: Vendor, buy: Ordering):
    vendor.set(per_minute=10, duration_s=0.5)
    installation.connect(vendor, WAVESPEED_MAX_CONCURRENT="3", WAVESPEED_MAX_PER_MINUTE="10")
    for seed in range(16):
        buy(seed)
    installation.worker()
    installation.worker()
    wait_until(lambda: Generation.objects.filter(state=State.SUCCEEDED).count() >= 10, "ten pictures")
    counts = vendor.counts()
    assert counts.most_at_once <= 3
    assert counts.refused == {}
    assert counts.doubles == 0
