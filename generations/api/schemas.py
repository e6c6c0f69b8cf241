"""The shapes of the API's answers, for its document and for whoever generates a client from it."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from ninja import Schema

Content = TypeVar("Content")


class Enveloped(Schema, Generic[Content]):
    """What every success is wrapped in."""

    code: Literal[200]
    message: str
    data: Content


class Refusal(Schema):
    """What every refusal says; `message` is a sentence to act on."""

    code: int
    message: str
    error_code: int
    error: str


class Urls(Schema):
    get: str


class PredictionOut(Schema):
    """A run as it stands."""

    id: str
    model: str
    outputs: list[str]
    urls: Urls
    has_nsfw_contents: list[bool]
    status: Literal["created", "processing", "completed", "failed", "cancelled"]
    created_at: str
    error: str
    executionTime: int
    timings: dict[str, float]
    code: int


class Listed(PredictionOut):
    inputs: dict[str, Any] | None = None


class Page(Schema):
    page: int
    items: list[Listed]
    total: int


class Deleted(Schema):
    deleted_count: int


class Balance(Schema):
    balance: float


class Price(Schema):
    model_id: str
    unit_price: float
    price: float
    discounted_price: float
    currency: Literal["USD"]


class ApiSchema(Schema):
    type: Literal["model_run"]
    method: Literal["POST"]
    server: str
    api_path: str
    request_schema: dict[str, Any]


class ApiSchemas(Schema):
    api_schemas: list[ApiSchema]


class Model(Schema):
    model_id: str
    name: str
    description: str
    type: str
    base_price: float
    formula: str
    sort_order: int
    api_schema: ApiSchemas


class Secret(Schema):
    secret: str


class Uploaded(Schema):
    type: Literal["image"]
    download_url: str
    filename: str
    size: int


class UploadedAt(Uploaded):
    url: str


class Put(Schema):
    method: Literal["PUT"]
    url: str
    headers: dict[str, str]
    expires_at: str


class Ticket(Uploaded):
    upload: Put
