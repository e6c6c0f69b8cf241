"""A picture that somebody attached for others to be made from."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from generations.models.team import Team


class Reference(models.Model):
    """Kept once a team, whatever how often it is attached: the fingerprint of its pixels is its name."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="references")
    pixels_sha256 = models.CharField(max_length=64)
    source_sha256 = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Of the team's picture that this is a lossy file of."
    )
    file = models.FileField(max_length=200)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pixels_sha256"], name="reference_once_a_team")]
        indexes = [models.Index(fields=["team", "source_sha256"], name="reference_source")]

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {self.pixels_sha256[:12]}"
