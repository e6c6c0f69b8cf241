"""What is on offer: the models of the catalog, their prices, and what is left to pay for them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from generations import catalog
from generations.models import User
from tests.generations.api.conftest import FOX, MODEL, OPTIMIZER, RUN, WITH_PICTURE, Calling, Issuing
from tests.installation import wavespeed_at
from tests.vendor.process import KEY, Vendor

pytestmark = pytest.mark.django_db

PRICES = ["/api/v3/model/pricing", "/api/v3/model/price"]


class TestTheModels:
    def test_every_file_of_the_catalog_is_one(self, call: Calling):
        assert {model["model_id"] for model in call("GET", "/api/v3/models").data} == {
            json.loads((catalog.FOLDER / f"{slug}.json").read_text())["model_id"] for slug in catalog.slugs()
        }

    def test_each_has_the_schema_of_its_file(self, call: Calling, settings):
        settings.PUBLIC_URL = "https://play.example"
        models = {model["model_id"]: model for model in call("GET", "/api/v3/models").data}
        for slug in catalog.slugs():
            file = json.loads((catalog.FOLDER / f"{slug}.json").read_text())
            model = models[file["model_id"]]
            assert {name: model[name] for name in ("name", "description", "type")} == {
                name: file[name] for name in ("name", "description", "type")
            }
            assert model["api_schema"]["api_schemas"] == [
                {
                    "type": "model_run",
                    "method": "POST",
                    "server": "https://play.example",
                    "api_path": f"/api/v3/{file['model_id']}",
                    "request_schema": file["request_schema"],
                }
            ]

    def test_they_come_in_an_order_with_the_one_that_makes_pictures_first(self, call: Calling):
        models = call("GET", "/api/v3/models").data
        assert [(model["model_id"], model["sort_order"]) for model in models] == [(MODEL, 1), (WITH_PICTURE, 2), (OPTIMIZER, 3)]

    def test_the_price_is_that_of_who_makes_the_pictures(self, call: Calling, issue: Issuing, owner: User, paid: str):
        free = call("GET", "/api/v3/models").data
        dear = call("GET", "/api/v3/models", key=issue(owner, backend=paid)).data
        assert [model["base_price"] for model in free] == [0, 0, 0]
        assert [model["base_price"] for model in dear] == [0.025, 0.025, 0]


class TestThePrice:
    @pytest.mark.parametrize("path", PRICES)
    @pytest.mark.parametrize("model", [MODEL, WITH_PICTURE, OPTIMIZER])
    def test_what_is_made_here_costs_nothing(self, call: Calling, path: str, model: str):
        assert call("POST", path, {"model_id": model, "inputs": FOX}).data == {
            "model_id": model,
            "unit_price": 0,
            "price": 0,
            "discounted_price": 0,
            "currency": "USD",
        }

    @pytest.mark.parametrize("path", PRICES)
    def test_what_a_vendor_makes_costs_what_it_asks(self, call: Calling, issue: Issuing, owner: User, paid: str, path: str):
        told = call("POST", path, {"model_id": MODEL}, key=issue(owner, backend=paid)).data
        assert (told["unit_price"], told["price"], told["discounted_price"]) == (0.025, 0.025, 0.025)

    @pytest.mark.parametrize("path", PRICES)
    @pytest.mark.parametrize("model", ["nobody/nothing", "", "x" * 100_000])
    def test_an_unknown_model_is_404(self, call: Calling, path: str, model: str):
        status, _, sentence = call("POST", path, {"model_id": model}).refusal
        assert status == 404
        assert len(sentence) < 300

    @pytest.mark.parametrize("body", [None, {}, [], 7, {"model_id": 7}, {"model_id": MODEL, "inputs": "x"}])
    def test_what_names_no_model_is_400(self, call: Calling, body: object):
        assert call("POST", PRICES[0], body).refusal[:2] == (400, 1400)


class TestTheBalance:
    def test_it_is_0_where_nothing_costs_anything(self, call: Calling):
        assert call("GET", "/api/v3/balance").data == {"balance": 0}

    def test_it_is_what_is_left_of_the_keys_budget(self, call: Calling, issue: Issuing, owner: User, paid: str):
        key = issue(owner, budget_microusd=100_000)
        assert call("GET", "/api/v3/balance", key=key).data == {"balance": 0.1}


class TestTheBalanceAtAVendor:
    @pytest.fixture
    def vendor(self, settings) -> Iterator[Vendor]:
        settings.PUBLIC_URL = "http://playground.invalid"
        with Vendor(per_minute=0, key=KEY) as vendor, wavespeed_at(vendor, settings, read_within_s=3.0, pause_s=0.01):
            yield vendor

    def test_it_is_the_account_or_the_keys_budget_whichever_is_less(
        self, call: Calling, vendor: Vendor, issue: Issuing, owner: User
    ):
        without, small, large = (issue(owner, backend="wavespeed", budget_microusd=budget) for budget in (None, 60_000, 10**9))
        balances = [call("GET", "/api/v3/balance", key=key).data["balance"] for key in (without, small, large)]
        assert balances == [100.0, 0.06, 100.0]
        call("POST", RUN, FOX, key=small)
        assert call("GET", "/api/v3/balance", key=small).data == {"balance": 0.035}
        assert call("GET", "/api/v3/balance").data == {"balance": 0}

    def test_a_vendor_that_cannot_say_is_a_refusal_in_our_own_words(
        self, call: Calling, vendor: Vendor, issue: Issuing, owner: User
    ):
        vendor.fault("balance", "500", times=0)
        status, code, sentence = call("GET", "/api/v3/balance", key=issue(owner, backend="wavespeed")).refusal
        assert (status, code) == (400, 5003)
        assert sentence.startswith("WaveSpeed ")


def test_the_secret_of_webhooks_is_told(call: Calling):
    assert call("GET", "/api/v3/webhook/secret").data["secret"].startswith("whsec_")
