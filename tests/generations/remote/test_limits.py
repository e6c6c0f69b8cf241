"""How many orders go out: so many at once and so many a minute for each account, across all workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from generations import accounts, pipeline
from generations.models import Attempt, Generation, Member, Outcome, State
from tests.generations.remote.conftest import (
    Buying,
    advanced,
    fresh,
    lost,
    pass_time,
    polled,
    running_at_the_vendor,
    succeeded,
)
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

Limiting = Callable[[int, int], None]


@pytest.fixture
def allow(settings, vendor: Vendor) -> Limiting:
    def so_many(at_once: int, a_minute: int) -> None:
        settings.WAVESPEED_MAX_CONCURRENT, settings.WAVESPEED_MAX_PER_MINUTE = at_once, a_minute

    return so_many


def advance_all(generations: list[Generation], threads: int = 8) -> None:
    """Let that many workers at all rows at once."""

    def advance(generation: Generation) -> None:
        pipeline.advance(generation.pk)
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(advance, generations))


def in_state(state: State) -> int:
    return Generation.objects.filter(state=state).count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("at_once", "a_minute", "through"), [(3, 100, 3), (100, 10, 10), (3, 2, 2)])
def test_no_more_go_out_than_allowed_however_many_workers_there_are(
    vendor: Vendor, buy: Buying, allow: Limiting, at_once: int, a_minute: int, through: int
):
    allow(at_once, a_minute)
    vendor.set(duration_s=60)
    generations = [buy(seed=seed) for seed in range(24)]
    for _ in range(2):
        advance_all(generations)
    counts = vendor.counts()
    assert (counts.charges, counts.requests["submit"], counts.refused) == (through, through, {})
    assert counts.most_at_once <= at_once
    assert (in_state(State.RUNNING), in_state(State.QUEUED)) == (through, 24 - through)


@pytest.mark.django_db(transaction=True)
def test_the_same_row_in_many_workers_is_ordered_once(vendor: Vendor, buy: Buying):
    advance_all([buy()] * 24)
    assert vendor.counts().requests["submit"] == 1


def test_a_place_is_free_again_when_a_picture_is_done(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(1, 100)
    first, second = buy(), buy(seed=8)
    running_at_the_vendor(first)
    assert advanced(second).state == State.QUEUED
    polled(first)
    assert advanced(second).state == State.RUNNING


def test_an_order_whose_answer_is_lost_keeps_its_place(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(1, 100)
    lost(buy(), vendor)
    second = buy(seed=8)
    pass_time(61)
    assert advanced(second).state == State.QUEUED


def test_what_waits_for_a_person_keeps_no_place(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(3, 100)
    vendor.fault("list", "500", times=0)
    for seed in range(3):
        lost(buy(seed=seed), vendor, "502_after")
    pass_time(901)
    pipeline.sweep()
    assert in_state(State.NEEDS_REVIEW) == 3
    assert advanced(buy(seed=8)).state == State.RUNNING


def test_the_minute_slides(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(100, 2)
    first, second, third = buy(), buy(seed=8), buy(seed=9)
    running_at_the_vendor(first)
    pass_time(40)
    running_at_the_vendor(second)
    assert advanced(third).state == State.QUEUED
    pass_time(21)
    assert advanced(third).state == State.RUNNING


def test_a_vendor_with_the_same_limits_never_has_to_refuse(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(3, 10)
    vendor.set(concurrency=3, per_minute=10)
    for seed in range(12):
        buy(seed=seed)
    for _ in range(3):
        for generation in Generation.objects.filter(state=State.QUEUED):
            advanced(generation)
        for generation in Generation.objects.filter(state=State.RUNNING):
            succeeded(polled(generation))
    counts = vendor.counts()
    assert counts.refused == {}
    assert counts.most_at_once <= 3


def test_each_account_has_limits_of_its_own(vendor: Vendor, buy: Buying, allow: Limiting, outsider):
    elsewhere = Member.objects.get(user=outsider)
    accounts.connect(elsewhere.team, "wavespeed", "another-key-of-forty-characters-0123456")
    vendor.set(key="", duration_s=60)
    allow(1, 100)
    running_at_the_vendor(buy())
    assert advanced(buy(seed=8)).state == State.QUEUED
    assert advanced(buy(of=elsewhere)).state == State.RUNNING


def test_the_line_of_a_paused_team_does_not_stop_the_others(vendor: Vendor, buy: Buying, outsider):
    elsewhere = Member.objects.get(user=outsider)
    accounts.connect(elsewhere.team, "wavespeed", "another-key-of-forty-characters-0123456")
    paused = [buy(of=elsewhere, seed=seed) for seed in range(10)]
    assert advanced(paused[0]).state == State.QUEUED
    ours = buy(seed=99)
    assert ours.pk in pipeline.sweep()


def test_refused_orders_count_for_the_minute_too(vendor: Vendor, buy: Buying, allow: Limiting):
    allow(100, 2)
    vendor.fault("submit", "429", times=2)
    generation = buy()
    for _ in range(2):
        advanced(generation)
        pass_time(3)
    assert Attempt.objects.filter(outcome=Outcome.REJECTED).count() == 2
    advanced(generation)
    assert (fresh(generation).state, vendor.counts().requests["submit"]) == (State.QUEUED, 2)
