"""The vendor as a test sees it: started in a process of its own, told to misbehave, asked for its counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx

ROOT = Path(__file__).parents[2]
KEY = "test-key-of-forty-characters-0123456789ab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What arrived at the vendor."""

    accepted: Mapping[tuple[str, str, int | None], int]
    """(model, prompt, seed) → how many orders were taken."""
    charges: int
    charged_microusd: int
    refunded_microusd: int
    requests: Mapping[str, int]
    """Endpoint → requests."""
    refused: Mapping[str, int]
    """Status → answers of 400 and more."""
    webhooks: Mapping[str, int]
    """What the receivers answered → how often; "unreachable" is one of them."""
    waiting: int
    making: int
    most_at_once: int

    @property
    def doubles(self) -> int:
        """Orders that were taken more than once, counted without the first."""
        return sum(count - 1 for count in self.accepted.values())


class Vendor:
    """Use it as a context manager, or call start and stop.

    Settings are those of `tests.vendor.account.Settings`: concurrency, per_minute, duration_s, key, url_ttl_s, …
    """

    def __init__(self, port: int = 0, **settings: object) -> None:
        self.port = port
        self.key = KEY
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._client = httpx.Client(trust_env=False, timeout=10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Vendor:
        command = [sys.executable, "-m", "tests.vendor", "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("listening on "), f"the vendor did not start: {line!r}"
        self.port = int(line.split()[-1])
        self.set(**self._settings)
        return self

    def stop(self) -> None:
        self._client.close()
        if self._process is not None:
            self._process.kill()  # it has nothing to tidy up
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def __enter__(self) -> Vendor:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def set(self, **settings: object) -> None:
        """Change settings; those not named stay."""
        self._post("/_settings", settings)

    def fault(self, on: str, fault: str, **options: object) -> None:
        """Lay down one rule of `tests.vendor.faults`; it strikes once unless `times` says otherwise."""
        self.faults([{"on": on, "fault": fault, **options}])

    def faults(self, rules: list[dict[str, object]]) -> None:
        self._post("/_control", rules)

    def clear(self) -> None:
        """Lift every fault."""
        self._client.delete(f"{self.url}/_control").raise_for_status()

    def reset(self, **settings: object) -> None:
        """Forget every order, count and fault, and go back to the settings of the start, then to these."""
        self.set(**{**_PLAIN, **self._settings, **settings})
        self._post("/_reset", {})

    def counts(self) -> Counts:
        said = self._client.get(f"{self.url}/_counts").raise_for_status().json()
        accepted = {(row["model"], row["prompt"], row["seed"]): row["count"] for row in said.pop("accepted")}
        return Counts(accepted=accepted, **said)

    def _post(self, path: str, body: object) -> None:
        answer = self._client.post(f"{self.url}{path}", content=json.dumps(body))
        assert answer.is_success, answer.text


_PLAIN: dict[str, object] = {
    "concurrency": 3,
    "per_minute": 10,
    "duration_s": 1.0,
    "balance_microusd": 100_000_000,
    "key": "",
    "url_ttl_s": 3600.0,
    "sync_wait_s": 90.0,
    "webhook_retry_s": 1.0,
}
