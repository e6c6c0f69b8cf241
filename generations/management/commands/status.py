"""Show how the playground is doing: processes, queues, the oldest waiting row and the oldest lease."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Min, QuerySet
from django.utils import timezone

from generations import supervision
from generations.backends import backends_on_offer
from generations.backends.base import Backend
from generations.cards import why_waiting
from generations.models import Generation, State
from generations.models.generation import LEASED
from generations.pipeline.line import is_served, waits_long


class Command(BaseCommand):
    help = "Print each process, the depth of each queue, the oldest hint and the oldest lease."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Data      {settings.DATA_DIR}")
        self._processes()
        self._queues()
        self._rows()

    def _processes(self) -> None:
        try:
            with supervision.running_supervisor() as server:
                processes: Any = server.supervisor.getAllProcessInfo()
        except OSError:
            self.stdout.write("Processes none: `make run` is not running with this data folder")
            return
        for process in processes:
            self.stdout.write(f"Process   {process['name']:<8} {process['statename'].lower():<9} {process['description']}")

    def _queues(self) -> None:
        for queue in sorted({"remote", "poll", *(backend.queue for backend in backends_on_offer())}):
            self.stdout.write(f"Queue     {queue:<8} {_depth(queue)}")

    def _rows(self) -> None:
        waiting = Generation.objects.filter(state=State.QUEUED)
        leased = Generation.objects.filter(state__in=LEASED)
        self.stdout.write(f"Waiting   {waiting.count()} rows, oldest hint {_age(waiting, 'created_at')}")
        for backend in backends_on_offer():
            self._line(backend)
        self.stdout.write(f"At work   {leased.count()} rows, oldest lease {_age(leased, 'started_at')}")
        overdue = Generation.objects.expired().count()
        review = Generation.objects.filter(state=State.NEEDS_REVIEW).count()
        self.stdout.write(f"Stuck     {overdue} overdue leases, {review} waiting for a person's decision")

    def _line(self, backend: Backend) -> None:
        """Say of a line that does not move what would set it going."""
        rows = Generation.objects.waiting_for(backend.alias).select_related("team")
        oldest = rows.first()
        if oldest is None or not waits_long(oldest) or is_served(backend.alias):
            return
        missing = f"No worker takes from it: `manage.py serve {backend.queue}` runs one."
        reason = why_waiting(oldest.team, backend.alias) or missing
        self.stdout.write(f"Still     {backend.title}, {rows.count()} rows. {reason}")


def _depth(queue: str) -> str:
    """Say how many hints lie in a broker queue."""
    if not settings.PUBSUB_URL:
        count = sum(1 for path in settings.BROKER_FOLDER.glob(f"*.{queue}.msg"))
        return f"{count} hints (files)"
    try:
        with redis.Redis.from_url(settings.PUBSUB_URL, socket_timeout=2) as broker:
            return f"{broker.llen(queue)} hints"
    except redis.RedisError as error:
        return f"the broker does not answer ({error})"


def _age(rows: QuerySet[Generation], field: str) -> str:
    oldest = rows.aggregate(oldest=Min(field))["oldest"]
    return f"{(timezone.now() - oldest).total_seconds():.0f} s" if oldest else "none"
