"""One order to a vendor: written down before it is sent, and sent at most once."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from generations.models.account import Account
from generations.models.generation import Generation


class Outcome(models.TextChoices):
    OPEN = "open", "On its way"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Not accepted"
    UNKNOWN = "unknown", "Not known"
    ABANDONED = "abandoned", "Given up by a person"


LIVE = frozenset({Outcome.OPEN, Outcome.ACCEPTED, Outcome.UNKNOWN})
UNPROVEN = frozenset({Outcome.OPEN, Outcome.UNKNOWN})


class Attempt(models.Model):
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(help_text="1 for the first order.")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="attempts")
    nonce = models.UUIDField(unique=True, default=uuid.uuid4, editable=False, help_text="In the webhook's address.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    upstream_id = models.CharField(max_length=128, null=True, blank=True, unique=True)
    request = models.JSONField(default=dict, help_text="Exactly what was sent.")
    answers = models.JSONField(default=list, blank=True, help_text="What the vendor said, its essential fields.")
    outputs = models.JSONField(default=list, blank=True, help_text="Addresses of the finished pictures at the vendor.")
    created_at = models.DateTimeField(db_default=Now())
    lost_at = models.DateTimeField(null=True, blank=True, help_text="When its answer was given up.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the vendor's list was last read for it in vain.")
    absences = models.PositiveSmallIntegerField(default=0, help_text="How often the vendor's list did not have it.")
    poll_at = models.DateTimeField(null=True, blank=True, help_text="When to ask for it next.")
    polls = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="attempt_outcome_known"),
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_once_a_number"),
            models.UniqueConstraint(
                fields=["generation"], condition=models.Q(outcome__in=sorted(LIVE)), name="attempt_one_alive"
            ),
            models.CheckConstraint(
                condition=models.Q(upstream_id__isnull=False) | ~models.Q(outcome=Outcome.ACCEPTED),
                name="attempt_accepted_has_id",
            ),
        ]
        indexes = [
            models.Index(fields=["poll_at"], name="attempt_due", condition=models.Q(poll_at__isnull=False)),
            models.Index(fields=["account", "-created_at"], name="attempt_of_account"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.generation_id} ({self.outcome})"
