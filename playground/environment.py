"""What the environment and the data folder say: three readers and the paths that settings are built from."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

import dj_database_url
from dj_database_url import DBConfig
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
# A unix socket's path may have 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 100


def env_str(name: str, default: str = "") -> str:
    """Return a variable's text without outer blanks; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool = False) -> bool:
    """Return a variable as yes or no; ImproperlyConfigured when it is neither."""
    text = env_str(name, str(default)).lower()
    if text not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {text!r}.")
    return text in TRUE


def env_int(name: str, default: int) -> int:
    """Return a variable as a whole number; ImproperlyConfigured when it is none."""
    text = env_str(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None


def env_choice(name: str, choices: Sequence[str]) -> str:
    """Return one of `choices`, in capitals, the first when unset; ImproperlyConfigured when it is none of them."""
    text = env_str(name, choices[0]).upper()
    if text not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def database(url: str) -> DBConfig:
    """Return Django's settings for a database address; ImproperlyConfigured when it cannot be understood."""
    try:
        return dj_database_url.parse(url)
    except ValueError:  # Its message would show the password.
        raise ImproperlyConfigured("DATABASE_URL must look like postgres://user:password@host:5432/name.") from None


def prepare_data_folder(path: Path) -> Path:
    """Make the data folder with all its parts; ImproperlyConfigured when it cannot be written."""
    try:
        for part in ("media", "run", "broker", "logs"):
            (path / part).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {path} cannot be written ({error.strerror}). Set PLAYGROUND_DATA to a folder that can."
        ) from None
    return path


def secret_key(path: Path) -> str:
    """Return the key kept in `path`, made on the first run and readable by its owner alone."""
    if not path.exists():
        _make_key(path)
    return _existing_key(path)


def _make_key(path: Path) -> None:
    """Write a new key, whole from the first moment on; of two processes at once one wins."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # Made with mode 0600.
        file.write(secrets.token_urlsafe(50))
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _existing_key(path: Path) -> str:
    key = path.read_text().strip()
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty. Delete that file to have a new one made.")
    return key


def socket_path(run: Path, name: str) -> Path:
    """Return where a unix socket may stand: in the run folder, or in a private short one when that path is too long."""
    wanted = run / name
    if len(os.fsencode(wanted)) <= SOCKET_PATH_LIMIT:
        return wanted
    digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"playground-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise ImproperlyConfigured(f"{folder} belongs to somebody else. Set PLAYGROUND_DATA to a folder with a shorter path.")
    return folder / name
