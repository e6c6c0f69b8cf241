"""A link that shows a picture, a collection or a recipe to people outside the team."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from generations.models.collection import Collection
from generations.models.generation import Generation
from generations.models.team import Team


class ShareKind(models.TextChoices):
    PICTURE = "picture", "Picture"
    COLLECTION = "collection", "Collection"
    RECIPE = "recipe", "Recipe"


class ShareLink(models.Model):
    """The token itself is not kept."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="share_links")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ShareKind.choices)
    generation = models.ForeignKey(Generation, null=True, blank=True, on_delete=models.CASCADE, related_name="share_links")
    collection = models.ForeignKey(Collection, null=True, blank=True, on_delete=models.CASCADE, related_name="share_links")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the token.")
    password = models.CharField(max_length=128, blank=True, help_text="Hashed; empty for none.")
    wrong_passwords = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Tries that are not right, or not yet.")
    wrong_since = models.DateTimeField(null=True, blank=True, help_text="The first of them; after a minute they count anew.")
    with_settings = models.BooleanField(default=False)
    allows_downloads = models.BooleanField(default=False)
    views = models.PositiveIntegerField(default=0, help_text="How often its page was shown.")
    last_viewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty for never.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ShareKind.values), name="share_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind=ShareKind.COLLECTION, generation__isnull=True, collection__isnull=False)
                | (~models.Q(kind=ShareKind.COLLECTION) & models.Q(generation__isnull=False, collection__isnull=True)),
                name="share_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["team", "-id"], name="share_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.team_id}"

    @property
    def is_live(self) -> bool:
        """Say whether it still opens the door, by this machine's clock."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
