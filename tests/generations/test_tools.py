"""What people paste into their own tools, run by the vendor's own packages as far as Python brings them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generations.tools import FOLDER, KEY, snippet_named, tools_for
from tests.vendor.process import KEY as VENDORS_KEY
from tests.vendor.process import Vendor

ORIGIN = "https://pictures.example.org"
NAMES = ["python", "javascript", "cli-install", "cli", "mcp-install", "mcp", "langchain", "curl"]
WITHOUT_KEY = {"cli-install", "mcp-install"}
SPEAKING = sorted(set(NAMES) - WITHOUT_KEY)
NASTY = 'it\'s a "red" fox; $(id) \\ 🦊'


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor(key=VENDORS_KEY, per_minute=0, concurrency=100, duration_s=0.01) as started:
        yield started


def output(text: str, folder: Path) -> str:
    """Run a script with the vendor's packages, as they are installed beside this product."""
    environment = {"PATH": os.environ["PATH"], "WAVESPEED_API_KEY": VENDORS_KEY, "HOME": str(folder)}
    command = [sys.executable, "-c", text]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, timeout=60).stdout.decode()


@pytest.mark.parametrize("name", ["python", "langchain"])
def test_the_vendors_package_makes_a_picture_with_it(vendor: Vendor, tmp_path: Path, name: str):
    vendor.reset()
    said = output(snippet_named(name, vendor.url, {"prompt": NASTY, "seed": 7}).text, tmp_path)
    assert said.startswith(f"{vendor.url}/outputs/")
    [(model, prompt, _)] = vendor.counts().accepted
    assert (model, prompt) == ("wavespeed-ai/flux-srpo", NASTY)


def test_every_piece_of_code_has_a_name_of_its_own():
    assert [step.language for tool in tools_for(ORIGIN) for step in tool.steps] == NAMES
    assert all(snippet_named(name, ORIGIN).language == name for name in NAMES)
    with pytest.raises(KeyError):
        snippet_named("cobol", ORIGIN)


@pytest.mark.parametrize("name", SPEAKING)
def test_it_leads_here_with_a_place_for_the_key(name: str):
    text = snippet_named(name, ORIGIN).text
    assert text.count(ORIGIN) == 1
    assert text.count(KEY) == 1
    assert "wavespeed.ai" not in text.replace("wavespeed-ai", "")


@pytest.mark.parametrize("name", sorted(WITHOUT_KEY))
def test_the_installation_names_a_library_that_npm_has_and_says_why(name: str):
    step = snippet_named(name, ORIGIN)
    assert "npm pkg set overrides.wavespeed=0.3.2" in step.text.splitlines()
    assert '"overrides": {"wavespeed": "0.3.2"}' in step.hint


def test_the_command_line_gets_the_prompt_in_one_piece():
    text = snippet_named("cli", ORIGIN, {"prompt": NASTY, "seed": 7, "size": "512*256"}).text
    *_, run = [shlex.split(command) for command in text.replace("\\\n", " ").splitlines()]
    assert run[:4] == ["npx", "wavespeed", "run", "wavespeed-ai/flux-srpo"]
    assert run[run.index("--prompt") + 1] == NASTY
    assert run[run.index("--input") + 1 :] == ["size=512*256", "seed=7", "--download"]


def test_the_assistants_settings_are_json_with_the_folder_to_fill_in():
    step = snippet_named("mcp", ORIGIN)
    [server] = json.loads(step.text)["mcpServers"].values()
    assert server == {
        "command": "npx",
        "args": ["--prefix", FOLDER, "wavespeed-mcp"],
        "env": {"WAVESPEED_API_KEY": KEY, "WAVESPEED_BASE_URL": ORIGIN},
    }
    assert FOLDER in step.hint
    assert snippet_named("mcp-install", ORIGIN).text.endswith("\npwd")
