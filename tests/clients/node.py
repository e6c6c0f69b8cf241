"""The npm packages of package-lock.json, installed once a lock into the virtual environment's folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = ("package.json", "package-lock.json")
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def is_here() -> bool:
    return shutil.which("node") is not None and shutil.which("npm") is not None


def installed() -> Path:
    """Return the folder `node_modules`, filled with what the lock names."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = ROOT / ".venv" / "node-clients" / digest
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    """Install beside the folder and rename: two test runs at once, or one that is stopped, leave nothing half."""
    beside = Path(tempfile.mkdtemp(dir=folder.parent))
    for name in FILES:
        shutil.copy(HERE / name, beside)
    subprocess.run(INSTALL, cwd=beside, check=True, timeout=300)
    try:
        beside.rename(folder)
    except OSError:  # The other run was faster.
        shutil.rmtree(beside)


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a person who has never used the clients; what they keep, they keep under `home`."""
    ours = {"HOME": str(home), "NO_COLOR": "1", "CI": "1", **variables}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **ours}


def home_in(folder: Path) -> Path:
    """Return a home folder whose scripts find the installed packages."""
    folder.mkdir()
    (folder / "node_modules").symlink_to(installed(), target_is_directory=True)
    return folder
