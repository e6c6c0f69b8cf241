"""One picture asked for: its settings, who asked, and how far it is."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse

from generations.models.enhancement import EnhancementRequest
from generations.models.reference import Reference
from generations.models.team import Member, Team
from generations.models.user import User
from generations.recipes import Recipe


class State(models.TextChoices):
    """Where a generation stands; `lifecycle.TABLE` says which may follow which."""

    PENDING = "pending", "Waiting for an owner"
    QUEUED = "queued", "Waiting in line"
    SUBMITTING = "submitting", "Being ordered"
    UNKNOWN = "unknown", "Being checked"
    RUNNING = "running", "Being made"
    FETCHING = "fetching", "Waiting to be fetched"
    RENDERING = "rendering", "Painting"
    STORING = "storing", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    NEEDS_REVIEW = "needs_review", "Needs a decision"


FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
DECLINED = "declined"
"""The detail of a row to whose price an owner said no."""
LEASED = frozenset({State.RENDERING, State.SUBMITTING, State.STORING})


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: User) -> Self:
        """Keep what belongs to a team of this person, less what others keep to themselves."""
        return self.filter(models.Q(is_private=False) | models.Q(author=user), team__memberships__user=user)

    def seen_by(self, member: Member) -> Self:
        """Keep what belongs to the member's team, less what others keep to themselves."""
        return self.filter(models.Q(is_private=False) | models.Q(author=member.user_id), team=member.team_id)

    def finished(self) -> Self:
        return self.filter(state=State.SUCCEEDED)

    def in_gallery(self) -> Self:
        """Keep the finished pictures that are not in the trash."""
        return self.finished().filter(is_check=False, trashed_at__isnull=True)

    def on_stage(self) -> Self:
        """Leave out what programs asked for, what was made to check another picture, and what is in the trash."""
        return self.filter(prediction__isnull=True, is_check=False, trashed_at__isnull=True)

    def in_trash(self) -> Self:
        return self.filter(trashed_at__isnull=False, purged_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-id")

    def waiting_for(self, backend: str) -> Self:
        """Keep the line in front of a backend, first come first."""
        return self.filter(backend=backend, state=State.QUEUED).ready().order_by("id")

    def to_fetch(self) -> Self:
        """Keep what is finished at a vendor and not yet copied, longest first."""
        return self.filter(state=State.FETCHING).ready().order_by("id")

    def ready(self) -> Self:
        """Leave out what is put off, by the database's clock."""
        return self.filter(models.Q(not_before__isnull=True) | models.Q(not_before__lte=Now()))

    def expired(self) -> Self:
        """Keep what a worker took and no longer holds, by the database's clock."""
        return self.filter(state__in=LEASED, lease_until__lt=Now())

    def with_card(self) -> Self:
        """Read along all that a card shows, in two queries."""
        return self.select_related("author", "team", "progress", "reference").prefetch_related("images")


class Generation(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="generations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    created_at = models.DateTimeField(db_default=Now())
    stack = models.UUIDField(
        default=uuid.uuid4, db_index=True, editable=False, help_text="Shared by what one press of the button asked for."
    )
    idempotency_key = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 NULL is "none" for the unique constraint

    model = models.CharField(max_length=80, help_text="A name in the catalog.")
    backend = models.CharField(max_length=40, help_text="An alias in IMAGE_BACKENDS.")
    prompt = models.TextField()
    width = models.PositiveSmallIntegerField(help_text="Pixels.")
    height = models.PositiveSmallIntegerField(help_text="Pixels.")
    num_inference_steps = models.PositiveSmallIntegerField()
    guidance_scale = models.FloatField()
    seed = models.PositiveIntegerField()
    output_format = models.CharField(max_length=8)
    reference = models.ForeignKey(Reference, null=True, blank=True, on_delete=models.PROTECT, related_name="generations")
    strength = models.FloatField(null=True, blank=True, help_text="Only with a reference.")

    enhancement = models.ForeignKey(
        EnhancementRequest,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="generations",
        help_text="Where the prompt, or a part of it, came from.",
    )

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    fence = models.PositiveIntegerField(
        default=0, help_text="Counts how often a worker took this row; an older worker's writes are refused."
    )
    lease_until = models.DateTimeField(null=True, blank=True, help_text="The worker holds the row until then.")
    not_before = models.DateTimeField(null=True, blank=True, help_text="Nobody takes the row before that.")
    expiries = models.PositiveSmallIntegerField(default=0, help_text="How often a lease ran out.")
    error = models.TextField(blank=True, help_text="A sentence for the person.")
    detail = models.TextField(blank=True, help_text="The facts for the log.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    render_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Milliseconds the backend took.")
    price_microusd = models.PositiveBigIntegerField(default=0, help_text="Millionths of a dollar.")
    notes = models.JSONField(default=list, blank=True, help_text="Sentences from the backend.")
    versions = models.JSONField(default=dict, blank=True, help_text="Of everything that shaped the pixels.")

    is_private = models.BooleanField(default=False, db_default=False, help_text="Only its author sees it.")
    note = models.CharField(max_length=300, blank=True, help_text="A line of the team's own about the picture.")
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
        help_text="The picture whose settings it was made with.",
    )
    is_check = models.BooleanField(default=False, db_default=False, help_text="Made to check another one; never in the gallery.")
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="trashed"
    )
    purged_at = models.DateTimeField(null=True, blank=True, help_text="Its files and words are gone; the books need the row.")

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="generation_state_known"),
            models.UniqueConstraint(fields=["team", "idempotency_key"], name="generation_once_a_key"),
            models.CheckConstraint(
                condition=models.Q(reference__isnull=True, strength__isnull=True)
                | models.Q(reference__isnull=False, strength__isnull=False),
                name="generation_strength_with_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "state", "is_check", "trashed_at", "-id"], name="generation_gallery"),
            models.Index(fields=["team", "author", "state", "is_check", "trashed_at", "-id"], name="generation_mine"),
            models.Index(fields=["team", "backend", "state", "is_check", "trashed_at", "-id"], name="generation_made_by"),
            models.Index(fields=["team", "seed"], name="generation_seed"),
            models.Index(fields=["team", "created_at"], name="generation_by_date"),
            models.Index(
                fields=["backend", "id"],
                name="generation_line",
                condition=models.Q(state="queued"),
            ),
            models.Index(fields=["backend", "author", "-started_at"], name="generation_served"),
            models.Index(fields=["lease_until"], name="generation_leases", condition=models.Q(lease_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("gallery:picture", args=[self.public_id])

    @property
    def title(self) -> str:
        """Return the prompt, or what to call a picture without one, such as one that was brought in."""
        return self.prompt or "A picture without a prompt"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_declined(self) -> bool:
        return self.state == State.CANCELLED and self.detail == DECLINED

    @property
    def is_waiting(self) -> bool:
        return self.state == State.QUEUED

    @property
    def in_line_since(self) -> datetime:
        """Return when a waiting row came into its line, or came back, or may be taken when it was put off."""
        return max(self.created_at, self.not_before or self.created_at)

    @property
    def size(self) -> str:
        """Return the size in the API's way of writing it."""
        return f"{self.width}*{self.height}"

    @property
    def proportion(self) -> int:
        """Return width over height in twentieths; the stylesheet has a class for each."""
        return round(20 * self.width / self.height)

    @property
    def recipe(self) -> Recipe:
        """Return the settings that make this picture again; a reference picture has to be attached anew."""
        values = {name: getattr(self, name) for name in ("prompt", "size", "seed", "num_inference_steps", "guidance_scale")}
        values |= {"output_format": self.output_format, "backend": self.backend}
        return Recipe(values=values if self.strength is None else {**values, "strength": self.strength})

    @property
    def elapsed(self) -> timedelta | None:
        """Return how long it took from the press of the button to the finished picture."""
        return self.finished_at - self.created_at if self.finished_at else None


class Progress(models.Model):
    """How far the painting is; gone when it is finished."""

    generation = models.OneToOneField(Generation, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    step = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    preview = models.BinaryField(help_text="A small WebP of the picture so far.")

    def __str__(self) -> str:
        return f"step {self.step} of {self.of}"
