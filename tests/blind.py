"""The product with its guard switched off, for the control of the kill tests: `celery -A tests.blind`.

An order whose answer was lost is put back in line at once, as most tools do, instead of being looked for.
"""

from __future__ import annotations

import importlib
import os

import django
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup()

from generations import lifecycle  # noqa: E402 models need the setup
from generations.models import Attempt, Outcome, State  # noqa: E402
from playground.celery import app  # noqa: E402

__all__ = ["app"]


def order_again() -> list[int]:
    freed = []
    for attempt in Attempt.objects.filter(outcome=Outcome.UNKNOWN, generation__state=State.UNKNOWN).select_related("generation"):
        with transaction.atomic():
            Attempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.REJECTED)
            lifecycle.move("absent", attempt.generation)
        freed.append(attempt.generation_id)
    return freed


# The package's attribute of this name is the function, not the module.
importlib.import_module("generations.pipeline.sweep").reconcile = order_again  # type: ignore[attr-defined]
