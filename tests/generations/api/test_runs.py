"""A program asks for a run: what is placed, what is refused, and what counts as the same request."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models import F

from generations import catalog
from generations.api import orders
from generations.catalog import Inputs
from generations.models import EnhancementRequest, Generation, Prediction, State, User
from tests.conftest import order
from tests.generations.api.conftest import (
    FOX,
    MODEL,
    OPTIMIZER,
    RUN,
    WITH_PICTURE,
    Calling,
    Issuing,
    generation_of,
    key_row,
    prediction_of,
)

pytestmark = pytest.mark.django_db

FORM = "Write the size as width*height"
SIDES = "Width and height must each be from 256 to 1536 pixels."


class TestWhatIsPlaced:
    def test_the_row_is_the_one_that_the_form_would_make(self, run, owner: User):
        told = run({"prompt": " a red fox ", "size": "512*768", "seed": 7, "guidance_scale": 4, "output_format": "png"})
        row = generation_of(told)
        assert (row.prompt, row.size, row.seed, row.guidance_scale) == ("a red fox", "512*768", 7, 4.0)
        assert (row.output_format, row.num_inference_steps, row.state) == ("png", 28, State.QUEUED)
        assert (row.author, row.backend, row.reference, row.strength) == (owner, "easel", None, None)

    def test_the_answer_is_a_prediction_that_waits(self, run, settings):
        settings.PUBLIC_URL = "https://play.example"
        told = run()
        assert told["id"] == generation_of(told).public_id.hex
        assert told["urls"] == {"get": f"https://play.example/api/v3/predictions/{told['id']}/result"}
        assert told["created_at"].endswith("Z")
        left = {name: value for name, value in told.items() if name not in {"id", "urls", "created_at"}}
        assert left == {
            "model": MODEL,
            "outputs": [],
            "has_nsfw_contents": [],
            "status": "created",
            "error": "",
            "executionTime": 0,
            "timings": {"inference": 0},
            "code": 0,
        }

    def test_what_is_left_out_is_the_models_default_and_told_as_inputs(self, run):
        assert prediction_of(run({"prompt": "a red fox", "seed": 7})).inputs == {
            "prompt": "a red fox",
            "size": "1024*1024",
            "seed": 7,
            "num_inference_steps": 28,
            "guidance_scale": 3.5,
            "strength": 0.8,
            "output_format": "jpeg",
        }

    @pytest.mark.parametrize("seed", [{}, {"seed": -1}, {"seed": None}, {"seed": ""}])
    def test_a_drawn_seed_is_told(self, run, seed: dict[str, object]):
        told = run({"prompt": "a red fox", **seed})
        drawn = prediction_of(told).inputs["seed"]
        assert drawn == generation_of(told).seed >= 0

    @pytest.mark.parametrize(
        ("written", "size"),
        [
            ({"size": "512*768"}, "512*768"),
            ({"size": "512x768"}, "512*768"),
            ({"size": " 512 × 768 "}, "512*768"),
            ({"size": "512"}, "512*512"),
            ({"size": 512}, "512*512"),
            ({"width": 512, "height": 768}, "512*768"),
            ({"width": "512", "height": "768"}, "512*768"),
            ({"width": 512}, "512*1024"),
            ({"height": 512}, "1024*512"),
            ({"size": "512*768", "width": 256, "height": 256}, "512*768"),
            ({"size": "", "width": 512, "height": 768}, "512*768"),
            ({"size": None}, "1024*1024"),
            ({"size": "", "width": "", "height": None}, "1024*1024"),
        ],
    )
    def test_a_size_may_be_written_in_any_way_that_clients_have(self, run, written: dict[str, object], size: str):
        told = run({"prompt": "a red fox", **written})
        assert generation_of(told).size == prediction_of(told).inputs["size"] == size

    def test_unknown_fields_are_dropped(self, run):
        told = run({**FOX, "aspect_ratio": "1:1", "resolution": "1k", "loras": [{"path": "x"}], "\ud800": "\ud800"})
        assert set(prediction_of(told).inputs) == set(catalog.load().properties)

    def test_numbers_may_come_as_text_and_prompts_in_any_script(self, run):
        told = run({"prompt": "狐 🦊\x00", "num_inference_steps": "12", "guidance_scale": "4.5", "seed": 7.0, "size": "256*256"})
        row = generation_of(told)
        assert (row.prompt, row.num_inference_steps, row.guidance_scale, row.seed) == ("狐 🦊", 12, 4.5, 7)

    def test_a_body_of_another_content_type_is_read_all_the_same(self, call: Calling, key: str):
        told = call("POST", RUN, FOX, Content_Type="text/plain").data
        assert generation_of(told).prompt == FOX["prompt"]

    def test_it_is_in_the_gallery_of_whoever_made_the_key(self, run, client_of_owner):
        told = run()
        assert client_of_owner.get(f"/generations/{generation_of(told).public_id}/card/").status_code == 200


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"prompt": ""}, "Write what the picture should show."),
            ({"prompt": " \x00 "}, "Write what the picture should show."),
            ({"prompt": None}, "Write what the picture should show."),
            ({"prompt": 7}, "Write what the picture should show."),
            ({"prompt": ["a fox"]}, "Write what the picture should show."),
            ({"prompt": {"text": "a fox"}}, "Write what the picture should show."),
            ({"prompt": "fox " * 25_000}, "The prompt is too long. Keep it under 5,000 characters."),
            ({"size": "huge"}, FORM),
            ({"size": 0}, SIDES),
            ({"size": [512, 512]}, FORM),
            ({"size": {"width": 512}}, FORM),
            ({"size": True}, FORM),
            ({"size": "2048*2048"}, SIDES),
            ({"size": "1e3*1e3"}, FORM),
            ({"size": "9" * 5000}, FORM),
            ({"size": None, "width": 0}, SIDES),
            ({"size": None, "width": False}, FORM),
            ({"size": None, "width": 512, "height": []}, FORM),
            ({"size": None, "width": -512}, FORM),
            ({"size": None, "width": 10**4000}, FORM),
            ({"seed": -2}, "Seed must be a whole number from -1 to 2147483647."),
            ({"seed": 2_147_483_648}, "Seed must be"),
            ({"seed": 10**4000}, "Seed must be"),
            ({"seed": 1.5}, "Seed must be"),
            ({"seed": True}, "Seed must be"),
            ({"seed": float("nan")}, "Seed must be"),
            ({"num_inference_steps": 0}, "Steps must be a whole number from 1 to 50."),
            ({"num_inference_steps": [28]}, "Steps must be"),
            ({"guidance_scale": 0.5}, "Guidance must be a number from 1 to 20."),
            ({"guidance_scale": float("nan")}, "Guidance must be"),
            ({"guidance_scale": float("inf")}, "Guidance must be"),
            ({"guidance_scale": 10**4000}, "Guidance must be"),
            ({"guidance_scale": {}}, "Guidance must be"),
            ({"strength": 1.1}, "Strength must be a number from 0 to 1."),
            ({"output_format": "webp"}, "Format can be jpeg or png."),
            ({"output_format": ["png"]}, "Format can be jpeg or png."),
            ({"enable_sync_mode": "perhaps"}, "enable_sync_mode can be true or false."),
            ({"enable_sync_mode": 2}, "enable_sync_mode can be true or false."),
            ({"enable_sync_mode": []}, "enable_sync_mode can be true or false."),
            ({"enable_base64_output": {}}, "enable_base64_output can be true or false."),
            ({"seed": -2, "guidance_scale": 0}, "Seed must be a whole number from -1 to 2147483647. Guidance must be"),
        ],
    )
    def test_inputs_that_cannot_be_used_get_a_sentence_for_each(self, call: Calling, wrong: dict[str, object], sentence: str):
        status, code, said = call("POST", RUN, {**FOX, **wrong}).refusal
        assert (status, code) == (400, 1400)
        assert said.startswith(sentence)
        assert not Generation.objects.exists()
        assert not Prediction.objects.exists()

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"null",
            b"[]",
            b'[{"prompt": "a fox"}]',
            b'"a fox"',
            b"7",
            b"{",
            b"prompt=a+fox",
            b"\xff\xfe\xfa",
            b"9" * 5000,
            b'{"seed": ' + b"9" * 5000 + b"}",
            b"[" * 100_000,
        ],
    )
    def test_a_body_that_is_no_json_object_is_refused(self, call: Calling, raw: bytes):
        assert call("POST", RUN, raw=raw).refusal == (400, 1400, "The body must be one JSON object with the model's inputs.")

    @pytest.mark.parametrize("depth", [*range(900, 1000, 3), 5000])
    def test_a_body_is_read_or_refused_however_deep_it_is(self, call: Calling, depth: int):
        raw = b'{"prompt": "a fox", "size": "256*256", "more": ' + b"[" * depth + b"]" * depth + b"}"
        assert call("POST", RUN, raw=raw).status in {200, 400}

    def test_a_body_that_is_too_large_is_refused_with_413(self, call: Calling, settings):
        assert call("POST", RUN, {**FOX, "more": "x" * orders.MOST_BYTES}).refusal[:2] == (413, 413)
        body = {"model": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
        assert call("POST", "/api/v3/predictions", body).refusal[:2] == (413, 413)

    @pytest.mark.parametrize(
        "model", ["nobody/nothing", f"{MODEL}/", "x", "a%00b", "%ff", "%ED%A0%80", f"{MODEL}//image-to-image"]
    )
    def test_an_unknown_model_is_404(self, call: Calling, model: str):
        status, code, sentence = call("POST", f"/api/v3/{model}", FOX).refusal
        assert (status, code) == (404, 404)
        assert "GET /api/v3/models lists what there is." in sentence

    def test_a_key_that_may_only_read_is_403(self, call: Calling, issue: Issuing, owner: User):
        status, _, sentence = call("POST", RUN, FOX, key=issue(owner, scope="read")).refusal
        assert (status, sentence) == (
            403,
            "This API key may only read results. Use one that may also run, from the page API keys.",
        )

    def test_the_key_of_somebody_who_only_looks_is_403(self, call: Calling, issue: Issuing, viewer: User):
        status, _, sentence = call("POST", RUN, FOX, key=issue(viewer)).refusal
        assert status == 403
        assert sentence.startswith("You can look at this team's pictures, but not make any.")

    @pytest.mark.parametrize("model", [MODEL, OPTIMIZER])
    def test_neither_gets_anything_placed(self, call: Calling, issue: Issuing, owner: User, viewer: User, model: str):
        for refused in (issue(owner, scope="read"), issue(viewer)):
            assert call("POST", f"/api/v3/{model}", {**FOX, "text": "a fox"}, key=refused).status == 403
        assert not Prediction.objects.exists()
        assert not Generation.objects.exists()
        assert not EnhancementRequest.objects.exists()

    @pytest.mark.parametrize("webhook", [{"webhook": "https://example.org/hook"}, {}])
    def test_base64_and_a_webhook_do_not_go_together(self, call: Calling, webhook: dict[str, str]):
        query = "".join(f"?{name}={value}" for name, value in webhook.items())
        body = {**FOX, "enable_base64_output": True} | ({} if webhook else {"webhook_url": "https://example.org/hook"})
        status, code, sentence = call("POST", RUN + query, body).refusal
        assert (status, code) == (400, 1400)
        assert sentence == "Base64 output and a webhook do not go together: leave out one of them."

    @pytest.mark.parametrize("image", [{}, {"image": ""}, {"image": " \x00"}, {"image": None}, {"image": 7}, {"image": ["x"]}])
    def test_image_to_image_asks_for_a_picture(self, call: Calling, image: dict[str, object]):
        refusal = call("POST", f"/api/v3/{WITH_PICTURE}", {"prompt": "in winter", **image}).refusal
        assert refusal == (400, 1402, "Give the address of the picture to start from as image.")


class TestLimits:
    def test_a_run_beyond_the_keys_budget_is_402_and_leaves_nothing(self, call: Calling, issue: Issuing, owner: User, paid: str):
        key = issue(owner, backend=paid, budget_microusd=60_000)
        assert [call("POST", RUN, FOX, key=key).status for _ in range(3)] == [200, 200, 402]
        assert call("POST", RUN, FOX, key=key).sentence.startswith(
            "The budget of this API key does not cover the price. Nothing was charged;"
        )
        assert Generation.objects.count() == Prediction.objects.count() == 2

    def test_what_is_cancelled_is_given_back(self, call: Calling, issue: Issuing, owner: User, paid: str):
        key = issue(owner, backend=paid, budget_microusd=25_000)
        told = call("POST", RUN, FOX, key=key).data
        assert call("POST", RUN, FOX, key=key).status == 402
        call("POST", f"/api/v3/predictions/{told['id']}/cancel", key=key)
        assert call("POST", RUN, FOX, key=key).status == 200

    def test_runs_a_minute_are_429_with_a_time_to_come_back(self, call: Calling, issue: Issuing, owner: User):
        key = issue(owner, runs_per_minute=2)
        assert [call("POST", RUN, FOX, key=key).status for _ in range(2)] == [200, 200]
        refused = call("POST", RUN, FOX, key=key)
        assert refused.refusal[:2] == (429, 429)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        Prediction.objects.update(created_at=F("created_at") - timedelta(seconds=61))
        assert call("POST", RUN, FOX, key=key).status == 200

    def test_prompts_count_as_runs_too(self, call: Calling, issue: Issuing, owner: User):
        key = issue(owner, runs_per_minute=1)
        asked = [call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}, key=key).status for _ in range(2)]
        assert asked == [200, 429]
        assert EnhancementRequest.objects.count() == 1

    def test_load_is_no_reason_to_refuse(self, call: Calling, ask):
        for _ in range(30):
            ask()
        assert [call("POST", RUN, FOX).status for _ in range(30)] == [200] * 30

    def test_a_repetition_needs_no_room(self, call: Calling, issue: Issuing, owner: User):
        key = issue(owner, runs_per_minute=1)
        first, second = (call("POST", RUN, FOX, key=key, Idempotency_Key="order 1").data for _ in range(2))
        assert first == second


class TestWhoMakesIt:
    @pytest.fixture(autouse=True)
    def _two_more(self, settings) -> None:
        easel = settings.IMAGE_BACKENDS["easel"]
        settings.IMAGE_BACKENDS = {**settings.IMAGE_BACKENDS, "second": easel, "third": easel}

    def test_this_servers_default_by_itself(self, run, settings):
        settings.DEFAULT_BACKEND = "second"
        assert generation_of(run()).backend == "second"

    def test_the_teams_choice_before_it(self, run, key: str):
        team = key_row(key).member.team
        team.api_backend = "second"
        team.save()
        assert generation_of(run()).backend == "second"

    def test_the_keys_own_before_both(self, run, issue: Issuing, owner: User):
        key = issue(owner, backend="third")
        team = key_row(key).member.team
        team.api_backend = "second"
        team.save()
        assert generation_of(run(key=key)).backend == "third"

    def test_one_that_is_gone_is_refused_with_what_there_is(self, call: Calling, issue: Issuing, owner: User):
        status, code, sentence = call("POST", RUN, FOX, key=issue(owner, backend="gone")).refusal
        assert (status, code) == (400, 1400)
        assert sentence.startswith("There is no backend of this name.")

    def test_one_that_cannot_be_used_is_refused_with_why(self, call: Calling, issue: Issuing, owner: User):
        status, code, sentence = call("POST", RUN, FOX, key=issue(owner, backend="wavespeed")).refusal
        assert (status, code) == (400, 5003)
        assert sentence == "WaveSpeed is not connected. An owner of the team can do that under Team."


class TestThePromptOptimizer:
    PATH = f"/api/v3/{OPTIMIZER}"

    def test_it_is_asked_for_with_text_and_style(self, call: Calling, owner: User):
        told = call("POST", self.PATH, {"text": " a red fox ", "style": "anime", "mode": "image", "x": 1}).data
        request = EnhancementRequest.objects.get(public_id=told["id"])
        assert (request.original, request.style, request.author, request.enhancer) == ("a red fox", "anime", owner, "local")
        assert (told["model"], told["status"], told["outputs"]) == (OPTIMIZER, "created", [])
        assert prediction_of(told).inputs == {"text": "a red fox", "style": "anime", "mode": "image"}

    def test_the_style_is_default_by_itself(self, call: Calling):
        told = call("POST", self.PATH, {"text": "a red fox"}).data
        assert prediction_of(told).inputs == {"text": "a red fox", "style": "default", "mode": "image"}

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({}, "Give the prompt to improve as text."),
            ({"prompt": "a fox"}, "Give the prompt to improve as text."),
            ({"text": ""}, "Give the prompt to improve as text."),
            ({"text": "\x00"}, "Write what the picture should show."),
            ({"text": 7}, "Write what the picture should show."),
            ({"text": "fox " * 2000}, "The prompt is too long."),
            ({"text": "a fox", "mode": "video"}, "This server improves prompts for images only: mode can be image."),
            ({"text": "a fox", "mode": "song"}, "Mode can be image or video."),
            ({"text": "a fox", "style": "loud"}, "Style can be default or artistic"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, call: Calling, body: dict[str, object], sentence: str):
        status, code, said = call("POST", self.PATH, body).refusal
        assert (status, code) == (400, 1400)
        assert said.startswith(sentence)

    def test_many_at_once_do_not_cancel_each_other(self, call: Calling):
        for number in range(3):
            call("POST", self.PATH, {"text": f"fox {number}"})
        assert set(EnhancementRequest.objects.values_list("state", flat=True)) == {"queued"}


def test_what_is_asked_for_is_cleaned_as_the_form_cleans_it(run):
    """A run and the form's order of the same settings are the same row but for its name."""
    row = generation_of(run())
    cleaned = order().inputs
    assert (
        Inputs(
            prompt=row.prompt,
            width=row.width,
            height=row.height,
            strength=0.8,
            num_inference_steps=row.num_inference_steps,
            seed=row.seed,
            guidance_scale=row.guidance_scale,
            output_format=row.output_format,
        )
        == cleaned
    )
    assert json.loads(json.dumps(prediction_of({"id": row.public_id}).inputs))["seed"] == cleaned.seed
