"""An installation with several web processes, and what is asked of it from outside."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from benchmarks.installation import ROOT, Installation, installation

WEB_PROCESSES = 2
WITHIN_S = 60


class Site(Installation):
    """Web processes and a broker without workers: what is asked for waits, and nothing paints beside the measuring."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "WEB_PROCESSES": str(WEB_PROCESSES), "DJANGO_SETTINGS_MODULE": "playground.settings"}

    def serve(self) -> None:
        """Start, and return once every web process answers."""
        self.web = self.start_alone("valkey", "web")[1]
        until(lambda: len(servers_of(self.web)) == WEB_PROCESSES and answers(f"{self.url}/healthz"))

    def rows(self, do: str, **order: object) -> Any:
        """Have `benchmarks.api_rows` do something on this installation's database, and return what it says."""
        return said_by("benchmarks.api_rows", do, order, self.environment())

    def memory_mb_of_web(self) -> float:
        """Return the resident memory of the web processes together."""
        command = ["ps", "-o", "rss=", "-p", ",".join(map(str, servers_of(self.web)))]
        sizes_kb = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        return sum(map(int, sizes_kb)) * 1024 / 1e6


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Give an installation with an owner, not started; stop and remove it at the end."""
    with installation() as plain:
        made = Site(plain.folder)
        try:
            yield made
        except Exception:
            made.print_logs()
            raise
        finally:
            made.stop_alone()


@contextlib.contextmanager
def bare_server(port: int) -> Iterator[int]:
    """Serve benchmarks.api_bare with as many processes, and give the id of their parent."""
    options = ["--port", str(port), "--workers", str(WEB_PROCESSES), "--no-access-log", "--no-server-header"]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.api_bare:application", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: len(servers_of(process.pid)) == WEB_PROCESSES and answers(f"http://127.0.0.1:{port}/bare"))
        yield process.pid
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def servers_of(parent: int) -> list[int]:
    """Return the processes that answer; their parent only starts them."""
    found = subprocess.run(["ps", "-e", "-o", "ppid=,pid=,args="], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split(maxsplit=2) for line in found.splitlines()]
    return [int(pid) for ppid, pid, command in lines if int(ppid) == parent and "spawn_main" in command]


def said_by(module: str, do: str, order: object, environment: dict[str, str] | None = None) -> Any:
    """Run a script of the benchmark in a process of its own, and return the JSON that it prints."""
    command = [sys.executable, "-m", module, do, json.dumps(order)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False).is_success
    return False


def until(condition: Callable[[], object]) -> None:
    ends_at = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"not within {WITHIN_S} s")
        time.sleep(0.05)
