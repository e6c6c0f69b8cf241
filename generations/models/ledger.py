"""Money, in millionths of a dollar; entries are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.generation import Generation
from generations.models.team import Team


class EntryKind(models.TextChoices):
    RESERVE = "reserve", "Reserved"
    CHARGE = "charge", "Charged"
    RELEASE = "release", "Released"
    REFUND_EXPECTED = "refund_expected", "Refund expected"


class LedgerEntry(models.Model):
    """The database refuses to change an entry (a trigger in the first migration) and to delete what it stands for."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ledger")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ledger")
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="ledger")
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Which try of the generation it belongs to.")
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    amount_microusd = models.BigIntegerField(
        help_text="Millionths of a dollar; what was taken is positive, what came back negative."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["generation", "attempt", "kind"], name="ledger_once_a_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="ledger_kind_known"),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="ledger_newest"),
            models.Index(fields=["team", "created_at"], name="ledger_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_microusd / 1_000_000:.6f} USD for {self.generation_id}"
