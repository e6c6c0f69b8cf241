"""The team's log: who did what, page by page, filtered, and as a table that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client

from generations import accounts, audit_log, keeping
from generations.keys import Limits, issue
from generations.models import AuditEntry, AuditKind, Generation, Member, Team, User
from tests.conftest import finish
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]

ADDRESS = "/team/log/"


def lines(shown: Element) -> list[str]:
    return [row.one(class_="event-about").text for row in shown.all(class_="event")]


def exported(client: Client, **filters: str) -> list[list[str]]:
    answer = client.post(f"{ADDRESS}export/", filters)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_what_is_done_stands_in_it_with_who_when_and_from_where(
    client_of_owner: Client, owner: User, member: Member, ask: Callable[..., Generation]
):
    generation = ask("a secret fox")
    finish(generation)
    key, _ = issue(member, "Blog", Limits())
    client_of_owner.post(f"/api-keys/{key.public_id}/revoke/")
    assert client_of_owner.post("/gallery/archive/", {"picture": str(generation.public_id)}).status_code == 200
    accounts.connect(member.team, "wavespeed", "never in the log")
    client_of_owner.post("/team/wavespeed/disconnect/")
    keeping.trash(member, [generation.public_id])
    client_of_owner.post("/gallery/trash/empty/")
    shown = page(client_of_owner.get(ADDRESS))
    assert lines(shown) == [
        "1 picture of the trash",
        "WaveSpeed: disconnected",
        "pictures.zip with 1 picture",
        f"“Blog” ({key.prefix}…) of Owner",
        f"“Blog” ({key.prefix}…) of Owner",
    ]
    assert [row.one(class_="event-what").text for row in shown.all(class_="event")] == [
        "Deleted for good",
        "Changed a vendor's key",
        "Exported pictures",
        "Revoked an API key",
        "Made an API key",
    ]
    assert {row.one(class_="event-by").text.split(" · ")[0] for row in shown.all(class_="event")} == {"Owner"}
    assert "secret fox" not in shown.text and "never in the log" not in shown.text


def test_the_filters_hold_on_every_page_and_in_the_table(client_of_owner: Client, team: Team, owner: User, teammate: User):
    audit_log.calling_address.set("203.0.113.9")
    for number in range(120):
        kind = AuditKind.SHARED if number % 2 else AuditKind.JOINED
        audit_log.record(kind, f"=cmd|{number}", team=team, actor=teammate if number % 4 == 1 else owner)
    audit_log.record(AuditKind.SIGNED_IN, "of no team", team=None, actor=teammate)
    audit_log.calling_address.set("")
    assert lines(page(client_of_owner.get(ADDRESS)))[0] == "of no team"
    first = page(client_of_owner.get(ADDRESS, {"kind": "shared"}))
    more = first.one(class_="entries-more").one("a").attributes["href"]
    rest = page(client_of_owner.get(more, headers=HTMX))
    assert lines(first) + lines(rest) == [f"=cmd|{number}" for number in range(119, 0, -2)]
    assert rest.all("html") == rest.all(class_="entries-more") == []
    head, *rows = exported(client_of_owner, kind="shared", person=str(teammate.pk))
    assert head == ["time", "what", "about", "person", "e-mail", "address"]
    assert [row[1:] for row in rows] == [
        ["Made a share link", f"'=cmd|{number}", "Teammate", teammate.email, "203.0.113.9"] for number in range(117, 0, -4)
    ]
    told = AuditEntry.objects.latest("pk")
    assert (told.kind, told.subject, told.actor) == (AuditKind.EXPORTED, "The log as a table", owner)


def test_another_team_sees_nothing_of_it(client_of_owner: Client, team: Team, owner: User, signed_in: SigningIn, outsider: User):
    audit_log.record(AuditKind.JOINED, "somebody", team=team, actor=owner)
    audit_log.record(AuditKind.SIGNED_IN, "signed in", team=None, actor=owner)
    shown = page(signed_in(outsider).get(ADDRESS))
    assert lines(shown) == []
    assert "Nothing so far." in shown.text
    assert [option.text for option in shown.one("select", name="person").all("option")] == ["Everybody", "Outsider"]
    assert len(exported(signed_in(outsider))) == 2  # the head, and that it was exported just now
