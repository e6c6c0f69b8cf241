"""A picture that somebody attached for others to be made from."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath

from django.db import models
from django.db.models.functions import Now

from generations.models.team import Team


class Reference(models.Model):
    """Kept once a team, whatever how often it is attached: the fingerprint of its pixels is its name."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="references")
    pixels_sha256 = models.CharField(max_length=64)
    file = models.FileField(max_length=200)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pixels_sha256"], name="reference_once_a_team")]

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {self.pixels_sha256[:12]}"

    @property
    def source_sha256(self) -> str:
        """The fingerprint of the team's picture that this is a lossy file of; "" for what is none."""
        folders = PurePosixPath(self.file.name or "").parent.parts
        return folders[2] if len(folders) > 2 else ""


def reference_folder(team: Team, source_sha256: str = "") -> str:
    """Return where a team's references lie: lossy files of a picture of its own in a folder of that picture's fingerprint."""
    return f"references/{team.public_id.hex}/{source_sha256}".rstrip("/")
