"""The vendor's clients behind one face: each call of a driver is one call of the client that it is named after."""

from __future__ import annotations

import json
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import langchain_wavespeed
import wavespeed
from langchain_core.tools import ToolException

from tests.clients import node

SECONDS = 60
"""As long as a client may take for one call."""
_NONE: Mapping[str, str] = {}


class ClientError(Exception):
    """A client gave up; the text is all that it tells its user."""


class Driver(ABC):
    """One client, pointed at a server as its own documentation says."""

    def __init__(self, url: str, key: str, home: Path) -> None:
        self.url = url
        self.key = key
        self.home = home

    @abstractmethod
    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        """Run a model to its end and return the outputs; raises ClientError."""

    def close(self) -> None:  # noqa: B027 most have nothing to end
        """End what the driver has started."""


class Python(Driver):
    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        return _told(lambda: self._client.run(model, dict(inputs), enable_sync_mode=sync, poll_interval=0.3, timeout=SECONDS))[
            "outputs"
        ]

    def upload(self, path: Path) -> str:
        return _told(lambda: self._client.upload(str(path)))

    def result(self, prediction_id: str) -> dict[str, Any]:
        return _told(lambda: self._client.get_result(prediction_id))["data"]

    @property
    def _client(self) -> wavespeed.Client:
        return wavespeed.Client(api_key=self.key, base_url=self.url)


class LangChain(Driver):
    """The tools build a client of their own, which takes the server's address from the SDK's settings."""

    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        asked = {**inputs, "enable_sync_mode": True} if sync else inputs
        return self._invoke(langchain_wavespeed.WaveSpeedRunModel, {"model": model, "input": dict(asked)})

    def image(self, model: str, inputs: Mapping[str, object]) -> list[str]:
        """Use the tool that is made for pictures, which knows neither size nor steps."""
        return self._invoke(langchain_wavespeed.WaveSpeedImageGeneration, dict(inputs), model=model)

    def _invoke(self, tool: Callable[..., Any], asked: dict[str, Any], **options: str) -> list[str]:
        with wavespeed.config.patch("api.base_url", self.url):
            made = tool(api_key=self.key, poll_interval=0.3, timeout=SECONDS, **options)
        try:
            return str(made.invoke(asked)).splitlines()
        except ToolException as error:
            raise ClientError(str(error)) from error


class JavaScript(Driver):
    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        options = {"enableSyncMode": sync, "pollInterval": 0.3}
        outputs: list[str] = self._call("run", [model, dict(inputs), options])["outputs"]
        return outputs

    def upload(self, path: Path) -> str:
        return str(self._call("upload", [str(path)]))

    def _call(self, name: str, arguments: Sequence[object]) -> Any:
        script = self.home / "sdk.mjs"
        script.write_text((node.HERE / "sdk.mjs").read_text())
        variables = {"WAVESPEED_API_KEY": self.key, "WAVESPEED_BASE_URL": self.url}
        done = _done(["node", script.name, name, json.dumps(arguments)], self.home, variables)
        said = json.loads(done.stdout.splitlines()[-1])
        if "error" in said:
            raise ClientError(said["error"])
        return said["said"]


