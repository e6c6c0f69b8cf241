"""Budgets: what counts is the sum of the ledger, and nobody gets beyond a limit, however many ask at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from generations import approvals, budget, enhancing, pipeline
from generations.accounts import connect
from generations.backends import backend_for
from generations.budget import left_for
from generations.contract import OF_PICTURES
from generations.errors import EnhanceFailed, OverMonthBudget
from generations.models import EnhancementRequest, Generation, LedgerEntry, Member, Role, SpentMonth, State, Team, User
from generations.submission import make_more, repeat, submit, withdraw
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db

PRICE = 25_000
Putting = Callable[..., Any]


@pytest.fixture(autouse=True)
def _priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-in backend cost what the vendor's does."""
    monkeypatch.setattr(backend_for("easel"), "price_microusd", PRICE)


@pytest.fixture
def mate(teammate: User) -> Member:
    return Member.objects.select_related("team", "user").get(user=teammate)


def ask(member: Member, count: int = 1) -> Generation:
    return submit(member, replace(order(), count=count), hint=False)


def counted() -> dict[str, int]:
    """Return the counters of this month, the team's as "all", after a look whether they are what the books say."""
    rows = SpentMonth.objects.filter(month=budget.month_of(timezone.now())).select_related("user")
    for row in rows:
        mine = LedgerEntry.objects.filter(team=row.team, **({"user": row.user} if row.user else {}))
        prompts = EnhancementRequest.objects.filter(team=row.team, **({"author": row.user} if row.user else {}))
        booked = mine.aggregate(sum=Sum("amount_microusd", default=0))["sum"]
        assert row.amount_microusd == booked + prompts.aggregate(sum=Sum("charged_microusd", default=0))["sum"]
    return {row.user.name if row.user else "all": row.amount_microusd for row in rows}


class TestWhatCounts:
    def test_every_step_of_a_picture_moves_the_team_and_the_person(self, member: Member, mate: Member):
        first, second = ask(member), ask(mate)
        assert counted() == {"all": 2 * PRICE, "Owner": PRICE, "Teammate": PRICE}
        finish(first)
        withdraw(second)
        assert counted() == {"all": PRICE, "Owner": PRICE, "Teammate": 0}
        budget.charge(first, 2)
        budget.expect_refund(first, 2)
        assert counted() == {"all": PRICE, "Owner": PRICE, "Teammate": 0}

    def test_a_second_order_of_a_charged_picture_is_set_aside_and_given_back_by_itself(self, member: Member):
        generation = ask(member)
        budget.charge(generation)
        budget.reserve([generation], 2)
        assert counted()["all"] == 2 * PRICE
        budget.release(generation)
        budget.release(generation)
        assert counted()["all"] == PRICE

    def test_what_was_in_the_books_before_there_was_a_counter_counts_from_the_first_entry_on(self, member: Member):
        ask(member)
        SpentMonth.objects.all().delete()
        ask(member)
        assert counted() == {"all": 2 * PRICE, "Owner": 2 * PRICE}

    def test_the_month_is_that_of_the_entry_by_utc(self, member: Member):
        at = datetime(2006, 12, 31, 23, 30, tzinfo=UTC)
        assert (budget.month_of(at), budget.month_of(at.replace(hour=0))) == (date(2006, 12, 1), date(2006, 12, 1))
        generation = ask(member)
        LedgerEntry.objects.create(
            team=member.team, user=member.user, generation=generation, kind="charge", attempt=9, amount_microusd=7, created_at=at
        )
        december = budget.Spender(team_id=member.team_id, user_id=None, month=date(2006, 12, 1))
        january = budget.Spender(team_id=member.team_id, user_id=None, month=date(2007, 1, 1))
        assert (budget.booked(december), budget.booked(january)) == (7, 0)

    def test_engines_that_are_free_leave_nothing_and_meet_no_budget(self, member: Member, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 0)
        Team.objects.update(budget_microusd=0, person_budget_microusd=0, approval_microusd=0)
        member.team.refresh_from_db()
        assert ask(member, 4).state == State.QUEUED
        assert not SpentMonth.objects.exists()


