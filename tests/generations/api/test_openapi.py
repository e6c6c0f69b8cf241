"""The API's document: valid, complete, and true to what is answered; and the page that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from generations import catalog
from generations.api.openapi import KEYWORDS
from generations.models import User
from playground.middleware import POLICY
from tests.conftest import finish
from tests.generations.api.conftest import FOX, MODEL, OPTIMIZER, RUN, Calling, Issuing, generation_of

pytestmark = pytest.mark.django_db

METHODS = {"get", "post", "put", "delete"}


@pytest.fixture
def document(owner: User) -> Any:
    response = Client().get("/api/openapi.json")
    assert response.headers["Content-Type"].startswith("application/json")
    return response.json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


class TestTheDocument:
    def test_it_is_openapi_3_1(self, document):
        assert document["openapi"].startswith("3.1")
        OPENAPI_31_VALIDATOR.validate(document)

    def test_each_of_its_schemas_is_one(self, document):
        for schema in document["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)

    def test_its_references_lead_somewhere(self, document):
        found = set(references(document))
        assert found
        assert found <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def test_each_operation_has_a_name_of_its_own_and_words(self, document):
        names = [operation["operationId"] for _, _, operation in operations(document)]
        assert len(names) == len(set(names)) > 10
        assert all(operation["summary"] for _, _, operation in operations(document))

    def test_each_of_its_addresses_is_one_of_this_server(self, document):
        for method, path, _ in operations(document):
            assert method in METHODS
            assert resolve(re.sub(r"\{\w+\}", "0123456789abcdef0123456789abcdef", path)).url_name not in {"nothing", "no_run"}

    def test_each_operation_asks_for_a_key_and_says_how_it_refuses(self, document):
        assert document["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}
        for _, path, operation in operations(document):
            assert operation["security"] == [{"Bearer": []}], path
            refusal = operation["responses"]["401"]["content"]["application/json"]["schema"]
            assert refusal == {"$ref": "#/components/schemas/Refusal"}

    @pytest.mark.parametrize("slug", catalog.slugs())
    def test_each_model_has_its_own_address_with_its_real_inputs(self, document, slug: str):
        entry = catalog.load(slug)
        body = document["paths"][f"/api/v3/{entry.model_id}"]["post"]["requestBody"]
        schema = body["content"]["application/json"]["schema"]
        assert schema["required"] == entry.request_schema["required"]
        properties = dict(schema["properties"])
        assert properties.pop("enable_sync_mode")["type"] == properties.pop("enable_base64_output")["type"] == "boolean"
        assert list(properties) == list(entry.properties)
        for name, spec in entry.properties.items():
            described = {word: value for word, value in spec.items() if word in KEYWORDS}
            if name == "size":  # its bounds are of each side
                described = {word: described[word] for word in described if word not in {"minimum", "maximum"}}
            assert described.items() <= properties[name].items()

    def test_what_a_model_takes_by_its_schema_is_taken(self, document, call: Calling):
        schema = document["paths"][RUN]["post"]["requestBody"]["content"]["application/json"]["schema"]
        defaults = {name: spec["default"] for name, spec in schema["properties"].items() if "default" in spec}
        body = {"prompt": "a red fox", **defaults}
        Draft202012Validator(schema).validate(body)
        assert call("POST", RUN, body).status == 200


class TestTheAnswers:
    @pytest.fixture
    def check(self, document) -> Any:
        """Hold an answer against what the document says of its operation and status."""

        def fits(method: str, path: str, answer: Any) -> None:
            responses = document["paths"][path][method.lower()]["responses"]
            schema = responses[str(answer.status)]["content"]["application/json"]["schema"]
            Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)

        return fits

    def test_all_fit_their_schemas(self, check, call: Calling, run):
        told = [run(), run(), call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data]
        finish(generation_of(told[0]))
        check("POST", RUN, call("POST", RUN, FOX))
        one = "/api/v3/predictions/{id}"
        for each in told:
            for path in (f"{one}/result", one, "/api/v2/predictions/{id}/result"):
                check("GET", path, call("GET", path.format(id=each["id"])))
        check("POST", f"{one}/cancel", call("POST", f"/api/v3/predictions/{told[1]['id']}/cancel"))
        for body in ({}, {"include_inputs": True}):
            check("POST", "/api/v3/predictions", call("POST", "/api/v3/predictions", body))
        check("GET", "/api/v3/predictions", call("GET", "/api/v3/predictions"))
        check("DELETE", one, call("DELETE", f"/api/v3/predictions/{told[0]['id']}"))
        check("POST", "/api/v3/predictions/delete", call("POST", "/api/v3/predictions/delete", {"ids": [told[1]["id"]]}))
        for path in ("/api/v3/models", "/api/v3/balance", "/api/v3/webhook/secret"):
            check("GET", path, call("GET", path))
        for path in ("/api/v3/model/price", "/api/v3/model/pricing"):
            check("POST", path, call("POST", path, {"model_id": MODEL, "inputs": FOX}))

    def test_so_do_refusals(self, check, call: Calling, issue: Issuing, owner: User):
        check("POST", RUN, call("POST", RUN, {}))
        check("POST", RUN, call("POST", RUN, FOX, key=None))
        check("POST", RUN, call("POST", RUN, FOX, key=issue(owner, scope="read")))
        check("POST", RUN, call("POST", RUN, FOX, key=issue(owner, runs_per_minute=0)))
        check("GET", "/api/v3/predictions/{id}", call("GET", "/api/v3/predictions/x"))
        check("POST", RUN, call("POST", RUN, raw=b"x" * 3_000_000))


class TestThePage:
    def test_it_needs_no_sign_in_and_loads_nothing_from_elsewhere(self, owner: User):
        response = Client().get("/api/docs")
        assert response.status_code == 200
        assert response.headers["Content-Security-Policy"] == POLICY
        page = response.content.decode()
        assert not re.findall(r"""(?:src|href|action)=["']?(?:[a-z]+:)?//[^"' >]*""", page)
        assert "<style" not in page
        assert not re.findall(r"<script(?![^>]*(?: src=|application/json))[^>]*>", page)

    def test_it_shows_this_servers_document(self, owner: User):
        assert '"url": "/api/openapi.json"' in Client().get("/api/docs").content.decode()
