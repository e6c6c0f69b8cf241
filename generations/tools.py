"""How to point the vendor's own programs at this server: what to paste where, tool by tool. Pure text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generations.snippets import Call, Snippet, call_for, in_python, in_shell, snippets_for

KEY = "YOUR_API_KEY"
"""Stands in every piece of code where the key belongs."""
FOLDER = "/path/to/srpo-tools"
"""Stands in the assistant's settings where the folder belongs that the installation prints."""
OVERRIDE = "wavespeed=0.3.2"
"""The version of their library that the npm tools run with: the one that they name themselves is not published."""
WHY_OVERRIDE = (
    "The third line puts "
    '"overrides": {"wavespeed": "0.3.2"} into package.json: the package names a version of its library that npm does not have.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that a person may have already."""

    name: str
    """A short name, for addresses within a page."""
    title: str
    words: str
    """Whom it is for, in a sentence."""
    steps: tuple[Snippet, ...]
    """In the order in which they are pasted."""


def tools_for(origin: str, values: Mapping[str, Any] | None = None) -> list[Tool]:
    """Write what to paste for every tool; `values` are a recipe's, as for `call_for`, and the catalog's example without any."""
    call = call_for(values or {}, origin=origin)
    written = {snippet.language: snippet for snippet in snippets_for(call)}
    return [
        Tool(name="python", title="Python", words="For scripts and services in Python.", steps=(written["python"],)),
        Tool(
            name="javascript",
            title="JavaScript",
            words="For Node.js. Save it as picture.mjs, then run: node picture.mjs",
            steps=(written["javascript"],),
        ),
        Tool(
            name="cli",
            title="Command line",
            words="Pictures from a terminal, saved where you are. Needs Node.js.",
            steps=(_install("cli"), Snippet(language="cli", title="Make a picture", text=command_line(call))),
        ),
        Tool(
            name="mcp",
            title="Desktop assistant (MCP)",
            words="Ask Claude Desktop, Cursor or another assistant for a picture in the middle of a conversation. Needs Node.js.",
            steps=(_install("mcp", then="pwd"), _assistant(call)),
        ),
        Tool(
            name="langchain",
            title="LangChain",
            words="For agents in Python that make pictures by themselves.",
            steps=(Snippet(language="langchain", title="LangChain", text=langchain(call)),),
        ),
        Tool(name="curl", title="curl", words="For everything else that speaks HTTP.", steps=(written["curl"],)),
    ]


def snippet_named(name: str, origin: str, values: Mapping[str, Any] | None = None) -> Snippet:
    """Return one piece of code; KeyError when there is none of that name.

    The names: python, javascript, cli-install, cli, mcp-install, mcp, langchain, curl.
    """
    return {step.language: step for tool in tools_for(origin, values) for step in tool.steps}[name]


def command_line(call: Call) -> str:
    """Write commands for the vendor's command line, to be pasted in the folder that it was installed in."""
    settings = {name: value for name, value in call.inputs.items() if name != "prompt"}
    inputs = " ".join(in_shell(f"{name}={value}") for name, value in settings.items())
    return f"""export WAVESPEED_API_KEY={KEY}
npx wavespeed config --base-url {in_shell(call.origin)}
npx wavespeed run {call.model_id} \\
  --prompt {in_shell(str(call.inputs["prompt"]))} \\
  --input {inputs} \\
  --download"""


def assistant(call: Call) -> str:
    """Write the entry for a desktop assistant's settings, as JSON."""
    server = {
        "command": "npx",
        "args": ["--prefix", FOLDER, "wavespeed-mcp"],
        "env": {"WAVESPEED_API_KEY": KEY, "WAVESPEED_BASE_URL": call.origin},
    }
    return json.dumps({"mcpServers": {"flux-srpo": server}}, indent=2, ensure_ascii=False)


def langchain(call: Call) -> str:
    """Write a script that calls the tool once, as an agent would."""
    return f"""# pip install langchain-wavespeed
# export WAVESPEED_API_KEY={KEY}
import wavespeed
from langchain_wavespeed import WaveSpeedImageGeneration

wavespeed.config.api.base_url = {in_python(call.origin)}
tool = WaveSpeedImageGeneration(model={in_python(call.model_id)})
print(tool.invoke({{"prompt": {in_python(call.inputs["prompt"])}}}))"""


def _install(package: str, *, then: str = "") -> Snippet:
    text = f"""mkdir -p srpo-tools && cd srpo-tools
npm init -y
npm pkg set overrides.{OVERRIDE}
npm install @wavespeed/{package}"""
    return Snippet(language=f"{package}-install", title="Install", text=f"{text}\n{then}".strip(), hint=WHY_OVERRIDE)


def _assistant(call: Call) -> Snippet:
    hint = f"Put it into the assistant's settings, with the folder that the installation printed in place of {FOLDER}."
    return Snippet(language="mcp", title="Add to the assistant's settings", text=assistant(call), hint=hint)
