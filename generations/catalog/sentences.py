"""What a person reads when the schema refuses a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sentence_for(name: str, keyword: str, spec: Mapping[str, Any]) -> str:
    """Say what may stand in the field `name`, given the schema keyword that refused it."""
    title = spec["title"]
    if name in ("prompt", "text"):
        return _prompt_sentence(keyword, spec)
    if "enum" in spec:
        return f"{title} can be {' or '.join(spec['enum'])}."
    if spec["type"] == "string":
        return f"{title} must be text."
    number = "a whole number" if spec["type"] == "integer" else "a number"
    return f"{title} must be {number} from {spec['minimum']} to {spec['maximum']}."


def _prompt_sentence(keyword: str, spec: Mapping[str, Any]) -> str:
    if keyword == "maxLength":
        return f"The prompt is too long. Keep it under {spec['maxLength']:,} characters."
    return "Write what the picture should show."