class TestTheGuard:
    def test_the_teams_budget_is_everybodys_and_the_sentence_says_all_there_is_to_know(self, member: Member, mate: Member):
        Team.objects.update(budget_microusd=3 * PRICE)
        ask(member)
        with pytest.raises(OverMonthBudget) as refused:
            ask(mate, 4)
        assert refused.value.message == (
            "Your team has $0.05 left of its budget of $0.075 this month, and this would have cost $0.10. "
            "Nothing was charged. An owner of the team can raise the budget on the page Team, under Spending."
        )
        ask(mate, 2)
        assert counted()["all"] == 3 * PRICE
        assert Generation.objects.count() == 3

    def test_a_persons_own_budget_goes_before_what_the_team_says_for_each(self, member: Member, mate: Member):
        Team.objects.update(person_budget_microusd=PRICE)
        Member.objects.filter(pk=mate.pk).update(budget_microusd=2 * PRICE)
        ask(member)
        ask(mate, 2)
        for who in (member, mate):
            with pytest.raises(OverMonthBudget, match=r"^You have \$0.00 left of your budget"):
                ask(who)
        Member.objects.filter(pk=mate.pk).update(budget_microusd=0)
        with pytest.raises(OverMonthBudget, match=r"your budget of \$0.00"):
            ask(mate)
        assert counted() == {"all": 3 * PRICE, "Owner": PRICE, "Teammate": 2 * PRICE}

    def test_it_stands_before_every_way_to_ask_again(self, member: Member):
        generation = ask(member)
        withdraw(generation)
        generation.refresh_from_db()
        Team.objects.update(budget_microusd=PRICE - 1)
        with pytest.raises(OverMonthBudget):
            repeat(member, generation)
        with pytest.raises(OverMonthBudget):
            make_more(member, generation, [{"seed": 1}, {"seed": 2}])
        assert Generation.objects.count() == 1

    def test_what_is_left_is_the_least_of_both(self, member: Member, mate: Member):
        assert left_for(mate) is None
        Team.objects.update(budget_microusd=10 * PRICE, person_budget_microusd=4 * PRICE)
        ask(mate)
        mate.team.refresh_from_db()
        assert left_for(mate) == 3 * PRICE
        Member.objects.filter(pk=member.pk).update(budget_microusd=100 * PRICE)
        ask(member, 8)
        assert left_for(mate) == PRICE
        Team.objects.update(budget_microusd=PRICE)
        mate.team.refresh_from_db()
        assert left_for(mate) == 0


class TestWhatWaitsForAnOwner:
    def test_nobody_takes_it_and_a_yes_puts_it_in_line(self, member: Member, mate: Member):
        Team.objects.update(approval_microusd=PRICE - 1)
        mate.team.refresh_from_db()
        generation = ask(mate)
        assert pipeline.sweep() == []
        assert pipeline.advance(generation.pk) == []
        generation.refresh_from_db()
        assert (generation.state, OF_PICTURES[generation.state]) == (State.PENDING, "created")
        assert approvals.approve(member, generation.stack) == 1
        assert approvals.decline(member, generation.stack) == 0
        assert pipeline.sweep() == [generation.pk]

    def test_a_declined_one_can_be_asked_for_again_and_waits_again_one_by_one_as_well(self, member: Member, mate: Member):
        Team.objects.update(approval_microusd=PRICE)
        mate.team.refresh_from_db()
        generation = ask(mate, 2)
        approvals.decline(member, generation.stack)
        generation.refresh_from_db()
        assert repeat(mate, generation).state == State.PENDING
        withdraw(ask_one := ask(mate))
        ask_one.refresh_from_db()
        assert repeat(mate, ask_one).state == State.QUEUED

    def test_what_was_never_ordered_is_made_within_the_yes_whoever_gave_it(self, member: Member, mate: Member):
        Team.objects.update(approval_microusd=0)
        mate.team.refresh_from_db()
        generation = ask(mate)
        approvals.approve(member, generation.stack)
        Member.objects.filter(pk=member.pk).update(role=Role.MEMBER)
        Generation.objects.update(state=State.NEEDS_REVIEW)  # as after its worker was lost too often
        generation.refresh_from_db()
        repeat(mate, generation)
        generation.refresh_from_db()
        assert generation.state == State.QUEUED
        assert counted() == {"all": PRICE, "Teammate": PRICE}

    def test_the_command_line_says_so_and_does_not_wait(self, member: Member, mate: Member):
        Team.objects.update(approval_microusd=0, budget_microusd=PRICE)
        asked = ("generate", "a red fox", "--size", "256*256", "--steps", "2", "--as", mate.user.email)
        with pytest.raises(CommandError, match="it waits for an owner"):
            call_command(*asked)
        with pytest.raises(CommandError, match=r"\$0.00 left of its budget"):
            call_command(*asked)


