"""Which team a command is about."""

from __future__ import annotations

from django.core.management.base import CommandError

from generations.models import Member, Role, Team

NO_TEAM = "There is no team yet. Open the page once, or run: manage.py create_owner EMAIL --team NAME"
WHICH = "There are several teams. Say which one with --team NAME: {names}."
NO_SUCH = "There is no team called {name}. There are: {names}."
TWICE = "There are {count} teams called {name}. Rename one of them first."


def team_named(name: str | None) -> Team:
    """Return the team of that name, without a name the only one; raises CommandError."""
    teams = list(Team.objects.order_by("name", "pk"))
    found = [team for team in teams if name is None or team.name == name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(dict.fromkeys(team.name for team in teams))
    if not teams:
        sentence = NO_TEAM
    elif name is None:
        sentence = WHICH.format(names=names)
    else:
        sentence = TWICE.format(count=len(found), name=name) if found else NO_SUCH.format(name=name, names=names)
    raise CommandError(sentence, returncode=2)


def member_of(team: Team, email: str | None) -> Member:
    """Return whom pictures belong to in a team: a named member, or its first owner; raises CommandError."""
    members = team.memberships.select_related("team", "user").exclude(role=Role.VIEWER).order_by("joined_at", "pk")
    member = (members.filter(user__email__iexact=email) if email else members.filter(role=Role.OWNER)).first()
    if member is None:
        who = f"Nobody with the address {email}" if email else "No owner"
        raise CommandError(f"{who} may make pictures in the team {team.name}.", returncode=2)
    return member
