"""A whole installation of its own, as `manage.py up` starts it: its data folder, database, broker, workers and server."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.clients.node import ROOT
from tests.installation import wait_until
from tests.ports import free_port

# What would lead it to somebody else's database, broker or address.
OURS = {"DATABASE_URL", "REDIS_URL", "PLAYGROUND_DATA", "FAULT", "HOST", "PORT", "PUBLIC_URL"}
TOLD = "SELECT COUNT(*) FROM generations_delivery WHERE state = 'delivered' AND url LIKE ? || '/%'"
KEPT = (
    "SELECT image.sha256, image.pixels_sha256, image.file, image.width, image.height FROM generations_image AS image "
    "JOIN generations_generation AS generation ON generation.id = image.generation_id WHERE generation.prompt = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A picture as the gallery keeps it."""

    sha256: str
    pixels_sha256: str
    file: str
    width: int
    height: int


class Site:
    """One installation with an owner and keys, each bound to an engine."""

    def __init__(self, folder: Path, backends: Sequence[str], port: int = 0, **variables: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._variables = variables
        self.keys: dict[str, str] = json.loads(self._run("-m", "tests.clients.founding", *backends))
        self.key = self.keys[backends[0]]
        with (folder.with_suffix(".log")).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        wait_until(self._answers, "the server answers")

    def stop(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            self._process.wait()

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> Any:
        """Call the API itself and return the data of its answer."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, trust_env=False, timeout=30)
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        return answer.json()["data"]

    def prediction(self, prompt: str) -> dict[str, Any] | None:
        """Return the run of this prompt, as the API lists it."""
        listed = self.ask("POST", "/api/v3/predictions", {"page": 1, "page_size": 100, "include_inputs": True})["items"]
        found: list[dict[str, Any]] = [item for item in listed if prompt in item["inputs"].values()]
        return found[0] if found else None

    def kept(self, prompt: str) -> Kept:
        """Return the one picture of this prompt in the gallery, read from the database itself."""
        rows = self._rows(KEPT, prompt)
        assert len(rows) == 1, (prompt, rows)
        return Kept(**dict(zip(Kept.__slots__, rows[0], strict=True)))

    def told(self, url: str) -> int:
        """Return how many webhooks the server at this address has taken."""
        return int(self._rows(TOLD, url)[0][0])

    def _rows(self, query: str, value: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'playground.sqlite3'}?mode=ro", uri=True)) as database:
            return database.execute(query, [value]).fetchall()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.folder.with_suffix(".log").read_text()
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False, timeout=2).is_success
        except httpx.TransportError:
            return False

    def _run(self, *words: str) -> str:
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=ROOT, env=self._environment(), check=True, stdout=subprocess.PIPE, text=True).stdout

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        ours = {"DJANGO_SETTINGS_MODULE": "tests.clients.settings", "PLAYGROUND_DATA": str(self.folder)}
        return {**kept, **ours, "PORT": str(self.port), "PUBLIC_URL": self.url, **self._variables}
