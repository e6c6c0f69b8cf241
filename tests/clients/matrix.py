"""What the vendor's own clients do against this server in tests: rows are deeds, columns are clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

NOTHING = "–"
"""Stands where a client has no such call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    package: str
    version: str
    registry: str

    @property
    def title(self) -> str:
        return f"`{self.package}` {self.version} ({self.registry})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    title: str
    calls: Mapping[str, str]
    """Client → how it is done with it."""


COLUMNS: Mapping[str, Column] = {
    "python": Column(package="wavespeed", version="2.0.5", registry="PyPI"),
    "langchain": Column(package="langchain-wavespeed", version="0.1.3", registry="PyPI"),
    "javascript": Column(package="wavespeed", version="0.3.2", registry="npm"),
    "cli": Column(package="@wavespeed/cli", version="0.2.2", registry="npm"),
    "mcp": Column(package="@wavespeed/mcp", version="1.0.7", registry="npm"),
}

RUN = {
    "python": "`Client.run`",
    "langchain": "`WaveSpeedRunModel`",
    "javascript": "`Client.run`",
    "cli": "`wavespeed run`",
    "mcp": "`run_model`",
}
IN_INPUT = "in `input`"

ROWS: Mapping[str, Row] = {
    "run": Row(title="a picture", calls={**RUN, "langchain": "`WaveSpeedImageGeneration`"}),
    "sync": Row(
        title="sync mode",
        calls={
            "python": "`enable_sync_mode=`",
            "langchain": IN_INPUT,
            "javascript": "`enableSyncMode`",
            "cli": "`run --sync`",
            "mcp": IN_INPUT,
        },
    ),
    "base64": Row(
        title="base64 in place of an address",
        calls={"python": IN_INPUT, "langchain": IN_INPUT, "javascript": IN_INPUT, "cli": "`run --sync -i`", "mcp": IN_INPUT},
    ),
    "enhance": Row(title="a better prompt", calls=RUN),
    "upload": Row(
        title="a file uploaded, and a picture made from it",
        calls={"python": "`Client.upload`", "javascript": "`Client.upload`", "cli": "`wavespeed upload`", "mcp": "`upload_file`"},
    ),
    "local_file": Row(title="a local file named in the inputs", calls={"mcp": "`@path`"}),
    "failed": Row(title="a run that fails", calls=RUN),
    "failed_sync": Row(
        title="a run that fails, in sync mode",
        calls={"python": "`enable_sync_mode=`", "javascript": "`enableSyncMode`", "cli": "`run --sync`"},
    ),
    "cancelled": Row(title="a run that is cancelled meanwhile", calls=RUN),
    "refused": Row(title="400: inputs that cannot be used", calls=RUN),
    "wrong_key": Row(title="401: a wrong key", calls=RUN),
    "unknown_model": Row(title="404: an unknown model", calls=RUN),
    "unknown_id": Row(
        title="404: an unknown id",
        calls={"python": "`Client.get_result`", "cli": "`wavespeed show`", "mcp": "`get_prediction`"},
    ),
    "result": Row(
        title="a result by its id",
        calls={"python": "`Client.get_result`", "cli": "`wavespeed show`", "mcp": "`get_prediction`"},
    ),
    "history": Row(title="history", calls={"cli": "`wavespeed history`"}),
    "delete": Row(title="delete", calls={"cli": "`wavespeed delete`"}),
    "download": Row(title="download", calls={"cli": "`wavespeed download`, `run --download`"}),
    "price": Row(title="price", calls={"cli": "`wavespeed price`", "mcp": "`get_price`"}),
    "balance": Row(title="balance", calls={"cli": "`wavespeed balance`", "mcp": "`get_balance`"}),
    "models": Row(title="models", calls={"cli": "`wavespeed models`", "mcp": "`list_models`"}),
    "schema": Row(title="a model's inputs", calls={"cli": "`wavespeed schema`", "mcp": "`get_model_schema`"}),
    "sign_in": Row(title="sign in with a key", calls={"cli": "`wavespeed login`"}),
}

covered: set[str] = set()
"""Rows that a test claims; each test runs once a client of its row."""


def covers(name: str) -> pytest.MarkDecorator:
    """Run a test once for each client that can do this row."""
    covered.add(name)
    return pytest.mark.parametrize("client_with", list(ROWS[name].calls), indirect=True)


def table() -> str:
    """Return the matrix as it stands in docs/api.md."""
    lines = ["| | " + " | ".join(column.title for column in COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for row in ROWS.values():
        cells = [row.calls.get(client, NOTHING) for client in COLUMNS]
        lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201
