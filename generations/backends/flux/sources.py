"""What FLUX_MODEL and FLUX_TRANSFORMER may name: a folder, a file, a model on the hub, or a file of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FILES = (".safetensors", ".gguf")
"""Endings of files that hold a transformer."""
# owner/name, perhaps at a revision, and perhaps a file in there.
_HUB = re.compile(
    r"(?P<repository>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w.-]+))?(?:/(?P<file>[\w./-]+\.(?:safetensors|gguf)))?"
)

NO_SUCH_PATH = "{variable} names {name}, which is not there. Whoever runs this server corrects it, or brings the weights there."
NOT_WEIGHTS = (
    "{variable} names {name}, which is neither a folder nor a file that ends in .safetensors or .gguf. "
    "Whoever runs this server corrects it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where weights are: at a path of this machine, or in a repository on the hub."""

    path: Path | None = None
    repository: str = ""
    """owner/name on the hub."""
    revision: str = ""
    """A commit, tag or branch there; "" for the newest."""
    file: str = ""
    """One file of the repository; "" for the usual ones."""

    def __str__(self) -> str:
        return str(self.path) if self.path else "/".join(filter(None, (self.repository, self.file)))


def source_of(name: str) -> Source:
    """Return what a setting names; a path that exists comes before a model on the hub."""
    path = Path(name).expanduser()
    if not path.exists() and (found := _HUB.fullmatch(name)):
        return Source(repository=found["repository"], revision=found["revision"] or "", file=found["file"] or "")
    return Source(path=path)


def why_unusable(source: Source, variable: str) -> str:
    """Say why nothing can be there, or ""; looks at names alone and never asks the hub."""
    if source.path is None:
        return ""
    if not source.path.exists():
        return NO_SUCH_PATH.format(variable=variable, name=source.path)
    if source.path.is_file() and source.path.suffix not in FILES:
        return NOT_WEIGHTS.format(variable=variable, name=source.path)
    return ""
