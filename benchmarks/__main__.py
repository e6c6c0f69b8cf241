"""Run all benchmarks, or those that are named: `python -m benchmarks [page] [start] [easel] [remote] [streams] [api]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console, RenderableType

from benchmarks import api, easel, page, remote, start, streams

BENCHMARKS: dict[str, Callable[[], RenderableType]] = {
    "page": page.measure,
    "start": start.measure,
    "easel": easel.measure,
    "remote": remote.measure,
    "streams": streams.measure,
    "api": api.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of {', '.join(BENCHMARKS)}; all if not given")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(BENCHMARKS)}")
    console = Console()
    for name in names:
        with console.status(f"Measuring: {name} …"):
            measured = BENCHMARKS[name]()
        console.print(measured, "")


if __name__ == "__main__":
    main()
