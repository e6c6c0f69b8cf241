"""A picture that a program hands over before it uses it as an input."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from generations.models.api import ApiKey
from generations.models.team import Team


class Upload(models.Model):
    """First a ticket without a file; kept for some days after the file came."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="uploads")
    key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="uploads")
    filename = models.CharField(max_length=200, help_text="As the program named it; never part of a path here.")
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveIntegerField(help_text="As announced.")
    file = models.FileField(max_length=200, blank=True, help_text="PNG, nothing of the original but its pixels.")
    width = models.PositiveIntegerField(null=True, help_text="Pixels.")
    height = models.PositiveIntegerField(null=True, help_text="Pixels.")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(help_text="The ticket's end until the file came, then the file's.")

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="upload_by_end")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.public_id})"
