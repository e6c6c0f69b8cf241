"""One to three orders in flight: how late an end is seen by asking, by webhook, and by the vendor's own SDK."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.figures import against, p95, table
from benchmarks.installation import ROOT
from benchmarks.remote_site import site
from tests.vendor.process import Vendor

ROUNDS = 12
SECONDS = (2.0, 4.0)
POLLED_S, HOOKED_S = 1.1, 0.3
SDK = "wavespeed==2.0.5"
NOT_REACHABLE = "http://playground.invalid"
"""Neither https nor this machine: no webhooks are asked for."""
LIMITS = {"WAVESPEED_MAX_PER_MINUTE": "1000", "WAVESPEED_MAX_CONCURRENT": "3"}


def measure() -> Table:
    title = f"1 and 3 in flight, {ROUNDS} rounds each: the end is seen after"
    shown = table(title, "", "median", "p95", "latest", "target")
    with Vendor(per_minute=0, balance_microusd=10**12) as vendor:
        asked, hooked = _ours(vendor, NOT_REACHABLE), _ours(vendor, "")
        _add(shown, "by asking", asked["seen"], POLLED_S)
        _add(shown, "by webhook", hooked["seen"], HOOKED_S)
        sdk = _theirs(vendor)
        if sdk is None:
            shown.add_row(SDK, "", "", "", "cannot be installed here")
        else:
            _add(shown, SDK, sdk)
        _add(shown, "in the gallery, by webhook", hooked["kept"])
    return shown


def _add(shown: Table, name: str, late_s: Sequence[float], target: float | None = None) -> None:
    ordered = sorted(late_s)
    figures = (ordered[len(ordered) // 2], p95(ordered), ordered[-1])
    kept = "" if target is None else against(figures[1], target, "s")
    shown.add_row(name, *(f"{figure:.2f} s" for figure in figures), kept)


def _ours(vendor: Vendor, public_url: str) -> Mapping[str, list[float]]:
    """Run a whole installation; the address that it gives to the vendor decides whether webhooks are asked for."""
    variables = {**LIMITS, **({"PUBLIC_URL": public_url} if public_url else {})}
    found: dict[str, list[float]] = {"seen": [], "kept": []}
    with site(vendor, **variables) as made:
        made.start()
        made.rows("watch", at_once=1, rounds=1, seconds=(1.0, 1.0))
        for at_once in (1, 3):
            late = made.rows("watch", at_once=at_once, rounds=ROUNDS, seconds=SECONDS)
            found = {name: found[name] + late[name] for name in found}
    return found


def _theirs(vendor: Vendor) -> list[float] | None:
    """Return the SDK's figures; None where it cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="playground-sdk-") as folder:
        python = Path(folder, "bin", "python")
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK]
        with contextlib.suppress(subprocess.CalledProcessError):
            subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            late = [_sdk(python, vendor, at_once) for at_once in (1, 3)]
            return [figure for figures in late for figure in figures]
    return None


def _sdk(python: Path, vendor: Vendor, at_once: int) -> list[float]:
    script = ROOT / "benchmarks" / "remote_sdk.py"
    command = [str(python), str(script), vendor.url, vendor.key, *map(str, (at_once, ROUNDS, *SECONDS))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: list[float] = json.loads(done.stdout)
    return found
