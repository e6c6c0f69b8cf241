"""Persons take turns in a line, however many rows each has waiting."""

from __future__ import annotations

import pytest

from generations import lifecycle, pipeline
from generations.models import Generation, Member, State, User
from generations.pipeline.line import places, whose_turn
from generations.submission import submit
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(teammate: User) -> Member:
    return Member.objects.get(user=teammate)


def waiting(member: Member, count: int) -> list[Generation]:
    return [submit(member, order(seed=seed), hint=False) for seed in range(count)]


def served(line: Generation) -> list[Generation]:
    """Take from the line until it is empty, as workers do with one hint after another."""
    taken: list[Generation] = []
    while Generation.objects.filter(state=State.QUEUED).exists():
        generation = lifecycle.claim(whose_turn(line))
        assert generation is not None
        taken.append(generation)
    return taken


def test_a_person_with_eight_waiting_does_not_hold_up_one_with_one(member: Member, colleague: Member):
    many, one = waiting(member, 8), waiting(colleague, 1)
    assert whose_turn(one[0]) == many[0].pk
    lifecycle.claim(many[0].pk)
    assert whose_turn(many[1]) == one[0].pk


def test_two_persons_are_served_in_turn(member: Member, colleague: Member):
    mine, theirs = waiting(member, 3), waiting(colleague, 2)
    expected = [mine[0], theirs[0], mine[1], theirs[1], mine[2]]
    assert [taken.pk for taken in served(mine[0])] == [each.pk for each in expected]


def test_the_places_say_in_which_order_they_are_served(member: Member, colleague: Member):
    mine, theirs = waiting(member, 3), waiting(colleague, 2)
    told = places("easel", member.team)
    assert [told[taken.pk] for taken in served(mine[0])] == [1, 2, 3, 4, 5]
    assert set(told) == {each.pk for each in mine + theirs}


def test_whoever_was_served_last_goes_behind_a_newcomer(member: Member, colleague: Member):
    finish(waiting(member, 1)[0])
    mine, theirs = waiting(member, 1), waiting(colleague, 1)
    assert places("easel", member.team) == {theirs[0].pk: 1, mine[0].pk: 2}


def test_a_hint_at_any_row_serves_whose_turn_it_is(member: Member, colleague: Member):
    mine, theirs = waiting(member, 3), waiting(colleague, 1)
    pipeline.take_turn(mine[1].pk)
    pipeline.take_turn(mine[1].pk)
    done = Generation.objects.filter(state=State.SUCCEEDED)
    assert {each.pk for each in done} == {mine[0].pk, theirs[0].pk}


def test_a_late_hint_at_a_row_that_is_done_takes_nobodys_turn(member: Member):
    first, second = waiting(member, 2)
    finish(first)
    assert pipeline.take_turn(first.pk) == []
    second.refresh_from_db()
    assert second.state == State.QUEUED


def test_a_row_that_was_taken_first_by_another_worker_is_looked_at_again(member: Member, colleague: Member, monkeypatch):
    mine, theirs = waiting(member, 2), waiting(colleague, 1)
    advance = pipeline.take_turn.__globals__["advance"]

    def slow_worker(generation_id: int) -> list[int]:
        lifecycle.claim(generation_id)  # the other worker's
        return advance(generation_id)

    monkeypatch.setitem(pipeline.take_turn.__globals__, "advance", slow_worker)
    assert pipeline.take_turn(mine[1].pk) == [mine[1].pk]
    assert theirs[0].pk == whose_turn(mine[1])
