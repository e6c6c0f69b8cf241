"""Who is let in: live keys of people who may still be here, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from generations import keys
from generations.models import ApiKey, Member, User
from tests.generations.api.conftest import FOX, RUN, Answer, Calling, Issuing, answered, key_row

pytestmark = pytest.mark.django_db

BALANCE = "/api/v3/balance"
NO_KEY = "There is no valid API key in the Authorization header. Make one on the page API keys of this server."
# Method and path of all that asks for a key.
DOORS = [
    ("POST", RUN),
    ("POST", "/api/v3/nobody/nothing"),
    ("GET", "/api/v3/predictions/x/result"),
    ("GET", "/api/v3/predictions/x"),
    ("DELETE", "/api/v3/predictions/x"),
    ("GET", "/api/v2/predictions/x/result"),
    ("GET", "/api/v3/predictions"),
    ("POST", "/api/v3/predictions"),
    ("POST", "/api/v3/predictions/delete"),
    ("POST", "/api/v3/predictions/x/cancel"),
    ("GET", "/api/v3/predictions/x/events"),
    ("GET", "/api/v3/models"),
    ("POST", "/api/v3/model/price"),
    ("POST", "/api/v3/model/pricing"),
    ("GET", BALANCE),
    ("GET", "/api/v3/webhook/secret"),
]


def refused(answer: Answer) -> bool:
    """Say whether this is the refusal of somebody without a key."""
    return (answer.refusal, answer.headers["WWW-Authenticate"]) == ((401, 401, NO_KEY), "Bearer")


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nothing_opens_without_a_key(call: Calling, method: str, path: str):
    assert refused(call(method, path, FOX, key=None))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer " + "x" * 48,
        "Bearer " + "x" * 100_000,
        "Bearer \x00",
        "Bearer schlüssel-schlüssel-schlüssel-schlüssel-schlüssel",
        "Bearer {key} more",
        "Bearer  {key}",
        "Bearer {key}x",
        "Basic {key}",
        "Token {key}",
        "{key}",
        "Bearer, {key}",
    ],
)
def test_what_is_no_key_opens_nothing(call: Calling, key: str, header: str):
    assert refused(call("GET", BALANCE, key=None, Authorization=header.format(key=key)))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_word_before_the_key_may_be_written_in_any_case(call: Calling, key: str, scheme: str):
    assert call("GET", BALANCE, key=None, Authorization=f"{scheme} {key}").status == 200


def test_a_key_in_the_address_or_in_a_cookie_opens_nothing(key: str):
    client = Client()
    client.cookies["Authorization"] = client.cookies["api_key"] = key
    assert refused(answered(client.get(f"{BALANCE}?key={key}&api_key={key}&Authorization=Bearer%20{key}")))


def test_somebody_who_is_signed_in_needs_a_key_all_the_same(client_of_owner: Client):
    assert refused(answered(client_of_owner.get(BALANCE)))
    assert refused(answered(client_of_owner.post(RUN, FOX, "application/json")))


def test_a_key_is_no_session(key: str):
    response = Client(headers={"Authorization": f"Bearer {key}"}).get("/gallery/")
    assert response.headers["Location"].startswith("/account/login/")


WAYS: dict[str, Callable[[ApiKey], object]] = {
    "it was revoked": keys.revoke,
    "its time is over": lambda key: ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now()),
    "its person left the team": lambda key: key.member.delete(),
    "its person was deactivated": lambda key: User.objects.filter(pk=key.member.user_id).update(is_active=False),
    "it was deleted": lambda key: key.delete(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_key_opens_nothing_once(call: Calling, key: str, way: str):
    assert call("GET", BALANCE).status == 200
    WAYS[way](key_row(key))
    assert refused(call("GET", BALANCE))
    assert refused(call("POST", RUN, FOX))


def test_a_key_opens_until_its_time_is_over(call: Calling, issue: Issuing, owner: User):
    key = issue(owner, expires_at=timezone.now() + timedelta(minutes=5))
    assert call("GET", BALANCE, key=key).status == 200


def test_another_of_the_same_person_still_opens(call: Calling, key: str, issue: Issuing, owner: User):
    other = issue(owner)
    keys.revoke(key_row(key))
    assert call("GET", BALANCE, key=other).status == 200


def test_a_change_of_role_counts_from_the_next_request_on(call: Calling, key: str):
    assert call("POST", RUN, FOX).status == 200
    Member.objects.update(role="viewer")
    assert call("POST", RUN, FOX).status == 403
    assert call("GET", "/api/v3/predictions").data["total"] == 1


class TestTheTimeOfItsLastUse:
    def test_it_is_noted(self, call: Calling, key: str):
        assert key_row(key).last_used_at is None
        call("GET", BALANCE)
        assert abs(key_row(key).last_used_at - timezone.now()) < timedelta(minutes=1)

    def test_it_is_noted_once_a_minute_at_most(self, call: Calling, key: str, django_assert_num_queries):
        call("GET", "/api/v3/models")
        first = key_row(key).last_used_at
        with django_assert_num_queries(1):
            call("GET", "/api/v3/models")
        assert key_row(key).last_used_at == first
        ApiKey.objects.update(last_used_at=F("last_used_at") - timedelta(seconds=61))
        call("GET", "/api/v3/models")
        assert key_row(key).last_used_at >= first

    def test_a_refused_key_is_not_noted(self, call: Calling, key: str):
        ApiKey.objects.update(revoked_at=Now())
        call("GET", BALANCE)
        assert key_row(key).last_used_at is None
