"""The Django app that holds the product."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "generations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("generations.checks")
