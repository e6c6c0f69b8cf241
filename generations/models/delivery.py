"""A webhook on its way out: what is to be said, where, and how often that was tried."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from generations.models.api import Prediction
from generations.models.team import Team


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"
    DISABLED = "disabled", "Not wanted"
    """The receiver said 410: nothing more goes to this address until a person sends again."""


class Delivery(models.Model):
    """The end of one run, told to one address."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False, help_text="The webhook-id of all its tries.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="deliveries")
    prediction = models.OneToOneField(Prediction, on_delete=models.PROTECT, related_name="delivery")
    url = models.CharField(max_length=2000)
    body = models.TextField(help_text="JSON, exactly as it is signed and sent.")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now(), help_text="When it is tried next.")
    answers = models.JSONField(default=list, blank=True, help_text="[time, status or 0, sentence] of each try, oldest first.")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=DeliveryState.values), name="delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="delivery_newest"),
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"
