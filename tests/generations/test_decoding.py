"""Pictures in a child process: what may become of the child, and that it is all the same to the parent."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from generations import decoding, images
from generations.decoding import TOO_SLOW, open_in_child
from generations.errors import UnusablePicture
from tests.generations.test_images import DAMAGED, HUGE, NOT_PICTURES, noise, png, saved, scans

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 20, 1024

OPEN_THEM = """
import json, os, pathlib, resource, sys, time
from generations.decoding import open_in_child
from generations.errors import UnusablePicture

said = {}
for path in map(pathlib.Path, sys.argv[1:]):
    started = time.monotonic()
    try:
        open_in_child(path.read_bytes())
        what = ""
    except UnusablePicture as refused:
        what = refused.message
    said[path.name] = [what, time.monotonic() - started]
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
try:
    left = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    left = None
print(json.dumps({"said": said, "peak_mb": peak, "left": left}))
"""


def refusal(data: bytes, **limits: float) -> str:
    with pytest.raises(UnusablePicture) as caught:
        open_in_child(data, **limits)
    return caught.value.message


def instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let the child run something else, as one does that a picture has taken over."""
    monkeypatch.setattr(decoding, "_CHILD", (sys.executable, "-c", script))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP"])
def test_a_picture_comes_out_as_it_does_without_a_child(image_format: str):
    data = saved(noise(), image_format)
    assert open_in_child(data) == images.open_picture(data)


def test_forty_hostile_files_cost_no_parent_little_memory_and_time_and_leave_no_process(tmp_path: Path):
    hostile = {name: make() for name, make in DAMAGED.items()} | HUGE | {name: data for name, (data, _) in NOT_PICTURES.items()}
    assert len(hostile) >= 40
    for name, data in hostile.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", OPEN_THEM, *(str(tmp_path / name) for name in hostile)]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, timeout=250, stdout=subprocess.PIPE).stdout)
    assert set(found["said"]) == set(hostile)
    assert all(words for words, _ in found["said"].values())
    assert max(seconds for _, seconds in found["said"].values()) < SECONDS
    assert found["peak_mb"] < MEGABYTES
    assert found["left"] is None


@pytest.mark.parametrize(("kind", "channels", "depth"), [(0, 1, 8), (2, 3, 8), (6, 4, 8), (6, 4, 16)])
def test_the_largest_picture_that_is_allowed_fits_into_the_memory(kind: int, channels: int, depth: int):
    rows = zlib.compress(bytes((8000 * channels * depth // 8 + 1) * 4000), 1)
    assert open_in_child(png(width=8000, height=4000, kind=kind, depth=depth, data=rows)).width == 8000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS")
def test_a_picture_that_needs_more_memory_than_the_child_has_is_refused_for_that():
    assert refusal(png(width=8000, height=4000), most_memory=200_000_000) == images.MEMORY_RAN_OUT


def test_a_picture_that_takes_for_ever_is_given_up():
    plain = Image.new("RGB", (5600, 5600))
    data = saved(plain, "JPEG", progressive=True)
    slow = data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 180 + b"\xff\xd9"
    started = time.monotonic()
    assert refusal(slow, within_s=1.0) == TOO_SLOW
    assert time.monotonic() - started < 20


def test_a_picture_of_many_scans_that_is_quick_all_the_same_passes():
    assert open_in_child(scans(100)).width == 64


@pytest.mark.parametrize(
    "script",
    [
        "import os; os.abort()",
        "import os, sys; sys.stdin.buffer.read(); os.kill(os.getpid(), 9)",
        "pass",
        "print('[]')",
        "print('{}')",
        "print('nonsense')",
        'print(\'{"width": 1000, "height": 1000}\')',
        "print('{\"width\": -1, \"height\": -1}'); print('ab', end='')",
        "import sys; sys.stdin.buffer.read()\nwhile True: print('x' * 1_000_000, end='')",
    ],
)
def test_a_child_that_dies_or_talks_nonsense_leaves_a_sentence(monkeypatch: pytest.MonkeyPatch, script: str):
    instead(monkeypatch, script)
    assert refusal(bytes(5_000_000)) == images.DAMAGED


def test_a_child_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch):
    instead(monkeypatch, "import time; time.sleep(60)")
    assert refusal(b"data", within_s=0.3) == TOO_SLOW
    assert refusal(bytes(5_000_000), within_s=0.3) == TOO_SLOW


def test_the_child_sees_none_of_the_secrets_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAVESPEED_API_KEY", "a-secret")
    instead(monkeypatch, "import json, os; print(json.dumps({'refusal': repr(dict(os.environ)), 'detail': ''}))")
    assert "secret" not in refusal(b"data").lower()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_child_may_write_no_file_and_take_no_more_memory_or_time():
    script = "from generations import decoding; decoding._limit(900_000_000, 20); print(open('/proc/self/limits').read())"
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    limits = {line[:26].strip(): line[26:].split()[:2] for line in shown.splitlines()[1:]}
    assert limits["Max address space"] == ["900000000"] * 2
    assert limits["Max cpu time"] == ["25"] * 2
    assert limits["Max file size"] == limits["Max core file size"] == ["0"] * 2


def test_a_file_over_20_mb_needs_no_child(monkeypatch: pytest.MonkeyPatch):
    instead(monkeypatch, 'print(\'{"refusal": "asked all the same", "detail": ""}\')')
    assert refusal(bytes(20_000_001)) == images.TOO_MANY_BYTES


def test_the_child_answers_a_picture_with_its_size_and_pixels_and_others_with_a_sentence():
    out = BytesIO()
    decoding.answer(saved(noise(), "PNG"), out)
    line, _, pixels = out.getvalue().partition(b"\n")
    assert json.loads(line) == {"width": 64, "height": 48, "source": ""}
    assert pixels == noise().tobytes()
    out = BytesIO()
    decoding.answer(b"", out)
    assert json.loads(out.getvalue()) == {"refusal": images.EMPTY, "detail": ""}
