"""Pictures that a team keeps together under a name; a picture can be in several."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse

from generations.models.generation import Generation
from generations.models.team import Member, Team


class CollectionQuerySet(models.QuerySet["Collection"]):
    def seen_by(self, member: Member) -> Self:
        """Keep what belongs to the member's team, less what others keep to themselves."""
        return self.filter(models.Q(is_private=False) | models.Q(author=member.user_id), team=member.team_id)


class Collection(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="collections")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="collections")
    name = models.CharField(max_length=80)
    is_private = models.BooleanField(default=False, db_default=False, help_text="Only its author sees it.")
    created_at = models.DateTimeField(db_default=Now())

    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("team", Lower("name"), name="collection_once_a_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('gallery:index')}?collection={self.public_id}"


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="collection_items")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "generation"], name="collection_item_once")]
        indexes = [models.Index(fields=["collection", "-generation"], name="collection_newest")]

    def __str__(self) -> str:
        return f"{self.generation_id} in {self.collection_id}"
