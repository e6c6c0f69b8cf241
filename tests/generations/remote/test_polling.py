"""How an order stands at its vendor: asked for by id or by list, believed with care."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from generations import accounts, pipeline
from generations.models import Attempt, Generation, Lease, Member, State
from generations.pipeline.lease import release_lease, take_lease
from tests.generations.remote.conftest import (
    PRICE,
    Buying,
    Connecting,
    entries,
    fresh,
    made,
    paid_once,
    pass_time,
    polled,
    running_at_the_vendor,
    succeeded,
)
from tests.installation import wait_until
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

REFUND = [*paid_once(), ("refund_expected", 1, -PRICE)]


class TestWhatTheVendorSays:
    def test_faults_of_its_own_and_words_that_nobody_knows_mean_ask_again(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy())
        vendor.faults(
            [
                {"on": "result", "fault": "500", "times": 2},
                {"on": "result", "fault": "html"},
                {"on": "result", "fault": "reset"},
                {"on": "result", "fault": "unknown_word", "times": 2},
                {"on": "result", "fault": "wrong_id"},
            ]
        )
        for asked in range(1, 8):
            pass_time(10)
            pipeline.poll()
            assert fresh(generation).state == State.RUNNING
            assert generation.attempts.get().polls == asked
        assert entries(made(fresh(generation))) == paid_once()

    def test_a_vendor_that_wants_to_be_left_alone_is(self, vendor: Vendor, buy: Buying):
        running_at_the_vendor(buy())
        vendor.fault("result", "429", retry_after=30)
        pass_time(2)
        pipeline.poll()
        wait = Attempt.objects.get().poll_at - timezone.now()
        assert timedelta(seconds=25) < wait <= timedelta(seconds=30)

    @pytest.mark.parametrize(
        ("fault", "options", "sentence"),
        [
            ("fails", {"code": 1200}, "WaveSpeed's safety check stopped this picture."),
            ("fails", {"code": 5000, "error": "CUDA out of memory"}, "WaveSpeed could not make this picture"),
            ("word", {"word": "cancelled"}, "This picture was cancelled at WaveSpeed."),
            ("word", {"word": "timeout"}, "WaveSpeed took too long over this picture and gave up."),
            ("word", {"word": "deleted"}, "This picture was deleted at WaveSpeed"),
        ],
    )
    def test_an_order_that_ends_without_a_picture_expects_a_refund(
        self, vendor: Vendor, buy: Buying, fault: str, options: dict[str, object], sentence: str
    ):
        vendor.fault("task", fault, **options)
        generation = polled(running_at_the_vendor(buy()))
        assert generation.state == State.FAILED
        assert generation.error.startswith(sentence) and generation.error.endswith("A refund is expected.")
        assert "CUDA" not in generation.error
        assert entries(generation) == REFUND
        assert (vendor.counts().charges, vendor.counts().refunded_microusd) == (1, PRICE)

    def test_done_without_a_picture_counts_as_failed(self, vendor: Vendor, buy: Buying):
        vendor.fault("task", "no_outputs")
        generation = polled(running_at_the_vendor(buy()))
        assert generation.state == State.FAILED
        assert generation.error.endswith("It counts as failed, and a refund is expected.")
        assert entries(generation) == REFUND

    def test_two_pictures_are_both_kept_and_paid_once(self, vendor: Vendor, buy: Buying):
        vendor.fault("task", "two_outputs")
        generation = made(buy())
        assert list(generation.images.values_list("index", flat=True)) == [0, 1]
        assert entries(generation) == paid_once()

    def test_an_order_that_is_gone_three_times_in_ten_minutes_waits_for_a_person(self, vendor: Vendor, buy: Buying):
        vendor.fault("task", "gone")
        generation = running_at_the_vendor(buy())
        pass_time(2)
        for asked in (1, 2, 3):
            assert fresh(generation).state == State.RUNNING
            pipeline.poll()
            pipeline.poll()
            assert vendor.counts().requests["result"] == asked
            pass_time(301)
        found = fresh(generation)
        assert found.state == State.NEEDS_REVIEW
        assert found.error.startswith("WaveSpeed no longer knows this order")
        assert entries(found) == paid_once()

    def test_an_order_that_is_gone_now_and_then_is_there(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy())
        vendor.fault("result", "404", times=3, every=2)
        vendor.fault("result", "unknown_word", times=3)
        for _ in range(6):
            pass_time(301)
            pipeline.poll()
            assert fresh(generation).state == State.RUNNING
        assert entries(made(fresh(generation))) == paid_once()


class TestManyInFlight:
    def test_up_to_twenty_are_asked_for_one_by_one(self, vendor: Vendor, buy: Buying):
        vendor.set(duration_s=60)
        for seed in range(20):
            running_at_the_vendor(buy(seed=seed))
        pass_time(2)
        pipeline.poll()
        requests = vendor.counts().requests
        assert (requests["result"], requests.get("list", 0)) == (20, 0)

    def test_beyond_twenty_the_list_is_read_and_only_who_left_it_is_asked_for(self, vendor: Vendor, buy: Buying):
        vendor.set(duration_s=60)
        slow = [running_at_the_vendor(buy(seed=seed)) for seed in range(22)]
        vendor.set(duration_s=0.01)
        quick = [running_at_the_vendor(buy(seed=seed)) for seed in range(100, 103)]
        wait_until(lambda: vendor.counts().making == len(slow), "the quick ones are done")
        pass_time(2)
        assert set(pipeline.poll()) <= {each.pk for each in quick}
        requests = vendor.counts().requests
        assert (requests["list"], requests["result"]) == (2, 3)
        assert {fresh(each).state for each in slow} == {State.RUNNING}
        assert {fresh(each).state for each in quick} == {State.FETCHING}

    def test_a_list_that_cannot_be_read_ends_nothing(self, vendor: Vendor, buy: Buying):
        generations = [running_at_the_vendor(buy(seed=seed)) for seed in range(21)]
        vendor.fault("list", "500")
        pass_time(2)
        pipeline.poll()
        assert {fresh(each).state for each in generations} == {State.RUNNING}
        assert "result" not in vendor.counts().requests
        for each in generations:
            polled(fresh(each))
        assert vendor.counts().charges == 21

    def test_nothing_is_asked_before_it_is_due(self, vendor: Vendor, buy: Buying):
        running_at_the_vendor(buy())
        assert pipeline.poll() == []
        assert "result" not in vendor.counts().requests


class TestOneAtATime:
    def test_while_one_process_asks_the_others_do_not(self, vendor: Vendor, buy: Buying):
        running_at_the_vendor(buy())
        pass_time(2)
        holder = take_lease("poller", 30)
        assert pipeline.poll() == []
        assert "result" not in vendor.counts().requests
        release_lease("poller", holder)
        pipeline.poll()
        assert vendor.counts().requests["result"] == 1

    def test_a_poller_that_died_is_followed_by_another_after_its_lease(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy())
        assert take_lease("poller", 30)
        assert polled(generation).state == State.FETCHING

    def test_one_that_lost_its_lease_does_not_give_back_its_successors(self):
        slow = take_lease("poller", -1)
        successor = take_lease("poller", 30)
        assert slow is not None and successor is not None
        release_lease("poller", slow)
        assert take_lease("poller", 30) is None

    def test_it_can_be_taken_again_after_each_round(self, vendor: Vendor):
        pipeline.poll()
        assert Lease.objects.get(name="poller").until is None

    @pytest.mark.django_db(transaction=True)
    def test_of_many_threads_one_asks(self, vendor: Vendor, buy: Buying):
        vendor.set(duration_s=0)
        vendor.fault("result", "drip", drip_s=0.001)
        running_at_the_vendor(buy())
        pass_time(2)

        def ask(_: int) -> None:
            pipeline.poll()
            connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(8)))
        assert vendor.counts().requests["result"] == 1
        assert Attempt.objects.get().outputs


class TestAWebhookInTheMiddle:
    """It makes an order due, but finds that a sweep is at work already, with an answer that may be older than it."""

    def test_what_becomes_due_meanwhile_is_asked_for_before_the_sweep_ends(
        self, vendor: Vendor, buy: Buying, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(SWEEPS, "TICK_S", 30.0)  # a slow machine
        vendor.set(duration_s=0)
        first, second = running_at_the_vendor(buy()), running_at_the_vendor(buy(seed=8))
        made_due(first)
        asked = interposed(monkeypatch, lambda: made_due(second))
        pipeline.poll()
        assert [len(orders) for orders in asked] == [1, 1]
        assert fresh(second).state == State.FETCHING

    def test_an_answer_from_before_it_does_not_put_the_order_off(
        self, vendor: Vendor, buy: Buying, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(SWEEPS, "TICK_S", 0.0)
        vendor.set(duration_s=1000)
        generation = running_at_the_vendor(buy())
        made_due(generation)
        interposed(monkeypatch, lambda: made_due(generation))
        pipeline.poll()
        assert fresh(generation).state == State.RUNNING
        assert Attempt.objects.filter(poll_at__lte=timezone.now()).exists()

    def test_without_one_the_order_is_put_off(self, vendor: Vendor, buy: Buying):
        vendor.set(duration_s=1000)
        made_due(running_at_the_vendor(buy()))
        pipeline.poll()
        assert not Attempt.objects.filter(poll_at__lte=timezone.now()).exists()


SWEEPS = import_module("generations.pipeline.poll")


def made_due(generation: Generation) -> None:
    generation.attempts.update(poll_at=Now())


def interposed(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> list[Sequence[object]]:
    """Let something happen once after the vendor has answered and before that is noted; return what is asked for."""
    asked: list[Sequence[object]] = []
    note = SWEEPS._put_off

    def noting(orders: Sequence[object], *rest: object) -> None:
        asked.append(orders)
        if len(asked) == 1:
            happens()
        note(orders, *rest)

    monkeypatch.setattr(SWEEPS, "_put_off", noting)
    return asked


class TestSeveralAccounts:
    def test_a_vendor_account_whose_key_is_refused_does_not_stop_the_others(
        self, vendor: Vendor, buy: Buying, outsider, connected: Connecting
    ):

        elsewhere = Member.objects.get(user=outsider)
        accounts.connect(elsewhere.team, "wavespeed", "another-key-of-forty-characters-0123456")
        vendor.set(key="")
        theirs, ours = running_at_the_vendor(buy(of=elsewhere)), running_at_the_vendor(buy(seed=8))
        accounts.disconnect(elsewhere.team, "wavespeed")
        assert polled(ours).state == State.FETCHING
        assert fresh(theirs).state == State.RUNNING
        accounts.connect(elsewhere.team, "wavespeed", "another-key-of-forty-characters-0123456")
        assert entries(succeeded(polled(theirs))) == paid_once()

    @pytest.mark.parametrize("orders", [1, 21], ids=["by id", "by the list"])
    def test_a_key_that_is_refused_while_asking_pauses_the_account(
        self, vendor: Vendor, buy: Buying, member: Member, orders: int
    ):
        for seed in range(orders):
            running_at_the_vendor(buy(seed=seed))
        vendor.fault("result" if orders == 1 else "list", "401")
        pass_time(2)
        pipeline.poll()
        account = accounts.account_for(member.team, "wavespeed")
        assert account is not None and account.paused_because.startswith("WaveSpeed does not accept this key.")
        assert set(Generation.objects.values_list("state", flat=True)) == {State.RUNNING}
