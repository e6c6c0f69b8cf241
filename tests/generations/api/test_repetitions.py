"""What counts as the same request, and so as the same run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from generations.models import EnhancementRequest, Generation, Prediction, State, User
from tests.generations.api.conftest import (
    FOX,
    MODEL,
    OPTIMIZER,
    RUN,
    Calling,
    Issuing,
)

pytestmark = pytest.mark.django_db


class TestTheIdempotencyKey:
    def test_the_same_request_again_is_the_same_run(self, call: Calling):
        first, second = (call("POST", RUN, FOX, Idempotency_Key="order 1").data for _ in range(2))
        assert first == second
        assert Generation.objects.count() == Prediction.objects.count() == 1

    def test_the_order_of_the_fields_does_not_count(self, call: Calling):
        turned = dict(reversed(FOX.items()))
        answers = [call("POST", RUN, body, Idempotency_Key="order 1").data["id"] for body in (FOX, turned)]
        assert len(set(answers)) == 1

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (RUN, {**FOX, "seed": 8}),
            (RUN, {**FOX, "x": 1}),
            (f"{RUN}?webhook=https://93.184.215.14/hook", FOX),
            (f"/api/v3/{OPTIMIZER}", {"text": "a fox"}),
        ],
    )
    def test_another_request_is_422(self, call: Calling, path: str, body: dict[str, object]):
        call("POST", RUN, FOX, Idempotency_Key="order 1")
        status, code, sentence = call("POST", path, body, Idempotency_Key="order 1").refusal
        assert (status, code) == (422, 422)
        assert sentence == "This Idempotency-Key was used for another request. Use a new one for each new run."
        assert Prediction.objects.count() == 1

    def test_another_keys_is_another_run(self, call: Calling, issue: Issuing, owner: User):
        other = issue(owner)
        first, second = (call("POST", RUN, FOX, key=each, Idempotency_Key="order 1") for each in (other, issue(owner)))
        assert first.data["id"] != second.data["id"]

    def test_without_one_each_request_is_a_run(self, run):
        assert run()["id"] != run()["id"]

    @pytest.mark.parametrize("value", ["", "x" * 256, "päck", "a\tb"])
    def test_one_that_cannot_be_kept_is_refused(self, call: Calling, value: str):
        refusal = call("POST", RUN, FOX, Idempotency_Key=value).refusal
        assert refusal == (400, 1400, "An Idempotency-Key has 1 to 255 visible ASCII characters.")

    def test_it_holds_for_prompts(self, call: Calling):
        path = f"/api/v3/{OPTIMIZER}"
        first, second = (call("POST", path, {"text": "a fox"}, Idempotency_Key="order 1").data["id"] for _ in range(2))
        assert first == second
        assert EnhancementRequest.objects.count() == 1

    def test_a_run_that_was_deleted_still_stands_for_its_request(self, call: Calling):
        first = call("POST", RUN, FOX, Idempotency_Key="order 1").data
        call("DELETE", f"/api/v3/predictions/{first['id']}")
        assert call("POST", RUN, FOX, Idempotency_Key="order 1").data["id"] == first["id"]


class TestAKeyThatJoinsRepeats:
    @pytest.fixture
    def joining(self, issue: Issuing, owner: User) -> str:
        return issue(owner, joins_repeats=True)

    @pytest.mark.parametrize(("model", "body"), [(MODEL, FOX), (OPTIMIZER, {"text": "a fox"})])
    def test_the_same_request_again_is_the_same_run(self, call: Calling, joining: str, model: str, body: dict[str, object]):
        ids = {call("POST", f"/api/v3/{model}", body, key=joining).data["id"] for _ in range(3)}
        assert len(ids) == Prediction.objects.count() == 1

    def test_two_minutes_later_it_is_a_new_one(self, call: Calling, joining: str):
        first = call("POST", RUN, FOX, key=joining).data["id"]
        Prediction.objects.update(created_at=F("created_at") - timedelta(seconds=119))
        assert call("POST", RUN, FOX, key=joining).data["id"] == first
        Prediction.objects.update(created_at=F("created_at") - timedelta(seconds=2))
        assert call("POST", RUN, FOX, key=joining).data["id"] != first

    def test_another_request_is_a_new_one(self, call: Calling, joining: str):
        ids = {call("POST", RUN, {**FOX, "seed": seed}, key=joining).data["id"] for seed in (1, 2)}
        assert len(ids) == 2

    @pytest.mark.parametrize("way", ["cancel", "delete", "fail"])
    def test_what_ended_without_a_result_is_asked_for_anew(self, call: Calling, joining: str, way: str):
        first = call("POST", RUN, FOX, key=joining).data["id"]
        match way:
            case "cancel":
                call("POST", f"/api/v3/predictions/{first}/cancel", key=joining)
            case "delete":
                call("DELETE", f"/api/v3/predictions/{first}", key=joining)
            case _:
                Generation.objects.update(state=State.FAILED)
        assert call("POST", RUN, FOX, key=joining).data["id"] != first

    def test_it_takes_no_room_of_the_keys_limits(self, call: Calling, issue: Issuing, owner: User):
        key = issue(owner, joins_repeats=True, runs_per_minute=1)
        assert [call("POST", RUN, FOX, key=key).status for _ in range(3)] == [200] * 3
        assert call("POST", RUN, {**FOX, "seed": 8}, key=key).status == 429
