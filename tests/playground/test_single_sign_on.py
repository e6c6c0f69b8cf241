"""Single sign-on against a real OpenID Connect server: whom it vouches for gets in with an account here, and nobody else."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from generations.models import AuditEntry, AuditKind, Invite, Member, Role, User
from tests.conftest import PASSWORD
from tests.oidc.server import CLIENT, SECRET, Issuer, issuer
from tests.pages import page

pytestmark = pytest.mark.django_db

START = "/account/login/single/"


@pytest.fixture(scope="module")
def company() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture(autouse=True)
def _set_up(company: Issuer, settings) -> None:
    company.audience = CLIENT
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = company.url, CLIENT, SECRET
    settings.OIDC_NAME = "Example Inc."


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def led_back_to(there: str) -> str:
    """Go where the page leads, as a browser does; return the path the company's server sends back to."""
    try:
        urllib.request.build_opener(_Stay()).open(there, timeout=10)
    except urllib.error.HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError("the server led nowhere")


def sign_in(client: Client, company: Issuer, **person: object) -> HttpResponse:
    company.person = {"sub": "4711", "name": "Ada", **person}
    shown = page(client.post(START, {"next": "/gallery/"}))
    there = shown.one("a", class_="button-main").attributes["href"]
    assert shown.one("meta", **{"http-equiv": "refresh"}).attributes["content"] == f"0; url={there}"
    return client.get(led_back_to(there))


def test_whom_the_company_vouches_for_gets_in_and_is_the_same_person_later(owner: User, company: Issuer):
    client = Client()
    assert "Sign in with Example Inc." in page(client.get("/account/login/")).text
    answer = sign_in(client, company, email="Owner@Example.org", email_verified=True)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/gallery/")
    assert client.get("/").status_code == 200
    assert SocialAccount.objects.get().user == owner
    assert AuditEntry.objects.get(kind=AuditKind.SIGNED_IN).actor == owner
    # The password stays, and the person is known by the server's own name for them, whatever their address becomes.
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    again = Client()
    assert sign_in(again, company, email="ada@elsewhere.example", email_verified=False).headers["Location"] == "/gallery/"
    assert again.get("/").status_code == 200


@pytest.mark.parametrize(
    "person",
    [
        {"email": "owner@example.org", "email_verified": False},
        {"email": "owner@example.org"},
        {"email": "owner@example.org", "email_verified": "false"},
        {"email": "stranger@example.org", "email_verified": True},
        {},
    ],
)
def test_nobody_gets_in_by_an_address_that_is_unchecked_or_unknown(owner: User, company: Issuer, person: dict[str, object]):
    client = Client()
    answer = sign_in(client, company, **person)
    assert answer.status_code == 403
    assert page(answer).one("h1").text == "You have no account here"
    assert client.get("/").status_code == 302
    assert list(User.objects.all()) == [owner] and not SocialAccount.objects.exists()


def test_whom_an_owner_has_invited_by_mail_gets_in_once(owner: User, member: Member, company: Issuer, settings, mailoutbox):
    ends = timezone.now() + timedelta(days=7)
    invite = {"team": member.team, "author": owner, "role": Role.VIEWER, "email": "Grace@example.org", "expires_at": ends}
    Invite.objects.create(**invite, sha256="1", revoked_at=timezone.now())
    Invite.objects.create(**{**invite, "expires_at": timezone.now()}, sha256="2")
    assert sign_in(Client(), company, sub="0815", email="grace@example.org", email_verified=True).status_code == 403
    kept = Invite.objects.create(**invite, sha256="3")
    client = Client()
    assert sign_in(client, company, sub="0815", email="grace@example.org", email_verified=True).status_code == 302
    joined = Member.objects.select_related("user").get(user__email="grace@example.org")
    assert (joined.role, joined.team, joined.user.name) == (Role.VIEWER, member.team, "Ada")
    kept.refresh_from_db()
    assert kept.used_by == joined.user and not kept.is_live
    assert not joined.user.has_usable_password()
    assert client.get("/gallery/").status_code == 200
    # Without a password there is nothing to confirm, and one can be set.
    assert "None yet" in page(client.get("/account/")).text
    assert client.get("/account/password/").headers["Location"] == "/account/password/set/"
    assert client.get("/account/password/set/").status_code == 200
    settings.EMAIL_HOST = "mail.example.org"
    assert client.post("/account/new-email/", {"email": "grace@new.example"}).headers["Location"] == "/account/new-email/sent/"
    assert mailoutbox[-1].to == ["grace@new.example"]


def test_a_second_factor_is_asked_for_all_the_same(owner: User, company: Issuer):
    Authenticator.objects.create(user=owner, type="totp", data={"secret": ""})
    client = Client()
    answer = sign_in(client, company, email=owner.email, email_verified=True)
    assert answer.headers["Location"].startswith("/account/login/code/")
    assert client.get("/").status_code == 302


def test_a_closed_account_stays_closed(owner: User, company: Issuer):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    client = Client()
    sign_in(client, company, email=owner.email, email_verified=True)
    assert client.get("/").status_code == 302


def test_an_answer_that_nobody_asked_for_or_for_somebody_else_opens_nothing(owner: User, company: Issuer):
    company.person = {"sub": "4711", "email": owner.email, "email_verified": True}
    client, other = Client(), Client()
    back = led_back_to(page(client.post(START)).one("a", class_="button-main").attributes["href"])
    # Another browser has no such question open: that is how strangers would sign somebody in as themselves.
    assert page(other.get(back)).one("h1").text == "That did not work"
    assert page(client.get(back.replace("code=", "code=0"))).one("h1").text == "That did not work"
    company.audience = "some other site"
    assert page(sign_in(client, company, email=owner.email, email_verified=True)).one("h1").text == "That did not work"
    assert other.get("/").status_code == client.get("/").status_code == 302


def test_a_server_that_is_away_is_said_in_a_sentence(owner: User, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = Client().post(START)
    assert page(answer).one("h1").text == "That did not work"
    assert "127.0.0.1" not in answer.content.decode()
