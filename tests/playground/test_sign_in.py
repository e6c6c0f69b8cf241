"""Signing in against somebody who guesses, pretends and listens; and what the audit log and the sessions' list say of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

from generations.models import AuditEntry, AuditKind, Member, User
from playground.browsers import browser_name
from playground.callers import address_of
from tests.conftest import PASSWORD
from tests.installation import ROOT
from tests.pages import page

pytestmark = pytest.mark.django_db

ATTACKER, VICTIM, ELSEWHERE = "203.0.113.66", "198.51.100.7", "198.51.100.99"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


def at(address: str, user_agent: str = FIREFOX) -> Client:
    return Client(REMOTE_ADDR=address, headers={"User-Agent": user_agent})


def sign_in(client: Client, email: str, password: str = PASSWORD, **headers: str) -> bool:
    """Try it; say whether one is in afterwards."""
    client.post("/account/login/", {"login": email, "password": password}, headers=headers)
    return client.get("/").status_code == 200


class TestTheCallersAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "found"),
        [
            (0, "1.2.3.4", ATTACKER),
            (1, "1.2.3.4, 198.51.100.7", VICTIM),
            (2, "1.2.3.4, 198.51.100.7, 10.0.0.1", VICTIM),
            (1, "198.51.100.7:4711", VICTIM),
            (1, "[2001:db8::1]:4711", "2001:db8::1"),
            (1, "::ffff:198.51.100.7", VICTIM),
            # Nothing that a proxy of ours wrote.
            (1, "", ATTACKER),
            (2, "1.2.3.4", ATTACKER),
            (1, "1.2.3.4, nonsense", ATTACKER),
        ],
    )
    def test_only_what_proxies_of_our_own_wrote_counts(self, settings, proxies: int, forwarded: str, found: str):
        settings.TRUSTED_PROXIES = proxies
        request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {}, REMOTE_ADDR=ATTACKER)
        assert address_of(request) == found


class TestGuessing:
    def test_it_ends_for_the_guesser_and_not_for_the_person(self, owner: User):
        known = at(VICTIM)
        assert sign_in(known, owner.email)
        known.post("/account/logout/")
        guesser = at(ATTACKER)
        for number in range(20):
            assert not sign_in(guesser, owner.email, f"guess {number}", **{"X-Forwarded-For": f"10.0.0.{number}"})
        # Not even the right password opens now, whatever address the header claims.
        assert not sign_in(guesser, owner.email, **{"X-Forwarded-For": "192.0.2.1"})
        said = page(guesser.post("/account/login/", {"login": owner.email, "password": PASSWORD})).text
        assert "Too many wrong tries. Wait five minutes" in said
        assert "manage.py reset_password" in said
        assert sign_in(at(ELSEWHERE), owner.email)
        # The browser that has been here before gets in even from the guesser's own address.
        known.defaults["REMOTE_ADDR"] = ATTACKER
        assert sign_in(known, owner.email)

    def test_many_addresses_shut_strangers_out_but_no_known_browser_and_no_new_password(self, owner: User):
        known = at(VICTIM)
        assert sign_in(known, owner.email)
        known.post("/account/logout/")
        for number in range(60):
            at(f"203.0.113.{number}").post("/account/login/", {"login": owner.email, "password": "guess"})
        assert not sign_in(at(ELSEWHERE), owner.email)
        assert sign_in(known, owner.email)
        owner.set_password("another good phrase")
        owner.save()
        assert sign_in(at(ELSEWHERE), owner.email, "another good phrase")

    def test_a_known_browser_is_no_door_for_guessers(self, owner: User, teammate: User):
        known = at(VICTIM)
        assert sign_in(known, owner.email)
        cookie = known.cookies["known_device"]
        assert cookie["httponly"] and cookie["samesite"] == "Lax"
        known.post("/account/logout/")
        for number in range(10):
            assert not sign_in(known, owner.email, f"guess {number}")
        assert not sign_in(known, owner.email)
        # Somebody else's mark, and one that was tampered with, are none.
        for value in (cookie.value, cookie.value[:-2]):
            stranger = at(ELSEWHERE)
            stranger.cookies["known_device"] = value
            for number in range(5):
                assert not sign_in(stranger, teammate.email, f"guess {number}")
            assert not sign_in(stranger, teammate.email)

    def test_a_mark_ends_with_the_password_it_was_given_under(self, owner: User):
        known = at(VICTIM)
        assert sign_in(known, owner.email)
        known.post("/account/logout/")
        owner.set_password("another good phrase")
        owner.save()
        for number in range(5):
            assert not sign_in(known, owner.email, f"guess {number}")
        assert not sign_in(known, owner.email, "another good phrase")

    def test_one_address_cannot_try_account_after_account(self, owner: User):
        guesser = at(ATTACKER)
        for number in range(30):
            guesser.post("/account/login/", {"login": f"person{number}@example.org", "password": "guess"})
        assert not sign_in(guesser, owner.email)

    def test_right_passwords_are_not_counted(self, owner: User):
        for _ in range(8):
            assert sign_in(at(VICTIM), owner.email)


class TestTheAuditLog:
    def test_it_tells_who_came_from_where_and_never_a_password(self, owner: User, member: Member):
        client = at(VICTIM)
        assert not sign_in(client, owner.email, "a wrong phrase")
        assert not sign_in(client, "nobody@example.org", "a wrong phrase")
        assert sign_in(client, owner.email)
        new = "another good phrase"
        client.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        entries = AuditEntry.objects.order_by("pk").values_list("kind", "subject", "team", "actor", "address")
        assert list(entries) == [
            (AuditKind.SIGN_IN_FAILED, owner.email, member.team_id, None, VICTIM),
            (AuditKind.SIGN_IN_FAILED, "nobody@example.org", None, None, VICTIM),
            (AuditKind.SIGNED_IN, owner.email, member.team_id, owner.pk, VICTIM),
            (AuditKind.PASSWORD_CHANGED, f"{owner.email}, changed", member.team_id, owner.pk, VICTIM),
        ]


class TestSessions:
    def test_a_session_that_was_there_before_signing_in_is_not_the_one_afterwards(self, owner: User):
        client = Client()
        client.get("/account/login/")
        session = client.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        client.cookies["sessionid"] = planted
        assert sign_in(client, owner.email)
        assert client.cookies["sessionid"].value != planted
        thief = Client()
        thief.cookies["sessionid"] = planted
        assert thief.get("/").status_code == 302

    def test_one_sees_them_and_signs_out_there(self, owner: User, teammate: User):
        here, phone, other = at(VICTIM), at(ELSEWHERE, SAFARI), at(ELSEWHERE)
        assert sign_in(here, owner.email) and sign_in(phone, owner.email) and sign_in(other, owner.email)
        shown = page(here.get("/account/"))
        rows = [row.text for row in shown.one("section", **{"aria-label": "Sessions"}).all("li")]
        assert rows[0] == f"Firefox on Windows {VICTIM} · this browser"
        assert any(row.startswith(f"Safari on an iPhone {ELSEWHERE} · last seen ") for row in rows)
        (row,) = [row for row in shown.all("li") if "Safari on an iPhone" in row.text]
        end = row.one("form").attributes["action"]
        stranger = Client()
        assert sign_in(stranger, teammate.email)
        assert stranger.post(end).status_code == 404
        assert here.post(end, follow=True).status_code == 200
        assert [client.get("/").status_code for client in (here, phone, other)] == [200, 302, 200]
        here.post("/account/sessions/end-others/")
        assert [client.get("/").status_code for client in (here, phone, other, stranger)] == [200, 302, 302, 200]

    def test_the_list_is_brought_up_to_date_as_one_goes_on(self, owner: User):
        client = at(VICTIM)
        assert sign_in(client, owner.email)
        session = client.session
        session["seen_at"] -= 600
        session.save()
        client.get("/", REMOTE_ADDR=ELSEWHERE)
        other = at(VICTIM)
        assert sign_in(other, owner.email)
        assert f"Firefox on Windows {ELSEWHERE} · last seen" in page(other.get("/account/")).text

    def test_a_name_can_be_changed(self, client_of_owner: Client, owner: User):
        assert client_of_owner.post("/account/", {"name": "Grace"}).headers["Location"] == "/account/"
        shown = page(client_of_owner.get("/account/"))
        assert shown.value("name") == "Grace"
        assert client_of_owner.post("/account/", {"name": "x" * 81}).status_code == 422


def test_a_browser_without_a_name_is_a_browser():
    assert browser_name("curl/8.0") == "A browser"


def test_for_the_internet_django_has_nothing_to_complain_of(tmp_path: Path):
    known = {"PUBLIC_URL": "https://playground.example", "SECRET_KEY": "0aB1cD2eF3" * 6, "PLAYGROUND_DATA": str(tmp_path)}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    found = subprocess.run(command, cwd=ROOT, env={**os.environ, **known}, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
