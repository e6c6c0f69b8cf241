"""How a request to an enhancer moves: one table, guarded updates, one winner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations.enhancement_lifecycle import OVERDUE_AFTER_S, TABLE, move
from generations.models import EnhancementRequest, EnhancementState, Member

pytestmark = pytest.mark.django_db

# What may happen to a request, written down once more: move → from → to.
ALLOWED = {
    "claim": {"queued": "running"},
    "price": {"running": "priced"},
    "agree": {"priced": "queued"},
    "send": {"running": "running"},
    "finish": {"running": "ready"},
    "fail": {"running": "failed"},
    "give_up": {"queued": "failed", "running": "failed"},
    "cancel": {"queued": "cancelled", "running": "cancelled", "priced": "cancelled"},
}
ENDED = {"ready", "failed", "cancelled"}
LONG_AGO = timedelta(seconds=OVERDUE_AFTER_S + 10)
EVERY = [(name, state) for name in ALLOWED for state in EnhancementState.values]


def request_in(member: Member, state: str, *, since: timedelta = LONG_AGO) -> EnhancementRequest:
    request = EnhancementRequest.objects.create(
        team=member.team, author=member.user, enhancer="local", original="a fox", style="default", seed=1, state=state
    )
    EnhancementRequest.objects.filter(pk=request.pk).update(moved_at=timezone.now() - since)
    request.refresh_from_db()
    return request


def test_the_table_holds_these_moves_and_no_others():
    assert set(TABLE) == set(ALLOWED)


@pytest.mark.parametrize(("name", "state"), EVERY)
def test_a_move_leads_where_the_table_says_and_is_refused_from_everywhere_else(member: Member, name: str, state: str):
    request = request_in(member, state)
    moved = move(name, request, detail="a trace")
    before, target = request.moved_at, ALLOWED[name].get(state)
    request.refresh_from_db()
    assert moved == (target is not None)
    assert request.state == (target or state)
    assert request.detail == ("a trace" if moved else "")
    assert (request.moved_at > before) == moved
    assert (request.finished_at is not None) == (target in ENDED)


def test_of_two_workers_one_takes_it(member: Member):
    request = request_in(member, "queued")
    assert [move("claim", request), move("claim", request)] == [True, False]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_nothing_is_given_up_while_it_may_still_come(member: Member, state: str):
    request = request_in(member, state, since=timedelta(seconds=OVERDUE_AFTER_S - 30))
    assert not move("give_up", request)


def test_the_time_begins_anew_with_each_move(member: Member):
    request = request_in(member, "queued")
    assert move("claim", request)
    assert not move("give_up", request)


def test_a_move_touches_no_other_request(member: Member):
    request, other = request_in(member, "queued"), request_in(member, "queued")
    move("cancel", request)
    other.refresh_from_db()
    assert other.state == EnhancementState.QUEUED


def test_every_state_can_be_left_or_is_an_end():
    sources = {source for rule in TABLE.values() for source in rule.sources}
    assert set(EnhancementState) - sources == {EnhancementState(state) for state in ENDED}


def test_the_database_refuses_an_unknown_state(member: Member):
    request = request_in(member, "queued")
    with pytest.raises(IntegrityError), transaction.atomic():
        EnhancementRequest.objects.filter(pk=request.pk).update(state="dreaming")
