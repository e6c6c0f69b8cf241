"""The list behind the arrow keys in the prompt: a person's own earlier prompts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import Generation, Member, Role, Team, User
from generations.submission import submit
from playground.prompts import LOOKED_THROUGH, MOST
from tests.conftest import PASSWORD, order

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]


def listed(client: Client) -> list[str]:
    return client.get("/prompts/").json()


def many(member: Member, prompts: list[str], like: Generation) -> None:
    """Save a row for each prompt, the first one first."""
    kept = {field.attname: getattr(like, field.attname) for field in Generation._meta.concrete_fields}
    own = {"id", "public_id", "stack", "prompt", "idempotency_key", "created_at"}
    shared = {name: value for name, value in kept.items() if name not in own}
    Generation.objects.bulk_create(Generation(**{**shared, "author_id": member.user_id, "prompt": prompt}) for prompt in prompts)


def test_the_newest_stands_first_and_each_stands_once(signed_in: SigningIn, owner: User, ask: Asking):
    for prompt in ("a fox", "a boat", "a fox", "a house"):
        ask(prompt)
    assert listed(signed_in(owner)) == ["a house", "a fox", "a boat"]


def test_lines_end_as_they_do_in_a_text_area(signed_in: SigningIn, owner: User, ask: Asking):
    ask("a fox\r\nin the snow")
    ask("a fox\nin the snow")
    assert listed(signed_in(owner)) == ["a fox\nin the snow"]


def test_somebody_who_asked_for_nothing_gets_an_empty_list(signed_in: SigningIn, owner: User):
    assert listed(signed_in(owner)) == []


def test_nobody_sees_what_others_asked_for(signed_in: SigningIn, teammate: User, outsider: User, ask: Asking):
    ask("a secret")
    assert listed(signed_in(teammate)) == listed(signed_in(outsider)) == []


def test_what_somebody_asked_for_in_another_team_stays_there(signed_in: SigningIn, owner: User, ask: Asking):
    elsewhere = Member.objects.create(team=Team.objects.create(name="Elsewhere"), user=owner, role=Role.MEMBER)
    submit(elsewhere, order("a secret"), hint=False)
    ask("a fox")
    assert listed(signed_in(owner)) == ["a fox"]


def test_without_a_session_it_leads_to_the_sign_in(owner: User):
    assert Client().get("/prompts/").headers["Location"].startswith("/account/login/")


def test_somebody_in_no_team_is_refused(signed_in: SigningIn, owner: User):
    assert signed_in(User.objects.create_user("loner@example.org", PASSWORD)).get("/prompts/").status_code == 403


def test_no_cache_keeps_it(signed_in: SigningIn, owner: User):
    assert "no-store" in signed_in(owner).get("/prompts/").headers["Cache-Control"]


def test_it_holds_so_many_and_no_more(signed_in: SigningIn, owner: User, member: Member, ask: Asking):
    many(member, [f"fox {number}" for number in range(MOST + 10)], like=ask("a fox"))
    assert listed(signed_in(owner)) == [f"fox {number}" for number in range(MOST + 9, 9, -1)]


def test_only_so_many_pictures_are_looked_through(signed_in: SigningIn, owner: User, member: Member, ask: Asking):
    many(member, ["an old one", *["a fox"] * LOOKED_THROUGH], like=ask("the oldest"))
    assert listed(signed_in(owner)) == ["a fox"]


def test_it_takes_one_query_beside_those_for_the_person(
    signed_in: SigningIn, owner: User, ask: Asking, django_assert_num_queries
):
    client = signed_in(owner)
    client.get("/account/password/")  # the first request of a process asks whether anybody has an account
    for prompt in ("a fox", "a boat"):
        ask(prompt)
    with django_assert_num_queries(4):  # session, person, membership, prompts
        client.get("/prompts/")
