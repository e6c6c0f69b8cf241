"""The lane of /api/: a real server, whose scratch addresses say which thread and which connection serve them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generations.keys import Limits, issue
from generations.models import Generation, Member, User
from playground.api_threads import THREADS
from playground.middleware import POLICY
from tests.conftest import finish
from tests.installation import Installation, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client(installation: Installation, owner: User) -> Iterator[httpx.Client]:
    address = installation.web(DJANGO_SETTINGS_MODULE="tests.playground.lane_settings")
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


def test_requests_share_a_few_threads_that_keep_their_connections(client: httpx.Client):
    places = [client.get("/api/scratch/where").json() for _ in range(30)]
    opened = [name for name in places[-1]["opened"] if name.startswith("api")]
    assert len(opened) <= THREADS
    assert sorted(opened) == sorted(set(opened))
    assert {place["thread"] for place in places} <= set(opened)


def test_however_much_is_asked_at_once_there_are_no_more_threads(client: httpx.Client):
    threads = client.get("/api/scratch/often").json()["threads"]
    assert 1 < len(threads) <= THREADS
    assert all(name.startswith("api") for name in threads)


def test_a_broken_connection_costs_one_answer_and_is_replaced(client: httpx.Client):
    for _ in range(2 * THREADS):
        assert client.get("/api/scratch/breaks").status_code == 500
    for _ in range(2 * THREADS):
        assert client.get("/api/scratch/where").status_code == 200


def test_connections_that_the_database_ended_cost_no_answer(client: httpx.Client):
    client.get("/api/scratch/often")
    end_connections_of_others()
    for _ in range(2 * THREADS):
        assert client.get("/api/scratch/where").status_code == 200


def end_connections_of_others() -> None:
    """Do as a database server that is started again; SQLite has no server, and nothing that could end."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            cursor.execute(f"{others} AND pid <> pg_backend_pid()")


def test_a_fault_of_ours_is_json_that_says_nothing_of_it(client: httpx.Client):
    response = client.get("/api/scratch/breaks")
    assert response.json()["code"] == 500
    assert response.json()["message"] == response.json()["error"]
    assert "closed" not in response.text
    assert "Traceback" not in response.text


def test_any_origin_may_ask_and_also_read_why_it_failed(client: httpx.Client):
    preflight = client.options("/api/v3/balance", headers={"Access-Control-Request-Headers": "authorization"})
    assert preflight.status_code == 204
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    for path in ("/api/scratch/where", "/api/scratch/breaks", "/api/v3/balance"):
        assert client.get(path).headers["access-control-allow-origin"] == "*"


def test_what_is_not_there_is_told_in_json(client: httpx.Client):
    for path in ("/api/", "/api/v3/nothing/of/the/sort", "/api/elsewhere"):
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (404, 404)


def test_a_key_opens_the_api_and_a_run_can_be_asked_for_and_read(client: httpx.Client, owner: User):
    _, secret = issue(Member.objects.get(user=owner), "test", Limits())
    client.headers["Authorization"] = f"Bearer {secret}"
    asked = client.post("/api/v3/wavespeed-ai/flux-srpo", json={"prompt": "a red fox", "size": "256*256"}).json()["data"]
    read = client.get(f"/api/v3/predictions/{asked['id']}/result").json()["data"]
    assert (read["id"], read["status"]) == (asked["id"], "created")


def test_an_unknown_host_is_refused_in_json(client: httpx.Client):
    response = client.get("/api/scratch/where", headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.json()["code"]) == (400, 400)


def test_answers_carry_the_headers_of_every_page_and_no_cookie(client: httpx.Client):
    headers = client.get("/api/scratch/where").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert int(headers["content-length"]) > 0
    assert "set-cookie" not in headers
    assert "strict-transport-security" not in headers


def test_a_proxy_that_speaks_https_is_told_to_stay_on_it(installation: Installation):
    address = installation.web(DJANGO_SETTINGS_MODULE="tests.playground.lane_settings", PUBLIC_URL="https://pictures.example")
    proxied = {"X-Forwarded-Proto": "https"}
    response = httpx.get(f"{address}/api/scratch/where", headers=proxied, trust_env=False, timeout=30)
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def test_ordinary_pages_go_the_ordinary_way(client: httpx.Client):
    assert not client.get("/elsewhere/where").json()["thread"].startswith("api")
    login = client.get("/account/login/")
    assert "csrftoken" in login.cookies
    assert login.headers["content-security-policy"] == POLICY
    assert client.get("/").headers["location"].startswith("/account/login/")


def test_the_document_is_shown_to_whoever_asks(client: httpx.Client):
    page = client.get("/api/docs")
    assert (page.status_code, page.headers["content-security-policy"]) == (200, POLICY)
    assert "/api/v3/predictions/{id}/result" in client.get("/api/openapi.json").json()["paths"]


def test_a_stream_comes_whole(client: httpx.Client):
    assert client.get("/api/scratch/streamed").text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


def test_head_is_answered_without_a_body(client: httpx.Client):
    response = client.head("/api/scratch/where")
    assert (response.status_code, response.content) == (200, b"")


def test_a_request_whose_client_leaves_is_left_off(client: httpx.Client):
    with contextlib.suppress(httpx.TimeoutException):
        client.get("/api/scratch/held", timeout=2)
    wait_until(lambda: client.get("/api/scratch/left").json()["left"], "the view hears that nobody waits for it")


def test_a_result_is_read_with_three_queries_at_most(owner: User):
    _, secret = issue(Member.objects.get(user=owner), "test", Limits())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    content = {"prompt": "a red fox", "size": "256*256"}
    asked = client.post("/api/v3/wavespeed-ai/flux-srpo", content, content_type="application/json").json()["data"]["id"]
    for outputs in (0, 1):
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(f"/api/v3/predictions/{asked}/result").json()["data"]["outputs"]) == outputs
        assert len(queries) <= 3
        if not outputs:
            finish(Generation.objects.get(public_id=asked))
