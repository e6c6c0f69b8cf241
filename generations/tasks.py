"""Celery shells: each takes an id, calls one function, and passes on the ids that deserve a hint."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from celery import Task, shared_task
from celery.signals import worker_ready
from django.conf import settings
from kombu.exceptions import OperationalError

from generations import pipeline
from generations.backends import backend_for
from generations.models import Generation
from generations.pipeline import hook

log = logging.getLogger(__name__)

NOBODY = "no engine is set up here whose pictures come to the queue gpu: set FLUX_MODEL (docs/gpu.md)"


@worker_ready.connect
def look_to_the_card(sender: Any, **_: Any) -> None:
    """Say at the start of a worker for graphics cards what keeps it from working; it lives on and tells those who ask."""
    if "gpu" not in sender.app.amqp.queues.consume_from:
        return
    engines = [backend_for(alias) for alias in settings.IMAGE_BACKENDS if alias == "flux"]
    for reason in [engine.unavailable_because() for engine in engines] or [NOBODY]:
        log.log(logging.WARNING if reason else logging.INFO, "queue gpu: %s", reason or "ready, the model is loaded when needed")


@shared_task
def advance(generation_id: int) -> None:
    hint(pipeline.take_turn(generation_id))


@shared_task
def sweep() -> None:
    hint(pipeline.sweep())
    if pipeline.some_unjudged():
        _send(judge_some, queue="local", expires=settings.SWEEP_EVERY_S)


@shared_task
def poll_remote() -> None:
    hint(pipeline.poll())


@shared_task
def deliver() -> None:
    pipeline.deliver()


@shared_task
def enhance(request_id: int) -> None:
    pipeline.enhance(request_id)


@shared_task
def hear(attempt_id: int, upstream_id: str, inputs: dict[str, str | int | float | bool]) -> None:
    if hook.hear(attempt_id, upstream_id, inputs):
        hint(pipeline.poll())


@shared_task
def judge(generation_id: int) -> None:
    pipeline.judge(generation_id)


@shared_task
def judge_some() -> None:
    pipeline.judge_some()


def hint(generation_ids: Iterable[int]) -> None:
    """Ask the workers to look at these rows. A hint that gets lost is given again by the next sweep."""
    rows = Generation.objects.filter(pk__in=list(generation_ids)).values_list("pk", "backend")
    for generation_id, backend in rows:
        _send(advance, generation_id, queue=backend_for(backend).queue)


def hint_poll() -> None:
    """Ask for a look at what is in flight now, before the next one that is due."""
    _send(poll_remote, queue="poll")


def hint_deliver() -> None:
    """Ask for webhooks to be sent now, before the next look that is due."""
    _send(deliver, queue="remote")


def hint_enhance(request_id: int) -> None:
    """Ask for a prompt to be improved; a hint that gets lost shows as overdue."""
    _send(enhance, request_id, queue="enhance")


def hint_judge(generation_id: int) -> None:
    """Ask for a look at whether a picture that came in is unsafe; the painter's worker has the classifier loaded already."""
    _send(judge, generation_id, queue="local")


def hint_hear(attempt_id: int, upstream_id: str, inputs: dict[str, str | int | float | bool]) -> None:
    """Ask for a look at what a webhook claims of an order."""
    _send(hear, attempt_id, upstream_id, inputs, queue="remote")


def _send(task: Task, *arguments: Any, queue: str, expires: int | None = None) -> None:
    try:
        task.apply_async(arguments, queue=queue, expires=expires)
    except (OperationalError, OSError) as error:
        log.warning("hint %s %s not sent, the sweep will: %s", task.name, arguments[:1], error)
