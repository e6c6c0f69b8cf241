"""Pictures from strangers, decoded in a child process that may be lost: little memory, little time, no secrets.

`python -m generations.decoding BYTES SECONDS` is that child. It reads a file from its standard input to the end and answers
with one line of JSON and, where that says so, the pixels. Whatever becomes of it, the parent lives on and gets a sentence.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from generations.errors import UnusablePicture
from generations.images import DAMAGED, FINGERPRINT, MAX_BYTES, MAX_PIXELS, MEMORY_RAN_OUT, TOO_MANY_BYTES, Picture, open_picture

MOST_MEMORY = 1_000_000_000
"""Bytes of address space; at the cap on pixels about 700 MB are needed."""
WITHIN_S = 20.0
"""From the start of the child to its last byte."""
TOO_SLOW = "This picture takes too long to open. Save it again as a plain PNG or JPEG, then try again."

_ROOT = Path(__file__).resolve().parents[1]
_CHILD = (sys.executable, "-m", "generations.decoding")
_LONGEST_LINE = 4000
# At the cap on pixels one picture needs most of the limit: several at once could take the machine's memory.
_one_at_a_time = threading.Lock()


def open_in_child(data: bytes, *, within_s: float = WITHIN_S, most_memory: int = MOST_MEMORY) -> Picture:
    """Do what `images.open_picture` does, in a process of its own; a child costs about 0.2 s to start.

    Raises UnusablePicture, also when the child dies or takes longer than `within_s` seconds, and OSError when this machine
    cannot start one.
    """
    if len(data) > MAX_BYTES:
        raise UnusablePicture(TOO_MANY_BYTES, detail=f"{len(data)} bytes")
    with _one_at_a_time, _child(within_s, most_memory) as (child, overdue):
        said = _asked(child, data)
    if overdue.is_set():
        raise UnusablePicture(TOO_SLOW, detail=f"not open after {within_s} s")
    return _picture(said, f"the child ended with {child.returncode}")


@contextlib.contextmanager
def _child(within_s: float, most_memory: int) -> Iterator[tuple[subprocess.Popen[bytes], threading.Event]]:
    """Start a child without this process's environment, where the keys are; kill it when its time is up."""
    command = [*_CHILD, str(most_memory), str(max(1, round(within_s)))]
    overdue = threading.Event()
    with subprocess.Popen(
        command, cwd=_ROOT, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:

        def end() -> None:
            overdue.set()
            child.kill()

        timer = threading.Timer(within_s, end)
        timer.start()
        try:
            yield child, overdue
        finally:
            timer.cancel()
            child.kill()


def _asked(child: subprocess.Popen[bytes], data: bytes) -> bytes:
    """Return what a child says to a file, "" when it dies over it; it reads everything before it says anything."""
    assert child.stdin is not None and child.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(data)
        child.stdin.close()
    # A child that a picture has taken over may talk for ever.
    return child.stdout.read(_LONGEST_LINE + 3 * MAX_PIXELS)


def _picture(said: bytes, what_became: str) -> Picture:
    """Return the picture in an answer; a child is believed no more than the file it read."""
    line, _, pixels = said.partition(b"\n")
    try:
        head = json.loads(line)
        if head.get("refusal"):
            raise UnusablePicture(str(head["refusal"]), detail=str(head["detail"]))
        width, height, source = int(head["width"]), int(head["height"]), str(head.get("source", ""))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnusablePicture(DAMAGED, detail=f"no answer: {what_became}") from error
    if min(width, height) < 1 or len(pixels) != 3 * width * height or not (source == "" or FINGERPRINT.fullmatch(source)):
        raise UnusablePicture(DAMAGED, detail=f"{len(pixels)} bytes for {width}×{height}: {what_became}")
    return Picture(width=width, height=height, pixels=pixels, source_sha256=source)


def main() -> None:
    """Be the child."""
    most_memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    _limit(most_memory, seconds)
    try:
        answer(sys.stdin.buffer.read(), sys.stdout.buffer)
    except MemoryError:
        sys.stdout.buffer.write(_line(refusal=MEMORY_RAN_OUT, detail="beside the decoder"))


def answer(data: bytes, out: IO[bytes]) -> None:
    """Write what there is to say about a file."""
    try:
        picture = open_picture(data)
    except UnusablePicture as error:
        out.write(_line(refusal=error.message, detail=error.detail[:500]))
        return
    out.write(_line(width=picture.width, height=picture.height, source=picture.source_sha256))
    out.write(picture.pixels)


def _line(**said: object) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _limit(most_memory: int, seconds: int) -> None:
    """Give up all rights to more memory, more time, files to write and a dump; macOS refuses some of these limits.

    Whatever else runs here goes first: a worker that fetches many pictures must not be late in asking for others.
    """
    limits = (
        (resource.RLIMIT_AS, most_memory),
        # The parent's deadline comes first; this is for a child that outlives its parent.
        (resource.RLIMIT_CPU, seconds + 5),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    os.nice(10)
    for kind, most in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
