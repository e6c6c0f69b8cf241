"""A team shares one gallery; a member has a role in it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


class WordsPolicy(models.TextChoices):
    """What happens to a prompt with a word of the team's list."""

    OFF = "off", "Do nothing"
    WARN = "warn", "Ask first"
    REFUSE = "refuse", "Refuse it"


class PicturesPolicy(models.TextChoices):
    """What happens to a picture that may be unsafe to look at."""

    SHOW = "show", "Show it"
    BLUR = "blur", "Blur it until it is pressed"
    REFUSE = "refuse", "Do not keep it"


class Team(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    api_backend = models.CharField(
        max_length=40, blank=True, help_text="Who makes the pictures that programs ask for; empty for this server's default."
    )
    budget_microusd = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The most the team may spend in a calendar month (UTC), in millionths of a dollar."
    )
    person_budget_microusd = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The same for each person, unless their membership says otherwise."
    )
    approval_microusd = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="What costs more than this waits for an owner, in millionths of a dollar."
    )
    words_policy = models.CharField(
        max_length=8, choices=WordsPolicy.choices, default=WordsPolicy.OFF, db_default=WordsPolicy.OFF
    )
    listed_words = models.TextField(
        blank=True, default="", db_default="", help_text="Words and patterns of the policy above, one a line."
    )
    pictures_policy = models.CharField(
        max_length=8, choices=PicturesPolicy.choices, default=PicturesPolicy.BLUR, db_default=PicturesPolicy.BLUR
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(words_policy__in=WordsPolicy.values), name="team_words_policy_known"),
            models.CheckConstraint(
                condition=models.Q(pictures_policy__in=PicturesPolicy.values), name="team_pictures_policy_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    budget_microusd = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The most this person may spend in a calendar month; empty for what the team says."
    )
    joined_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_once_a_team"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role}) in {self.team}"
