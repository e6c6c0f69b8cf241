"""The OpenAPI document: what django-ninja finds by itself, and each model's own address with its real inputs."""

from __future__ import annotations

from typing import Any

from generations import catalog
from generations.api.offer import ORDER
from generations.catalog import Entry

Data = dict[str, Any]

REFUSAL = {"$ref": "#/components/schemas/Refusal"}
REFUSALS = {
    "400": "The request cannot be used; the sentence says what to change.",
    "401": "No valid key.",
    "402": "The budget of the key, its person or the team does not cover the price.",
    "403": "The key may not do that.",
    "404": "There is nothing of this id or name.",
    "405": "This address takes another method.",
    "413": "The request is too large.",
    "422": "The Idempotency-Key was used for another request.",
    "429": "The key has used up its runs a minute.",
}
OPTIONS: Data = {
    "enable_sync_mode": {
        "type": "boolean",
        "default": False,
        "description": "Wait for the result, at most 90 s; after that the run goes on and data.code is 5004.",
    },
    "enable_base64_output": {
        "type": "boolean",
        "default": False,
        "description": "Give the picture itself as base64 instead of its address; not together with a webhook.",
    },
}
KEYWORDS = frozenset(
    {"type", "title", "description", "default", "minimum", "maximum", "enum", "items", "minLength", "maxLength", "format"}
)
"""Of a size, minimum and maximum hold for each side, and say nothing to a validator of text."""


def completed(document: Data) -> Data:
    """Add the models' addresses and every refusal to a document."""
    document["paths"] = {f"/api/v3/{entry.model_id}": {"post": _run(entry)} for entry in _entries()} | document["paths"]
    document["components"].setdefault("schemas", {})["Refusal"] = _refusal()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"] |= {
                status: {"description": words, "content": {"application/json": {"schema": REFUSAL}}}
                for status, words in REFUSALS.items()
                if status not in operation["responses"]
            }
    return document


def _entries() -> list[Entry]:
    return [catalog.load(slug) for slug in ORDER]


def _run(entry: Entry) -> Data:
    return {
        "operationId": f"run_{entry.slug.replace('-', '_')}",
        "summary": f"Run {entry.name}",
        "description": entry.description,
        "parameters": [_webhook(), _idempotency_key()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _inputs(entry)}}},
        "responses": {
            "200": {
                "description": "The run, as it stands",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Enveloped_PredictionOut_"}}},
            }
        },
        "security": [{"Bearer": []}],
    }


def _inputs(entry: Entry) -> Data:
    """Return the model's own schema; unknown fields are dropped, and the API has two of its own."""
    known = {name: {word: spec[word] for word in spec if word in KEYWORDS} for name, spec in entry.properties.items()}
    if "size" in known:
        known["size"] = {**known["size"], "pattern": "^[0-9]{3,4}[*x][0-9]{3,4}$"}
        del known["size"]["minimum"], known["size"]["maximum"]
    return {"type": "object", "required": entry.request_schema["required"], "properties": {**known, **OPTIONS}}


def _webhook() -> Data:
    words = "An https address that is told of the end by a signed POST."
    return {"name": "webhook", "in": "query", "required": False, "description": words, "schema": {"type": "string"}}


def _idempotency_key() -> Data:
    words = "The same key and body again is the same run; the same key with another body is refused."
    schema = {"type": "string", "minLength": 1, "maxLength": 255}
    return {"name": "Idempotency-Key", "in": "header", "required": False, "description": words, "schema": schema}


def _refusal() -> Data:
    fields = {
        "message": {"type": "string", "description": "A sentence to act on."},
        "error": {"type": "string", "description": "The same sentence."},
        "error_code": {"type": "integer", "description": "The vendor's task code, or the status."},
    }
    return {
        "title": "Refusal",
        "type": "object",
        "required": ["code", "message", "error_code", "error"],
        "properties": {"code": {"type": "integer", "description": "The HTTP status."}, **fields},
    }
