"""Runs that were asked for: how each state reads, who sees them, what is listed, deleted, cancelled and followed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import F
from django.utils import timezone

from generations import contract, errors, pipeline
from generations.models import EnhancementRequest, EnhancementState, Generation, Prediction, State, User
from tests.conftest import finish
from tests.enhancers import SORRY, wise
from tests.generations.api.conftest import (
    FOX,
    LIST,
    MODEL,
    NO_SUCH_RUN,
    OPTIMIZER,
    RUN,
    UNKNOWN,
    Calling,
    Issuing,
    generation_of,
    key_row,
    result,
)

pytestmark = pytest.mark.django_db

ENDED = {State.SUCCEEDED: "completed", State.FAILED: "failed", State.CANCELLED: "cancelled"}


class TestAResult:
    @pytest.mark.parametrize("state", State)
    def test_each_state_is_one_of_the_vendors_words(self, call: Calling, run, state: State):
        told = run()
        finish(generation_of(told))
        Generation.objects.update(state=state, error="The brush broke. Try again.")
        now = call("GET", result(told)).data
        expected = ENDED.get(state, "created" if state in {State.PENDING, State.QUEUED} else "processing")
        assert now["status"] == expected
        assert len(now["outputs"]) == len(now["has_nsfw_contents"]) == (expected == "completed")
        error = {"failed": "The brush broke. Try again.", "cancelled": "This run was cancelled."}
        assert (now["error"], now["code"]) == (error.get(expected, ""), 5000 if expected == "failed" else 0)
        assert {**now, **{name: told[name] for name in ("status", "outputs", "has_nsfw_contents", "error", "code")}} == {
            **told,
            "executionTime": now["executionTime"],
            "timings": {"inference": now["executionTime"]},
        }

    @pytest.mark.parametrize("state", EnhancementState)
    def test_so_is_each_of_a_prompt(self, call: Calling, state: EnhancementState):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data
        EnhancementRequest.objects.update(state=state, text="a fox at night", error="The pen broke.")
        now = call("GET", result(told)).data
        words = {"queued": "created", "ready": "completed", "failed": "failed", "cancelled": "cancelled"}
        assert now["status"] == words.get(state, "processing")
        assert now["outputs"] == (["a fox at night"] if state == EnhancementState.READY else [])
        assert now["error"] == {"failed": "The pen broke.", "cancelled": "This run was cancelled."}.get(state, "")

    def test_a_failure_without_words_has_some(self, call: Calling, run):
        told = run()
        Generation.objects.update(state=State.FAILED, error="")
        assert call("GET", result(told)).data["error"] == "The run failed."

    def test_the_output_is_an_address_on_this_origin_with_an_extension(self, call: Calling, run, settings):
        settings.PUBLIC_URL = "https://play.example"
        told = run({**FOX, "output_format": "png"})
        finish(generation_of(told))
        (address,) = call("GET", result(told)).data["outputs"]
        assert address.startswith("https://play.example/api/media/pictures/")
        assert address.endswith(".png")

    def test_how_long_it_took_is_told(self, call: Calling, run):
        told = run()
        finish(generation_of(told))
        Generation.objects.update(render_ms=2345)
        now = call("GET", result(told)).data
        assert (now["executionTime"], now["timings"]) == (2345, {"inference": 2345})

    def test_an_enhancer_makes_the_output_of_a_prompt(self, call: Calling, enhancers):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox", "style": "anime"}).data
        pipeline.enhance(EnhancementRequest.objects.get().pk)
        now = call("GET", result(told)).data
        assert (now["status"], now["outputs"]) == ("completed", [wise("a fox", "anime")])
        assert now["executionTime"] >= 0

    def test_a_prompt_that_nobody_works_on_fails_in_the_end(self, call: Calling):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data
        EnhancementRequest.objects.update(moved_at=timezone.now() - timedelta(minutes=2))
        now = call("GET", result(told)).data
        assert now["status"] == "failed"
        assert now["error"].startswith("Nothing came back in time.")

    @pytest.mark.parametrize("path", ["/api/v3/predictions/{}/result", "/api/v3/predictions/{}", "/api/v2/predictions/{}/result"])
    def test_it_has_three_addresses(self, call: Calling, run, path: str):
        told = run()
        dashed = generation_of(told).public_id
        assert call("GET", path.format(told["id"])).data == call("GET", path.format(dashed)).data == told

    def test_a_teammate_sees_it_and_a_viewer_too(self, call: Calling, run, issue: Issuing, teammate: User, viewer: User):
        told = run()
        for key in (issue(teammate), issue(viewer), issue(teammate, scope="read")):
            assert call("GET", result(told), key=key).data == told

    @pytest.mark.parametrize("path", ["{}/result", "{}"])
    @pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
    def test_another_teams_is_as_if_it_were_not(self, call: Calling, run, issue: Issuing, outsider: User, path: str, method: str):
        theirs, told = issue(outsider), run()
        suffix = {"GET": path, "DELETE": "{}", "POST": "{}/cancel"}[method]
        refusals = [call(method, f"{LIST}/{suffix.format(id)}", key=theirs).refusal for id in (told["id"], UNKNOWN)]
        assert refusals == [(404, 404, NO_SUCH_RUN)] * 2
        assert generation_of(told).state == State.QUEUED

    @pytest.mark.parametrize("id", ["x", "%00", "%ff", "%ED%A0%80", "%0a", "1" * 33, "%C2%B2" * 32, "{}", "-" * 36, "🦊"])
    def test_what_is_no_id_is_404(self, call: Calling, id: str):
        for path in (f"{LIST}/{id}/result", f"{LIST}/{id}", f"/api/v2/predictions/{id}/result"):
            assert call("GET", quote(path, safe="/%")).refusal[0] == 404

    def test_a_picture_takes_three_queries_at_most(self, call: Calling, run, django_assert_num_queries):
        told = run()
        with django_assert_num_queries(2):  # the key, the run with its picture's row; the files once there are some
            call("GET", result(told))
        finish(generation_of(told))
        with django_assert_num_queries(3):
            call("GET", result(told))

    def test_a_prompt_takes_no_more(self, call: Calling, django_assert_num_queries):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data
        with django_assert_num_queries(3):  # one of them ends it when it is overdue
            call("GET", result(told))
        EnhancementRequest.objects.update(state=EnhancementState.READY)
        with django_assert_num_queries(2):
            call("GET", result(told))


class TestTheWords:
    def test_no_error_reads_like_a_status_that_makes_clients_run_again(self):
        kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.PlaygroundError)]
        sentences = [kind.message for kind in kinds if isinstance(getattr(kind, "message", None), str)]
        sentences += [*errors.VENDOR_SENTENCES.values(), contract.WAS_CANCELLED, contract.TOO_LONG_TO_WAIT, SORRY]
        assert len(sentences) > 20
        assert not [sentence for sentence in sentences if "HTTP 5" in sentence or "HTTP 429" in sentence]


class TestTheList:
    @pytest.fixture
    def runs(self, run, call: Calling, issue: Issuing, outsider: User) -> list[dict[str, Any]]:
        """Ask for five pictures an hour apart and a prompt; another team asks, too."""
        call("POST", RUN, FOX, key=issue(outsider))
        told = [run({**FOX, "seed": seed}) for seed in range(5)]
        told.append(call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data)
        finish(generation_of(told[0]))
        for hours, each in enumerate(reversed(told)):
            Prediction.objects.filter(public_id=each["id"]).update(created_at=F("created_at") - timedelta(hours=hours))
        return told

    @pytest.fixture(params=["GET", "POST"])
    def listed(self, request: pytest.FixtureRequest, call: Calling) -> Callable[..., Any]:
        def ask(**filters: object) -> Any:
            if request.param == "POST":
                return call("POST", LIST, filters).data
            written = "&".join(f"{name}={quote(str(value))}" for name, value in filters.items())
            return call("GET", f"{LIST}?{written}").data

        return ask

    def ids(self, page: dict[str, Any]) -> list[str]:
        return [item["id"] for item in page["items"]]

    def test_it_has_the_teams_runs_newest_first(self, runs, listed):
        page = listed()
        assert self.ids(page) == [told["id"] for told in reversed(runs)]
        assert (page["page"], page["total"]) == (1, 6)
        assert page["items"][-1]["status"] == "completed"
        assert all("inputs" not in item for item in page["items"])

    def test_it_needs_no_body(self, runs, call: Calling):
        assert call("POST", LIST).data["total"] == call("POST", LIST, {}).data["total"] == 6

    def test_it_comes_in_pages(self, runs, listed):
        pages = [listed(page=number, page_size=4) for number in (1, 2, 3)]
        assert [len(page["items"]) for page in pages] == [4, 2, 0]
        assert [page["total"] for page in pages] == [6, 6, 6]
        assert [id for page in pages for id in self.ids(page)] == [told["id"] for told in reversed(runs)]

    def test_inputs_come_when_asked_for(self, runs, listed):
        items = listed(include_inputs=True)["items"]
        assert items[0]["inputs"] == {"text": "a fox", "style": "default", "mode": "image"}
        assert [item["inputs"]["seed"] for item in items[1:]] == [4, 3, 2, 1, 0]

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"model": MODEL}, [4, 3, 2, 1, 0]),
            ({"model": OPTIMIZER}, [5]),
            ({"model": "nobody/nothing"}, []),
            ({"status": "created"}, [5, 4, 3, 2, 1]),
            ({"status": "pending"}, [5, 4, 3, 2, 1]),
            ({"status": "completed"}, [0]),
            ({"status": "succeeded"}, [0]),
            ({"status": "processing"}, []),
            ({"status": "timeout"}, []),
            ({"status": "created", "model": OPTIMIZER}, [5]),
        ],
    )
    def test_it_is_narrowed_by_model_and_status(self, runs, listed, filters: dict[str, object], found: list[int]):
        page = listed(**filters)
        assert self.ids(page) == [runs[number]["id"] for number in found]
        assert page["total"] == len(found)

    @pytest.mark.parametrize(
        "write", [lambda at: at.isoformat(), lambda at: at.replace(tzinfo=None).isoformat(), contract.moment]
    )
    def test_it_is_narrowed_by_time_with_or_without_a_zone(self, runs, listed, write: Callable[[Any], str]):
        middle = write(timezone.now() - timedelta(hours=2, minutes=30))
        assert self.ids(listed(created_after=middle)) == [runs[number]["id"] for number in (5, 4, 3)]
        assert self.ids(listed(created_before=middle)) == [runs[number]["id"] for number in (2, 1, 0)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"page": 0},
            {"page": "x"},
            {"page_size": 0},
            {"page_size": 101},
            {"page": 10**30},
            {"created_after": "yesterday"},
            {"created_after": "0001-01-01T00:00:00+23:00"},
            {"created_before": "9999-12-31T23:59:59-23:00"},
            {"status": "a\x00b"},
            {"model": "x" * 101},
        ],
    )
    def test_what_cannot_be_used_is_400_with_the_fields_name(self, call: Calling, wrong: dict[str, object]):
        ((name, value),) = wrong.items()
        for answer in (call("POST", LIST, wrong), call("GET", f"{LIST}?{name}={quote(str(value))}")):
            status, code, sentence = answer.refusal
            assert (status, code) == (400, 1400)
            assert sentence.startswith(f"{name}: ")

    @pytest.mark.parametrize("raw", [b"[]", b"7", b'"x"', b"{", b"\xff", b"[" * 100_000])
    def test_a_body_that_is_no_object_is_400(self, call: Calling, raw: bytes):
        assert call("POST", LIST, raw=raw).refusal[0] == 400

    def test_the_number_of_queries_does_not_grow(self, call: Calling, run, django_assert_num_queries):
        for _ in range(2):
            finish(generation_of(run()))
        call("GET", LIST)
        for _ in range(2):
            with django_assert_num_queries(4):  # the key, the runs, their files, how many there are
                call("GET", LIST)
            for _ in range(5):
                finish(generation_of(run()))


def test_the_key_of_a_run_may_go_and_the_run_stays(call: Calling, run, issue: Issuing, owner: User):
    told, other = run(), issue(owner)
    Prediction.objects.get().key.delete()
    assert call("GET", result(told), key=other).data == told
    assert key_row(other).predictions.count() == 0
