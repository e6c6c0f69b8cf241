"""Doors for programs: whose key opens the API, and what was asked for through it."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from generations.models.enhancement import EnhancementRequest
from generations.models.generation import Generation
from generations.models.team import Member, Team


class Scope(models.TextChoices):
    """What a key opens; each one opens all that the ones before it do."""

    READ = "read", "Read results"
    RUN = "run", "Run and read"


class ApiKey(models.Model):
    """It acts for the member who made it, and ends with their membership; the secret itself is not kept."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell keys apart.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the whole key.")
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.RUN)
    backend = models.CharField(max_length=40, blank=True, help_text="An alias in IMAGE_BACKENDS; empty for the team's choice.")
    budget_microusd = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The most it may spend in a calendar month (UTC), in millionths of a dollar."
    )
    runs_per_minute = models.PositiveIntegerField(null=True, blank=True)
    joins_repeats = models.BooleanField(
        default=False, help_text="The same request again within two minutes is the same run, for clients that send twice."
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="api_key_scope_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        """Say whether it still opens the door, by this machine's clock."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


TOLD = (
    *("team", "public_id", "model_id", "created_at", "wants_base64"),
    *(f"generation__{name}" for name in ("public_id", "state", "error", "render_ms")),
    *(f"enhancement__{name}" for name in ("state", "error", "text", "created_at", "finished_at", "charged_microusd")),
)
"""What contract.prediction reads of a run."""


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def seen_by(self, member: Member) -> Self:
        """Keep what a member's keys may see: the team's runs, less the pictures that others keep to themselves."""
        hidden = models.Q(generation__is_private=True) & ~models.Q(generation__author=member.user_id)
        return self.filter(~hidden, team=member.team_id, deleted_at__isnull=True)

    def with_outcome(self) -> Self:
        """Read along all that an answer tells."""
        return self.select_related("generation", "enhancement").prefetch_related("generation__images")

    def to_tell(self) -> Self:
        """Read what one answer tells and no more: half of what a read costs is columns that nobody looks at.

        Pictures are read when they are told, which they are once a run is completed.
        """
        return self.select_related("generation", "enhancement").only(*TOLD)


class Prediction(models.Model):
    """One run that was asked for through the API: of a picture, or of a better prompt."""

    public_id = models.UUIDField(unique=True, editable=False, help_text="The same as that of what is made.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="predictions")
    key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="predictions")
    created_at = models.DateTimeField(db_default=Now())
    model_id = models.CharField(max_length=80)
    inputs = models.JSONField(default=dict, help_text="What was asked for, checked and complete.")
    generation = models.OneToOneField(Generation, null=True, on_delete=models.PROTECT, related_name="prediction")
    enhancement = models.OneToOneField(EnhancementRequest, null=True, on_delete=models.PROTECT, related_name="prediction")
    wants_base64 = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 NULL is "none" for the unique constraint
    body_sha256 = models.CharField(max_length=64, help_text="Of the model and the request's body.")
    webhook_url = models.CharField(max_length=2000, blank=True)
    told_at = models.DateTimeField(null=True, help_text="When the delivery to its webhook was written down.")
    deleted_at = models.DateTimeField(null=True, help_text="Gone from the API since then; the gallery keeps the picture.")

    objects = PredictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "idempotency_key"], name="prediction_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(generation__isnull=False, enhancement__isnull=True)
                | models.Q(generation__isnull=True, enhancement__isnull=False),
                name="prediction_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="prediction_newest"),
            models.Index(fields=["key", "created_at"], name="prediction_by_key"),
            models.Index(
                fields=["id"],
                name="prediction_to_tell",
                condition=models.Q(told_at__isnull=True) & ~models.Q(webhook_url=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} of {self.model_id}"