class TestPrompts:
    @pytest.fixture
    def improve(self, enhancers: Putting, member: Member) -> Callable[..., EnhancementRequest]:
        connect(member.team, "wavespeed", "key-1234")

        def improve(**options: Any) -> EnhancementRequest:
            enhancers("wavespeed", "Paid", price_microusd=1_000, **options)
            request = enhancing.ask(member, "a fox", enhancer="wavespeed", style="default", agreed_microusd=1_000, hint=False)
            pipeline.enhance(request.pk)
            request.refresh_from_db()
            return request

        return improve

    def test_they_take_from_the_same_budget_and_are_refused_beyond_it(self, improve: Callable[..., EnhancementRequest]):
        Team.objects.update(budget_microusd=1_500)
        assert improve().state == "ready"
        refused = improve()
        assert (refused.state, refused.charged_microusd) == ("failed", 0)
        assert refused.error.startswith("Your team has $0.0005 left of its budget of $0.0015 this month")
        assert counted() == {"all": 1_000, "Owner": 1_000}

    def test_what_the_vendor_proves_not_to_charge_is_given_back(self, improve: Callable[..., EnhancementRequest]):
        assert improve(problem=EnhanceFailed()).state == "failed"
        assert counted() == {"all": 0, "Owner": 0}


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def crowd(self, each: Callable[[int], object], count: int = 50) -> list[str]:
        """Let so many ask at once, each over a connection of its own; return what became of them."""
        ended: list[str] = []
        together = threading.Barrier(count)

        def one(number: int) -> None:
            together.wait(30)
            try:
                each(number)
                ended.append("taken")
            except OverMonthBudget:
                ended.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(ended)

    def test_money_for_three_and_fifty_ask(self, member: Member, mate: Member):
        Team.objects.update(budget_microusd=3 * PRICE + PRICE // 2)
        assert self.crowd(lambda number: ask((member, mate)[number % 2])) == ["refused"] * 47 + ["taken"] * 3
        assert Generation.objects.count() == 3
        assert counted()["all"] == 3 * PRICE

    def test_a_person_with_money_for_three_and_stacks_of_two(self, member: Member):
        Team.objects.update(person_budget_microusd=3 * PRICE)
        assert self.crowd(lambda _: ask(member, 2), 20) == ["refused"] * 19 + ["taken"]
        assert Generation.objects.count() == 2
        assert counted() == {"all": 2 * PRICE, "Owner": 2 * PRICE}

    def test_what_is_given_back_meanwhile_is_spent_once(self, member: Member):
        Team.objects.update(budget_microusd=3 * PRICE)
        before = [ask(member) for _ in range(3)]

        def either(number: int) -> None:
            if number < 3:
                withdraw(before[number])
            else:
                ask(member)

        self.crowd(either, 30)
        queued = Generation.objects.filter(state=State.QUEUED).count()
        assert counted()["all"] == queued * PRICE <= 3 * PRICE


class TestReconciling:
    def compare(self, *options: str) -> str:
        out = StringIO()
        call_command("reconcile_budgets", *options, stdout=out)
        return out.getvalue()

    def test_it_says_what_differs_and_mends_it_when_asked_to(self, member: Member):
        ask(member)
        assert self.compare() == "No differences.\n"
        SpentMonth.objects.filter(user=None).update(amount_microusd=1)
        SpentMonth.objects.filter(user=member.user).delete()
        with pytest.raises(CommandError, match="2 sums differ") as error:
            self.compare()
        assert error.value.returncode == 1
        said = self.compare("--mend")
        assert "Atelier in " in said
        assert "Owner of Atelier" in said
        assert "$0.000001 counted, $0.025 in the ledger" in said
        assert said.endswith("2 mended.\n")
        assert counted() == {"all": PRICE, "Owner": PRICE}
        assert self.compare() == "No differences.\n"
