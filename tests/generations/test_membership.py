"""Who belongs to a team: links that work once, roles, leaving; and what two people do at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from generations import membership
from generations.errors import InvalidInputs
from generations.keys import Limits, issue, live_key
from generations.models import AuditEntry, AuditKind, Generation, Invite, Member, Role, Team, User
from tests.conftest import PASSWORD, person
from tests.playground.test_views import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("newcomer@example.org", PASSWORD)


def of(user: User) -> Member:
    return Member.objects.get(user=user)


def told(team: Team) -> list[tuple[str, str]]:
    """Return what the audit log says of a team, the oldest first."""
    return list(AuditEntry.objects.filter(team=team).order_by("pk").values_list("kind", "subject"))


class TestAnInvitation:
    def test_it_lets_one_person_in_with_its_role_and_keeps_nothing_that_opens_the_door(
        self, member: Member, newcomer: User, outsider: User
    ):
        made, token = membership.invite(member, Role.VIEWER, "new@example.org")
        assert len(token) == 43
        assert token not in str(Invite.objects.filter(pk=made.pk).values())
        assert timedelta(days=6) < made.expires_at - timezone.now() <= timedelta(days=7)
        joined = membership.accept(token, newcomer)
        assert joined is not None and (joined.team, joined.role) == (member.team, Role.VIEWER)
        assert User.objects.get(pk=newcomer.pk).current_team == member.team
        assert membership.accept(token, outsider) is None
        assert told(member.team) == [
            (AuditKind.INVITED, "new@example.org as Viewer"),
            (AuditKind.JOINED, "newcomer@example.org as Viewer"),
        ]
        assert token not in str(told(member.team))

    def test_what_was_revoked_is_over_or_was_never_made_opens_nothing(self, member: Member, newcomer: User):
        revoked, first = membership.invite(member, Role.MEMBER)
        membership.revoke_invite(member, revoked)
        over, second = membership.invite(member, Role.MEMBER)
        Invite.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        for token in (first, second, "x" * 43, "", "é" * 43, first + "\n", revoked.sha256):
            assert membership.live_invite(token) is None
            assert membership.accept(token, newcomer) is None
        assert not Member.objects.filter(user=newcomer).exists()

    def test_somebody_who_is_in_the_team_keeps_their_role_and_leaves_the_link_to_others(
        self, member: Member, teammate: User, newcomer: User
    ):
        _, token = membership.invite(member, Role.OWNER)
        kept = membership.accept(token, teammate)
        assert kept is not None and kept.role == Role.MEMBER
        assert membership.accept(token, newcomer) is not None

    def test_a_new_account_is_made_only_where_the_link_still_opens_and_the_address_is_new(self, member: Member):
        made, token = membership.invite(member, Role.MEMBER)
        with pytest.raises(InvalidInputs) as refused:
            membership.accept_anew(token, email="OWNER@example.org", password=PASSWORD)
        assert list(refused.value.fields) == ["email"]
        membership.revoke_invite(member, made)
        assert membership.accept_anew(token, email="late@example.org", password=PASSWORD) is None
        assert not User.objects.filter(email="late@example.org").exists()
        _, token = membership.invite(member, Role.MEMBER)
        joined = membership.accept_anew(token, email="Ada@Example.org", password=PASSWORD, name="Ada")
        assert joined is not None and joined.user.email == "ada@example.org"
        assert joined.user.check_password(PASSWORD)

    def test_the_links_of_somebody_who_does_not_own_the_team_any_more_end(self, member: Member, teammate: User):
        membership.change_role(member, of(teammate), Role.OWNER)
        _, theirs = membership.invite(of(teammate), Role.OWNER)
        _, mine = membership.invite(member, Role.MEMBER)
        membership.change_role(member, of(teammate), Role.MEMBER)
        assert membership.live_invite(theirs) is None
        assert membership.live_invite(mine) is not None
        assert (AuditKind.INVITE_ENDED, "Whoever follows the link, as Owner") in told(member.team)


class TestRoles:
    def test_who_leaves_loses_the_keys_and_the_team_keeps_the_pictures(
        self, member: Member, teammate: User, ask: Callable[..., Generation]
    ):
        membership.switch(of(teammate))
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(author=teammate)
        _, secret = issue(of(teammate), "Blog", Limits())
        assert live_key(secret) is not None
        membership.remove(member, of(teammate))
        assert live_key(secret) is None
        assert User.objects.get(pk=teammate.pk).current_team is None
        assert Generation.objects.seen_by(member).get().author == teammate
        assert not Generation.objects.visible_to(teammate).exists()
        assert told(member.team)[-1] == (AuditKind.LEFT, "teammate@example.org was removed")

    def test_the_last_owner_neither_leaves_nor_is_removed_nor_loses_the_role(self, member: Member, teammate: User):
        closed = person("closed@example.org", member.team, Role.OWNER)
        User.objects.filter(pk=closed.pk).update(is_active=False)
        for act in (
            lambda: membership.leave(member),
            lambda: membership.remove(member, member),
            lambda: membership.change_role(member, member, Role.MEMBER),
        ):
            with pytest.raises(InvalidInputs, match="A team needs an owner"):
                act()
        membership.change_role(member, of(teammate), Role.OWNER)
        membership.leave(member)
        assert [each.user for each in Member.objects.filter(role=Role.OWNER, user__is_active=True)] == [teammate]

    def test_only_who_owns_the_team_at_that_moment_changes_it(self, member: Member, teammate: User, outsider: User):
        stale = of(teammate)
        stale.role = Role.OWNER  # as it was read before somebody else changed it
        for act in (
            lambda: membership.invite(stale, Role.OWNER),
            lambda: membership.change_role(stale, stale, Role.OWNER),
            lambda: membership.remove(stale, member),
            lambda: membership.rename_team(stale, "Mine"),
        ):
            with pytest.raises(PermissionDenied):
                act()
        membership.remove(of(outsider), member)  # somebody of another team is nobody
        assert of(member.user).role == Role.OWNER
        assert told(member.team) == []

    def test_owners_of_a_team_make_further_ones_and_name_them(self, member: Member, teammate: User):
        made = membership.make_team(member.user, " Night \n shift ")
        assert (made.team.name, made.role) == ("Night shift", Role.OWNER)
        assert User.objects.get(pk=member.user_id).current_team == made.team
        membership.rename_team(made, "Day shift")
        assert told(made.team) == [(AuditKind.TEAM_MADE, "Night shift"), (AuditKind.TEAM_CHANGED, "Its name: Day shift")]
        with pytest.raises(PermissionDenied):
            membership.make_team(teammate, "Mine")
        for name in ("", " ​ ", "x" * 81):
            with pytest.raises(InvalidInputs):
                membership.rename_team(made, name)


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_a_link_that_many_follow_lets_one_in(self, member: Member):
        _, token = membership.invite(member, Role.MEMBER)
        waiting = [User.objects.create_user(f"racer{number}@example.org") for number in range(8)]
        joined: list[Member | None] = []
        at_once(8, lambda: joined.append(membership.accept(token, waiting.pop())))
        assert sum(each is not None for each in joined) == 1
        assert Member.objects.filter(team=member.team).count() == 2
        connection.close()

    def test_two_owners_who_demote_each_other_leave_one(self, member: Member, teammate: User):
        membership.change_role(member, of(teammate), Role.OWNER)
        other = of(teammate)
        pairs = [(member, other), (other, member)]

        def act() -> None:
            me, them = pairs.pop()
            try:
                membership.change_role(me, them, Role.VIEWER)
            except (InvalidInputs, PermissionDenied):
                return

        at_once(2, act)
        assert Member.objects.filter(team=member.team, role=Role.OWNER).count() == 1

    def test_two_owners_who_leave_at_once_leave_one(self, member: Member, teammate: User):
        membership.change_role(member, of(teammate), Role.OWNER)
        both = [member, of(teammate)]

        def act() -> None:
            try:
                membership.leave(both.pop())
            except InvalidInputs:
                return

        at_once(2, act)
        assert Member.objects.filter(team=member.team, role=Role.OWNER).count() == 1
