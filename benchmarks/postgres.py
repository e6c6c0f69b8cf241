"""A private PostgreSQL server, where this machine has the programs for one."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.installation import free_port


@contextlib.contextmanager
def postgres() -> Iterator[str | None]:
    """Give the address of an empty database, and remove it at the end; None where there are no programs for it."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="playground-postgres-") as folder:
        user = _not_root(folder)
        data, port = f"{folder}/data", free_port()
        _run(
            user,
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "playground",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c shared_buffers=256MB"
        _run(user, binaries / "pg_ctl", "-D", data, "-l", f"{folder}/log", "-w", "-s", "start", "-o", options)
        try:
            yield f"postgres://playground@127.0.0.1:{port}/postgres"
        finally:
            _run(user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "-s", "stop")


def _binaries() -> Path | None:
    """Return the folder of the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].partition(".")[0]))
    named = str(found[-1]) if found else shutil.which("initdb")
    return Path(named).parent if named else None


def _not_root(folder: str) -> str | None:
    """Return whose server it is when this is root, whom PostgreSQL refuses; the folder is theirs then."""
    if os.geteuid() != 0:
        return None
    os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
    return "postgres"


def _run(user: str | None, *command: str | Path) -> None:
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)
