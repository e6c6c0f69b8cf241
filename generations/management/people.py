"""On whose behalf a command acts."""

from __future__ import annotations

import getpass
import sys

from django.core.management.base import CommandError

from generations.models import Member, Role, User

NO_OWNER = "There is no account yet to keep pictures for. Open the page once, or run: manage.py create_owner EMAIL --team NAME"

NOBODY = "Nobody with the address {email} has an account here. All of them are listed by: manage.py list_people"


def acting_member(email: str | None) -> Member:
    """Return whom the pictures belong to: a named person, or the first owner. Raises CommandError."""
    members = Member.objects.select_related("team", "user").order_by("joined_at", "pk")
    chosen = members.filter(user__email__iexact=email).exclude(role=Role.VIEWER) if email else members.filter(role=Role.OWNER)
    member = chosen.first()
    if member is None:
        raise CommandError(f"Nobody with the address {email} may make pictures here." if email else NO_OWNER, returncode=2)
    return member


def person_called(email: str) -> User:
    """Return the person with this address, whatever the case of its letters; raises CommandError."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(NOBODY.format(email=email), returncode=2)
    return user


def typed_password(from_stdin: bool) -> str:
    """Return a password from standard input's first line, or ask for it without showing it."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else getpass.getpass("Password: ")
