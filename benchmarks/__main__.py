"""Run all benchmarks, or those that are named: `python -m benchmarks [NAME …]`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from rich.console import Console, RenderableType

from benchmarks import api, archive, easel, gallery, gpu, page, remote, start, streams

BENCHMARKS: dict[str, Callable[[], RenderableType]] = {
    "page": page.measure,
    "start": start.measure,
    "easel": easel.measure,
    "remote": remote.measure,
    "streams": streams.measure,
    "api": api.measure,
    "gallery": gallery.measure,
    "archive": archive.measure,
    "gpu": gpu.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of {', '.join(BENCHMARKS)}; all if not given")
    parser.add_argument("--database-url", help="an empty PostgreSQL database for the gallery, instead of a private server")
    arguments = parser.parse_args()
    if arguments.database_url:
        os.environ[gallery.DATABASE_VARIABLE] = arguments.database_url
    names = arguments.names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(BENCHMARKS)}")
    console = Console()
    for name in names:
        with console.status(f"Measuring: {name} …"):
            measured = BENCHMARKS[name]()
        console.print(measured, "")


if __name__ == "__main__":
    main()
