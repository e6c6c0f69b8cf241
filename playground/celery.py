"""The Celery application. Its beat runs as a thread of the worker that is started with `--with-beat`.

Celery's own `-B` starts a second process, which stays behind when the worker is killed with -9.
"""

from __future__ import annotations

import os
from typing import Any

import click
from celery import Celery, bootsteps
from celery.beat import EmbeddedService

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

app = Celery("playground")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["generations"])
app.user_options["worker"].add(click.Option(("--with-beat",), is_flag=True, help="Also send the periodic tasks."))


class BeatThread(bootsteps.StartStopStep):
    """Send the periodic tasks from a thread that dies with this worker."""

    def __init__(self, parent: Any, with_beat: bool = False, **options: Any) -> None:
        super().__init__(parent, **options)
        self.enabled = with_beat

    def create(self, parent: Any) -> Any:
        return EmbeddedService(parent.app, thread=True, schedule_filename=":memory:", scheduler_cls="celery.beat:Scheduler")


app.steps["worker"].add(BeatThread)