class CommandLine(Driver):
    def __init__(self, url: str, key: str, home: Path) -> None:
        super().__init__(url, key, home)
        self.call("config", "--base-url", url)

    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        pairs = [word for name, value in inputs.items() for word in ("-i", f"{name}={_word(value)}")]
        outputs: list[str] = self.json("run", model, *pairs, *(["--sync"] if sync else []))["outputs"]
        return outputs

    def upload(self, path: Path) -> str:
        return str(self.json("upload", str(path))["url"])

    def result(self, prediction_id: str) -> dict[str, Any]:
        return self.json("show", prediction_id)

    def price(self, model: str, inputs: Mapping[str, object]) -> float:
        pairs = [word for name, value in inputs.items() for word in ("-i", f"{name}={_word(value)}")]
        return float(self.json("price", model, *pairs)["unit_price"])

    def balance(self) -> float:
        return float(self.json("balance")["balance"])

    def models(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json("models", "--refresh")
        return found

    def schema(self, model: str) -> dict[str, Any]:
        return dict(self.json("schema", model)["properties"])

    def json(self, *words: str) -> Any:
        return json.loads(self.call(*words, "--json"))

    def call(self, *words: str) -> str:
        """Run a command in the home folder and return what it prints."""
        program = str(self.home / "node_modules" / ".bin" / "wavespeed")
        done = _done([program, *words], self.home, {"WAVESPEED_API_KEY": self.key} if self.key else {})
        if done.returncode != 0:
            raise ClientError(done.stdout + done.stderr)
        return done.stdout


class Mcp(Driver):
    """A server process that speaks JSON-RPC over its standard streams, one message a line."""

    PROTOCOL: ClassVar[str] = "2025-06-18"

    def __init__(self, url: str, key: str, home: Path, command: Sequence[str] = (), variables: Mapping[str, str] = _NONE) -> None:
        super().__init__(url, key, home)
        told = variables or {"WAVESPEED_API_KEY": key, "WAVESPEED_BASE_URL": url}
        self._process = subprocess.Popen(
            command or [str(home / "node_modules" / ".bin" / "wavespeed-mcp")],
            cwd=home,
            env=node.environment(home, **told),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._last_id = 0
        client = {"name": "tests", "version": "1"}
        self._ask("initialize", {"protocolVersion": self.PROTOCOL, "capabilities": {}, "clientInfo": client})
        self._send({"method": "notifications/initialized"})

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.kill()
        self._process.wait()

    def run(self, model: str, inputs: Mapping[str, object], *, sync: bool = False) -> list[str]:
        asked = {**inputs, "enable_sync_mode": True} if sync else inputs
        outputs: list[str] = self.tool("run_model", model=model, input=dict(asked), wait_seconds=SECONDS)["outputs"]
        return outputs

    def upload(self, path: Path) -> str:
        return str(self.tool("upload_file", path=str(path))["url"])

    def result(self, prediction_id: str) -> dict[str, Any]:
        return self.tool("get_prediction", id=prediction_id)

    def price(self, model: str, inputs: Mapping[str, object]) -> float:
        return float(self.tool("get_price", model=model, input=dict(inputs))["unit_price"])

    def balance(self) -> float:
        return float(self.tool("get_balance")["balance"])

    def models(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tool("list_models", refresh=True)["models"]
        return found

    def schema(self, model: str) -> dict[str, Any]:
        return dict(self.tool("get_model_schema", model=model)["properties"])

    def tools(self) -> set[str]:
        return {tool["name"] for tool in self._ask("tools/list", {})["tools"]}

    def tool(self, name: str, **arguments: object) -> Any:
        said = self._ask("tools/call", {"name": name, "arguments": arguments})
        text = said["content"][0]["text"]
        if said.get("isError"):
            raise ClientError(text)
        return json.loads(text)

    def _ask(self, method: str, params: Mapping[str, object]) -> Any:
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": params})
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self._last_id:
                assert "error" not in answer, answer
                return answer["result"]
        raise ClientError("the MCP server ended")

    def _send(self, message: Mapping[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()


DRIVERS: Mapping[str, type[Driver]] = {
    "python": Python,
    "langchain": LangChain,
    "javascript": JavaScript,
    "cli": CommandLine,
    "mcp": Mcp,
}
NODE = frozenset({"javascript", "cli", "mcp"})


def fetch(url: str) -> bytes:
    """Get an output as a browser would: without a key."""
    answer = httpx.get(url, trust_env=False, timeout=30)
    assert answer.status_code == 200, (url, answer.status_code, answer.text[:300])
    return answer.content


def _told(call: Callable[[], Any]) -> Any:
    """Call the Python SDK, whose errors are RuntimeErrors with a sentence."""
    try:
        return call()
    except RuntimeError as error:
        raise ClientError(str(error)) from error


def _done(command: Sequence[str], home: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    env = node.environment(home, **variables)
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)


def _word(value: object) -> str:
    """Write a value as the command line reads it."""
    return value if isinstance(value, str) else json.dumps(value)
