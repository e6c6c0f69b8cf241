"""Who has an account here, and what they may do."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from generations.models import User


class Command(BaseCommand):
    help = "List everybody with their teams, their roles and when they last signed in."

    def handle(self, *args: Any, **options: Any) -> None:
        people = list(User.objects.prefetch_related("memberships__team").order_by("email"))
        width = max((len(person.email) for person in people), default=0)
        for person in people:
            self.stdout.write(f"{person.email:<{width}}  {_last_sign_in(person)}  {_teams(person)}")
        if not people:
            self.stdout.write("Nobody has an account yet. Open the page once, or run: manage.py create_owner EMAIL --team NAME")


def _last_sign_in(person: User) -> str:
    if not person.is_active:
        return "account closed  "
    return f"{person.last_login:%Y-%m-%d %H:%M}" if person.last_login else "never signed in "


def _teams(person: User) -> str:
    roles = [f"{member.team.name} ({member.role})" for member in person.memberships.all()]
    return ", ".join(sorted(roles)) or "in no team"
