"""Who belongs to a team: asked in by a link that works once, given roles, let go. A team always keeps an owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.access import OWNERS_MAKE_TEAMS, OWNERS_ONLY, may_make_team
from generations.announce import ask_anew
from generations.audit_log import record
from generations.errors import InvalidInputs
from generations.keeping.selection import hold_team, one_line
from generations.models import AuditKind, Invite, Member, Role, Team, User
from generations.tokens import TOKEN, fingerprint

INVITE_DAYS = 7
MOST_NAME = 80
NO_NAME = "Write a name for the team."
LONG_NAME = f"Use at most {MOST_NAME} characters."
IN_IT_ALREADY = "Somebody with this address is in the team already."
HAS_ACCOUNT = "This address already has an account. Sign in with it to join."
LAST_OWNER = "A team needs an owner, and this is the only one. Make somebody else an owner first."


def invite(member: Member, role: str, email: str = "") -> tuple[Invite, str]:
    """Make a link's token for somebody new; return it with what is kept, which the token cannot be read from.

    Raises InvalidInputs for an address that is in the team already.
    """
    token = secrets.token_urlsafe(32)
    with _managed(member):
        if email and Member.objects.filter(team=member.team_id, user__email__iexact=email).exists():
            raise InvalidInputs({"email": IN_IT_ALREADY})
        made = Invite.objects.create(
            team_id=member.team_id,
            author_id=member.user_id,
            role=role,
            email=email,
            sha256=fingerprint(token),
            expires_at=timezone.now() + timedelta(days=INVITE_DAYS),
        )
        record(AuditKind.INVITED, _called(made), team=member.team_id, actor=member.user_id)
    return made, token


def live_invite(token: str) -> Invite | None:
    """Return what this token opens, with its team and author; None for whatever opens nothing (any more)."""
    if not TOKEN.fullmatch(token):
        return None
    found = Invite.objects.select_related("team", "author").filter(sha256=fingerprint(token)).first()
    return found if found is not None and found.is_live else None


def accept(token: str, user: User) -> Member | None:
    """Let somebody in, once for each link, and make the team the one they work in; None when the link opens nothing.

    Whoever is in the team already keeps their role, and the link is left for somebody else.
    """
    with transaction.atomic():
        found = live_invite(token)
        if found is None:
            return None
        hold_team(found.team_id)
        member = Member.objects.filter(team=found.team_id, user=user).first() or _let_in(found, user)
        if member is not None:
            switch(member)
        return member


def accept_anew(token: str, *, email: str, password: str, name: str = "") -> Member | None:
    """Make an account and let its person in; neither when the link opens nothing. Raises InvalidInputs for a known address."""
    user = User(email=User.objects.normalize_email(email).lower(), name=name)
    user.set_password(password)  # slow on purpose, so before the transaction
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputs({"email": HAS_ACCOUNT})
    try:
        with transaction.atomic():
            user.save()
            member = accept(token, user)
            transaction.set_rollback(member is None)
    except IntegrityError:
        raise InvalidInputs({"email": HAS_ACCOUNT}) from None
    return member


def accept_by_mail(email: str, name: str = "") -> User | None:
    """Make an account without a password for somebody whose address was checked elsewhere, and let them in.

    Whoever owns the address may use what was sent to it, without the link. None when no invitation to it is open.
    """
    open_ones = Invite.objects.filter(email__iexact=email, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now())
    with transaction.atomic():
        found = open_ones.order_by("-pk").first()
        if found is None:
            return None
        hold_team(found.team_id)
        user = User.objects.create_user(email, name=" ".join(name.split())[:80])
        if (member := _let_in(found, user)) is None:
            transaction.set_rollback(True)
            return None
        switch(member)
    return user


def revoke_invite(member: Member, found: Invite) -> None:
    """Close the door that a link opens; one that was used stays used."""
    with _managed(member):
        ended = Invite.objects.filter(pk=found.pk, team=member.team_id, used_at__isnull=True, revoked_at__isnull=True)
        if ended.update(revoked_at=Now()):
            record(AuditKind.INVITE_ENDED, _called(found), team=member.team_id, actor=member.user_id)


def change_role(member: Member, teammate: Member, role: str) -> None:
    """Let an owner give somebody another role; raises InvalidInputs where the team would be left without an owner."""
    with _managed(member):
        held = Member.objects.select_related("user").filter(pk=teammate.pk, team=member.team_id).first()
        if held is None or held.role == role:
            return
        if held.role == Role.OWNER:
            _give_up_owning(held, member.user_id)
        words = f"{held.user.email}: {held.get_role_display()} → {Role(role).label}"
        Member.objects.filter(pk=held.pk).update(role=role)
        record(AuditKind.ROLE_CHANGED, words, team=member.team_id, actor=member.user_id)


def remove(member: Member, teammate: Member) -> None:
    """Let an owner send somebody away: their pictures stay, their API keys end. Raises InvalidInputs for the last owner."""
    with _managed(member):
        _end(Member.objects.select_related("user").filter(pk=teammate.pk, team=member.team_id).first(), member.user_id)


def leave(member: Member) -> None:
    """Let somebody go: their pictures stay, their API keys end. Raises InvalidInputs for the last owner."""
    with transaction.atomic():
        hold_team(member.team_id)
        _end(Member.objects.select_related("user").filter(pk=member.pk).first(), member.user_id)


def switch(member: Member) -> None:
    """Make this the team that its person works in."""
    User.objects.filter(pk=member.user_id).update(current_team=member.team_id)


def make_team(user: User, name: str) -> Member:
    """Start a team that this person owns and works in from now on; PermissionDenied, or InvalidInputs for `name`."""
    if not may_make_team(user):
        raise PermissionDenied(OWNERS_MAKE_TEAMS)
    name = _named(name)
    with transaction.atomic():
        team = Team.objects.create(name=name)
        member = Member.objects.create(team=team, user=user, role=Role.OWNER)
        record(AuditKind.TEAM_MADE, name, team=team, actor=user)
        switch(member)
    return member


def rename_team(member: Member, name: str) -> None:
    """Give the team another name; raises InvalidInputs for `name`."""
    name = _named(name)
    with _managed(member):
        if Team.objects.filter(pk=member.team_id).exclude(name=name).update(name=name):
            record(AuditKind.TEAM_CHANGED, f"Its name: {name}", team=member.team_id, actor=member.user_id)


def install_owner(team: Team, user: User) -> Member:
    """Make somebody an owner of a team, without asking one of its owners: for whoever runs the server."""
    with transaction.atomic():
        hold_team(team.pk)
        member, _ = Member.objects.update_or_create(team=team, user=user, defaults={"role": Role.OWNER})
        record(AuditKind.ROLE_CHANGED, f"{user.email}: Owner, by the server's command", team=team, actor=None)
    return member


@contextmanager
def _managed(member: Member) -> Iterator[None]:
    """Let nobody else change who is in the team meanwhile; PermissionDenied for who does not own it (any more)."""
    with transaction.atomic():
        hold_team(member.team_id)
        if not Member.objects.filter(pk=member.pk, role=Role.OWNER).exists():
            raise PermissionDenied(OWNERS_ONLY)
        yield


def _let_in(found: Invite, user: User) -> Member | None:
    """Use the link up; None when it was used, revoked or over meanwhile."""
    live = Invite.objects.filter(pk=found.pk, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now())
    if not live.update(used_at=Now(), used_by=user):
        return None
    member = Member.objects.create(team_id=found.team_id, user=user, role=found.role)
    record(AuditKind.JOINED, f"{user.email} as {member.get_role_display()}", team=found.team_id, actor=user)
    return member


def _end(held: Member | None, actor_id: int) -> None:
    if held is None:
        return
    if held.role == Role.OWNER:
        _give_up_owning(held, actor_id)
    User.objects.filter(pk=held.user_id, current_team=held.team_id).update(current_team=None)
    team_id, words = held.team_id, f"{held.user.email} {'left' if held.user_id == actor_id else 'was removed'}"
    held.delete()
    record(AuditKind.LEFT, words, team=team_id, actor=actor_id)
    transaction.on_commit(lambda: ask_anew(team_id))


def _give_up_owning(held: Member, actor_id: int) -> None:
    """Refuse what leaves the team without an owner who can sign in; end the links that this owner gave out."""
    owners = Member.objects.filter(team=held.team_id, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=held.pk).exists():
        raise InvalidInputs({"member": LAST_OWNER})
    open_links = Invite.objects.filter(team=held.team_id, author=held.user_id, used_at__isnull=True, revoked_at__isnull=True)
    for found in open_links.filter(expires_at__gt=Now()):
        record(AuditKind.INVITE_ENDED, _called(found), team=held.team_id, actor=actor_id)
    open_links.update(revoked_at=Now())


def _called(found: Invite) -> str:
    role = Role(found.role).label
    return f"{found.email} as {role}" if found.email else f"Whoever follows the link, as {role}"


def _named(name: str) -> str:
    line = one_line(name)
    if not line:
        raise InvalidInputs({"name": NO_NAME})
    if len(line) > MOST_NAME:
        raise InvalidInputs({"name": LONG_NAME})
    return line
