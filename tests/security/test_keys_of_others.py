"""Every address of the API, asked with another team's key, a revoked one and one that may only read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from generations import keys
from generations.keys import Limits
from generations.models import Generation, Member, Prediction, Scope, User
from tests.conftest import finish
from tests.test_every_route import TABLE, arguments, routes

pytestmark = pytest.mark.django_db

ABOUT_A_RUN = {"api:result", "api:result_short", "api:result_v2", "api:delete_one", "api:cancel", "api:events"}
CHANGING = {"api:run", "api:cancel", "api:delete_many", "api:binary", "api:binary_v2"}


@pytest.fixture
def run(ask: Callable[..., Generation]) -> Generation:
    generation = ask()
    finish(generation)
    Prediction.objects.create(
        public_id=generation.public_id, team=generation.team, generation=generation, model_id="wavespeed-ai/flux-srpo"
    )
    return generation


def answers(run: Generation, secret: str) -> dict[tuple[str, str], tuple[int, str]]:
    """Return what a key gets at every address of the API that asks for one."""
    found = {}
    patterns = {name: pattern for name, pattern in routes(get_resolver()) if name.startswith("api:")}
    for name, methods in TABLE.items():
        for method in methods:
            if name in patterns and methods[method][0] == 401:
                address = reverse(name, kwargs=arguments(patterns[name], run))
                headers = {"Authorization": f"Bearer {secret}"}
                answer = Client().generic(method, address, b"{}", "application/json", headers=headers)
                text = "" if answer.streaming else answer.content.decode()
                found[name, method] = (answer.status_code, text)
    return found


def test_another_teams_key_sees_and_changes_nothing(run: Generation, outsider: User):
    secret = keys.issue(Member.objects.get(user=outsider), "Theirs", Limits())[1]
    told = answers(run, secret)
    assert len(told) >= 15
    for (name, _), (status, text) in told.items():
        if name in ABOUT_A_RUN:
            assert status == 404, name
        assert run.prompt not in text, name
        assert run.public_id.hex not in text or status == 404, name
    assert Prediction.objects.filter(deleted_at__isnull=True).count() == 1


def test_a_revoked_key_and_one_of_a_member_who_left_open_nothing(run: Generation, teammate: User):
    member = Member.objects.get(user=teammate)
    revoked, secret = keys.issue(member, "Old", Limits())
    keys.revoke(revoked)
    left = keys.issue(member, "Left", Limits())[1]
    assert {status for status, _ in answers(run, secret).values()} == {401}
    member.delete()
    assert {status for status, _ in answers(run, left).values()} == {401}


def test_a_key_that_may_only_read_changes_nothing(run: Generation, owner: User):
    secret = keys.issue(Member.objects.get(user=owner), "Reader", Limits(scope=Scope.READ))[1]
    told = answers(run, secret)
    # A body that says nothing is refused for that, before anybody asks what the key may do.
    assert {told[place][0] for place in told if place[0] in CHANGING} <= {400, 403}
    assert Generation.objects.count() == 1
    assert Prediction.objects.filter(deleted_at__isnull=True).count() == 1
