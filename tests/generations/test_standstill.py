"""A line from which nobody takes: what waits in it says so, by the rows alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import lifecycle, pipeline
from generations.cards import card_for, cards_for
from generations.models import Account, Generation, Member, State, User
from generations.pipeline.line import is_served
from generations.submission import submit
from tests.conftest import finish, order
from tests.pages import page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
NOBODY = "No painter is at work for Easel right now."
CLOCKS = ("created_at", "started_at", "finished_at", "lease_until", "not_before")


def pass_by(minutes: float) -> None:
    """Turn the clock forward by moving the rows back."""
    ago = timedelta(minutes=minutes)
    Generation.objects.update(**{name: F(name) - ago for name in CLOCKS})


def stands_still(member: Member | None, generation: Generation) -> bool:
    return card_for(member, Generation.objects.with_card().get(pk=generation.pk)).standstill is not None


def test_what_nobody_takes_says_so_after_a_minute_and_no_longer_once_a_painter_has_come(ask: Asking, member: Member):
    first, second = ask(), ask()
    assert not stands_still(member, first)
    pass_by(1)
    assert not stands_still(member, second)
    pass_by(1)
    assert stands_still(member, first)
    assert stands_still(None, second)
    finish(first)
    assert not stands_still(member, second)


def test_a_long_painting_in_any_team_is_work_for_as_long_as_its_lease_runs(ask: Asking, member: Member, outsider: User):
    waiting, theirs = ask(), submit(Member.objects.get(user=outsider), order(), hint=False)
    lifecycle.claim(theirs.pk)
    pass_by(90)
    assert stands_still(member, waiting)
    Generation.objects.filter(pk=theirs.pk).update(lease_until=Now() + timedelta(seconds=30))
    assert not stands_still(member, waiting)


def test_a_painter_that_died_is_missed_by_what_it_left_behind(ask: Asking, member: Member):
    made, left, waiting = ask(), ask(), ask()
    finish(made)
    lifecycle.claim(left.pk)
    pass_by(2)
    assert pipeline.sweep()
    assert not stands_still(member, left), "it is in line again since a moment ago"
    assert stands_still(member, waiting)
    pass_by(2)
    assert stands_still(member, left)


def test_what_comes_into_line_late_has_waited_since_then(ask: Asking, member: Member):
    approved, again = ask(), ask()
    Generation.objects.filter(pk=approved.pk).update(state=State.PENDING)
    Generation.objects.filter(pk=again.pk).update(state=State.NEEDS_REVIEW)
    pass_by(60)
    for move, row in (("approve", approved), ("try_again", again)):
        row.refresh_from_db()
        assert lifecycle.move(move, row)
        assert not stands_still(member, row)
    assert pipeline.advance(approved.pk) == [again.pk], "and may be taken at once"


def test_cancelling_what_waits_is_no_sign_of_work(ask: Asking, member: Member):
    cancelled, waiting = ask(), ask()
    pass_by(5)
    lifecycle.move("cancel", cancelled)
    assert stands_still(member, waiting)


def test_engines_that_share_a_worker_wait_for_each_other(ask: Asking, member: Member, settings):
    settings.IMAGE_BACKENDS = {**settings.IMAGE_BACKENDS, "brush": settings.IMAGE_BACKENDS["easel"]}
    waiting, other = ask(), ask()
    Generation.objects.filter(pk=other.pk).update(backend="brush")
    pass_by(5)
    assert stands_still(member, waiting)
    finish(other)
    assert not stands_still(member, waiting)


class TestAVendor:
    @pytest.fixture
    def waiting(self, ask: Asking) -> Generation:
        waiting, other = ask(), ask()
        Generation.objects.update(backend="wavespeed")
        Generation.objects.filter(pk=other.pk).update(state=State.RUNNING, started_at=Now())
        pass_by(5)
        return waiting

    def test_orders_at_the_vendor_may_take_all_the_room(self, waiting: Generation):
        assert is_served("wavespeed")
        Generation.objects.filter(state=State.RUNNING).update(state=State.SUCCEEDED)
        assert not is_served("wavespeed")

    def test_a_vendor_that_asked_for_a_pause_is_not_a_missing_worker(self, waiting: Generation):
        Generation.objects.exclude(pk=waiting.pk).delete()
        Account.objects.create(backend="wavespeed", quiet_until=Now() - timedelta(seconds=5))
        assert is_served("wavespeed")

    def test_what_is_held_back_keeps_its_own_sentence(self, waiting: Generation, member: Member):
        Generation.objects.exclude(pk=waiting.pk).delete()
        shown = card_for(member, Generation.objects.with_card().get(pk=waiting.pk))
        assert (shown.waits_because != "", shown.standstill) == (True, None)


class TestThePages:
    def test_owners_are_told_the_command_and_others_are_not(
        self, ask: Asking, client_of_owner: Client, signed_in: Callable[[User], Client], teammate: User
    ):
        waiting = ask()
        addresses = [reverse("playground"), waiting.get_absolute_url(), reverse("card", args=[waiting.public_id]) + "?size=hero"]
        assert all(NOBODY not in page(client_of_owner.get(address)).text for address in addresses)
        pass_by(5)
        for address in addresses:
            text = page(client_of_owner.get(address)).text
            assert f"{NOBODY} The picture stays in line, nothing is charged, and it is made as soon as one runs." in text
            assert "manage.py serve local runs one; manage.py status says more." in text
        text = page(signed_in(teammate).get(addresses[1])).text
        assert NOBODY in text
        assert "manage.py serve" not in text

    def test_one_query_is_asked_for_all_that_waits_long_and_none_for_what_does_not(self, ask: Asking, member: Member):
        for _ in range(3):
            ask()
        counts = []
        for minutes in (0, 5):
            pass_by(minutes)
            rows = list(Generation.objects.with_card())
            with CaptureQueriesContext(connection) as asked:
                cards_for(member, rows)
            counts.append([sum("quiet_until" in query["sql"] for query in asked), len(asked)])
        (before, _), (after, all_of_them) = counts
        assert (before, after) == (0, 1)
        assert all_of_them == counts[0][1], "in place of the one about how long it will take"


def test_the_command_status_names_the_line_and_the_missing_worker(ask: Asking):
    ask()
    told = StringIO()
    call_command("status", stdout=told)
    assert "Still " not in told.getvalue()
    pass_by(5)
    call_command("status", stdout=told)
    assert "Still     Easel, 1 rows. No worker takes from it: `manage.py serve local` runs one." in told.getvalue()
