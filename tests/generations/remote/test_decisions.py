"""What a person decides about an order, and whose key pays for it."""

from __future__ import annotations

from itertools import accumulate

import pytest
from django.db.models import Sum

from generations import accounts, approvals, pipeline
from generations.accounts import engine_of
from generations.errors import BackendUnavailable, InvalidInputs, ReadFailed
from generations.models import Account, Generation, LedgerEntry, Member, Outcome, Role, State, Team, User
from generations.pipeline.admit import admit
from generations.pipeline.request import request_for
from generations.submission import adopt, repeat, withdraw
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
    polled,
    proven_absent,
    running_at_the_vendor,
    succeeded,
)
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

OWN_KEY = "own-key-of-the-team-of-forty-characters-01"
RELEASED = [("reserve", 1, PRICE), ("release", 1, -PRICE)]


@pytest.fixture
def doubtful(vendor: Vendor, buy: Buying) -> Generation:
    """A row whose order was taken, whose answer was lost and which the list did not show in time."""
    generation = lost(buy(), vendor, "502_after")
    vendor.fault("list", "500", times=3)
    pass_time(901)
    pipeline.sweep()
    assert fresh(generation).state == State.NEEDS_REVIEW
    return fresh(generation)


def id_at_the_vendor(generation: Generation) -> str:
    """Return the id of the newest order there."""
    account = accounts.account_for(generation.team, "wavespeed")
    assert account is not None
    return engine_of(account).candidates(generation.created_at)[0].id


def foreign_id(generation: Generation) -> str:
    """Order another picture with the same key, past this product."""
    account = accounts.account_for(generation.team, "wavespeed")
    assert account is not None
    other = Generation.objects.get(pk=generation.pk)
    other.seed += 1
    return engine_of(account).submit(request_for(other)).upstream_id


class TestAdopting:
    def test_the_right_id_brings_the_picture_and_is_paid_once(self, vendor: Vendor, doubtful: Generation):
        adopt(doubtful, id_at_the_vendor(doubtful))
        found = fresh(doubtful)
        assert (found.state, found.error) == (State.RUNNING, "")
        assert entries(made(found)) == paid_once()
        assert vendor.counts().charges == 1

    @pytest.mark.parametrize("wrong", ["0" * 32, "../../balance", "", "x", "a b", "é" * 32])
    def test_an_id_that_the_vendor_does_not_know_is_refused(self, vendor: Vendor, doubtful: Generation, wrong: str):
        with pytest.raises(InvalidInputs):
            adopt(doubtful, wrong)
        assert fresh(doubtful).state == State.NEEDS_REVIEW

    def test_an_order_of_another_row_is_refused(self, vendor: Vendor, doubtful: Generation, buy: Buying):
        other = running_at_the_vendor(buy(seed=8))
        with pytest.raises(InvalidInputs):
            adopt(doubtful, other.attempts.get().upstream_id)
        assert fresh(doubtful).state == State.NEEDS_REVIEW
        assert entries(doubtful) == [("reserve", 1, PRICE)]

    def test_an_order_for_another_picture_is_refused(self, vendor: Vendor, doubtful: Generation):
        with pytest.raises(InvalidInputs):
            adopt(doubtful, foreign_id(doubtful))
        assert fresh(doubtful).state == State.NEEDS_REVIEW

    def test_a_row_that_is_not_in_doubt_is_left_alone(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy())
        with pytest.raises(InvalidInputs):
            adopt(generation, foreign_id(generation))
        assert entries(generation) == paid_once()

    def test_a_vendor_that_is_away_is_said_to_be(self, vendor: Vendor, doubtful: Generation):
        vendor.fault("result", "500", times=3)
        with pytest.raises(ReadFailed):
            adopt(doubtful, "0" * 32)
        assert fresh(doubtful).state == State.NEEDS_REVIEW


