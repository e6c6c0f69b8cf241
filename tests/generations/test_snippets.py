"""The code that people copy, really run: by a shell, by Python, and by Node.js where there is one, against the vendor's API."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from generations.snippets import PICTURE_URL, Call, call_for, curl, javascript, python, snippets_for
from tests.vendor.process import KEY, Vendor

NASTY = [
    'it\'s a "red" fox',
    "back\\slash, \\n and \\' and a slash at the end\\",
    "two\nlines\tand a tab",
    "$HOME ${PATH} $(id) `id` !! %s %(x)s {x} {{x}} #{x}",
    "'; echo gone #",
    '""" + str(1) + """',
    "ünïcödé 狐 \U0001f98a \U0001f469\u200d\U0001f680",
    "unseen \u2028 \u2029 \u202e \ufeff \U000e0001 \x7f end",
    "</code><script>alert(1)</script>&amp;",
    "@/etc/hostname",
    "-1",
]
# The vendor's packages as far as the code uses them: they post the inputs and return the prediction.
PYTHON_PACKAGE = """
import json
from urllib.request import Request, urlopen


class Client:
    def __init__(self, *, api_key, base_url):
        self.headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self.origin = base_url

    def run(self, model, inputs):
        body = json.dumps({**inputs, "enable_sync_mode": True}).encode()
        with urlopen(Request(f"{self.origin}/api/v3/{model}", body, self.headers)) as answer:
            return json.load(answer)["data"]
"""
NODE_PACKAGE = """
export class Client {
  constructor(key, { baseUrl }) {
    this.headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    this.origin = baseUrl;
  }

