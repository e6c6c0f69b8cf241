"""The words by which a picture is found. The database keeps an index over them: see the migration."""

from __future__ import annotations

from django.db import models

from generations.models.generation import Generation
from generations.models.team import Team


class SearchText(models.Model):
    """Of pictures that the gallery shows, and of no others."""

    generation = models.OneToOneField(Generation, primary_key=True, on_delete=models.CASCADE, related_name="search_text")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    words = models.TextField(help_text="Prompt, what it was before the enhancer, note and tags.")
    facets = models.TextField(help_text="Words of ours that stand for the team, the author and the backend.")

    def __str__(self) -> str:
        return str(self.generation_id)
