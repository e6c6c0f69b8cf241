"""An account at a vendor: whose key pays, and whether it may be used right now."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from generations.models.team import Team


class Account(models.Model):
    """One a team and backend; without a team it stands for the key in the environment, which serves everybody."""

    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    backend = models.CharField(max_length=40, help_text="An alias in IMAGE_BACKENDS.")
    sealed_key = models.TextField(blank=True, help_text="Encrypted; empty for the key in the environment.")
    sealed_webhook_secret = models.TextField(
        blank=True, help_text="Encrypted; what the vendor signs its webhooks with, as soon as that is known."
    )
    key_ending = models.CharField(max_length=4, blank=True, help_text="The last characters, to tell keys apart.")
    paused_because = models.TextField(blank=True, help_text="A sentence for the person; nothing is sent until somebody ends it.")
    quiet_until = models.DateTimeField(
        null=True, blank=True, help_text="The vendor asked for fewer requests; nothing is sent until then."
    )
    refusals = models.PositiveSmallIntegerField(default=0, help_text="How often in a row it did; each one doubles the wait.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "backend"], name="account_once_a_team"),
            models.UniqueConstraint(fields=["backend"], condition=models.Q(team__isnull=True), name="account_once_for_all"),
        ]

    def __str__(self) -> str:
        return f"{self.backend} of {self.team or 'everybody'}"

    @property
    def is_quiet(self) -> bool:
        """Say whether its vendor still wants to be left alone, by this machine's clock: for people to read."""
        return self.quiet_until is not None and self.quiet_until > timezone.now()
