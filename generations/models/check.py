"""A picture made again, to see whether it is still the same."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.generation import Generation


class Verdict(models.TextChoices):
    WAITING = "waiting", "Being made again"
    IDENTICAL = "identical", "Identical pixels"
    ALIKE = "alike", "Looks the same"
    DIFFERENT = "different", "Different"
    FAILED = "failed", "Could not be made again"


class Check(models.Model):
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="checks")
    again = models.OneToOneField(Generation, on_delete=models.PROTECT, related_name="check_of", help_text="The second run.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="checks")
    created_at = models.DateTimeField(db_default=Now())
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.WAITING)
    distance = models.FloatField(null=True, blank=True, help_text="How far apart they look: 0 is the same, 1 black and white.")
    changes = models.JSONField(default=list, blank=True, help_text="[what, before, now] of all that differs.")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="check_verdict_known")]
        indexes = [models.Index(fields=["generation", "-id"], name="check_newest")]

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.verdict}"
