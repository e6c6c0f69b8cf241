"""Compare the ledger's charges with what WaveSpeed lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations.accounts import account_for, engine_of
from generations.audit import Audit, audit
from generations.errors import InvalidInputs, ReadFailed
from generations.listing import KEPT, since_of
from generations.models import Account, Team
from generations.money import dollars

ALIAS = "wavespeed"
MARGIN = timedelta(hours=1)
"""What is about to be deleted at the vendor would look like a difference."""
NOT_CONNECTED = (
    "WaveSpeed is not connected, so there is nothing to compare with. Set WAVESPEED_API_KEY, or connect it under Team."
)
TOO_OLD = "WaveSpeed lists seven days and no more. Give a later date with --since."


class Command(BaseCommand):
    help = "Compare the ledger with what WaveSpeed lists of the last seven days. Ends with 1 when they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="The date of the oldest order to compare; six days and 23 hours ago if not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            oldest = timezone.now() - KEPT
            since = oldest + MARGIN if options["since"] is None else since_of(options["since"])
            if since < oldest:
                raise InvalidInputs({"since": TOO_OLD})
            audits = [(account, audit(account, since, engine_of(account).price_microusd)) for account in _accounts()]
        except (InvalidInputs, ReadFailed) as error:
            raise CommandError(error.message, returncode=2) from error
        for account, found in audits:
            self._tell(account, found)
        if count := sum(len(found.differences) for _, found in audits):
            raise CommandError(f"{count} {'difference' if count == 1 else 'differences'}.", returncode=1)
        self.stdout.write("No differences.")

    def _tell(self, account: Account, found: Audit) -> None:
        self.stdout.write(f"{account}: {found.charges} charges here, {found.predictions} predictions there.")
        if found.unsettled:
            self.stdout.write(f"{found.unsettled} of them may be orders whose answer was lost; they are being checked.")
        for difference in found.differences:
            picture = f" (picture {difference.public_id})" if difference.public_id else ""
            self.stdout.write(f"{difference.upstream_id} {difference.kind}, {dollars(difference.amount_microusd)}{picture}")


def _accounts() -> list[Account]:
    """Return the accounts that pay for the teams now, each once."""
    found = {account.pk: account for team in Team.objects.order_by("pk") if (account := account_for(team, ALIAS)) is not None}
    if not found:
        raise CommandError(NOT_CONNECTED, returncode=2)
    return list(found.values())
