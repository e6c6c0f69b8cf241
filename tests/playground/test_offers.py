"""Settings that an address, a preset or a picture file brings: shown, and used only after a press."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generations.models import Generation, Member, Preset, Reference, User
from generations.recipes import Recipe
from tests.conftest import finish
from tests.pages import Element, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]
DEFAULTS = {"prompt": "", "width": "1024", "seed": "", "num_inference_steps": "28"}


def shown(client: Client, **query: str) -> Element:
    return page(client.get("/", query))


def offer(where: Element) -> Element:
    return where.one("settings-offer")


def rows(where: Element) -> dict[str, tuple[str, str]]:
    """Return label → what the form holds and what is offered."""
    return {row.one("th").text: tuple(cell.text for cell in row.all("td")) for row in offer(where).one("tbody").all("tr")}


def untouched(where: Element) -> bool:
    return {name: where.value(name) for name in DEFAULTS} == DEFAULTS


def test_query_values_are_offered_and_the_form_stays_as_it_is(client_of_owner: Client):
    where = shown(client_of_owner, prompt="a boat", size="512x768", seed="7", num_inference_steps="9")
    assert untouched(where)
    assert rows(where) == {
        "Prompt": ("empty", "a boat"),
        "Size": ("1024 × 1024", "512 × 768"),
        "Seed": ("new each time", "7"),
        "Steps": ("28", "9"),
    }


def test_a_press_fills_them_in(client_of_owner: Client):
    where = shown(client_of_owner, prompt="a boat", width="512", height="768", count="4")
    filled = page(client_of_owner.get(offer(where).all("a")[0].attributes["href"]))
    assert (filled.value("prompt"), filled.value("width"), filled.value("height")) == ("a boat", "512", "768")
    assert filled.value("count") == "4"
    assert filled.all("settings-offer") == []


def test_what_scripts_fill_in_is_what_the_link_would(client_of_owner: Client):
    where = shown(client_of_owner, prompt="a boat", size="512*768", seed="-1")
    values = json.loads(offer(where).all("a")[0].attributes["data-recipe"])
    assert values == {"prompt": "a boat", "width": 512, "height": 768, "seed": "", "parent": ""}


def test_a_recipe_in_a_link_is_offered(client_of_owner: Client):
    text = Recipe(values={"prompt": "a boat", "seed": 7, "backend": "easel"}).text()
    assert rows(shown(client_of_owner, recipe=text))["Made by"] == ("Easel", "Easel")


def test_a_recipe_that_cannot_be_read_is_told_and_the_page_works(client_of_owner: Client):
    where = shown(client_of_owner, recipe="broken")
    assert "does not hold settings that can be read" in where.text
    assert untouched(where) and where.all("settings-offer") == []


def test_values_out_of_range_are_named_and_the_rest_is_offered(client_of_owner: Client):
    where = shown(client_of_owner, prompt="a boat", num_inference_steps="900")
    assert list(rows(where)) == ["Prompt"]
    assert "Steps must be a whole number from 1 to 50." in offer(where).text


def test_an_address_without_settings_offers_nothing(client_of_owner: Client):
    assert shown(client_of_owner, utm_source="x", prompt="").all("settings-offer") == []


class TestAPicture:
    def test_its_settings_are_offered(self, client_of_owner: Client, ask: Asking):
        where = shown(client_of_owner, **{"from": str(ask("a boat").public_id)})
        assert untouched(where)
        assert rows(where)["Seed"] == ("new each time", "7")

    @pytest.mark.parametrize(
        ("use", "filled"),
        [
            ("prompt", {"prompt": "a boat", "seed": "", "width": "1024"}),
            ("seed", {"prompt": "", "seed": "7", "width": "1024"}),
            ("size", {"prompt": "", "seed": "", "width": "256"}),
            ("new-seed", {"prompt": "a boat", "seed": "", "width": "256"}),
        ],
    )
    def test_a_part_can_be_used_alone(self, client_of_owner: Client, ask: Asking, use: str, filled: dict[str, str]):
        where = shown(client_of_owner, **{"from": str(ask("a boat").public_id), "use": use})
        assert {name: where.value(name) for name in filled} == filled

    def test_of_another_team_it_is_404(self, signed_in: SigningIn, outsider: User, ask: Asking):
        assert signed_in(outsider).get("/", {"from": str(ask().public_id)}).status_code == 404

    def test_the_reference_that_does_not_come_along_is_named(self, client_of_owner: Client, ask: Asking, member: Member):
        generation = ask()
        reference = Reference.objects.create(team=member.team, pixels_sha256="0" * 64, file="x.png", width=9, height=9)
        Generation.objects.filter(pk=generation.pk).update(reference=reference, strength=0.5)
        where = shown(client_of_owner, **{"from": str(generation.public_id)})
        assert "made from a reference picture, which does not come along" in offer(where).text
        assert rows(where)["Strength"] == ("0.8", "0.5")


class TestAPreset:
    def preset(self, member: Member, **fields: object) -> Preset:
        return Preset.objects.create(team=member.team, author=member.user, name="Moody", settings={"seed": 7}, **fields)

    def test_ones_own_is_offered(self, client_of_owner: Client, member: Member):
        where = shown(client_of_owner, preset=str(self.preset(member).public_id))
        assert "Preset “Moody”" in offer(where).text
        assert rows(where) == {"Seed": ("new each time", "7")}

    def test_a_teammates_is_offered_once_it_is_shared(self, client_of_owner: Client, teammate: User):
        preset = self.preset(Member.objects.get(user=teammate))
        assert client_of_owner.get("/", {"preset": str(preset.public_id)}).status_code == 404
        Preset.objects.update(is_shared=True)
        assert client_of_owner.get("/", {"preset": str(preset.public_id)}).status_code == 200

    def test_another_teams_is_404(self, client_of_owner: Client, outsider: User):
        preset = self.preset(Member.objects.get(user=outsider), is_shared=True)
        assert client_of_owner.get("/", {"preset": str(preset.public_id)}).status_code == 404

    @pytest.mark.parametrize("nonsense", ["1", "\x00", str(uuid.UUID(int=0))])
    def test_nonsense_is_404(self, client_of_owner: Client, nonsense: str):
        assert client_of_owner.get("/", {"preset": nonsense}).status_code == 404

    def test_values_that_no_longer_fit_are_left_out(self, client_of_owner: Client, member: Member):
        preset = self.preset(member)
        Preset.objects.update(settings={"seed": 7, "num_inference_steps": 900, "nonsense": [1]})
        where = shown(client_of_owner, preset=str(preset.public_id))
        assert list(rows(where)) == ["Seed"]


class TestAPictureFile:
    def read(self, client: Client, content: bytes) -> tuple[int, Element]:
        response = client.post("/settings/read/", {"image": SimpleUploadedFile("x.jpg", content, "image/jpeg")})
        return response.status_code, page(response)

    def test_the_settings_inside_are_offered(self, client_of_owner: Client, ask: Asking):
        image = finish(ask("a boat"))
        with image.file.open("rb") as file:
            status, where = self.read(client_of_owner, file.read())
        assert status == 200
        assert rows(where)["Prompt"] == ("empty", "a boat")
        assert rows(where)["Made by"] == ("Easel", "Easel")
        words = [link.text for link in offer(where).all("a")]
        assert words[:2] == ["Restore settings", "Use as reference"]

    def test_another_tools_file_says_what_it_cannot_bring(self, client_of_owner: Client):
        text = "a boat\nNegative prompt: rain\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 9999999999, Size: 512x768"
        record = PngInfo()
        record.add_text("parameters", text)
        out = BytesIO()
        Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=record)
        _, where = self.read(client_of_owner, out.getvalue())
        assert "Settings from AUTOMATIC1111" in offer(where).text
        assert set(rows(where)) == {"Prompt", "Size", "Steps", "Guidance"}
        assert "Negative prompt: this model has none." in offer(where).text

    def test_a_file_of_which_nothing_fits_can_still_be_a_reference(self, client_of_owner: Client):
        record = PngInfo()
        record.add_text("prompt", '{"1": {"class_type": "Nonsense", "inputs": {}}}')
        out = BytesIO()
        Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=record)
        _, where = self.read(client_of_owner, out.getvalue())
        assert [link.text for link in offer(where).all("a")] == ["Use as reference"]

    @pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"<svg/>", b"x" * 100_000])
    def test_a_file_without_settings_is_204(self, client_of_owner: Client, content: bytes):
        assert self.read(client_of_owner, content)[0] == 204

    def test_no_file_is_204(self, client_of_owner: Client):
        assert client_of_owner.post("/settings/read/", {"image": "words"}).status_code == 204
