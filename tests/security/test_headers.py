"""What a browser, a proxy or a stranger can do with addresses, headers and frames."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from generations.models import Generation, User
from tests.conftest import PASSWORD, finish
from tests.test_every_route import TABLE, arguments, routes

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_no_page_can_be_put_into_another_sites_frame_or_guessed_to_be_something_else(
    ask: Callable[..., Generation], client_of_owner: Client, settings
):
    settings.PUBSUB_URL = ""  # without a broker the stream of changes ends at once
    generation = ask()
    finish(generation)
    for name, pattern in routes(get_resolver()):
        if "GET" not in TABLE.get(name, {}) or name == "events":
            continue
        answer = client_of_owner.get(reverse(name, kwargs=arguments(pattern, generation)))
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"] or "sandbox" in str(
            answer.headers["Content-Security-Policy"]
        ), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}, name
        assert "unsafe" not in answer.headers["Content-Security-Policy"], name


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_name_that_is_not_ours_is_refused(client_of_owner: Client, host: str):
    assert client_of_owner.get("/gallery/", headers={"host": host}).status_code == 400


def test_what_a_proxy_could_claim_changes_no_address(client_of_owner: Client, owner: User):
    claims = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "https://evil.example/", "Forwarded": "host=evil.example"}
    page = client_of_owner.get("/gallery/", headers=claims)
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()
    away = Client().get("/gallery/", headers=claims)
    assert away.headers["Location"] == "/account/login/?next=/gallery/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", r"\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(owner: User, target: str):
    answer = Client().post(f"/account/login/?next={target}", {"login": owner.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


def test_the_session_of_before_is_worth_nothing_after_the_sign_in(owner: User):
    """A session that somebody else planted in the browser must not become theirs."""
    client = Client()
    client.get("/account/login/")
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies["sessionid"] = planted.session_key or ""
    before = client.cookies["sessionid"].value
    client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/gallery/").status_code == 302


def test_a_changed_password_ends_the_sessions_elsewhere(owner: User):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(owner, backend=BACKEND)
    new = "another long enough phrase"
    here.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get("/gallery/").status_code == 200
    assert elsewhere.get("/gallery/").status_code == 302


@pytest.mark.parametrize("prompt", ['fox"\r\nSet-Cookie: a=b', "fox\nX: y", "../../etc/passwd", "fox;rm -rf", "‮gnp.exe"])
def test_a_prompt_cannot_write_headers_or_paths(ask: Callable[..., Generation], client_of_owner: Client, prompt: str):
    generation = ask(prompt)
    finish(generation)
    answer = client_of_owner.get(reverse("gallery:download", args=[generation.public_id]))
    said = answer.headers["Content-Disposition"]
    assert answer.status_code == 200
    assert not set("\r\n/\\;‮") & set(said.partition("filename")[2].replace('"; filename*', ""))
    assert "Set-Cookie" not in answer.headers and "X" not in answer.headers


def test_cookies_are_not_for_scripts_and_not_for_other_sites(owner: User, settings):
    client = Client()
    client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