class TestTryingAgain:
    def test_it_orders_anew_and_the_second_charge_is_in_the_books(self, vendor: Vendor, doubtful: Generation, member: Member):
        assert repeat(member, doubtful).pk == doubtful.pk
        assert entries(made(fresh(doubtful))) == paid_once(attempt=2)
        assert list(doubtful.attempts.values_list("outcome", flat=True)) == [Outcome.ABANDONED, Outcome.ACCEPTED]
        assert vendor.counts().charges == 2

    def test_what_may_cost_more_than_an_owner_said_yes_to_is_asked_for_again(
        self, vendor: Vendor, doubtful: Generation, member: Member
    ):
        Team.objects.update(approval_microusd=PRICE - 1)
        chief = Member.objects.create(team=member.team, user=User.objects.create_user("chief@example.org"), role=Role.OWNER)
        Member.objects.filter(pk=member.pk).update(role=Role.MEMBER)  # who had it ordered, and may no longer decide
        member = Member.objects.select_related("team", "user").get(pk=member.pk)
        repeat(member, doubtful)
        assert fresh(doubtful).state == State.PENDING
        assert entries(doubtful) == [("reserve", 1, PRICE)]
        assert vendor.counts().charges == 1
        assert approvals.decline(chief, doubtful.stack) == 1
        assert "may be charged all the same" in fresh(doubtful).error
        # The books hold nothing back any more; a yes sets it aside anew.
        again = repeat(member, fresh(doubtful))
        assert again.state == State.PENDING
        assert approvals.approve(chief, again.stack) == 1
        assert entries(made(fresh(again))) == paid_once()
        assert vendor.counts().charges == 2

    def test_it_changes_nothing_when_the_answer_came_a_moment_ago(self, vendor: Vendor, doubtful: Generation, member: Member):
        shown = fresh(doubtful)
        adopt(doubtful, id_at_the_vendor(doubtful))
        repeat(member, shown)
        assert doubtful.attempts.get().outcome == Outcome.ACCEPTED
        assert entries(made(fresh(doubtful))) == paid_once()

    def test_a_failed_order_is_made_anew_once_however_often_that_is_asked(self, vendor: Vendor, buy: Buying, member: Member):
        vendor.fault("task", "fails", code=5000)
        failed = polled(running_at_the_vendor(buy()))
        again = {repeat(member, failed).pk for _ in range(5)}
        assert len(again) == 1
        assert entries(made(Generation.objects.get(pk=again.pop()))) == paid_once()
        assert vendor.counts().charges == 2

    def test_a_charge_of_the_order_that_was_given_up_is_found_later(self, vendor: Vendor, doubtful: Generation, member: Member):
        account = accounts.account_for(doubtful.team, "wavespeed")
        assert account is not None
        attempt, late = doubtful.attempts.get(), engine_of(account).fetch(id_at_the_vendor(doubtful))
        repeat(member, doubtful)
        made(fresh(doubtful))
        assert pipeline.accept(attempt, late)
        assert entries(doubtful) == [*paid_once(attempt=2), ("charge", 1, PRICE)]
        assert fresh(doubtful).state == State.SUCCEEDED


class TestGivingUp:
    def test_it_gives_the_money_back(self, vendor: Vendor, doubtful: Generation):
        assert withdraw(doubtful)
        assert fresh(doubtful).state == State.CANCELLED
        assert (entries(doubtful), doubtful.attempts.get().outcome) == (RELEASED, Outcome.ABANDONED)
        assert not withdraw(doubtful)
        pass_time(1000)
        pipeline.sweep()
        assert fresh(doubtful).state == State.CANCELLED

    def test_what_waits_in_line_is_never_ordered(self, vendor: Vendor, buy: Buying):
        generation = buy()
        assert withdraw(generation)
        assert advanced(generation).state == State.CANCELLED
        assert (entries(generation), vendor.counts().charges) == (RELEASED, 0)

    def test_what_is_at_the_vendor_goes_on(self, vendor: Vendor, buy: Buying):
        generation = running_at_the_vendor(buy())
        assert not withdraw(generation)
        done = polled(generation)
        assert not withdraw(done)
        succeeded(done)
        assert not withdraw(done)
        assert entries(done) == paid_once()

    def test_what_is_being_sent_goes_on(self, vendor: Vendor, buy: Buying):
        generation = buy()
        assert admit(generation.pk) is not None
        assert not withdraw(generation)
        assert fresh(generation).attempts.get().outcome == Outcome.OPEN

    def test_an_order_that_was_charged_and_is_gone_is_not_given_back(self, vendor: Vendor, buy: Buying):
        vendor.fault("task", "gone")
        generation = running_at_the_vendor(buy())
        for _ in range(3):
            pass_time(301)
            pipeline.poll()
        assert withdraw(fresh(generation))
        assert entries(generation) == paid_once()


