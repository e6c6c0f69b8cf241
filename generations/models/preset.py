"""Settings that somebody saved under a name."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from generations.models.team import Team
from generations.models.user import User


class Preset(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="presets")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False, help_text="The whole team sees and uses it.")
    settings = models.JSONField(default=dict, help_text="The values of a recipe (`recipes.Recipe.values`).")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["team", "author", "name"], name="preset_once_a_name")]

    def __str__(self) -> str:
        return self.name
