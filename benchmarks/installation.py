"""A real installation in a temporary data folder: `manage.py up` and all that it starts."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
EMAIL, PASSWORD = "bench@example.org", "correct horse battery"
WITHIN_S = 60
LOOK_EVERY_S = 0.01
LOG_END = 2000


class Installation:
    """One data folder and port, started and stopped as a person at a terminal would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start everything and return the seconds until the page answers."""
        started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait(self._answers, "the page answers")
        return time.monotonic() - started

    def stop(self) -> float:
        """Press Ctrl-C and return the seconds until no process is left."""
        assert self.process is not None
        processes = self._children()
        started = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(WITHIN_S)
        _wait(lambda: not any(map(_lives, processes)), "every child has ended")
        self.process = None
        return time.monotonic() - started

    def manage(self, *arguments: str, text: str = "") -> str:
        """Run a management command on this installation and return what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment(), input=text, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def print_logs(self) -> None:
        """Show the end of each log, as the folder will be gone."""
        for path in sorted(self.folder.glob("logs/*.log")):
            print(f"--- {path.name}", path.read_text()[-LOG_END:], sep="\n", file=sys.stderr)

    def _children(self) -> list[int]:
        """Return the process ids of the web server, the broker and both workers."""
        _wait(lambda: len(self._process_ids()) >= 4, "all processes run")
        return self._process_ids()

    def _process_ids(self) -> list[int]:
        return [int(found) for found in re.findall(r"\bpid (\d+)", self.manage("status"))]

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"`manage.py up` ended with status {self.process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", trust_env=False).is_success
        return False

    def _environment(self) -> dict[str, str]:
        """Return the environment of a fresh machine: no settings but the folder and the port."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV"}}
        return {**kept, "PLAYGROUND_DATA": str(self.folder), "PORT": str(self.port)}


@contextlib.contextmanager
def installation() -> Iterator[Installation]:
    """Give an installation that has its data folder and an owner, not started; stop and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as folder:
        made = Installation(Path(folder))
        made.manage("migrate", "--verbosity", "0")
        made.manage("create_owner", EMAIL, "--team", "Bench", "--password-stdin", text=f"{PASSWORD}\n")
        try:
            yield made
        except Exception:
            made.print_logs()
            raise
        finally:
            if made.process is not None:
                made.stop()


def _wait(condition: Callable[[], object], what: str) -> None:
    ends_at = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"not within {WITHIN_S} s: {what}")
        time.sleep(LOOK_EVERY_S)


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
