"""A real installation in a temporary data folder: `manage.py up` and all that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
EMAIL, PASSWORD = "bench@example.org", "correct horse battery"
WITHIN_S = 60
LOOK_EVERY_S = 0.01
LOG_END = 2000
PROGRAMS = (
    "import json; from generations import supervision; "
    "print(json.dumps({program.name: list(program.command) for program in supervision.programs()}))"
)


class Installation:
    """One data folder and port, started and stopped as a person at a terminal would."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.variables = dict(variables or {})
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._single: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> float:
        """Start everything and return the seconds until the page answers."""
        started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.environment(),
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

    def start_alone(self, *names: str, core: int | None = None) -> list[int]:
        """Start single programs of `manage.py up`, on one core where that can be chosen; return their process ids."""
        commands: Mapping[str, list[str]] = json.loads(self.manage("shell", "--verbosity", "0", "--command", PROGRAMS))
        with _on(core):
            for name in names:
                self._single[name] = self._start_program(name, commands[name])
        return [self._single[name].pid for name in names]

    def start_again(self, name: str, signal_number: int) -> float:
        """Stop a single program with a signal, start it again with the same command; return the seconds until it is gone."""
        process = self._single[name]
        started = time.monotonic()
        process.send_signal(signal_number)
        process.wait(WITHIN_S)
        gone_after_s = time.monotonic() - started
        assert isinstance(process.args, list)
        self._single[name] = self._start_program(name, process.args)
        return gone_after_s

    def memory_mb(self, name: str) -> float:
        """Return the resident memory of a single program."""
        command = ["ps", "-o", "rss=", "-p", str(self._single[name].pid)]
        return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout) * 1024 / 1e6

    def stop_alone(self) -> None:
        for process in self._single.values():
            process.kill()
            process.wait()
        self._single.clear()

    def manage(self, *arguments: str, text: str = "") -> str:
        """Run a management command on this installation and return what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(), input=text, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def print_logs(self) -> None:
        """Show the end of each log, as the folder will be gone."""
        for path in sorted(self.folder.glob("logs/*.log")):
            print(f"--- {path.name}", path.read_text()[-LOG_END:], sep="\n", file=sys.stderr)

    def _start_program(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            return subprocess.Popen(list(command), cwd=ROOT, env=self.environment(), stdout=log, stderr=subprocess.STDOUT)

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

    def environment(self) -> dict[str, str]:
        """Return the environment of a fresh machine: no settings but the folder and the port."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV"}}
        return {**kept, "PLAYGROUND_DATA": str(self.folder), "PORT": str(self.port), **self.variables}


@contextlib.contextmanager
def installation(**variables: str) -> Iterator[Installation]:
    """Give an installation that has its data folder and an owner, not started; stop and remove it at the end.

    `variables` are settings in its environment.
    """
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as folder:
        made = Installation(Path(folder), variables)
        made.manage("migrate", "--verbosity", "0")
        made.manage("create_owner", EMAIL, "--team", "Bench", "--password-stdin", text=f"{PASSWORD}\n")
        try:
            yield made
        except Exception:
            made.print_logs()
            raise
        finally:
            made.stop_alone()
            if made.process is not None:
                made.stop()


@contextlib.contextmanager
def _on(core: int | None) -> Iterator[None]:
    """Let what is started meanwhile inherit one core; macOS has no such thing."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[core % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
