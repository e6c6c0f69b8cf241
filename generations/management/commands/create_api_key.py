"""Make a key for programs, without a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations import keys
from generations.key_form import ApiKeyForm
from generations.management.people import acting_member
from generations.models import Member, Scope

MOST_DAYS = 3650
NO_SUCH_DAYS = f"The days can be a whole number from 1 to {MOST_DAYS}."
NO_SUCH_SCOPE = f"The scope can be {Scope.READ} or {Scope.RUN}."


class Command(BaseCommand):
    help = "Make an API key and print it, once: it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Whom the key acts for.")
        parser.add_argument("--name", required=True, help="What it is for.")
        parser.add_argument("--scope", default=Scope.RUN.value, help="read or run; run if not given.")
        parser.add_argument("--backend", default="", help="Which engine makes its pictures; the team's choice if not given.")
        parser.add_argument("--days", help="How long it works; for good if not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        member = acting_member(options["email"])
        key, secret = keys.issue(member, options["name"].strip(), _limits(member, options))
        self.stderr.write(f"“{key.name}” acts for {member.user.email}. Keep the key: it cannot be shown again.", str)
        self.stdout.write(secret)


def _limits(member: Member, options: dict[str, Any]) -> keys.Limits:
    """Let the page's form decide what is valid; raises CommandError with a sentence."""
    if options["scope"] not in Scope.values:
        raise CommandError(NO_SUCH_SCOPE, returncode=2)
    form = ApiKeyForm(member.team, {name: options[name] for name in ("name", "scope", "backend")} | {"ends": "never"})
    if not form.is_valid():
        raise CommandError(" ".join(str(sentence) for found in form.errors.values() for sentence in found), returncode=2)
    return replace(form.limits, expires_at=_end(options["days"]))


def _end(days: str | None) -> datetime | None:
    if days is None:
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= MOST_DAYS):
        raise CommandError(NO_SUCH_DAYS, returncode=2)
    return timezone.now() + timedelta(days=int(days))