class TestTheBooks:
    def test_they_are_never_below_zero(self, vendor: Vendor, buy: Buying, member: Member):
        vendor.fault("task", "fails", prompt="fails", code=5000)
        rows = [buy(prompt) for prompt in ("withdrawn", "fails", "refused", "lost", "good")]
        withdraw(rows[0])
        polled(running_at_the_vendor(rows[1]))
        vendor.fault("submit", "400", prompt="refused")
        advanced(rows[2])
        made(proven_absent(lost(rows[3], vendor)))
        made(rows[4])
        for row in rows:
            amounts = row.ledger.order_by("pk").values_list("amount_microusd", flat=True)
            assert min(accumulate(amounts)) >= 0
        spent = LedgerEntry.objects.aggregate(sum=Sum("amount_microusd"))["sum"]
        counts = vendor.counts()
        assert spent == 2 * PRICE == counts.charged_microusd - counts.refunded_microusd


class TestWhoseKeyPays:
    def test_a_team_pays_with_its_own_key_first(self, vendor: Vendor, buy: Buying, member: Member):
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        vendor.set(key=OWN_KEY)
        generation = made(buy())
        account = generation.attempts.get().account
        assert (account.team, account.key_ending) == (member.team, "s-01")
        assert entries(generation) == paid_once()

    def test_other_teams_pay_with_the_environments_key(self, vendor: Vendor, buy: Buying, member: Member, outsider):
        accounts.connect(Member.objects.get(user=outsider).team, "wavespeed", OWN_KEY)
        generation = made(buy())
        assert generation.attempts.get().account.team is None

    def test_a_key_is_sealed_at_rest(self, member: Member, vendor: Vendor):
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        row = Account.objects.filter(team=member.team).values().get()
        assert not any(OWN_KEY in str(value) for value in row.values())

    def test_a_key_sealed_by_another_server_cannot_be_used_and_says_so(
        self, member: Member, vendor: Vendor, buy: Buying, settings
    ):
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        settings.SECRET_KEY = "another secret key of this server"
        with pytest.raises(BackendUnavailable, match="cannot be read any more"):
            buy()

    def test_without_any_key_nothing_can_be_asked_for(self, vendor: Vendor, buy: Buying, connected: Connecting):
        connected(api_key="")
        with pytest.raises(BackendUnavailable, match="is not connected"):
            buy()

    def test_a_new_key_ends_the_pause_of_the_former(self, vendor: Vendor, buy: Buying, member: Member):
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        assert advanced(buy()).state == State.QUEUED
        assert accounts.account_for(member.team, "wavespeed").paused_because
        vendor.set(key=OWN_KEY)
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        assert not accounts.account_for(member.team, "wavespeed").paused_because

    def test_an_order_of_a_disconnected_key_is_not_looked_for_with_another(self, vendor: Vendor, buy: Buying, member: Member):
        vendor.set(key="")
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        generation = lost(buy(), vendor, "500")
        accounts.disconnect(member.team, "wavespeed")
        for _ in range(3):
            pass_time(200)
            assert pipeline.sweep() == []
        assert generation.attempts.get().absences == 0
        assert "list" not in vendor.counts().requests

    def test_the_list_of_another_key_does_not_prove_that_an_order_is_absent(self, vendor: Vendor, buy: Buying, member: Member):
        vendor.set(key="")
        accounts.connect(member.team, "wavespeed", OWN_KEY)
        generation = lost(buy(), vendor, "500")
        accounts.connect(member.team, "wavespeed", OWN_KEY[:-2] + "99")
        for _ in range(5):
            pass_time(200)
            assert generation.pk not in pipeline.sweep()
        assert fresh(generation).state == State.NEEDS_REVIEW
        assert vendor.counts().requests["submit"] == 1
