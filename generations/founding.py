"""The first owner, and further ones with teams of their own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from generations.errors import InvalidInputs
from generations.models import Member, Role, Team, User

ALREADY_FOUNDED = "This playground already has an owner. Sign in instead."
# Any fixed number: it names this lock among PostgreSQL's advisory locks.
FOUNDING_LOCK = 7_251_001


def is_founded() -> bool:
    """Say whether anybody has an account here."""
    return User.objects.exists()


def found_first(*, email: str, password: str, team: str, name: str = "") -> Member:
    """Make the first owner and team; PermissionDenied when somebody else was faster."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # SQLite's IMMEDIATE transactions already go one after the other.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOUNDING_LOCK])
        if is_founded():
            raise PermissionDenied(ALREADY_FOUNDED)
        return found(email=email, password=password, team=team, name=name)


def found(*, email: str, password: str, team: str, name: str = "") -> Member:
    """Make a person and a team that they own; InvalidInputs when the address already has an account."""
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputs({"email": "This address already has an account."})
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name)
        return Member.objects.create(team=Team.objects.create(name=team), user=user, role=Role.OWNER)
