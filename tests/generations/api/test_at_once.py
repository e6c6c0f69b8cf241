"""Many requests at once against a real server: one run where one is meant, and waiting that survives who leaves first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from generations.models import Generation, Prediction, User
from tests.conftest import finish
from tests.generations.api.conftest import FOX, RUN, Issuing, generation_of
from tests.installation import Installation, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

CROWD = 20
SYNC = {**FOX, "enable_sync_mode": True}
Posting = Callable[..., Any]


@pytest.fixture
def post(installation: Installation, owner: User) -> Posting:
    """Start a server; give a way to ask it for a run."""
    address = installation.web()

    def ask(key: str, body: object = FOX, within_s: float = 60, **headers: str) -> Any:
        named = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        answer = httpx.post(f"{address}{RUN}", json=body, headers=named, timeout=within_s, trust_env=False)
        return answer.json()

    return ask


def all_at_once(ask: Callable[[int], Any]) -> list[Any]:
    together = threading.Barrier(CROWD)

    def one(number: int) -> Any:
        together.wait(30)
        return ask(number)

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(one, range(CROWD)))


def test_the_same_idempotency_key_is_one_run(post: Posting, issue: Issuing, owner: User):
    key = issue(owner)
    answers = all_at_once(lambda _: post(key, Idempotency_Key="order 1"))
    assert {answer["code"] for answer in answers} == {200}, answers
    assert len({answer["data"]["id"] for answer in answers}) == 1
    assert Generation.objects.count() == Prediction.objects.count() == 1


def test_it_is_one_even_with_a_key_that_has_room_for_one(post: Posting, issue: Issuing, owner: User):
    key = issue(owner, runs_per_minute=1)
    answers = all_at_once(lambda _: post(key, Idempotency_Key="order 1"))
    assert {answer["code"] for answer in answers} == {200}, answers
    assert Generation.objects.count() == 1


def test_repeats_of_a_key_that_joins_them_are_one_run(post: Posting, issue: Issuing, owner: User):
    key = issue(owner, joins_repeats=True)
    answers = all_at_once(lambda _: post(key))
    assert len({answer["data"]["id"] for answer in answers}) == 1
    assert Generation.objects.count() == Prediction.objects.count() == 1


def test_no_more_get_through_than_there_is_room_for(post: Posting, issue: Issuing, owner: User):
    key = issue(owner, runs_per_minute=5)
    answers = all_at_once(lambda number: post(key, {**FOX, "seed": number}))
    assert sorted(answer["code"] for answer in answers) == [200] * 5 + [429] * (CROWD - 5)
    assert Generation.objects.count() == Prediction.objects.count() == 5


def test_those_who_wait_are_told_even_when_the_first_has_hung_up(post: Posting, issue: Issuing, owner: User):
    key = issue(owner)
    with ThreadPoolExecutor(2) as crowd:
        leaving = crowd.submit(post, key, SYNC, within_s=10)
        wait_until(lambda: Prediction.objects.count() == 1, "the first one waits")
        staying = crowd.submit(post, key, {**SYNC, "seed": 8})
        wait_until(lambda: Prediction.objects.count() == 2, "the second one waits")
        assert isinstance(leaving.exception(60), httpx.ReadTimeout)
        finish(Generation.objects.get(seed=8))
        told = staying.result(30)["data"]
    assert (told["status"], generation_of(told).seed) == ("completed", 8)
