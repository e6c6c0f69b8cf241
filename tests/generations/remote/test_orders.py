"""An order on its way: taken, refused, or nobody knows; it is paid once in every case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from generations import accounts, pipeline
from generations.accounts import engine_of
from generations.backends.wavespeed import MODEL, MODEL_WITH_IMAGE
from generations.models import Account, Attempt, Member, Outcome, State
from generations.pipeline.admit import admit
from generations.pipeline.request import request_for
from generations.pipeline.submit import send
from tests.generations.remote.conftest import (
    PRICE,
    Buying,
    Connecting,
    advanced,
    entries,
    fresh,
    lost,
    made,
    paid_once,
    pass_time,
    png,
    proven_absent,
    running_at_the_vendor,
)
from tests.vendor.pictures import seed_in
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

BACK_IN_LINE = [("reserve", 1, PRICE)]
REFUNDED = [("reserve", 1, PRICE), ("release", 1, -PRICE)]


class TestAnOrderThatGoesWell:
    def test_a_prompt_becomes_a_picture_that_is_paid_once(self, vendor: Vendor, buy: Buying):
        generation = made(buy(seed=4711))
        image = generation.images.get()
        assert (image.width, image.height, generation.render_ms) == (256, 256, 20)
        assert seed_in(Path(image.file.path).read_bytes()) == 4711
        assert entries(generation) == paid_once()
        assert vendor.counts().accepted == {(MODEL, "a red fox", 4711): 1}
        assert vendor.counts().charged_microusd == PRICE

    def test_the_seed_is_drawn_here_and_sent(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy(seed=-1))
        assert vendor.counts().accepted == {(MODEL, "a red fox", generation.seed): 1}

    def test_what_was_sent_and_what_was_said_are_kept(self, vendor: Vendor, buy: Buying):
        generation = made(buy())
        attempt = generation.attempts.get()
        assert attempt.request["model"] == MODEL
        assert attempt.request["inputs"]["size"] == "256*256"
        assert [answer["status"] for answer in attempt.answers] == ["created", "completed"]
        assert {answer["id"] for answer in attempt.answers} == {attempt.upstream_id}
        assert attempt.poll_at is None

    def test_a_reference_picture_is_handed_over_first_and_its_address_is_kept(self, vendor: Vendor, buy: Buying):
        generation = made(buy(reference=png(320, 256), strength=0.4))
        inputs = generation.attempts.get().request["inputs"]
        assert "/uploads/" in inputs["image"]
        assert (inputs["strength"], "size" in inputs) == (0.4, False)
        counts = vendor.counts()
        assert counts.accepted == {(MODEL_WITH_IMAGE, "a red fox", 7): 1}
        assert (counts.requests["ticket"], counts.requests["put"], counts.requests["submit"]) == (1, 1, 1)
        assert generation.images.get().width == 320
        assert entries(generation) == paid_once()

    def test_a_row_that_is_on_its_way_is_not_ordered_again(self, vendor: Vendor, buy: Buying):
        generation = buy()
        for _ in range(20):
            advanced(generation)
        assert vendor.counts().requests["submit"] == 1

    def test_the_next_in_line_is_named_after_each_order(self, vendor: Vendor, buy: Buying):
        first, second = buy(), buy()
        assert pipeline.advance(first.pk) == [second.pk]
        assert pipeline.advance(second.pk) == []


class TestAnAnswerThatSaysNothing:
    UNCLEAR = [
        ("500", 0),
        ("reset", 0),
        ("hang", 0),
        ("502_after", 1),
        ("accept_then_reset", 1),
        ("accept_then_hang", 1),
        ("html", 1),
        ("garbage", 1),
        ("huge", 1),
        ("no_id", 1),
        ("cut", 1),
        ("drip", 1),
    ]

    @pytest.mark.parametrize(("fault", "taken"), UNCLEAR)
    def test_the_order_is_looked_for_and_paid_once(
        self, vendor: Vendor, buy: Buying, connected: Connecting, fault: str, taken: int
    ):
        if "hang" in fault or fault == "drip":
            connected(submit_within_s=1.0)
        generation = lost(buy(), vendor, fault)
        assert generation.error.endswith("This is being checked; it is not ordered twice.")
        assert (vendor.counts().charges, entries(generation)) == (taken, BACK_IN_LINE)
        assert advanced(generation).state == State.UNKNOWN
        if taken:
            pipeline.sweep()
            found = fresh(generation)
            assert (found.state, found.error) == (State.RUNNING, "")
        else:
            found = proven_absent(generation)
            assert (found.state, found.error) == (State.QUEUED, "")
        assert entries(made(found)) == paid_once(attempt=1 if taken else 2)
        assert vendor.counts().charges == 1

    def test_it_is_absent_only_after_two_reads_a_minute_apart_and_two_minutes(self, vendor: Vendor, buy: Buying):
        generation = lost(buy(), vendor)
        attempt = generation.attempts.get()

        def absences_after(seconds: float) -> int:
            pass_time(seconds)
            pipeline.sweep()
            attempt.refresh_from_db()
            return attempt.absences

        assert [absences_after(seconds) for seconds in (0, 100, 22, 1, 40)] == [0, 0, 1, 1, 1]
        assert fresh(generation).state == State.UNKNOWN
        assert absences_after(25) == 2
        assert (fresh(generation).state, fresh(generation).attempts.get().outcome) == (State.QUEUED, Outcome.REJECTED)

    def test_a_list_that_cannot_be_read_proves_nothing(self, vendor: Vendor, buy: Buying):
        generation = lost(buy(), vendor)
        vendor.fault("list", "500", times=0)
        for _ in range(4):
            pass_time(120)
            assert pipeline.sweep() == []
        assert fresh(generation).state == State.UNKNOWN
        assert generation.attempts.get().absences == 0

    def test_what_stays_unknown_for_a_quarter_of_an_hour_waits_for_a_person(self, vendor: Vendor, buy: Buying):
        generation = lost(buy(), vendor, "502_after")
        vendor.fault("list", "500", times=0)
        pass_time(870)
        pipeline.sweep()
        assert fresh(generation).state == State.UNKNOWN
        pass_time(40)
        pipeline.sweep()
        found = fresh(generation)
        assert found.state == State.NEEDS_REVIEW
        assert "adopt the picture by its id, try again (which may cost a second time), or give up" in found.error
        assert (entries(found), vendor.counts().charges) == (BACK_IN_LINE, 1)

    def test_of_two_candidates_none_is_taken(self, vendor: Vendor, buy: Buying):
        generation = buy()
        for _ in range(2):
            engine_of(accounts.account_for(generation.team, "wavespeed")).submit(request_for(generation))
        lost(generation, vendor)
        for _ in range(4):
            pass_time(230)
            pipeline.sweep()
        assert fresh(generation).state == State.NEEDS_REVIEW
        assert generation.attempts.get().absences == 0
        assert vendor.counts().charges == 2

    def test_of_two_lost_twins_each_gets_a_picture_of_its_own(self, vendor: Vendor, buy: Buying):
        first, second = buy(), buy()
        lost(first, vendor, "502_after")
        lost(second, vendor, "500")
        pipeline.sweep()
        assert {fresh(first).state, fresh(second).state} == {State.RUNNING, State.UNKNOWN}
        late = next(each for each in (first, second) if fresh(each).state == State.UNKNOWN)
        made(proven_absent(late))
        assert vendor.counts().charges == 2
        assert len({attempt.upstream_id for attempt in Attempt.objects.filter(outcome=Outcome.ACCEPTED)}) == 2

    def test_an_order_of_another_seed_is_no_candidate(self, vendor: Vendor, buy: Buying):
        generation, other = buy(seed=9), buy(seed=8)
        engine_of(accounts.account_for(generation.team, "wavespeed")).submit(request_for(other))
        lost(generation, vendor)
        pipeline.sweep()
        assert fresh(generation).state == State.UNKNOWN


class TestARefusal:
    def test_busy_waits_as_long_as_the_vendor_says_and_then_orders(self, vendor: Vendor, buy: Buying):
        generation = buy()
        vendor.fault("submit", "429", retry_after=30)
        found = advanced(generation)
        account = Account.objects.get()
        assert (found.state, found.error, account.refusals, account.paused_because) == (State.QUEUED, "", 1, "")
        assert timedelta(seconds=25) < account.quiet_until - timezone.now() <= timedelta(seconds=30)
        advanced(generation)
        assert vendor.counts().requests["submit"] == 1
        pass_time(31)
        assert entries(made(found)) == paid_once(attempt=2)
        account.refresh_from_db()
        assert (account.refusals, vendor.counts().charges) == (0, 1)

    def test_each_refusal_in_a_row_doubles_the_wait_up_to_a_minute(self, vendor: Vendor, buy: Buying):
        generation = buy()
        vendor.fault("submit", "429", times=0)
        for number in range(14):
            advanced(generation)
            wait = (Account.objects.get().quiet_until - timezone.now()).total_seconds()
            most = min(2.0**number, 60)
            assert most * 0.5 - 5 <= wait <= most
            pass_time(61)
        assert vendor.counts().requests["submit"] == 14

    def test_a_vendor_that_is_away_for_days_does_not_break_the_back_off(self, vendor: Vendor, buy: Buying, connected: Connecting):
        generation = buy()
        accounts.account_for(generation.team, "wavespeed")
        Account.objects.update(refusals=32_767)
        connected(base_url="http://127.0.0.1:9")
        assert advanced(generation).state == State.QUEUED
        assert generation.attempts.get().outcome == Outcome.REJECTED

    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            ("401", "WaveSpeed does not accept this key."),
            ("402", "The WaveSpeed account has no credit left."),
            ("403", "This WaveSpeed key may not do that."),
        ],
    )
    def test_what_only_a_person_can_mend_pauses_the_account_until_one_has(
        self, vendor: Vendor, buy: Buying, member: Member, status: str, sentence: str
    ):
        generation, second = buy(), buy(seed=8)
        vendor.fault("submit", status)
        assert advanced(generation).state == State.QUEUED
        account = accounts.account_for(member.team, "wavespeed")
        assert account is not None and account.paused_because.startswith(sentence)
        for _ in range(3):
            pass_time(600)
            advanced(generation)
            advanced(second)
        assert (vendor.counts().requests["submit"], entries(generation)) == (1, BACK_IN_LINE)
        accounts.resume(account)
        account.refresh_from_db()
        assert account.paused_because == ""
        assert entries(made(generation)) == paid_once(attempt=2)
        assert vendor.counts().charges == 1

    @pytest.mark.parametrize("status", ["400", "413", "422"])
    def test_settings_that_the_vendor_cannot_use_end_the_row_and_cost_nothing(self, vendor: Vendor, buy: Buying, status: str):
        vendor.fault("submit", status, message="bad steps from the vendor")
        found = advanced(buy())
        assert found.state == State.FAILED
        assert found.error.endswith("Nothing was charged.")
        assert "bad steps" not in found.error and "bad steps" in found.detail
        assert (entries(found), vendor.counts().charges) == (REFUNDED, 0)

    def test_a_reference_that_cannot_be_handed_over_is_not_ordered(self, vendor: Vendor, buy: Buying):
        generation = buy(reference=png())
        vendor.fault("put", "403", times=3)
        assert advanced(generation).state == State.QUEUED
        assert "submit" not in vendor.counts().requests
        pass_time(61)
        assert entries(made(generation)) == paid_once(attempt=2)

    def test_a_reference_whose_file_is_gone_ends_the_row_and_the_line_goes_on(self, vendor: Vendor, buy: Buying):
        broken, good = buy(reference=png()), buy()
        Path(broken.reference.file.path).unlink()
        found = advanced(broken)
        assert (found.state, entries(found)) == (State.FAILED, REFUNDED)
        assert found.error == "The reference picture cannot be read any more. Upload it again. Nothing was charged."
        assert good.pk in pipeline.sweep()

    def test_a_lost_order_whose_reference_is_gone_is_looked_for_all_the_same(self, vendor: Vendor, buy: Buying):
        generation = lost(buy(reference=png()), vendor, "502_after")
        Path(generation.reference.file.path).unlink()
        pipeline.sweep()
        assert fresh(generation).state == State.RUNNING


class TestAWorkerThatSlept:
    def test_an_answer_after_the_lease_is_taken_once(self, vendor: Vendor, buy: Buying):
        attempt = admit(buy().pk)
        assert attempt is not None
        answer = engine_of(attempt.account).submit(request_for(attempt.generation))
        pass_time(91)
        vendor.fault("list", "500", times=3)
        pipeline.sweep()
        assert fresh(attempt.generation).state == State.UNKNOWN
        assert pipeline.accept(attempt, answer.status)
        assert not pipeline.accept(attempt, answer.status)
        pipeline.sweep()
        assert entries(made(fresh(attempt.generation))) == paid_once()
        assert vendor.counts().charges == 1

    def test_an_answer_that_the_list_told_first_changes_nothing(self, vendor: Vendor, buy: Buying):
        attempt = admit(buy().pk)
        assert attempt is not None
        answer = engine_of(attempt.account).submit(request_for(attempt.generation))
        pass_time(91)
        pipeline.sweep()
        assert fresh(attempt.generation).state == State.RUNNING
        assert not pipeline.accept(attempt, answer.status)
        assert entries(made(fresh(attempt.generation))) == paid_once()

    def test_it_sends_nothing_once_its_lease_is_over(self, vendor: Vendor, buy: Buying):
        attempt = admit(buy().pk)
        assert attempt is not None
        pass_time(91)
        assert not send(attempt)
        assert "submit" not in vendor.counts().requests
        pipeline.sweep()
        assert entries(made(proven_absent(fresh(attempt.generation)))) == paid_once(attempt=2)
        assert not send(attempt)
        assert vendor.counts().charges == 1

    def test_a_refusal_after_the_lease_does_not_put_the_row_in_line_twice(self, vendor: Vendor, buy: Buying):
        generation = buy()
        attempt = admit(generation.pk)
        assert attempt is not None
        pass_time(91)
        pipeline.sweep()
        second = proven_absent(generation)
        running_at_the_vendor(second)
        vendor.fault("submit", "429")
        assert not send(attempt)
        assert fresh(generation).state == State.RUNNING
        assert vendor.counts().charges == 1

    def test_an_answer_to_an_order_that_was_given_up_is_in_the_books(self, vendor: Vendor, buy: Buying):
        attempt = admit(buy().pk)
        assert attempt is not None
        answer = engine_of(attempt.account).submit(request_for(attempt.generation))
        Attempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.ABANDONED)
        assert pipeline.accept(attempt, answer.status)
        attempt.refresh_from_db()
        assert (attempt.outcome, attempt.upstream_id) == (Outcome.ABANDONED, answer.status.id)
        assert fresh(attempt.generation).state == State.SUBMITTING
        assert entries(attempt.generation) == paid_once()

    def test_an_order_that_costs_its_worker_five_times_waits_for_a_person(self, vendor: Vendor, buy: Buying):
        generation = buy()
        for number in range(1, 6):
            assert admit(generation.pk) is not None
            pass_time(91)
            pipeline.sweep()
            pass_time(120)
            pipeline.sweep()
            pass_time(60)
            pipeline.sweep()
            assert fresh(generation).state == (State.QUEUED if number < 5 else State.NEEDS_REVIEW)
        assert fresh(generation).error.startswith("Ordering this picture was interrupted 5 times")
        assert "submit" not in vendor.counts().requests

    def test_a_row_without_an_open_order_does_not_stop_the_sweep(self, vendor: Vendor, buy: Buying):
        odd, overdue = buy(), buy(seed=8)
        for each in (odd, overdue):
            admit(each.pk)
        odd.attempts.update(outcome=Outcome.UNKNOWN)
        pass_time(91)
        pipeline.sweep()
        assert fresh(overdue).state == State.UNKNOWN
