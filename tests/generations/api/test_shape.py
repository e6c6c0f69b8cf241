"""Every refusal under /api/ has one shape, whoever refuses: the API itself, Django, or a limit of the server's."""

from __future__ import annotations

import pytest
from django.test import Client

from generations.api.cors import HEADERS
from tests.generations.api.conftest import FOX, RUN, Calling, answered

pytestmark = pytest.mark.django_db

NOTHING_HERE = "There is nothing at this address of the API. See /api/docs for what there is."
WRONG_METHOD = "This address takes another method: the header Allow says which."


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v3/balance", {"GET"}),
        ("HEAD", "/api/v3/balance", {"GET"}),
        ("PATCH", "/api/v3/predictions", {"GET", "POST"}),
        ("PUT", "/api/v3/predictions/0123456789abcdef0123456789abcdef", {"GET", "DELETE"}),
        ("GET", "/api/v3/predictions/delete", {"POST"}),
        ("GET", "/api/v3/model/price", {"POST"}),
        ("POST", "/api/docs", {"GET", "HEAD"}),
        ("DELETE", "/api/openapi.json", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_told_which_ones_there_are(call: Calling, method: str, path: str, allowed: set[str]):
    response = Client().generic(method, path)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed
    if method != "HEAD":
        assert answered(response).refusal == (405, 405, WRONG_METHOD)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/x", "/api/v4/models", "/api/v3", "/api/a%0Ab", "/api/%ff", "/api/v3x/%00"])
def test_an_address_that_there_is_not_is_404(call: Calling, method: str, path: str):
    assert call(method, path).refusal == (404, 404, NOTHING_HERE)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_address_of_a_model_takes_runs_alone(call: Calling, method: str):
    assert call(method, RUN).refusal == (404, 404, NOTHING_HERE)


def test_a_host_that_is_not_this_server_is_400(call: Calling):
    refused = call("POST", RUN, FOX, Host="evil.example")
    assert refused.refusal[:2] == (400, 400)


def test_a_fault_of_our_own_is_500_without_its_words(call: Calling, settings, caplog: pytest.LogCaptureFixture):
    settings.DEFAULT_BACKEND = object()  # what no cache can look up
    settings.IMAGE_BACKENDS = None
    answer = call("POST", RUN, FOX)
    assert answer.refusal[:2] == (500, 5000)
    assert "NoneType" not in answer.sentence
    assert "the API broke" in caplog.text


def test_pages_keep_their_own_shape(client_of_owner: Client):
    response = client_of_owner.get("/gallery/0123/")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert not set(HEADERS) & set(response.headers)
