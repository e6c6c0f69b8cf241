"""The playground's own pages: the form, a generation's card and buttons, the first visit, signing in, and errors."""

from __future__ import annotations

import random
import struct
import threading
import uuid
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image as Pillow

from generations.models import Generation, LedgerEntry, Member, Progress, Reference, Role, State, Team, User
from tests.conftest import PASSWORD, finish
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]

PICTURE = {"prompt": "a red fox", "width": "256", "height": "256", "num_inference_steps": "2", "seed": "7"}


def picture_file(image_format: str = "PNG", side: int = 64) -> bytes:
    out = BytesIO()
    noise = random.Random(5).randbytes(side * side * 3)
    Pillow.frombytes("RGB", (side, side), noise).save(out, image_format)
    return out.getvalue()


def bomb() -> bytes:
    """Return a few bytes that say they are a PNG of 2.5 gigapixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def loner() -> User:
    return User.objects.create_user("loner@example.org", PASSWORD)


def at_once(count: int, act: Callable[[], object]) -> None:
    """Run `act` in that many threads that start together, each with a database connection of its own."""
    barrier = threading.Barrier(count)
    problems: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait(30)
            act()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


class TestThePage:
    def test_it_shows_the_form_and_how_to_begin(self, client_of_owner: Client):
        response = client_of_owner.get("/")
        assert response.status_code == 200
        shown = page(response)
        assert shown.one("form", class_="generate-form").attributes["action"] == "/"
        assert shown.one("button", class_="generate-button").text.startswith("Generate")
        assert len(shown.all("a", class_="example")) == 6

    def test_it_says_plainly_who_paints_and_what_that_costs(self, client_of_owner: Client):
        easel, wavespeed = page(client_of_owner.get("/")).all(class_="maker")
        assert easel.text == "Easel free The built-in painter"
        assert "checked" in easel.one("input", name="backend").attributes
        assert wavespeed.text.startswith("WaveSpeed $0.025 FLUX SRPO in WaveSpeed's cloud")
        assert "disabled" in wavespeed.one("input", name="backend").attributes

    def test_it_needs_a_session_and_leads_to_the_sign_in_and_back(self, owner: User):
        response = Client().get("/")
        assert (response.status_code, response.headers["Location"]) == (302, "/account/login/?next=/")

    def test_a_part_of_a_page_asked_for_without_a_session_gets_401(self, owner: User):
        for response in (Client().get("/", headers=HTMX), Client().post("/", PICTURE, headers=HTMX)):
            assert response.status_code == 401
            assert response.content == b""

    def test_it_takes_few_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        for seed in range(3):
            finish(ask(seed=seed))
        # session, person, membership twice (the view's and the header's), vendor's account, generations, their pictures, presets
        with django_assert_num_queries(9):
            client_of_owner.get("/")

    def test_more_pictures_take_no_more_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        for seed in range(13):
            finish(ask(seed=seed))
        with django_assert_num_queries(9):
            client_of_owner.get("/")

    def test_a_longer_line_takes_no_more_queries(
        self, client_of_owner: Client, ask: Asking, django_assert_num_queries, django_assert_max_num_queries
    ):
        ask()
        with django_assert_max_num_queries(12) as with_one:
            client_of_owner.get("/")
        for _ in range(9):
            ask()
        with django_assert_num_queries(len(with_one)):
            client_of_owner.get("/")

    def test_a_viewer_finds_a_sentence_in_place_of_the_button(self, signed_in: SigningIn, viewer: User):
        shown = page(signed_in(viewer).get("/"))
        assert shown.all("button", class_="generate-button") == []
        assert "Ask an owner for the role of a member" in shown.text

    def test_somebody_in_no_team_reads_whom_to_ask(self, signed_in: SigningIn, owner: User):
        client = signed_in(loner())
        for path in ("/", "/gallery/"):
            response = client.get(path)
            assert response.status_code == 403
            assert "belong to no team yet. Ask the owner of a team to add you." in page(response).text

    def test_the_newest_picture_is_large_and_the_earlier_ones_stand_below(self, client_of_owner: Client, ask: Asking):
        first, second, third = ask("one"), ask("two"), ask("three")
        shown = page(client_of_owner.get("/"))
        hero, *strip = [card.attributes["data-generation"] for card in shown.all("article", class_="card")]
        assert hero == str(third.public_id)
        assert strip == [str(second.public_id), str(first.public_id)]

    def test_what_a_teammate_made_is_not_on_my_page(self, signed_in: SigningIn, teammate: User, ask: Asking):
        ask()
        assert page(signed_in(teammate).get("/")).all("article", class_="card") == []


class TestFillingTheForm:
    def test_from_a_picture_all_its_settings_are_taken(self, client_of_owner: Client, ask: Asking):
        source = ask(
            "a blue\nboat", size="512*768", seed="42", num_inference_steps="9", guidance_scale="4.5", output_format="png"
        )
        shown = page(client_of_owner.get("/", {"from": str(source.public_id), "use": "all"}))
        wanted = {"prompt": "a blue\nboat", "width": "512", "height": "768", "seed": "42", "num_inference_steps": "9"}
        wanted |= {"guidance_scale": "4.5", "output_format": "png"}
        assert {name: shown.value(name) for name in wanted} == wanted

    def test_from_another_teams_picture_is_404(self, signed_in: SigningIn, outsider: User, ask: Asking):
        assert signed_in(outsider).get("/", {"from": str(ask().public_id)}).status_code == 404

    @pytest.mark.parametrize("nonsense", ["1", "abc", "../..", "00000000-0000-0000-0000-000000000000", "\x00", "é" * 40])
    def test_from_nonsense_is_404(self, client_of_owner: Client, nonsense: str):
        assert client_of_owner.get("/", {"from": nonsense}).status_code == 404

    def test_an_example_fills_the_prompt(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/", {"prompt": 'A "fox" & <friends>', "use": "all"}))
        assert shown.value("prompt") == 'A "fox" & <friends>'

    def test_every_example_leads_to_its_own_prompt(self, client_of_owner: Client):
        for example in page(client_of_owner.get("/")).all("a", class_="example"):
            shown = page(client_of_owner.get(example.attributes["href"]))
            assert shown.value("prompt") == example.one("span", class_="quiet-text").text

    def test_without_anything_the_catalogs_defaults_stand_there_and_the_seed_is_new_each_time(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/"))
        wanted = {"prompt": "", "width": "1024", "height": "1024", "seed": "", "num_inference_steps": "28"}
        wanted |= {"guidance_scale": "3.5", "strength": "0.8", "output_format": "jpeg"}
        assert {name: shown.value(name) for name in wanted} == wanted


class TestAsking:
    def test_a_press_of_the_button_is_answered_with_the_new_card_and_one_row(self, client_of_owner: Client, owner: User):
        response = client_of_owner.post("/", {**PICTURE, "idempotency_key": "first"}, headers=HTMX)
        generation = Generation.objects.get()
        assert response.status_code == 200
        stage = page(response)
        assert stage.one("section", class_="stage")
        assert stage.all("html") == stage.all("form", class_="generate-form") == []
        card = stage.one("article", class_="card-hero")
        assert card.attributes["data-generation"] == str(generation.public_id)
        assert (generation.author, generation.state, generation.prompt, generation.seed) == (owner, State.QUEUED, "a red fox", 7)

    def test_the_next_press_has_a_key_of_its_own(self, client_of_owner: Client):
        stage = page(client_of_owner.post("/", {**PICTURE, "idempotency_key": "first"}, headers=HTMX))
        key = stage.one("input", name="idempotency_key")
        assert key.attributes["hx-swap-oob"] == "outerHTML:.generate-form [name=idempotency_key]"
        assert len(key.attributes["value"]) == 32
        assert key.attributes["value"] != "first"

    def test_every_page_brings_another_key(self, client_of_owner: Client):
        keys = {page(client_of_owner.get("/")).value("idempotency_key") for _ in range(3)}
        assert len(keys) == 3
        assert "" not in keys

    def test_without_scripts_it_leads_to_the_pictures_page(self, client_of_owner: Client):
        response = client_of_owner.post("/", PICTURE)
        assert (response.status_code, response.headers["Location"]) == (302, Generation.objects.get().get_absolute_url())
        assert client_of_owner.get(response.headers["Location"]).status_code == 200

    def test_that_page_refreshes_itself_without_scripts_until_the_picture_is_there(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        waiting = page(client_of_owner.get(generation.get_absolute_url())).one("noscript").one("meta", http_equiv="refresh")
        assert waiting.attributes["content"] == "2"
        finish(generation)
        assert page(client_of_owner.get(generation.get_absolute_url())).all("meta", http_equiv="refresh") == []

    def test_a_viewers_order_is_refused_with_a_sentence(self, signed_in: SigningIn, viewer: User):
        for headers in ({}, HTMX):
            response = signed_in(viewer).post("/", PICTURE, headers=headers)
            assert response.status_code == 403
        assert "Ask an owner of the team for the role of a member." in page(response).text
        assert not Generation.objects.exists()

    def test_the_order_of_somebody_in_no_team_is_refused(self, signed_in: SigningIn, owner: User):
        assert signed_in(loner()).post("/", PICTURE).status_code == 403
        assert not Generation.objects.exists()

    def test_an_order_from_another_site_is_refused(self, owner: User):
        stranger = Client(enforce_csrf_checks=True)
        stranger.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
        response = stranger.post("/", PICTURE)
        assert response.status_code == 403
        assert page(response).one("h1").text == "This page is too old"
        assert not Generation.objects.exists()

    def test_the_same_key_fifty_times_is_one_order(self, client_of_owner: Client):
        answers = [client_of_owner.post("/", {**PICTURE, "idempotency_key": "pressed"}, headers=HTMX) for _ in range(50)]
        assert {response.status_code for response in answers} == {200}
        assert Generation.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_the_same_key_from_eight_tabs_at_once_is_one_order(self, signed_in: SigningIn, owner: User):
        clients = [signed_in(owner) for _ in range(8)]
        statuses: list[int] = []

        def press() -> None:
            client = clients.pop()
            for _ in range(3):
                statuses.append(client.post("/", {**PICTURE, "idempotency_key": "pressed"}, headers=HTMX).status_code)

        at_once(8, press)
        assert statuses == [200] * 24
        assert Generation.objects.count() == 1

    def test_a_reference_picture_is_kept_once(self, client_of_owner: Client):
        for name, image_format in (("a.png", "PNG"), ("b.webp", "PNG")):
            upload = SimpleUploadedFile(name, picture_file(image_format))
            response = client_of_owner.post("/", {**PICTURE, "image": upload, "strength": "0.25"}, headers=HTMX)
            assert response.status_code == 200
        reference = Reference.objects.get()
        assert (reference.width, reference.height) == (64, 64)
        assert set(Generation.objects.values_list("reference", "strength")) == {(reference.pk, 0.25)}

    @pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP"])
    def test_the_three_formats_are_taken(self, client_of_owner: Client, image_format: str):
        upload = SimpleUploadedFile("anything", picture_file(image_format))
        assert client_of_owner.post("/", {**PICTURE, "image": upload}, headers=HTMX).status_code == 200
        assert Reference.objects.count() == 1

    def test_an_order_is_taken_while_the_broker_is_away(
        self, owner: User, signed_in: SigningIn, django_capture_on_commit_callbacks
    ):
        client = signed_in(owner)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/", PICTURE, headers=HTMX).status_code == 200
        assert Generation.objects.get().state == State.QUEUED


RANGE = "Width and height must each be from 256 to 1536 pixels."
FORM = "Write the size as width*height"
SEED = "Seed must be a whole number from -1 to 2147483647."
STEPS = "Steps must be a whole number from 1 to 50."
GUIDANCE = "Guidance must be a number from 1 to 20."
STRENGTH = "Strength must be a number from 0 to 1."

BAD_VALUES = [
    ("prompt", "", "Write what the picture should show."),
    ("prompt", " \r\n\t ", "Write what the picture should show."),
    ("prompt", "\x00\x01", "Write what the picture should show."),
    ("prompt", "fox " * 25_000, "The prompt is too long. Keep it under 5,000 characters."),
    ("width", "255", RANGE),
    ("width", "1537", RANGE),
    ("width", "999999", RANGE),
    ("width", "0", RANGE),
    ("width", "abc", FORM),
    ("width", "-5", FORM),
    ("width", "1e3", FORM),
    ("width", "512.5", FORM),
    ("width", "٥١٢", FORM),
    ("width", "9" * 5000, FORM),
    ("seed", "2147483648", SEED),
    ("seed", "-2", SEED),
    ("seed", "1.5", SEED),
    ("seed", "1e3", SEED),
    ("seed", "9" * 5000, SEED),
    ("num_inference_steps", "0", STEPS),
    ("num_inference_steps", "51", STEPS),
    ("num_inference_steps", "x", STEPS),
    ("num_inference_steps", "2.5", STEPS),
    ("guidance_scale", "0.5", GUIDANCE),
    ("guidance_scale", "21", GUIDANCE),
    ("guidance_scale", "nan", GUIDANCE),
    ("guidance_scale", "inf", GUIDANCE),
    ("guidance_scale", "three", GUIDANCE),
    ("strength", "1.1", STRENGTH),
    ("strength", "-0.1", STRENGTH),
    ("output_format", "gif", "Format can be jpeg or png."),
]

BAD_FILES = [
    ("truncated", lambda: picture_file()[:4000], "This picture is cut off or damaged."),
    ("too many bytes", lambda: picture_file() + bytes(20_000_000), "This file is larger than 20 MB."),
    ("bomb", bomb, "This picture has more than 32 million pixels."),
    ("no picture", lambda: b"#!/bin/sh\necho hello\n", "This file could not be read as a picture."),
    ("svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "This is a SVG file."),
    ("gif", lambda: picture_file("GIF"), "This is a GIF file."),
    ("empty", bytes, "This file is empty."),
]


class TestBadInput:
    @pytest.mark.parametrize(("name", "value", "sentence"), BAD_VALUES, ids=lambda value: repr(value)[:24])
    def test_it_is_answered_with_a_sentence_beside_the_field(self, client_of_owner: Client, name: str, value: str, sentence: str):
        typed = {**PICTURE, name: value}
        response = client_of_owner.post("/", typed, headers=HTMX)
        assert response.status_code == 422
        shown = page(response)
        (said,) = shown.sentences_beside(name)
        assert said.startswith(sentence)
        assert all(shown.sentences_beside(other) == [] for other in {*PICTURE, "strength", "output_format"} - {name})
        assert not Generation.objects.exists()

    @pytest.mark.parametrize(("kind", "content", "sentence"), BAD_FILES, ids=[kind for kind, _, _ in BAD_FILES])
    def test_a_file_that_cannot_be_used_is_answered_with_one_sentence_beside_it(
        self, client_of_owner: Client, tmp_path: Path, kind: str, content: Callable[[], bytes], sentence: str
    ):
        upload = SimpleUploadedFile(f"{kind}.png", content(), "image/png")
        response = client_of_owner.post("/", {**PICTURE, "image": upload}, headers=HTMX)
        assert response.status_code == 422
        shown = page(response)
        (said,) = shown.sentences_beside("image")
        assert said.startswith(sentence)
        assert shown.value("prompt") == "a red fox"
        assert not Generation.objects.exists()
        assert not Reference.objects.exists()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_height_out_of_range_is_told_too(self, client_of_owner: Client):
        shown = page(client_of_owner.post("/", {**PICTURE, "height": "9999"}, headers=HTMX))
        assert RANGE in shown.one("size-picker").text

    def test_an_unknown_backend_is_told_on_the_page(self, client_of_owner: Client):
        response = client_of_owner.post("/", {**PICTURE, "backend": "dalle"}, headers=HTMX)
        assert response.status_code == 422
        assert page(response).text.count("There is no backend of this name.") == 1
        assert not Generation.objects.exists()

    def test_all_that_is_wrong_is_told_at_once(self, client_of_owner: Client):
        wrong = {"prompt": "", "width": "9", "height": "9", "seed": "x", "num_inference_steps": "0", "guidance_scale": "0"}
        shown = page(client_of_owner.post("/", wrong, headers=HTMX))
        assert {name for name in wrong if shown.sentences_beside(name)} == set(wrong) - {"height"}

    def test_with_scripts_the_form_alone_comes_back_and_goes_where_it_was(self, client_of_owner: Client):
        response = client_of_owner.post("/", {**PICTURE, "width": "9"}, headers=HTMX)
        assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == (".generate", "outerHTML")
        shown = page(response)
        assert shown.all("html") == []
        assert len(shown.all(class_="generate")) == 1

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["without scripts", "with scripts"])
    def test_what_was_typed_is_still_there(self, client_of_owner: Client, headers: dict[str, str]):
        typed = {
            **PICTURE,
            "prompt": 'a "fox"\n& <b>friends</b>',
            "width": "9",
            "seed": "77",
            "idempotency_key": uuid.uuid4().hex,
        }
        response = client_of_owner.post("/", typed, headers=headers)
        assert response.status_code == 422
        shown = page(response)
        assert {name: shown.value(name) for name in typed} == typed
        assert bool(shown.all("html")) is not bool(headers)

    def test_a_hundred_thousand_characters_come_back_whole(self, client_of_owner: Client):
        prompt = "fox " * 24_999 + "foxy"
        assert page(client_of_owner.post("/", {**PICTURE, "prompt": prompt}, headers=HTMX)).value("prompt") == prompt

    def test_every_field_is_described_by_words_that_are_on_the_page(self, client_of_owner: Client):
        for response in (client_of_owner.get("/"), client_of_owner.post("/", {"prompt": "", "width": "9"}, headers=HTMX)):
            shown = page(response)
            ids = {each.attributes["id"] for each in shown if "id" in each.attributes}
            named = {word for each in shown for word in each.attributes.get("aria-describedby", "").split()}
            assert named <= ids

    def test_a_body_that_is_no_form_is_refused(self, client_of_owner: Client):
        response = client_of_owner.post("/", b"\x00\xff" * 100, content_type="multipart/form-data; boundary=none")
        assert response.status_code in {400, 422}
        assert not Generation.objects.exists()

    def test_more_form_data_than_a_form_can_have_is_refused(self, client_of_owner: Client):
        assert client_of_owner.post("/", {**PICTURE, "prompt": "x" * 2_100_000}).status_code in {400, 413}
        assert not Generation.objects.exists()


class TestACard:
    def test_it_shows_a_picture_on_its_way_and_asks_for_news(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        response = client_of_owner.get(f"/generations/{generation.public_id}/card/", {"size": "hero"})
        assert "no-cache" in response.headers["Cache-Control"]
        card = page(response).one("article", class_="card-hero")
        assert card.attributes["hx-get"] == f"/generations/{generation.public_id}/card/?size=hero"
        assert card.attributes["hx-trigger"] == "changed"
        assert "Next in line" in card.text

    def test_a_finished_one_asks_no_more(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/")).one("article")
        assert "hx-get" not in card.attributes
        assert card.one("a", class_="frame-link").attributes["href"] == generation.get_absolute_url()

    def test_an_unknown_size_is_a_tile(self, client_of_owner: Client, ask: Asking):
        response = client_of_owner.get(f"/generations/{ask().public_id}/card/", {"size": '"><script>'})
        page(response).one("article", class_="card-tile")

    def test_a_failure_is_shown_with_its_sentence_and_a_way_to_try_again(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=State.FAILED, error="The paint ran dry.", detail="secret path")
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/", {"size": "hero"}))
        assert "The paint ran dry." in card.text
        assert "secret path" not in card.text
        assert [form.attributes["action"] for form in card.all("form")] == [f"/generations/{generation.public_id}/retry/"]

    def test_what_waits_for_a_decision_can_be_tried_again_or_given_up(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=State.NEEDS_REVIEW, error="Interrupted.")
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/", {"size": "hero"}))
        assert [form.attributes["action"].split("/")[-2] for form in card.all("form")] == ["retry", "cancel"]

    def test_a_teammate_sees_it_without_buttons(self, signed_in: SigningIn, teammate: User, ask: Asking):
        card = page(signed_in(teammate).get(f"/generations/{ask().public_id}/card/", {"size": "hero"}))
        assert card.one("article").text
        assert card.all("button") == []

    @pytest.mark.parametrize("part", ["card", "preview"])
    def test_for_an_outsider_it_is_not_there(self, signed_in: SigningIn, outsider: User, ask: Asking, part: str):
        generation = ask()
        Progress.objects.create(generation=generation, step=1, of=2, preview=b"x")
        assert signed_in(outsider).get(f"/generations/{generation.public_id}/{part}/").status_code == 404

    def test_it_takes_few_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        generation = ask()
        # session, person, generation, its pictures, membership, the line, who was served when, how long the last ones took
        with django_assert_num_queries(8):
            client_of_owner.get(f"/generations/{generation.public_id}/card/")


class TestAPreview:
    def test_it_is_the_picture_so_far(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        Progress.objects.create(generation=generation, step=1, of=2, preview=b"RIFF of a small picture")
        response = client_of_owner.get(f"/generations/{generation.public_id}/preview/?step=1")
        assert (response.content, response.headers["Content-Type"]) == (b"RIFF of a small picture", "image/webp")
        assert "no-cache" in response.headers["Cache-Control"]
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/"))
        assert "Step 1 of 2" in card.text
        assert card.one("progress").attributes["value"] == "1"

    def test_before_the_painting_there_is_none(self, client_of_owner: Client, ask: Asking):
        assert client_of_owner.get(f"/generations/{ask().public_id}/preview/").status_code == 404

    def test_a_page_that_asks_too_late_gets_the_finished_picture(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        Progress.objects.create(generation=generation, step=1, of=2, preview=b"x")
        finish(generation)
        response = client_of_owner.get(f"/generations/{generation.public_id}/preview/", follow=True)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")


class TestCancelling:
    def test_its_author_can(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        response = client_of_owner.post(f"/generations/{generation.public_id}/cancel/?size=hero", headers=HTMX)
        assert response.status_code == 200
        assert "Cancelled" in page(response).one("article", class_="card-hero").text
        generation.refresh_from_db()
        assert generation.state == State.CANCELLED

    def test_without_scripts_it_leads_to_the_pictures_page(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        response = client_of_owner.post(f"/generations/{generation.public_id}/cancel/")
        assert (response.status_code, response.headers["Location"]) == (302, generation.get_absolute_url())

    def test_an_owner_may_cancel_what_a_member_asked_for(self, client_of_owner: Client, ask: Asking, teammate: User):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(author=teammate)
        assert client_of_owner.post(f"/generations/{generation.public_id}/cancel/").status_code == 302
        generation.refresh_from_db()
        assert generation.state == State.CANCELLED

    @pytest.mark.parametrize("button", ["cancel", "retry"])
    def test_a_teammate_may_not(self, signed_in: SigningIn, teammate: User, ask: Asking, button: str):
        generation = ask()
        response = signed_in(teammate).post(f"/generations/{generation.public_id}/{button}/")
        assert response.status_code == 403
        assert "Only the person who made this picture, or an owner of the team, can do that." in page(response).text
        assert list(Generation.objects.values_list("state", flat=True)) == [State.QUEUED]

    def test_whoever_may_only_look_by_now_cannot_cancel_their_own(self, signed_in: SigningIn, teammate: User, ask: Asking):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(author=teammate)
        Member.objects.filter(user=teammate).update(role=Role.VIEWER)
        assert signed_in(teammate).post(f"/generations/{generation.public_id}/cancel/").status_code == 403

    @pytest.mark.parametrize("button", ["cancel", "retry"])
    def test_for_an_outsider_there_is_nothing_to_press(self, signed_in: SigningIn, outsider: User, ask: Asking, button: str):
        generation = ask()
        assert signed_in(outsider).post(f"/generations/{generation.public_id}/{button}/").status_code == 404
        assert list(Generation.objects.values_list("state", flat=True)) == [State.QUEUED]

    def test_a_finished_picture_stays(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        response = client_of_owner.post(f"/generations/{generation.public_id}/cancel/", headers=HTMX)
        assert response.status_code == 200
        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED
        page(response).one("article", class_="is-succeeded")


class TestTryingAgain:
    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
    def test_the_same_settings_are_asked_for_anew(self, client_of_owner: Client, ask: Asking, state: State):
        generation = ask("a blue boat", seed="99")
        Generation.objects.filter(pk=generation.pk).update(state=state)
        response = client_of_owner.post(f"/generations/{generation.public_id}/retry/", headers=HTMX)
        again = Generation.objects.exclude(pk=generation.pk).get()
        assert page(response).one("article").attributes["data-generation"] == str(again.public_id)
        assert (again.state, again.prompt, again.seed) == (State.QUEUED, "a blue boat", 99)
        assert not LedgerEntry.objects.exists()

    @pytest.mark.parametrize("state", [State.QUEUED, State.RENDERING, State.STORING, State.SUCCEEDED])
    def test_what_is_on_its_way_or_done_is_not_asked_for_again(self, client_of_owner: Client, ask: Asking, state: State):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=state)
        client_of_owner.post(f"/generations/{generation.public_id}/retry/", headers=HTMX)
        assert list(Generation.objects.values_list("state", flat=True)) == [state]

    def test_two_presses_ask_once(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=State.FAILED)
        for _ in range(2):
            client_of_owner.post(f"/generations/{generation.public_id}/retry/", headers=HTMX)
        assert Generation.objects.filter(state=State.QUEUED).count() == 1


FOUNDING = {"team": "Atelier", "name": "Ada", "email": "Ada@Example.org", "password": "a long enough phrase"}


class TestTheFirstVisit:
    @pytest.mark.parametrize("path", ["/", "/gallery/", "/account/login/", "/no/such/page", "/events/"])
    def test_every_page_leads_there(self, db: None, path: str):
        response = Client().get(path)
        assert (response.status_code, response.headers["Location"]) == (302, "/welcome/")

    def test_it_makes_owner_and_team_and_signs_in(self, db: None):
        client = Client()
        assert page(client.get("/welcome/")).one("h1").text == "Welcome to your playground"
        response = client.post("/welcome/", FOUNDING)
        assert (response.status_code, response.headers["Location"]) == (302, "/")
        member = Member.objects.select_related("team", "user").get()
        assert (member.role, member.team.name, member.user.email, member.user.name) == (
            Role.OWNER,
            "Atelier",
            "ada@example.org",
            "Ada",
        )
        assert client.get("/").status_code == 200
        other = Client().post("/account/login/", {"login": "ada@example.org", "password": FOUNDING["password"]})
        assert (other.status_code, other.headers["Location"]) == (302, "/")

    def test_afterwards_it_leads_on(self, owner: User, signed_in: SigningIn):
        for client in (Client(), signed_in(owner)):
            response = client.get("/welcome/")
            assert (response.status_code, response.headers["Location"]) == (302, "/")

    def test_afterwards_nobody_else_can_be_made_there(self, owner: User):
        assert Client().post("/welcome/", FOUNDING).status_code == 302
        assert list(User.objects.all()) == [owner]

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("team", "", "This field is required."),
            ("team", "x" * 81, "Ensure this value has at most 80 characters (it has 81)."),
            ("name", "x" * 81, "Ensure this value has at most 80 characters (it has 81)."),
            ("email", "", "This field is required."),
            ("email", "ada", "Enter a valid email address."),
            ("password", "", "This field is required."),
            ("password", "short", "This password is too short. It must contain at least 10 characters."),
            ("password", "1234567890", "This password is too common."),
            ("password", "ada@example.org", "The password is too similar to the email."),
        ],
    )
    def test_bad_input_is_answered_beside_the_field(self, db: None, name: str, value: str, sentence: str):
        response = Client().post("/welcome/", {**FOUNDING, name: value})
        assert response.status_code == 422
        shown = page(response)
        assert shown.sentences_beside(name) == [sentence]
        assert shown.value("team" if name != "team" else "name") in {"Atelier", "Ada"}
        assert not User.objects.exists()
        assert not Team.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_eight_people_at_once_make_one_owner(self):
        statuses: list[int] = []
        numbers = iter(range(8))

        def arrive() -> None:
            answer = Client().post("/welcome/", {**FOUNDING, "email": f"person{next(numbers)}@example.org"})
            statuses.append(answer.status_code)

        at_once(8, arrive)
        assert Member.objects.get().role == Role.OWNER
        assert User.objects.count() == Team.objects.count() == 1
        assert set(statuses) <= {302, 403}


class TestHealth:
    def test_it_answers_without_a_session_and_before_the_first_visit(self, db: None):
        response = Client().get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok")

    def test_it_asks_the_database_nothing(self, owner: User, django_assert_num_queries):
        with django_assert_num_queries(0):
            Client().get("/healthz")


class TestSigningIn:
    def test_it_works_and_leads_back_to_where_one_was_going(self, owner: User):
        client = Client()
        response = client.post("/account/login/?next=/gallery/", {"login": "OWNER@example.org", "password": PASSWORD})
        assert (response.status_code, response.headers["Location"]) == (302, "/gallery/")
        assert client.get("/gallery/").status_code == 200

    def test_it_never_leads_to_another_site(self, owner: User):
        response = Client().post("/account/login/?next=https://evil.example/", {"login": owner.email, "password": PASSWORD})
        assert (response.status_code, response.headers["Location"]) == (302, "/")

    @pytest.mark.parametrize("email", ["owner@example.org", "nobody@example.org"])
    def test_a_wrong_password_and_an_unknown_address_read_the_same_one_sentence(self, owner: User, email: str):
        client = Client()
        shown = page(client.post("/account/login/", {"login": email, "password": "not this one"}))
        sentences = [p.text for box in shown.all(role="alert") for p in box.all("p")]
        assert sentences == ["This email or this password is not right. Check both, then try again."]
        assert shown.value("login") == email
        assert shown.value("password") == ""
        assert client.get("/").status_code == 302

    def test_guessing_passwords_is_slowed_down(self, owner: User):
        client = Client()
        for _ in range(12):
            client.post("/account/login/", {"login": owner.email, "password": "guess"})
        shown = page(client.post("/account/login/", {"login": owner.email, "password": "guess"}))
        assert "Too many" in shown.text

    def test_somebody_shut_out_cannot_sign_in(self, owner: User):
        User.objects.filter(pk=owner.pk).update(is_active=False)
        client = Client()
        client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
        assert client.get("/").status_code == 302

    def test_signing_out_ends_the_session(self, client_of_owner: Client):
        assert client_of_owner.post("/account/logout/").status_code == 302
        assert client_of_owner.get("/").status_code == 302

    def test_the_password_can_be_changed(self, client_of_owner: Client, owner: User):
        new = "another good phrase"
        typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        response = client_of_owner.post("/account/password/", typed)
        assert (response.status_code, response.headers["Location"]) == (302, "/account/")
        owner.refresh_from_db()
        assert owner.check_password(new)

    @pytest.mark.parametrize(
        "path",
        ["signup/", "password/reset/", "password/reset/done/", "email/", "confirm-email/", "reauthenticate/", "3rdparty/"],
    )
    @pytest.mark.parametrize("root", ["/account/", "/accounts/"])
    def test_what_needs_mail_or_lets_strangers_in_is_not_there(self, owner: User, root: str, path: str):
        assert Client().get(f"{root}{path}").status_code == 404

    def test_there_is_no_admin_site(self, client_of_owner: Client):
        assert client_of_owner.get("/admin/").status_code == 404


class TestErrorPages:
    def test_404_says_so_and_leads_back(self, client_of_owner: Client):
        response = client_of_owner.get("/no/such/page")
        assert response.status_code == 404
        shown = page(response)
        assert shown.one("h1").text == "Nothing here"
        assert "/" in [link.attributes["href"] for link in shown.all("a")]

    def test_400_is_a_page(self, owner: User):
        response = Client().get("/", headers={"Host": "evil.example"})
        assert response.status_code == 400
        assert page(response).one("h1").text == "This request makes no sense"

    def test_500_is_a_page_that_tells_nothing_of_the_inside(self, owner: User, signed_in: SigningIn, settings):
        client = signed_in(owner)
        client.raise_request_exception = False
        settings.DEFAULT_BACKEND = "no-such-engine"
        response = client.get("/")
        assert response.status_code == 500
        assert page(response).one("h1").text == "The server met an error"
        assert "no-such-engine" not in response.content.decode()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


class TestThePolicy:
    def pages(self, client: Client, generation: Generation) -> list[str]:
        return ["/", "/gallery/", generation.get_absolute_url(), "/account/password/", "/account/logout/", "/no/such/page"]

    def test_every_page_may_load_only_what_comes_from_this_server(self, client_of_owner: Client, ask: Asking):
        for path in [*self.pages(client_of_owner, ask()), "/healthz"]:
            policy = client_of_owner.get(path).headers["Content-Security-Policy"]
            rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
            assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
            assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
            assert "unsafe" not in policy

    def test_no_page_holds_a_script_or_a_style_of_its_own(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        for path in self.pages(client_of_owner, generation):
            shown = page(client_of_owner.get(path))
            assert [each for each in shown.all("script") if "src" not in each.attributes] == []
            assert shown.all("style") == []
            named = {name for each in shown for name in each.attributes}
            assert {name for name in named if name == "style" or name.startswith(("on", "hx-on", "hx-vals", "hx-vars"))} == set()

    def test_other_safety_headers_are_there(self, client_of_owner: Client):
        headers = client_of_owner.get("/").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"

    def test_the_cookies_are_kept_from_scripts_and_other_sites(self, db: None):
        client = Client()
        client.post("/welcome/", FOUNDING)
        session = client.cookies["sessionid"]
        assert session["httponly"]
        assert session["samesite"] == "Lax"
