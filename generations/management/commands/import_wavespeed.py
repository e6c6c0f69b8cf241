"""Bring the finished pictures of a WaveSpeed account into the gallery."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.accounts import account_for, why_unavailable
from generations.backends import backend_for
from generations.errors import InvalidInputs, ReadFailed
from generations.importing import Import, What, import_living
from generations.listing import since_of
from generations.management.people import acting_member
from generations.models import Account, Member

ALIAS = "wavespeed"
NOT_SAVED = "A picture could not be saved: the disk is full or read-only. The pictures before it are in the gallery."


class Command(BaseCommand):
    help = "Bring the finished pictures that a WaveSpeed account still has into the gallery. Nothing is ordered or charged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="The date of the oldest; WaveSpeed keeps seven days, which is the default.")
        parser.add_argument("--as", dest="email", help="Whose pictures they are here; the first owner's if not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[What] = Counter()
        try:
            member = acting_member(options["email"])
            for found in import_living(member, _account(member), since_of(options["since"])):
                counts[found.what] += 1
                self._tell(found)
        except (InvalidInputs, ReadFailed) as error:
            raise CommandError(error.message, returncode=2) from error
        except OSError as error:
            raise CommandError(NOT_SAVED, returncode=2) from error
        self.stdout.write(
            f"{counts[What.IMPORTED]} imported, {counts[What.KNOWN]} already here, {counts[What.LEFT_OUT]} left out. "
            "Nothing was ordered or charged, and the ledger is as it was."
        )

    def _tell(self, found: Import) -> None:
        if found.generation is not None:
            prompt = found.generation.prompt.replace("\n", " ")[:60]
            self.stdout.write(f"{found.upstream_id} imported: {prompt} (seed {found.generation.seed})")
        elif found.what == What.LEFT_OUT:
            self.stdout.write(f"{found.upstream_id} left out. {found.because}")


def _account(member: Member) -> Account:
    account = account_for(member.team, ALIAS)
    reason = why_unavailable(member.team, backend_for(ALIAS))
    if account is None or reason:
        raise CommandError(reason, returncode=2)
    return account
