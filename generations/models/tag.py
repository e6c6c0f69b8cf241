"""Words that a team puts on its pictures."""

from __future__ import annotations

from django.db import models

from generations.models.generation import Generation
from generations.models.team import Team


class Tag(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40, help_text="In lower case, without # in front.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="tag_once_a_name")]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="taggings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "generation"], name="tagging_once")]
        indexes = [models.Index(fields=["tag", "-generation"], name="tagging_newest")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.generation_id}"
