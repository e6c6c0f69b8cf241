"""An installation that orders at a fake vendor, as `manage.py up` or as single processes on chosen cores."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.installation import ROOT, Installation, installation
from tests.vendor.process import Vendor

SCRIPT = "benchmarks.remote_rows"


class Site(Installation):
    """An installation whose key belongs to that vendor."""

    def __init__(self, plain: Installation, vendor: Vendor, variables: Mapping[str, str]) -> None:
        super().__init__(plain.folder)
        self.vendor = vendor
        self._variables = variables

    @property
    def database(self) -> Path:
        return self.folder / "playground.sqlite3"

    def process_id(self, name: str) -> int:
        """Return the process id of one program of a running `manage.py up`."""
        found = re.search(rf"^Process +{name} .*\bpid (\d+)", self.manage("status"), re.MULTILINE)
        return int(found[1]) if found else 0

    def rows(self, do: str, **order: object) -> Any:
        """Have `benchmarks.remote_rows` do something on this installation's database, and return what it says."""
        command = [sys.executable, "-m", SCRIPT, do, json.dumps(order)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)

    def environment(self) -> dict[str, str]:
        ours = {"WAVESPEED_BASE_URL": self.vendor.url, "WAVESPEED_API_KEY": self.vendor.key, **self._variables}
        return {**super().environment(), "DJANGO_SETTINGS_MODULE": "playground.settings", **ours}


def cpu_s(process_id: int) -> float:
    """Return the processor seconds of a process with the children that have ended; 0 where there is no /proc."""
    stat = Path(f"/proc/{process_id}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def site(vendor: Vendor, **variables: str) -> Iterator[Site]:
    """Give an installation with an owner, not started; `variables` are settings in its environment."""
    with installation() as plain:
        made = Site(plain, vendor, variables)
        try:
            yield made
        except Exception:
            made.print_logs()
            raise
        finally:
            made.stop_alone()
            if made.process is not None:
                made.stop()
