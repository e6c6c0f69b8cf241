"""Make an owner with a team of their own, without a browser."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.errors import InvalidInputs
from generations.forms import WelcomeForm
from generations.founding import found
from generations.management.people import typed_password


class Command(BaseCommand):
    help = "Make a person and a team that they own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--team", required=True, help="The new team's name.")
        parser.add_argument("--name", default="", help="The person's name.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        form = WelcomeForm(
            {**{key: options[key] for key in ("email", "team", "name")}, "password": typed_password(options["password_stdin"])}
        )
        if not form.is_valid():
            raise CommandError(_sentences(form.errors.as_data()), returncode=2)
        try:
            member = found(**form.cleaned_data)
        except InvalidInputs as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(f"{member.user.email} owns the team {member.team}.")


def _sentences(errors: dict[str, list[ValidationError]]) -> str:
    return " ".join(f"{field}: {message}" for field, found in errors.items() for error in found for message in error.messages)
