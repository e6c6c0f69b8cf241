"""What a team, and each of its members, has spent in a month: sums of the ledger that can be guarded."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from generations.models.team import Team


class SpentMonth(models.Model):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="spent_months")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: everybody.",
    )
    month = models.DateField(help_text="Its first day, UTC.")
    amount_microusd = models.BigIntegerField(default=0, db_default=0, help_text="Millionths of a dollar, charged or set aside.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "month"], condition=models.Q(user__isnull=True), name="spent_once_a_team"),
            models.UniqueConstraint(
                fields=["team", "user", "month"], condition=models.Q(user__isnull=False), name="spent_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_microusd / 1_000_000:.6f} USD in {self.month:%Y-%m}"
