"""Somebody found a picture that should not be here."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.generation import Generation


class Resolution(models.TextChoices):
    OPEN = "", "Not looked at yet"
    FINE = "fine", "Found fine"
    TRASHED = "trashed", "Put into the trash"


class Report(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: a guest.",
    )
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    resolution = models.CharField(max_length=8, choices=Resolution.choices, blank=True, default=Resolution.OPEN)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["resolution", "generation"], name="report_by_resolution")]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "reporter"], condition=models.Q(resolution=""), name="report_once_a_person"
            ),
            models.CheckConstraint(condition=models.Q(resolution__in=Resolution.values), name="report_resolution_known"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.reason}"
