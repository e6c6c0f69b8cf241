"""`python -m tests.vendor --port N`: a vendor for trying the product by hand."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

import uvloop

from tests.vendor.account import Settings
from tests.vendor.app import Vendor
from tests.vendor.wire import serve


async def run(port: int, settings: Settings) -> None:
    vendor = Vendor(settings)
    server = await serve(vendor.answer, port)
    taken = server.sockets[0].getsockname()[1]
    vendor.files.origin = f"http://127.0.0.1:{taken}"
    sys.stdout.write(f"listening on {taken}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.vendor", description=__doc__)
    parser.add_argument("--port", type=int, default=8899, help="0 takes a free one")
    parser.add_argument("--concurrency", type=int, default=3, help="pictures made at once; more orders wait")
    parser.add_argument("--per-minute", type=int, default=10, help="orders a minute before 429; 0 is no limit")
    parser.add_argument("--duration", type=float, default=4.0, help="seconds that one picture takes")
    parser.add_argument("--key", default="", help="the one key that is accepted; any, if none is given")
    given = parser.parse_args()
    settings = Settings(concurrency=given.concurrency, per_minute=given.per_minute, duration_s=given.duration, key=given.key)
    uvloop.run(run(given.port, settings))


if __name__ == "__main__":
    main()
