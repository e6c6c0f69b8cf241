"""Real processes for tests: a broker, workers and a web server on the test's own database and data folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from generations import supervision
from generations.backends import backend_for
from generations.models import Generation, LedgerEntry
from generations.models.ledger import EntryKind
from tests.ports import free_port
from tests.vendor.process import Vendor

ROOT = Path(__file__).parent.parent
WITHIN_S = 60
# Short, so that a test sees in seconds what takes a minute in earnest.
HASTE = {"RENDER_LEASE_S": "3", "STORE_LEASE_S": "3", "SWEEP_EVERY_S": "1", "WORKER_SOFT_SHUTDOWN_S": "3"}
# Loading the classifier is a good part of a worker's start, and pictures are looked at in tests of their own.
HASTE |= {"CHECK_PICTURES": "no"}
# The same for orders at a vendor that takes all there are at once.
REMOTE_HASTE = {
    "PUBLIC_URL": "http://playground.invalid",  # without webhooks
    "SUBMIT_LEASE_S": "4",
    "STORE_LEASE_S": "5",
    "RECONCILE_AFTER_S": "2",
    "WAVESPEED_MAX_CONCURRENT": "100000",
    "WAVESPEED_MAX_PER_MINUTE": "100000",
}


def wait_until(condition: Callable[[], Any], what: str, within_s: float = WITHIN_S) -> Any:
    """Return the condition's first true value; fail with `what` when there is none in time."""
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s} s: {what}")


class Broker:
    """The broker that the settings name: an embedded Valkey of our own, or the Redis server of REDIS_URL."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if settings.EMBEDDED_VALKEY:
            command = next(program.command for program in supervision.programs() if program.name == "valkey")
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "the broker answers")
        self.client.flushall()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def kill_and_wipe(self) -> None:
        """Lose every message and every connection, then come back empty."""
        if self.process is None:
            self.client.flushall()
            for kind in ("normal", "pubsub"):
                self.client.client_kill_filter(_type=kind, skipme=True)
            return
        self.stop()
        for path in settings.BROKER_FOLDER.rglob("*"):
            if path.is_file():
                path.unlink()
        self.start()

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(settings.PUBSUB_URL)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


class Installation:
    """Processes that share the test's database, broker and media folder."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.variables: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: list[Path] = []

    def start(self, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        log = settings.LOG_DIR / f"test-{len(self.processes)}-{time.monotonic_ns()}.log"
        self.logs.append(log)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment(variables),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self, queues: str = "remote,poll,local", app: str = "playground", **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker that also sends the periodic tasks."""
        options = ["-P", "threads", "-c", "2", "--without-gossip", "--without-mingle", "--without-heartbeat", "--with-beat"]
        return self.start("celery", "-A", app, "worker", "-Q", queues, *options, **variables)

    def connect(self, vendor: Vendor, **variables: str) -> None:
        """Let the processes that are started from now on order from this vendor."""
        self.variables |= {
            **REMOTE_HASTE,
            "WAVESPEED_API_KEY": vendor.key,
            "WAVESPEED_BASE_URL": vendor.url,
            **variables,
        }

    def web(self, port: int = 0, **variables: str) -> str:
        """Start a web server, on a free port if none is given, and return its address."""
        port = port or free_port()
        address = f"http://127.0.0.1:{port}"
        self.start(
            "uvicorn",
            "playground.asgi:application",
            "--port",
            str(port),
            "--no-access-log",
            "--no-proxy-headers",
            PORT=str(port),
            **variables,
        )
        wait_until(lambda: _opens(f"{address}/healthz"), "the web server answers")
        return address

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        ours = {"DATABASE_URL": _database_url(), "PLAYGROUND_DATA": str(settings.DATA_DIR)}
        return {**os.environ, **HASTE, **ours, **self.variables, **variables}


@contextlib.contextmanager
def running(broker: Broker) -> Iterator[Installation]:
    installation = Installation(broker)
    try:
        yield installation
    finally:
        installation.stop()


def assert_made_exactly_once(generation: Generation, media: Path) -> None:
    """The row succeeded, has one picture, and its folder holds that picture's three files and nothing else."""
    generation.refresh_from_db()
    assert generation.state == "succeeded", (generation.state, generation.error, generation.detail)
    image = generation.images.get()
    name = generation.public_id.hex
    found = {str(path.relative_to(media)) for path in (media / "pictures" / name[:2] / name).iterdir()}
    assert found == {image.file.name, image.small.name, image.large.name}


@contextlib.contextmanager
def wavespeed_at(vendor: Vendor, own_settings: Any, **options: object) -> Iterator[None]:
    """Let this process order from a vendor of its own; `own_settings` is pytest-django's fixture."""
    entry = own_settings.IMAGE_BACKENDS["wavespeed"]
    changed = {**entry["OPTIONS"], "api_key": vendor.key, "base_url": vendor.url, **options}
    own_settings.IMAGE_BACKENDS = {**own_settings.IMAGE_BACKENDS, "wavespeed": {**entry, "OPTIONS": changed}}
    backend_for.cache_clear()
    try:
        yield
    finally:
        backend_for("wavespeed").close()
        backend_for.cache_clear()


def assert_paid_once_each(vendor: Vendor, generations: Sequence[Generation]) -> None:
    """The vendor took each order once, by its own count, and the books say the same."""
    counts = vendor.counts()
    taken = {seed: count for (_, _, seed), count in counts.accepted.items()}
    assert taken == {generation.seed: 1 for generation in generations}
    charges = LedgerEntry.objects.filter(kind=EntryKind.CHARGE)
    assert sorted(charges.values_list("generation", flat=True)) == sorted(generation.pk for generation in generations)
    assert charges.aggregate(sum=Sum("amount_microusd"))["sum"] == counts.charged_microusd


def _database_url() -> str:
    """Return the test database's address, for other processes."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{parts['NAME']}"
    password = f":{parts['PASSWORD']}" if parts["PASSWORD"] else ""
    return f"postgres://{parts['USER']}{password}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"


def _opens(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
