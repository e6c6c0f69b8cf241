"""A new password for somebody who cannot sign in any more."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from generations.audit_log import record
from generations.management.people import person_called, typed_password
from generations.models import AuditKind, User

BY_COMMAND = "{email}, by the server's command"


class Command(BaseCommand):
    help = "Ask for a new password for a person, and end all of their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")
        parser.add_argument(
            "--without-second-factors",
            action="store_true",
            help="Also forget their app, passkeys and recovery codes.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_called(options["email"])
        password = typed_password(options["password_stdin"])
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from None
        _set(user, password)
        if options["without_second_factors"]:
            _forget_second_factors(user)
        self.stdout.write(f"{user.email} has a new password. Wherever they were signed in, they are asked for it.")
        if not user.is_active:
            self.stderr.write("Their account is closed, so they still cannot sign in.", str)


def _set(user: User, password: str) -> None:
    """Keep the password; sessions are bound to the one before and end with it."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        record(AuditKind.PASSWORD_CHANGED, BY_COMMAND.format(email=user.email), team=None, actor=None)


def _forget_second_factors(user: User) -> None:
    """Let the password alone open the door again, for somebody whose phone is lost."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        record(AuditKind.SECOND_FACTOR, BY_COMMAND.format(email=user.email), team=None, actor=None)