  async run(model, inputs) {
    const body = JSON.stringify({ ...inputs, enable_sync_mode: true });
    const answer = await fetch(`${this.origin}/api/v3/${model}`, { method: "POST", headers: this.headers, body });
    return (await answer.json()).data;
  }
}
"""
Run = Callable[[Call, Path], str]


def run_curl(call: Call, folder: Path) -> str:
    command = curl(call).replace("YOUR_API_KEY", KEY)
    address = json.loads(_output(["sh", "-c", command.replace("curl ", "curl --silent ", 1)], folder))["data"]["outputs"][0]
    return str(address)


def run_python(call: Call, folder: Path) -> str:
    (folder / "wavespeed.py").write_text(PYTHON_PACKAGE)
    return _output([sys.executable, "-W", "error", "-c", python(call)], folder)


def run_node(call: Call, folder: Path) -> str:
    package = folder / "node_modules" / "wavespeed"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "wavespeed", "type": "module", "exports": "./index.js"}')
    (package / "index.js").write_text(NODE_PACKAGE)
    (folder / "picture.mjs").write_text(javascript(call), encoding="utf-8")
    return _output(["node", "picture.mjs"], folder)


# In a browser, JavaScript is always run: tests/browser/test_code.py.
RUNS: dict[str, tuple[str, Run]] = {
    "curl": ("curl", run_curl),
    "python": (sys.executable, run_python),
    "node": ("node", run_node),
}
RUNNABLE = [pytest.param(run, id=name) for name, (program, run) in RUNS.items() if shutil.which(program)]
LOOPS = [each for each in RUNNABLE if each.id != "curl"]


def _output(command: list[str], folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "WAVESPEED_API_KEY": KEY, "PYTHONPATH": str(folder), "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, timeout=60).stdout.decode()


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor(key=KEY, per_minute=0, concurrency=100, duration_s=0.01) as started:
        yield started


def accepted(vendor: Vendor) -> Mapping[tuple[str, str, int | None], int]:
    return vendor.counts().accepted


class TestWhatIsRun:
    @pytest.mark.parametrize("run", RUNNABLE)
    def test_it_orders_the_picture_and_prints_its_address(self, vendor: Vendor, tmp_path: Path, run: Run):
        vendor.reset()
        said = run(call_for({"prompt": "a red fox", "seed": 7, "size": "512*256"}, origin=vendor.url), tmp_path)
        assert said.startswith(f"{vendor.url}/outputs/")
        assert accepted(vendor) == {("wavespeed-ai/flux-srpo", "a red fox", 7): 1}

    @pytest.mark.parametrize("run", RUNNABLE)
    def test_no_prompt_breaks_out_of_its_quotes(self, vendor: Vendor, tmp_path: Path, run: Run):
        vendor.reset()
        everything = " | ".join(NASTY)
        run(call_for({"prompt": everything, "seed": 7}, origin=vendor.url), tmp_path)
        assert accepted(vendor) == {("wavespeed-ai/flux-srpo", everything, 7): 1}

    @pytest.mark.parametrize("run", LOOPS)
    def test_several_pictures_have_seeds_that_count_up(self, vendor: Vendor, tmp_path: Path, run: Run):
        vendor.reset()
        said = run(call_for({"prompt": "a fox", "seed": 2**31 - 2, "count": 4}, origin=vendor.url), tmp_path)
        assert len(said.splitlines()) == 4
        assert [seed for _, _, seed in accepted(vendor)] == [2**31 - 2, 2**31 - 1, 0, 1]


class TestQuoting:
    @pytest.mark.parametrize("prompt", NASTY)
    def test_python_reads_back_what_was_written(self, prompt: str):
        tree = ast.parse(python(call_for({"prompt": prompt}, origin="https://example.com")))
        assert prompt in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]

    @pytest.mark.parametrize("prompt", NASTY)
    def test_a_shell_hands_on_what_was_written(self, prompt: str, tmp_path: Path):
        command = curl(call_for({"prompt": prompt}, origin="https://example.com")).replace("curl", "printf '%s\\n'", 1)
        body = _output(["sh", "-c", command], tmp_path).partition("-d\n")[2]
        assert json.loads(body)["prompt"] == prompt

    def test_what_nobody_sees_is_written_out(self):
        for snippet in snippets_for(call_for({"prompt": "".join(NASTY)}, origin="https://example.com")):
            assert [char for char in snippet.text if not char.isprintable() and char != "\n"] == []
            assert "\\u202e" in snippet.text


class TestWhatIsWritten:
    def test_size_and_seed_always_and_the_rest_where_it_differs(self):
        call = call_for({"prompt": "a fox", "num_inference_steps": 28, "guidance_scale": 5.0}, origin="https://example.com/")
        assert call.inputs == {"prompt": "a fox", "size": "1024*1024", "seed": -1, "guidance_scale": 5.0}
        assert call.origin == "https://example.com"

    def test_strength_means_nothing_without_a_picture(self):
        assert "strength" not in call_for({"prompt": "a fox", "strength": 0.3}, origin="https://example.com").inputs

    def test_with_a_picture_it_is_the_other_model_which_has_no_size(self):
        call = call_for({"prompt": "a fox", "size": "512*512"}, origin="https://example.com", with_picture=True)
        assert call.model_id == "wavespeed-ai/flux-srpo/image-to-image"
        assert call.inputs == {"image": PICTURE_URL, "prompt": "a fox", "seed": -1, "strength": 0.8}

    def test_without_a_prompt_it_shows_an_example_that_works(self):
        assert call_for({}, origin="https://example.com").inputs["prompt"]

    def test_the_key_is_a_placeholder_or_comes_from_the_environment(self):
        texts = [snippet.text for snippet in snippets_for(call_for({"prompt": "a fox"}, origin="https://example.com"))]
        assert all(text.count("YOUR_API_KEY") == 1 for text in texts)
        assert 'os.environ["WAVESPEED_API_KEY"]' in texts[1]
        assert "process.env.WAVESPEED_API_KEY" in texts[2]

    @pytest.mark.parametrize(
        ("seed", "hint"),
        [
            (7, "This makes one picture. For 4, send it 4 times, with the seeds 7, 8, 9, 10."),
            (-1, "This makes one picture. For 4, send it 4 times."),
        ],
    )
    def test_curl_makes_one_picture_and_says_how_to_make_more(self, seed: int, hint: str):
        values = {"prompt": "a fox", "seed": seed, "count": 4}
        assert [snippet.hint for snippet in snippets_for(call_for(values, origin="https://example.com"))] == [hint, "", ""]
