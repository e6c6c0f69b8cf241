"""A finished picture: its files and their fingerprints."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from generations.models.generation import Generation


class Image(models.Model):
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="images")
    index = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    file = models.FileField(max_length=200)
    small = models.FileField(max_length=200, help_text="WebP, 384 px on the longer side.")
    large = models.FileField(max_length=200, help_text="WebP, 960 px on the longer side.")
    width = models.PositiveSmallIntegerField(help_text="Pixels.")
    height = models.PositiveSmallIntegerField(help_text="Pixels.")
    size_bytes = models.PositiveIntegerField()
    output_format = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    pixels_sha256 = models.CharField(max_length=64, help_text="Of the pixels, whatever the file format.")
    unsafe_score = models.FloatField(null=True, help_text="How unsafe the classifier finds it, 0 to 1; null: not asked.")
    unreadable_at = models.DateTimeField(null=True, help_text="Its file could not be looked at then, and is not tried again.")
    vendor_flagged = models.BooleanField(default=False, db_default=False, help_text="Its vendor called it unsafe.")
    is_flagged = models.BooleanField(default=False, db_default=False, help_text="Unsafe by the score or the vendor.")
    cleared_at = models.DateTimeField(null=True, help_text="An owner looked at it then, and found it fine.")
    placeholder = models.TextField(help_text="A tiny blurred picture as a data: URI.")

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["generation", "index"], name="image_once_an_index")]
        indexes = [
            models.Index(fields=["pixels_sha256"], name="image_pixels"),
            models.Index(
                fields=["-id"],
                name="image_unscored",
                condition=models.Q(unsafe_score__isnull=True, unreadable_at__isnull=True),
            ),
            models.Index(
                fields=["generation"],
                name="image_to_review",
                condition=models.Q(is_flagged=True, cleared_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id}/{self.index} {self.width}×{self.height}"
