"""The page "Use your own tools": the very text of each piece of code, pasted as its words say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generations import tools
from tests.clients import node
from tests.clients.drivers import Mcp, fetch
from tests.clients.site import Site
from tests.clients.test_account import TOOLS
from tests.clients.test_runs import MODEL, SMALL, assert_same_picture

BEFORE = "2026-12-01"
"""npm installs what was published until then, so that what comes later does not change what is tested."""
Paste = Callable[..., str]


@pytest.fixture
def filled(site: Site, prompt: str) -> Callable[[str], str]:
    """Return what writes a piece of code with this server's address and a key, as a person has it after pasting."""

    def fill(name: str) -> str:
        snippet = tools.snippet_named(name, site.url, {**SMALL, "prompt": prompt})
        return snippet.text.replace(tools.KEY, site.key)

    return fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def paste(folder: Path) -> Paste:
    """Return what pastes commands into a shell and gives back what it prints."""

    def run(commands: str, within: Path = folder, **variables: str) -> str:
        env = {**node.environment(folder), **_npm(), **variables}
        env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"  # what a virtual environment that is switched on does
        shell = ["bash", "-eu", "-o", "pipefail", "-c", commands]
        done = subprocess.run(shell, cwd=within, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, (commands, done.stdout, done.stderr)
        return done.stdout

    return run


@pytest.fixture(scope="module")
def installed(home: Path, site: Site, paste: Paste) -> Path:
    """The folder that both installations make, one after the other."""
    paste(tools.snippet_named("cli-install", site.url).text)
    return Path(paste(tools.snippet_named("mcp-install", site.url).text).splitlines()[-1])


def test_the_python_script_prints_the_pictures_address(
    filled: Callable[[str], str], paste: Paste, tmp_path: Path, site: Site, prompt: str
) -> None:
    (tmp_path / "picture.py").write_text(filled("python"))
    url = paste("python picture.py", tmp_path, WAVESPEED_API_KEY=site.key).strip()
    assert_same_picture(fetch(url), site, prompt)


def test_the_script_for_langchain_prints_the_pictures_address(
    filled: Callable[[str], str], paste: Paste, tmp_path: Path, site: Site, prompt: str
) -> None:
    (tmp_path / "picture.py").write_text(filled("langchain"))
    url = paste("python picture.py", tmp_path, WAVESPEED_API_KEY=site.key).strip()
    assert_same_picture(fetch(url), site, prompt)


def test_the_javascript_file_prints_the_pictures_address(
    filled: Callable[[str], str], paste: Paste, home: Path, site: Site, prompt: str
) -> None:
    (home / "picture.mjs").write_text(filled("javascript"))
    url = paste("node picture.mjs", home, WAVESPEED_API_KEY=site.key).strip()
    assert_same_picture(fetch(url), site, prompt)


def test_the_command_line_saves_the_picture(
    filled: Callable[[str], str], paste: Paste, installed: Path, site: Site, prompt: str
) -> None:
    paste(filled("cli"), installed)
    (saved,) = (installed / "wavespeed-output").iterdir()
    assert_same_picture(saved.read_bytes(), site, prompt)


def test_an_assistant_starts_the_server_from_its_settings(
    filled: Callable[[str], str], installed: Path, folder: Path, site: Site, prompt: str
) -> None:
    entry = json.loads(filled("mcp").replace(tools.FOLDER, str(installed)))["mcpServers"]["flux-srpo"]
    server = Mcp(site.url, site.key, folder, command=[entry["command"], *entry["args"]], variables=entry["env"])
    try:
        assert server.tools() == TOOLS
        (url,) = server.run(MODEL, {**SMALL, "prompt": prompt})
    finally:
        server.close()
    assert_same_picture(fetch(url), site, prompt)


def test_curl_prints_the_run_with_its_picture(filled: Callable[[str], str], paste: Paste, site: Site, prompt: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not here. On Debian: apt install curl")
    said = json.loads(paste(filled("curl")))["data"]
    assert said["status"] == "completed"
    assert_same_picture(fetch(said["outputs"][0]), site, prompt)


def test_every_piece_of_code_is_tried_here(site: Site) -> None:
    named = set(re.findall(r'(?:filled|snippet_named)\("([a-z-]+)"', Path(__file__).read_text()))
    assert named == {step.language for tool in tools.tools_for(site.url) for step in tool.steps}


def _npm() -> dict[str, str]:
    """Return what lets npm use this person's registry and cache, although the home folder is another."""
    own = Path.home()
    kept = {"NPM_CONFIG_USERCONFIG": str(own / ".npmrc"), "NPM_CONFIG_CACHE": str(own / ".npm")}
    kept |= {"NPM_CONFIG_PREFER_OFFLINE": "true", "NPM_CONFIG_FETCH_RETRIES": "5"}
    return {**kept, "NPM_CONFIG_BEFORE": BEFORE, "NPM_CONFIG_IGNORE_SCRIPTS": "true", "NPM_CONFIG_AUDIT": "false"}
