"""Start everything: database and static files made ready, then one supervisor with all processes."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from generations import supervision

READY_WITHIN_S = 60


class Command(BaseCommand):
    help = "Start the web server, the workers and the embedded broker; Ctrl-C stops them all."

    def handle(self, *args: Any, **options: Any) -> None:
        if supervision.is_running():
            raise CommandError(
                f"The playground in {settings.DATA_DIR} is already running. Stop it first, or set PLAYGROUND_DATA."
            )
        _require_free_port()
        self._choose_broker()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        configuration = settings.RUN_DIR / "supervisord.conf"
        supervision.write_configuration(configuration)
        self.stdout.write("Starting …")
        self.stdout.flush()
        if os.fork() == 0:
            _greet()
        # The supervisor takes this process's place, so that Ctrl-C and kill reach it and nothing stays behind.
        os.execv(sys.executable, [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)])

    def _choose_broker(self) -> None:
        """Use the embedded Valkey server where it can run, and files in the data folder where it cannot."""
        mark = settings.FILESYSTEM_BROKER_MARK
        if settings.REDIS_URL or supervision.valkey_runs():
            if mark.exists():
                mark.unlink()
                os.execv(sys.executable, [sys.executable, *sys.argv])
            return
        self.stdout.write("The embedded Valkey server cannot run here: hints go through files, and pages ask for news every 2 s.")
        if not mark.exists():
            mark.touch()
            os.execv(sys.executable, [sys.executable, *sys.argv])


def _require_free_port() -> None:
    """Raise CommandError when somebody else listens at HOST:PORT."""
    if settings.PORT == 0:
        raise CommandError("PORT=0 would mean a random port. Choose one from 1 to 65535, such as PORT=8001.")
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", "") or "ports go from 1 to 65535"
            reason = f"Port {settings.PORT} on {settings.HOST} cannot be used ({why})."
            raise CommandError(f"{reason} Choose another: PORT=8001 make run") from None


def _greet() -> None:
    """Say where the page is as soon as it answers, then end this process."""
    host = "127.0.0.1" if settings.HOST in {"0.0.0.0", "::"} else settings.HOST  # nosec B104
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/"
    parent = os.getppid()
    ends_at = time.monotonic() + READY_WITHIN_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < ends_at and os.getppid() == parent:
        try:
            opener.open(f"{url}healthz", timeout=1).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
            continue
        sys.stdout.write(f"The playground is ready: {url}\nLogs are in {settings.LOG_DIR}. Ctrl-C stops it.\n")
        sys.stdout.flush()
        os._exit(0)
    sys.stdout.write(f"The page does not answer yet. See {settings.LOG_DIR}.\n")
    sys.stdout.flush()
    os._exit(1)
