"""A link that makes whoever follows it a member, once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from generations.models.team import Role, Team


class Invite(models.Model):
    """The token itself is not kept."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invites")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    email = models.EmailField(blank=True, help_text="Where it was sent, if it was.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the token.")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invite_role_known")]
        indexes = [models.Index(fields=["team", "-id"], name="invite_newest")]

    def __str__(self) -> str:
        return f"{self.role} of {self.team_id}"

    @property
    def is_live(self) -> bool:
        """Say whether it still opens the door, by this machine's clock."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > timezone.now()
