"""The Django app of the site around the product."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.core.cache import cache
from django.core.management import call_command
from django.db.models.signals import post_migrate


class PlaygroundConfig(AppConfig):
    name = "playground"

    def ready(self) -> None:
        """Write down who signs in, and make the table of the shared cache wherever the other tables are made."""
        import_module("playground.sign_in_log").connect()
        # An app without models, as this one is, is told nothing.
        post_migrate.connect(_make_the_shared_cache, sender=apps.get_app_config("generations"))


def _make_the_shared_cache(*, using: str, **_: Any) -> None:
    """Make its table, and empty it: what another version wrote may have another form."""
    call_command("createcachetable", database=using, verbosity=0)
    cache.clear()
