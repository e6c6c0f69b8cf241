"""A named right that one process at a time holds."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    holder = models.UUIDField(null=True, blank=True, help_text="Of whoever took it last.")
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"
