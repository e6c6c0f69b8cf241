"""The way back for an owner who has locked themselves out: reset_password, make_owner and list_people."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from generations.models import AuditEntry, AuditKind, Member, Role, Team, User
from tests.generations.test_commands import refusal

pytestmark = pytest.mark.django_db

PHRASE = "an entirely new phrase"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command with a password on its standard input and return what it prints."""

    def call(command: str, *arguments: str, password: str = "") -> str:
        monkeypatch.setattr(sys, "stdin", StringIO(password))
        out = StringIO()
        call_command(command, *arguments, stdout=out, stderr=out)
        return out.getvalue()

    return call


def test_a_new_password_lets_its_person_in_and_ends_their_sessions(run: Callable[..., str], client_of_owner: Client, owner: User):
    said = run("reset_password", "OWNER@example.org", "--password-stdin", password=PHRASE + "\n")
    assert said.startswith("owner@example.org has a new password.")
    assert client_of_owner.get("/").status_code == 302
    assert Client().post("/account/login/", {"login": owner.email, "password": PHRASE}).headers["Location"] == "/"
    assert AuditEntry.objects.get(kind=AuditKind.PASSWORD_CHANGED).subject == "owner@example.org, by the server's command"


def test_whoever_lost_the_phone_as_well_gets_in_by_the_new_password_alone(run: Callable[..., str], owner: User):
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    run("reset_password", owner.email, "--password-stdin", password=PHRASE)
    assert Authenticator.objects.filter(user=owner).exists()
    run("reset_password", owner.email, "--password-stdin", "--without-second-factors", password=PHRASE)
    assert Client().post("/account/login/", {"login": owner.email, "password": PHRASE}).headers["Location"] == "/"


def test_a_bad_password_and_an_unknown_address_change_nothing(run: Callable[..., str], monkeypatch, owner: User):
    before = User.objects.get().password
    monkeypatch.setattr(sys, "stdin", StringIO("short"))
    assert "at least 10 characters" in refusal("reset_password", owner.email, "--password-stdin")
    for command in (("reset_password", "nobody@example.org"), ("make_owner", "nobody@example.org", "--team", "Atelier")):
        assert refusal(*command).startswith("Nobody with the address nobody@example.org has an account here.")
    assert User.objects.get().password == before


def test_anybody_with_an_account_becomes_an_owner_of_a_team_that_there_is(
    run: Callable[..., str], team: Team, viewer: User, outsider: User
):
    for person in (viewer, outsider):
        assert run("make_owner", person.email, "--team", "Atelier") == f"{person.email} is an owner of the team Atelier now.\n"
        assert Member.objects.get(team=team, user=person).role == Role.OWNER
    assert AuditEntry.objects.filter(team=team, actor=None, kind=AuditKind.ROLE_CHANGED).count() == 2
    assert refusal("make_owner", viewer.email, "--team", "Studio") == (
        "There is no team called Studio. There are: Atelier, Elsewhere."
    )


def test_the_list_says_who_is_there_and_when_they_came(run: Callable[..., str], owner: User, outsider: User, viewer: User):
    Member.objects.create(team=Member.objects.get(user=owner).team, user=outsider)
    User.objects.filter(pk=owner.pk).update(last_login=datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    User.objects.create_user("alone@example.org")
    assert [" ".join(line.split()) for line in run("list_people").splitlines()] == [
        "alone@example.org never signed in in no team",
        "outsider@example.org never signed in Atelier (member), Elsewhere (owner)",
        "owner@example.org 2026-05-01 09:30 Atelier (owner)",
        "viewer@example.org account closed Atelier (viewer)",
    ]
