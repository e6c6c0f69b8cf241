"""An owner for a team that none of its own can manage any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generations.management.people import person_called
from generations.management.teams import team_named
from generations.membership import install_owner


class Command(BaseCommand):
    help = "Make a person an owner of a team, whether they are in it or not. For somebody new: create_owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Of somebody with an account.")
        parser.add_argument("--team", required=True, help="The team's name.")

    def handle(self, *args: Any, **options: Any) -> None:
        member = install_owner(team_named(options["team"]), person_called(options["email"]))
        self.stdout.write(f"{member.user.email} is an owner of the team {member.team} now.")
