"""One call of the vendor's API as a person would write it: in a shell, in Python, in JavaScript.

Pure text. What a person wrote stands in it only as a string of that language, with everything invisible written out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from generations import catalog

PICTURE_URL = "https://example.com/your-picture.jpg"
ALWAYS = frozenset({"prompt", "size", "seed", "strength"})
"""Written even where they are the default; the others only where they differ."""
SEEDS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked for, and where."""

    origin: str
    """Scheme and host, without a slash at the end."""
    model_id: str
    inputs: Mapping[str, str | int | float]
    """Among them `seed`, that of the first picture."""
    count: int = 1

    @property
    def seeds(self) -> list[int]:
        """Return one seed a picture: counted up, or -1 each time."""
        first = int(self.inputs["seed"])
        return [first if first < 0 else (first + number) % SEEDS for number in range(self.count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of code to copy."""

    language: str
    """A short name, for addresses within a page."""
    title: str
    text: str
    hint: str = ""
    """A sentence for the person, where the code does not do all that was asked for."""


def call_for(values: Mapping[str, Any], *, origin: str, with_picture: bool = False) -> Call:
    """Return the call for a recipe's values; what is missing has the catalog's default, a prompt the catalog's example."""
    entry = catalog.load()
    defaults = {name: spec.get("default", spec.get("x-placeholder")) for name, spec in entry.properties.items()}
    unknown_there = "size" if with_picture else "strength"
    inputs: dict[str, Any] = {"image": PICTURE_URL} if with_picture else {}
    for name, default in defaults.items():
        value = values.get(name, default)
        if name != unknown_there and (name in ALWAYS or value != default):
            inputs[name] = value
    model_id = f"{entry.model_id}/image-to-image" if with_picture else entry.model_id
    return Call(origin=origin.rstrip("/"), model_id=model_id, inputs=inputs, count=values.get("count", 1))


def snippets_for(call: Call) -> list[Snippet]:
    """Write the call in every language."""
    return [
        Snippet(language="curl", title="curl", text=curl(call), hint=_one_of_many(call)),
        Snippet(language="python", title="Python", text=python(call)),
        Snippet(language="javascript", title="JavaScript", text=javascript(call)),
    ]


def curl(call: Call) -> str:
    """Write a command that waits for the picture; it has no comments, as zsh takes none at its prompt."""
    inputs = {**{name: in_json(value) for name, value in call.inputs.items()}, "enable_sync_mode": "true"}
    body = "{\n" + ",\n".join(f'  "{name}": {value}' for name, value in inputs.items()) + "\n}"
    return "\n".join(
        [
            f"curl {in_shell(f'{call.origin}/api/v3/{call.model_id}')} \\",
            "  -H 'Authorization: Bearer YOUR_API_KEY' \\",
            "  -H 'Content-Type: application/json' \\",
            f"  -d {in_shell(body)}",
        ]
    )


def python(call: Call) -> str:
    """Write a script for the vendor's own package."""
    inputs = "\n".join(f'        "{name}": {_value(call, name, in_python)},' for name in call.inputs)
    run = f"""output = client.run(
    {in_python(call.model_id)},
    {{
{inputs}
    }},
)
print(output["outputs"][0])"""
    if call.count > 1:
        run = f"for seed in {call.seeds}:\n{indent(run, '    ')}"
    return f"""# pip install wavespeed
# export WAVESPEED_API_KEY=YOUR_API_KEY
import os

from wavespeed import Client

client = Client(
    api_key=os.environ["WAVESPEED_API_KEY"],
    base_url={in_python(call.origin)},
)
{run}"""


def javascript(call: Call) -> str:
    """Write a module for Node.js and the vendor's own package."""
    written = {name: f"{name}: {_value(call, name, in_json)}" for name in call.inputs}
    if call.count > 1:
        written["seed"] = "seed"
    inputs = "\n".join(f"  {pair}," for pair in written.values())
    run = f"""const output = await client.run({in_json(call.model_id)}, {{
{inputs}
}});
console.log(output.outputs[0]);"""
    if call.count > 1:
        run = f"for (const seed of {call.seeds}) {{\n{indent(run, '  ')}\n}}"
    return f"""// npm install wavespeed
// export WAVESPEED_API_KEY=YOUR_API_KEY
import {{ Client }} from "wavespeed";

const client = new Client(process.env.WAVESPEED_API_KEY, {{
  baseUrl: {in_json(call.origin)},
}});
{run}"""


def _value(call: Call, name: str, write: Callable[[object], str]) -> str:
    return "seed" if name == "seed" and call.count > 1 else write(call.inputs[name])


def _one_of_many(call: Call) -> str:
    if call.count == 1:
        return ""
    again = "" if call.seeds[0] < 0 else f", with the seeds {', '.join(map(str, call.seeds))}"
    return f"This makes one picture. For {call.count}, send it {call.count} times{again}."


def in_json(value: object) -> str:
    """Write a value for JSON and JavaScript."""
    return "".join(char if char.isprintable() else _utf_16(char) for char in json.dumps(value, ensure_ascii=False))


def in_python(value: object) -> str:
    """Write a value for Python, which has JSON's escapes, but another one for what is beyond 16 bits."""
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else _utf_16(char)
        for char in json.dumps(value, ensure_ascii=False)
    )


def _utf_16(char: str) -> str:
    """Escape a character that nobody sees, such as one that turns the direction of what follows."""
    return json.dumps(char)[1:-1]


def in_shell(text: str) -> str:
    """Quote for every POSIX shell; within single quotes only these themselves mean anything."""
    return "'" + text.replace("'", r"'\''") + "'"
