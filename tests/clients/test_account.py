"""What clients ask beside running models: results, history, prices, the balance, models, and to forget a run."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.clients.conftest import ClientWith
from tests.clients.drivers import ClientError, CommandLine, Mcp, Python
from tests.clients.matrix import covers
from tests.clients.site import Site
from tests.clients.test_runs import MODEL, OPTIMIZER, SMALL, WITH_IMAGE

TOOLS = {"list_models", "get_model_schema", "run_model", "get_price", "get_balance", "upload_file", "get_prediction"}


@pytest.fixture(scope="module")
def finished(site: Site) -> dict[str, Any]:
    """A run that is done."""
    return dict(site.ask("POST", f"/api/v3/{MODEL}", {**SMALL, "prompt": "a done deed", "enable_sync_mode": True}))


@covers("result")
def test_a_result_is_found_by_its_id(client: Python | CommandLine | Mcp, finished: dict[str, Any]) -> None:
    found = client.result(finished["id"])
    assert (found["id"], found["status"], found["model"]) == (finished["id"], "completed", MODEL)
    assert len(found["outputs"]) == 1


@covers("unknown_id")
def test_an_unknown_id_is_not_found(client: Python | CommandLine | Mcp) -> None:
    with pytest.raises(ClientError, match=r"404|There is no run of this id"):
        client.result(uuid.uuid4().hex)


@covers("history")
def test_the_history_lists_runs_with_their_inputs(client: CommandLine, finished: dict[str, Any]) -> None:
    listed = client.json("history", "--limit", "100", "--status", "completed", "--model", MODEL)["items"]
    (found,) = [item for item in listed if item["id"] == finished["id"]]
    assert found["inputs"]["prompt"] == "a done deed"
    assert "a done deed" in client.call("history", "--limit", "100")


@covers("delete")
def test_a_deleted_run_is_gone_from_the_history_and_its_picture_stays(client: CommandLine, site: Site, prompt: str) -> None:
    made = site.ask("POST", f"/api/v3/{MODEL}", {**SMALL, "prompt": prompt, "enable_sync_mode": True})
    client.json("delete", made["id"])
    assert site.prediction(prompt) is None
    with pytest.raises(ClientError, match="404"):
        client.result(made["id"])
    assert (site.folder / "media" / site.kept(prompt).file).is_file()


@covers("price")
def test_the_built_in_painter_costs_nothing(client: CommandLine | Mcp) -> None:
    assert client.price(MODEL, {"prompt": "a red fox", "num_inference_steps": 50}) == 0


@covers("balance")
def test_the_balance_is_a_sum_of_dollars(client: CommandLine | Mcp, site: Site) -> None:
    assert client.balance() == site.ask("GET", "/api/v3/balance")["balance"]


@covers("models")
def test_the_models_are_the_three_that_are_served(client: CommandLine | Mcp) -> None:
    found = {model["model_id"]: model["type"] for model in client.models()}
    assert set(found) == {MODEL, WITH_IMAGE, OPTIMIZER}
    assert (found[MODEL], found[WITH_IMAGE]) == ("text-to-image", "image-to-image")


@covers("schema")
def test_a_models_inputs_are_those_of_the_form(client: CommandLine | Mcp) -> None:
    inputs = client.schema(MODEL)
    assert (inputs["num_inference_steps"]["minimum"], inputs["num_inference_steps"]["maximum"]) == (1, 50)
    assert "image" not in inputs
    assert "image" in client.schema(WITH_IMAGE)


@covers("sign_in")
def test_a_person_signs_in_with_a_key(client_with: ClientWith, site: Site) -> None:
    client = client_with("")
    assert isinstance(client, CommandLine)
    with pytest.raises(ClientError, match="rejected the key"):
        client.call("login", "--no-browser", "--api-key", "srpo_" + "0" * 43)
    client.call("login", "--no-browser", "--api-key", site.key)
    assert client.balance() == site.ask("GET", "/api/v3/balance")["balance"]


@covers("local_file")
def test_the_server_for_agents_offers_its_seven_tools(client: Mcp) -> None:
    assert client.tools() == TOOLS
