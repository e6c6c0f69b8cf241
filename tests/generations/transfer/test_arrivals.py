"""Pictures brought in from files: ours with everything, others with what maps, each once, and nothing charged."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import images, metadata
from generations.models import Generation, Image, LedgerEntry, Member, State, Team, User
from generations.transfer import described
from generations.transfer.arrivals import Arrival, What, bring_in
from generations.transfer.parcels import parcels_in
from tests.generations.reading.test_a1111 import SDXL
from tests.generations.transfer.conftest import Painting, foreign_png, pattern, pixels_of, stored
from tests.generations.transfer.zips import packed
from tests.pages import Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
PNG = foreign_png()


@pytest.fixture
def elsewhere(outsider: User) -> Member:
    """Somebody of another team, where nothing is known of this one."""
    return Member.objects.select_related("team", "user").get(user=outsider)


def bring(member: Member, *contents: bytes, name: str = "a.png") -> list[Arrival]:
    return list(bring_in(member, parcels_in([(name, io.BytesIO(content)) for content in contents])))


def brought(member: Member, content: bytes) -> Image:
    (arrival,) = bring(member, content)
    assert arrival.what == What.BROUGHT, arrival.because
    assert arrival.generation is not None
    return Image.objects.select_related("generation__enhancement").get(generation=arrival.generation)


def upload(client: Client, *files: tuple[str, bytes]) -> HttpResponse:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/gallery/import/", {"files": uploads} if uploads else {})


class TestOurs:
    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_an_unchanged_file_is_kept_byte_for_byte(self, painted: Painting, elsewhere: Member, output_format: str):
        original = painted("a red fox, café 狐", output_format=output_format)
        kept = brought(elsewhere, stored(original))
        assert stored(kept) == stored(original)
        assert (kept.sha256, kept.pixels_sha256) == (original.sha256, original.pixels_sha256)
        assert kept.output_format == output_format

    def test_all_settings_come_along(self, painted: Painting, elsewhere: Member, member: Member):
        original = painted("a red fox", guidance_scale=4.5, num_inference_steps=9, seed=77).generation
        generation = brought(elsewhere, stored(original.images.get())).generation
        names = ("prompt", "seed", "num_inference_steps", "guidance_scale", "width", "height", "output_format", "backend")
        for name in (*names, "versions"):
            assert getattr(generation, name) == getattr(original, name), name
        assert generation.model == "easel"
        assert (generation.author, generation.team) == (elsewhere.user, elsewhere.team)
        assert generation.notes[-1] == described.NOTE
        assert (generation.state, generation.price_microusd) == (State.SUCCEEDED, 0)
        assert not LedgerEntry.objects.filter(generation=generation).exists()

    def test_what_an_enhancer_did_comes_along(self, elsewhere: Member):
        settings = settings_of(PNG, original_prompt="fox", enhancer="Built in", enhancer_style="anime", enhancer_seed=3)
        generation = brought(elsewhere, ours(settings)).generation
        request = generation.enhancement
        assert request is not None
        assert (request.original, request.text, request.enhancer) == ("fox", "a boat", "local")
        assert (request.style, request.seed, request.charged_microusd) == ("anime", 3, 0)

    def test_a_file_with_other_pixels_than_it_says_is_saved_again_and_said(self, elsewhere: Member):
        image = brought(elsewhere, ours(settings_of(PNG), pattern(9, 64, 48)))
        assert described.SAVED_AGAIN in image.generation.notes
        assert image.pixels_sha256 == images.fingerprint_pixels(pattern(9, 64, 48), 64, 48)
        found = metadata.read(stored(image))
        assert found is not None and found.pixels_sha256 == image.pixels_sha256

    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_bytes_that_are_not_of_the_picture_are_not_kept(self, elsewhere: Member, output_format: str):
        data = ours(replace(settings_of(PNG), output_format=output_format)) + b"<script>alert(1)</script>"
        image = brought(elsewhere, data)
        assert b"<script>" not in stored(image)
        assert described.SAVED_AGAIN in image.generation.notes

    @pytest.mark.parametrize("where", ["app", "comment", "jfif", "scan"])
    def test_nothing_hides_in_a_jpeg_that_says_it_is_ours(self, elsewhere: Member, where: str):
        data = ours(replace(settings_of(PNG), output_format="jpeg"))
        tables = data.index(b"\xff\xdb")
        hidden = {
            "app": data[:tables] + b"\xff\xed\x00\x0asecret!!" + data[tables:],
            "comment": data[:tables] + b"\xff\xfe\x00\x0asecret!!" + data[tables:],
            "jfif": data[:4] + b"\x00\x18" + data[6:20] + b"secret!!" + data[20:],
            "scan": data[:-2] + b"\xff\xfe\x00\x0asecret!!" + data[-2:],
        }[where]
        assert b"secret!!" not in stored(brought(elsewhere, hidden))

    def test_words_that_no_database_takes_come_in_as_near_as_can_be(self, elsewhere: Member):
        hostile = "fox\0 \ud83e!"
        words = {"prompt": hostile, "original_prompt": hostile, "enhancer": hostile, "model": hostile, "backend": hostile}
        generation = brought(elsewhere, ours(settings_of(PNG, notes=(hostile,), versions={hostile: hostile}, **words))).generation
        assert generation.prompt == generation.notes[0] == "fox !"
        assert (generation.versions, generation.backend) == ({"fox !": "fox !"}, "fox")
        assert generation.enhancement is not None and generation.enhancement.original == "fox !"

    def test_a_webp_that_was_downloaded_becomes_a_png_with_its_settings(
        self, client_of_owner: Client, painted: Painting, elsewhere: Member
    ):
        address = f"/gallery/{painted('a red fox').generation.public_id}/download/?as=webp"
        data = client_of_owner.get(address).content
        image = brought(elsewhere, data)
        assert (image.output_format, image.generation.prompt) == ("png", "a red fox")
        assert pixels_of(stored(image)) == pixels_of(data)


class TestOtherTools:
    def test_what_maps_is_kept_and_the_rest_is_said(self, member: Member):
        image = brought(member, foreign_png(parameters=SDXL))
        generation = image.generation
        assert generation.backend == "automatic1111"
        assert generation.prompt and generation.prompt in SDXL
        assert f"Seed: {generation.seed}," in SDXL
        assert described.OTHER_TOOL.format(tool="AUTOMATIC1111") in generation.notes
        assert any(note.startswith("Sampler") for note in generation.notes)
        found = metadata.read(stored(image))
        assert found is not None and (found.prompt, found.seed) == (generation.prompt, generation.seed)

    def test_a_photograph_is_not_said_to_be_made_by_ai(self, member: Member):
        image = brought(member, PNG)
        assert metadata.AI_MARK.encode() not in stored(image)
        assert image.generation.prompt == ""
        assert described.NO_SETTINGS in image.generation.notes
        (open_,) = [note for note in image.generation.notes if note.startswith("Not known")]
        assert "the prompt, the seed, the steps, the guidance" in open_

    def test_nothing_of_a_file_but_its_pixels_and_settings_is_kept(self, member: Member):
        image = brought(member, foreign_png(secret="do not tell") + b"<html>")
        assert b"tell" not in stored(image) and b"<html>" not in stored(image)
        assert pixels_of(stored(image)) == pattern(5, 64, 48)


class TestOnce:
    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_a_picture_of_the_team_is_not_doubled(self, painted: Painting, member: Member, output_format: str):
        image = painted(output_format=output_format)
        (arrival,) = bring(member, stored(image))
        assert (arrival.what, arrival.generation) == (What.KNOWN, image.generation)

    @pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
    def test_nor_is_one_that_was_downloaded_in_another_format(
        self, client_of_owner: Client, painted: Painting, member: Member, output_format: str
    ):
        image = painted(output_format="jpeg")
        data = client_of_owner.get(f"/gallery/{image.generation.public_id}/download/?as={output_format}&quality=90").content
        assert bring(member, data)[0].what == What.KNOWN

    def test_repeating_adds_nothing(self, member: Member):
        files = [PNG, foreign_png(6), foreign_png(parameters=SDXL, seed=7)]
        assert [arrival.what for arrival in bring(member, *files)] == [What.BROUGHT] * 3
        assert [arrival.what for arrival in bring(member, *files)] == [What.KNOWN] * 3
        assert Generation.objects.count() == 3

    def test_two_of_a_kind_in_one_go_are_one(self, member: Member):
        assert [arrival.what for arrival in bring(member, PNG, PNG)] == [What.BROUGHT, What.KNOWN]

    def test_one_that_lies_in_the_trash_is_said(self, member: Member):
        generation = brought(member, PNG).generation
        Generation.objects.filter(pk=generation.pk).update(trashed_at=timezone.now(), trashed_by=member.user)
        assert bring(member, PNG)[0].what == What.IN_TRASH

    def test_one_of_another_team_comes_in(self, painted: Painting, elsewhere: Member):
        assert bring(elsewhere, stored(painted()))[0].what == What.BROUGHT

    def test_what_cannot_be_saved_leaves_no_file(self, member: Member, settings, monkeypatch):
        def refuse(*args: object, **options: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(Generation, "save", refuse)
        with pytest.raises(OSError, match="disk full"):
            bring(member, PNG)
        assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def settings_of(data: bytes, **other: object) -> metadata.Settings:
    """Return what a file of ours would say of these pixels."""
    values: dict[str, object] = {"prompt": "a boat", "num_inference_steps": 4, "guidance_scale": 3.5, "seed": 5, "model": "easel"}
    values |= {"backend": "Easel", "width": 64, "height": 48, "output_format": "png"}
    own = images.fingerprint_pixels(pattern(5, 64, 48), 64, 48)
    return metadata.Settings(pixels_sha256=own, **values | other)  # type: ignore[arg-type]


def ours(settings: metadata.Settings, pixels: bytes = b"") -> bytes:
    """Return a file as this product writes it."""
    shown = pixels or pattern(5, 64, 48)
    return images.encode(shown, 64, 48, output_format=settings.output_format, settings=settings)


def notes_in(shown: Element) -> list[str]:
    return [note.text for note in shown.one(class_="arrivals").all(class_="note")]


class TestThePage:
    def test_it_takes_files_without_scripts(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/gallery/import/"))
        form = shown.one("form", action="/gallery/import/")
        assert (form.attributes["method"], form.attributes["enctype"]) == ("post", "multipart/form-data")
        assert "multiple" in shown.field("files").attributes

    def test_it_says_what_became_of_each(self, client_of_owner: Client, painted: Painting):
        known = painted()
        files = [("new.png", PNG), ("known.jpg", stored(known)), ("words.png", b"no picture")]
        response = upload(client_of_owner, *files, ("more.zip", packed(("../x.png", PNG))))
        assert response.status_code == 200
        good, already, refused = notes_in(page(response))
        assert good == "1 picture brought in."
        assert re.match(r"1 was here already. known.jpg", already)
        assert refused.startswith("2 could not be brought in: words.png This") and "../x.png Its name" in refused
        links = [link.attributes["href"] for link in page(response).one(class_="arrivals-new").all("a")]
        assert links == [Generation.objects.get(width=64).get_absolute_url()]

    def test_names_of_files_stay_words(self, client_of_owner: Client):
        name = "<img src=x onerror=alert(1)>.png"
        response = upload(client_of_owner, ("a.zip", packed((name, b"no picture"))))
        assert page(response).all("img", src="x") == []
        assert name in page(response).text

    @pytest.mark.parametrize("files", [[], [("a.zip", packed())]])
    def test_nothing_chosen_is_said(self, client_of_owner: Client, files: list[tuple[str, bytes]]):
        response = upload(client_of_owner, *files)
        assert response.status_code == 422
        assert notes_in(page(response)) == ["Choose pictures or a ZIP first."]

    def test_too_many_are_refused_together(self, client_of_owner: Client):
        response = upload(client_of_owner, *((f"{number}.png", b"x") for number in range(201)))
        assert response.status_code == 422
        assert notes_in(page(response))[0].startswith("These are 201 files, and 200 can be brought in at once.")

    def test_a_viewer_may_not(self, signed_in: SigningIn, viewer: User):
        client = signed_in(viewer)
        assert client.get("/gallery/import/").status_code == 403
        assert upload(client, ("a.png", PNG)).status_code == 403
        assert not Generation.objects.exists()

    def test_it_asks_for_a_sign_in(self, owner: User):
        assert Client().get("/gallery/import/").status_code == 302

    def test_they_are_the_persons_own_and_their_teams(self, signed_in: SigningIn, outsider: User, client_of_owner: Client):
        upload(signed_in(outsider), ("a.png", PNG))
        generation = Generation.objects.get()
        assert (generation.author, generation.team) == (outsider, Team.objects.get(name="Elsewhere"))
        assert client_of_owner.get(generation.get_absolute_url()).status_code == 404

    def test_it_is_in_the_gallery_and_has_a_page(self, client_of_owner: Client):
        upload(client_of_owner, ("a.png", PNG), ("b.png", foreign_png(parameters=SDXL, seed=6)))
        shown = page(client_of_owner.get("/gallery/"))
        links = [link.attributes["href"] for link in shown.all("a", class_="picture-link")]
        assert len(links) == 2
        for link in links:
            assert client_of_owner.get(link).status_code == 200
            for kind in ("original", "large", "small", "download"):
                assert client_of_owner.get(f"{link}{kind}/").status_code == 200

    def test_the_page_takes_four_queries(self, client_of_owner: Client, django_assert_num_queries):
        # session, person, membership twice (the page's and the header's)
        with django_assert_num_queries(4):
            client_of_owner.get("/gallery/import/")

    def test_each_picture_takes_as_many_queries(self, client_of_owner: Client):
        counts = []
        for files in ([foreign_png(11)], [foreign_png(12), foreign_png(13)], [foreign_png(14), foreign_png(15), foreign_png(16)]):
            with CaptureQueriesContext(connection) as queries:
                upload(client_of_owner, *(("a.png", content) for content in files))
            counts.append(len(queries))
        assert counts[1] - counts[0] == counts[2] - counts[1] <= 10
