"""Programs in a browser, on any site: they may call with a key, and never with somebody's cookies."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.generations.api.conftest import FOX, RUN, Calling

pytestmark = pytest.mark.django_db

PREFLIGHT = {
    "Origin": "https://elsewhere.example",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}
PATHS = [RUN, "/api/v3/predictions", "/api/v3/predictions/x/result", "/api/v3/nobody/nothing", "/api/docs"]


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_needs_no_key(path: str):
    response = Client().options(path, headers=PREFLIGHT)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST", "PUT", "DELETE"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
    allowed = response.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert set(PREFLIGHT["Access-Control-Request-Headers"].split(",")) <= set(allowed)
    assert int(response.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "has_key", "status"),
    [
        ("POST", RUN, True, 200),
        ("POST", RUN, False, 401),
        ("GET", "/api/v3/predictions/x/result", True, 404),
        ("GET", "/api/v4/x", False, 404),
        ("PATCH", "/api/v3/balance", True, 405),
    ],
)
def test_success_and_refusal_can_be_read_anywhere(call: Calling, key: str, method: str, path: str, has_key: bool, status: int):
    answer = call(method, path, FOX, key=key if has_key else None, Origin="https://elsewhere.example")
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", PATHS)
def test_cookies_are_never_asked_for(path: str):
    for response in (
        Client().options(path, headers=PREFLIGHT),
        Client().get(path, headers={"Origin": "https://elsewhere.example"}),
    ):
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert response.cookies == {}


@pytest.mark.parametrize("path", ["/", "/gallery/", "/account/login/", "/healthz", "/apiary/", "/api"])
def test_pages_are_for_this_site_alone(client_of_owner: Client, path: str):
    for response in (client_of_owner.get(path), client_of_owner.options(path, headers=PREFLIGHT)):
        assert not [name for name in response.headers if name.lower().startswith("access-control")]
