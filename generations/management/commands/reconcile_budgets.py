"""Compare what counts against the budgets with the ledger it is the sum of."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from generations.budget import Spender, booked, spenders
from generations.models import SpentMonth, Team, User
from generations.money import dollars


class Command(BaseCommand):
    help = "Compare what counts against the budgets with the ledger it is the sum of. Ends with 1 when they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="Set what differs to what the ledger says.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = sum(self._compare(spender, mend=options["mend"]) for spender in spenders())
        if count and not options["mend"]:
            differ = "sum differs" if count == 1 else "sums differ"
            raise CommandError(f"{count} {differ}. Set to what the ledger says with --mend.", returncode=1)
        self.stdout.write(f"{count} mended." if count else "No differences.")

    def _compare(self, spender: Spender, *, mend: bool) -> bool:
        """Say what differs; the row is held meanwhile, so that nothing is spent between the look and the mending."""
        with transaction.atomic():
            row = SpentMonth.objects.select_for_update().filter(spender.counter).first()
            counted, right = row.amount_microusd if row else 0, booked(spender)
            if counted == right:
                return False
            sums = f"{dollars(counted)} counted, {dollars(right)} in the ledger"
            self.stdout.write(f"{_name(spender)} in {spender.month:%Y-%m}: {sums}")
            if mend and row:
                SpentMonth.objects.filter(pk=row.pk).update(amount_microusd=right)
            elif mend:
                SpentMonth.objects.create(
                    team_id=spender.team_id, user_id=spender.user_id, month=spender.month, amount_microusd=right
                )
        return True


def _name(spender: Spender) -> str:
    team = Team.objects.get(pk=spender.team_id)
    return str(team) if spender.user_id is None else f"{User.objects.get(pk=spender.user_id)} of {team}"
