"""Asking for a picture: one row, one reservation, one hint; and taking it back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from generations import lifecycle
from generations.backends import backend_for
from generations.errors import OverMonthBudget
from generations.models import Generation, LedgerEntry, Member, State, Team
from generations.submission import repeat, submit, withdraw
from tests.conftest import order

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-in backend cost what the vendor's does, so that the books have something to say."""
    monkeypatch.setattr(backend_for("easel"), "price_microusd", 25_000)


def amounts(generation: Generation) -> dict[str, int]:
    return dict(LedgerEntry.objects.filter(generation=generation).values_list("kind", "amount_microusd"))


def test_a_random_seed_is_drawn_before_the_row_is_saved(ask: Asking):
    seeds = {ask(seed=-1).seed for _ in range(5)}
    assert len(seeds) == 5
    assert all(0 <= seed <= 2_147_483_647 for seed in seeds)


def test_a_chosen_seed_is_kept(ask: Asking):
    assert ask(seed=0).seed == 0


def test_the_same_key_places_one_order(ask: Asking):
    assert ask(key="once").pk == ask("something else", key="once").pk


def test_the_same_key_in_another_team_is_another_order(ask: Asking, outsider):
    theirs = submit(Member.objects.get(user=outsider), order(key="once"), hint=False)
    assert ask(key="once").pk != theirs.pk


def test_orders_without_a_key_are_all_placed(ask: Asking):
    assert ask().pk != ask().pk


def test_strength_is_kept_only_with_a_reference(ask: Asking):
    assert ask(strength=0.5).strength is None


def test_a_free_backend_leaves_no_entry_in_the_books(ask: Asking):
    assert amounts(ask()) == {}


def test_a_priced_order_reserves_its_price(priced: None, ask: Asking):
    assert amounts(ask()) == {"reserve": 25_000}


def test_cancelling_gives_the_reservation_back(priced: None, ask: Asking):
    generation = ask()
    assert withdraw(generation)
    assert amounts(generation) == {"reserve": 25_000, "release": -25_000}


def test_cancelling_twice_gives_back_once(priced: None, ask: Asking):
    generation = ask()
    assert withdraw(generation)
    assert not withdraw(generation)
    assert sum(amounts(generation).values()) == 0


def test_a_finished_picture_cannot_be_cancelled(ask: Asking):
    generation = ask()
    Generation.objects.filter(pk=generation.pk).update(state=State.SUCCEEDED)
    assert not withdraw(generation)


def test_an_entry_in_the_books_is_never_changed(priced: None, ask: Asking):
    generation = ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.filter(generation=generation).update(amount_microusd=1)


def test_trying_again_after_a_failure_makes_a_new_row_with_the_same_settings(ask: Asking, member: Member):
    failed = lifecycle.claim(ask("a blue boat", seed=99).pk)
    assert failed is not None
    lifecycle.move("fail", failed, error="It failed.")
    failed.refresh_from_db()
    again = repeat(member, failed)
    assert (again.pk != failed.pk, again.state, again.prompt, again.seed) == (True, State.QUEUED, "a blue boat", 99)
    failed.refresh_from_db()
    assert failed.state == State.FAILED


def test_trying_again_what_waits_for_a_decision_goes_on_with_the_same_row(ask: Asking, member: Member):
    generation = ask()
    Generation.objects.filter(pk=generation.pk).update(state=State.NEEDS_REVIEW, expiries=5, error="Interrupted.")
    generation.refresh_from_db()
    assert repeat(member, generation).pk == generation.pk
    generation.refresh_from_db()
    assert (generation.state, generation.expiries, generation.error) == (State.QUEUED, 0, "")


@pytest.mark.django_db(transaction=True)
def test_fifty_presses_at_once_place_one_order(member: Member):
    placed: list[int] = []

    def press() -> None:
        placed.append(submit(member, order(key="pressed"), hint=False).pk)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(placed) == 50
    assert len(set(placed)) == 1
    assert Generation.objects.count() == 1


class TestAStack:
    def several(self, member: Member, count: int, **raw: object) -> list[Generation]:
        first = submit(member, replace(order(**raw), count=count), hint=False)
        return list(Generation.objects.filter(stack=first.stack).order_by("pk"))

    def test_its_pictures_have_seeds_that_follow_each_other_and_are_otherwise_alike(self, member: Member):
        stack = self.several(member, 4, seed=7)
        assert [each.seed for each in stack] == [7, 8, 9, 10]
        assert len({(each.prompt, each.size, each.guidance_scale, each.state) for each in stack}) == 1

    def test_drawn_seeds_follow_each_other_as_well(self, member: Member):
        stack = self.several(member, 8, seed=-1)
        assert [each.seed - stack[0].seed for each in stack] == list(range(8))

    def test_behind_the_highest_seed_comes_the_lowest(self, member: Member):
        assert [each.seed for each in self.several(member, 2, seed=2_147_483_647)] == [2_147_483_647, 0]

    def test_single_pictures_are_stacks_of_their_own(self, ask: Asking):
        assert ask().stack != ask().stack

    def test_the_same_key_places_it_once(self, member: Member):
        for _ in range(3):
            self.several(member, 4, key="once")
        assert Generation.objects.count() == 4

    def test_each_of_its_pictures_is_paid_for(self, priced: None, member: Member):
        assert [amounts(each) for each in self.several(member, 4)] == [{"reserve": 25_000}] * 4

    def test_it_is_saved_whole_or_not_at_all(self, priced: None, member: Member):
        Team.objects.update(budget_microusd=75_000)
        with pytest.raises(OverMonthBudget):
            self.several(member, 4)
        assert not Generation.objects.exists()
        assert not LedgerEntry.objects.exists()

    def test_one_that_is_asked_for_again_stays_in_it(self, member: Member):
        first, second = self.several(member, 2)
        withdraw(second)
        assert repeat(member, second).stack == first.stack
