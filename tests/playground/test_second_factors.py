"""Authenticator apps and recovery codes: set up, asked for, used up, taken away."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from generations.models import AuditEntry, AuditKind, User
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.django_db(transaction=True)


def totp(secret: str, at: float | None = None) -> str:
    """Return the six digits that an app shows (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def signed_in_by_password(user: User) -> Client:
    client = Client(REMOTE_ADDR="198.51.100.7")
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def with_app(user: User) -> tuple[Client, str, list[str]]:
    """Add an app as a person does; return the browser, the app's secret and the recovery codes."""
    client = signed_in_by_password(user)
    assert client.get("/account/app/").headers["Location"] == "/account/confirm/?next=%2Faccount%2Fapp%2F"
    assert client.post("/account/confirm/?next=/account/app/", {"password": PASSWORD}).headers["Location"] == "/account/app/"
    shown = page(client.get("/account/app/"))
    assert shown.one("img", class_="qr-code").attributes["src"].startswith("data:image/svg+xml;base64,")
    secret = shown.one("code").text
    wrong = client.post("/account/app/", {"code": "000000"})
    assert "This code is not right" in page(wrong).text
    codes = page(client.post("/account/app/", {"code": totp(secret)}, follow=True))
    return client, secret, [code.text for code in codes.one("ul", class_="recovery-codes").all("code")]


def test_an_app_is_asked_for_at_every_sign_in_and_its_secret_is_sealed(owner: User):
    client, secret, codes = with_app(owner)
    assert len(codes) == 10 and all(re.fullmatch(r"\d{8}", code) for code in codes)
    assert "Its code is asked for after the password" in page(client.get("/account/")).text
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    other = signed_in_by_password(owner)
    assert other.get("/").status_code == 302
    # The step is the sign-in's: neither the account's pages nor a planted session lead around it.
    assert other.get("/account/").status_code == 302
    assert "This code is not right" in page(other.post("/account/login/code/", {"code": "12345"})).text
    assert other.get("/").status_code == 302
    answer = other.post("/account/login/code/", {"code": totp(secret, time.time() + 30)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert other.get("/").status_code == 200
    subjects = AuditEntry.objects.filter(kind__in=[AuditKind.SECOND_FACTOR, AuditKind.SIGN_IN_FAILED])
    assert sorted(subjects.values_list("subject", flat=True)) == [
        "added an authenticator app",
        "added recovery codes",
        "owner@example.org, wrong code",
    ]


def test_a_recovery_code_works_once(owner: User):
    _, _, codes = with_app(owner)
    first, second = signed_in_by_password(owner), signed_in_by_password(owner)
    assert first.post("/account/login/code/", {"code": codes[0]}).headers["Location"] == "/"
    assert "This code is not right" in page(second.post("/account/login/code/", {"code": codes[0]})).text


def test_codes_cannot_be_guessed_for_long(owner: User):
    _, secret, _ = with_app(owner)
    client = signed_in_by_password(owner)
    for _ in range(5):
        client.post("/account/login/code/", {"code": "12345"})
    shown = page(client.post("/account/login/code/", {"code": totp(secret)}))
    assert "Too many wrong tries" in shown.text
    assert client.get("/").status_code == 302


def test_taking_the_app_away_takes_the_codes_away_and_new_codes_end_the_old_ones(owner: User):
    client, _, codes = with_app(owner)
    assert "10 are left" not in page(client.get("/account/codes/new/")).text
    renewed = page(client.post("/account/codes/new/", follow=True)).one("ul", class_="recovery-codes").all("code")
    assert not {code.text for code in renewed} & set(codes)
    assert client.get("/account/codes/download/").content.decode().split() == [code.text for code in renewed]
    assert client.post("/account/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    assert signed_in_by_password(owner).get("/").status_code == 200


def test_with_another_secret_key_no_code_fits(owner: User, settings):
    """A secret that cannot be read any more must not become one that everybody can work out."""
    _, secret, codes = with_app(owner)
    settings.SECRET_KEY = "another one, after a move that left the old one behind"
    for code in (totp(secret), codes[0], totp("")):
        client = signed_in_by_password(owner)
        client.post("/account/login/code/", {"code": code})
        assert client.get("/").status_code == 302


def test_nobody_changes_anothers(owner: User, signed_in: Callable[[User], Client], teammate: User):
    with_app(owner)
    other = signed_in_by_password(teammate)
    other.post("/account/confirm/?next=/account/", {"password": PASSWORD})
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})
    assert other.get(f"/account/passkeys/{key.pk}/remove/").status_code == 404
    assert other.post(f"/account/passkeys/{key.pk}/remove/").status_code == 404
    assert other.post("/account/app/remove/").status_code == 404
    assert Authenticator.objects.filter(user=owner).count() == 3
