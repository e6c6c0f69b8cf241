"""One prompt handed to an enhancer: what was asked for, how far it is, and what came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.enhancers.base import Addition, Enhancement, Kind, Style
from generations.models.team import Team


class EnhancementState(models.TextChoices):
    """Where a request stands; `enhancement_lifecycle.TABLE` says which may follow which."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being written"
    PRICED = "priced", "Waits for a yes to its price"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class EnhancementRequest(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="enhancements")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enhancements")
    created_at = models.DateTimeField(db_default=Now())

    enhancer = models.CharField(max_length=40, help_text="An alias in PROMPT_ENHANCERS.")
    original = models.TextField(help_text="What the person wrote.")
    style = models.CharField(
        max_length=16, choices=[(style.value, style.value.title()) for style in Style], default=Style.DEFAULT
    )
    seed = models.PositiveIntegerField()
    agreed_microusd = models.PositiveBigIntegerField(default=0, help_text="The most that the person agreed to pay.")

    state = models.CharField(max_length=16, choices=EnhancementState.choices, default=EnhancementState.QUEUED)
    moved_at = models.DateTimeField(db_default=Now(), help_text="When it came into its state.")
    finished_at = models.DateTimeField(null=True, blank=True)
    price_microusd = models.PositiveBigIntegerField(default=0, help_text="What the vendor asks for it.")
    charged_microusd = models.PositiveBigIntegerField(default=0, help_text="What it has charged, or may have.")
    text = models.TextField(blank=True)
    additions = models.JSONField(
        default=list, blank=True, help_text="[kind, start, end] of each piece of the text that was added."
    )
    notes = models.JSONField(default=list, blank=True, help_text="Sentences from the enhancer.")
    error = models.TextField(blank=True, help_text="A sentence for the person.")
    detail = models.TextField(blank=True, help_text="The facts for the log.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=EnhancementState.values), name="enhancement_state_known"),
        ]
        indexes = [
            models.Index(fields=["team", "created_at"], name="enhancement_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    @property
    def is_busy(self) -> bool:
        return self.state in (EnhancementState.QUEUED, EnhancementState.RUNNING)

    @property
    def enhancement(self) -> Enhancement:
        """Return what came of it."""
        additions = tuple(Addition(kind=Kind(kind), start=start, end=end) for kind, start, end in self.additions)
        return Enhancement(original=self.original, text=self.text, additions=additions, notes=tuple(self.notes))
