"""Pictures that a person wants to find again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.generation import Generation


class Favourite(models.Model):
    """Each person's own; the team does not see whose favourite a picture is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "generation"], name="favourite_once")]
        indexes = [models.Index(fields=["user", "-generation"], name="favourite_newest")]

    def __str__(self) -> str:
        return f"{self.generation_id} of {self.user_id}"
