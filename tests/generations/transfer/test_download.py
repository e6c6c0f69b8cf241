"""One picture taken along: in every form, as every format, with the pixels that it has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.test import Client

from generations import metadata
from generations.models import Image, User
from tests.generations.transfer.conftest import Painting, pixels_of, stored
from tests.pages import page

pytestmark = pytest.mark.django_db

FORMATS = ["png", "jpeg", "webp"]
OURS = b"flux_srpo_playground"
MARK = metadata.AI_MARK.encode()


def fetch(client: Client, image: Image, **asked: object) -> bytes:
    response = client.get(f"/gallery/{image.generation.public_id}/download/", asked)
    assert response.status_code == 200
    return bytes(response.content)


class TestTheForms:
    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_without_a_wish_it_is_the_stored_file(self, client_of_owner: Client, painted: Painting, output_format: str):
        image = painted(output_format=output_format)
        for asked in ({}, {"form": "recipe"}, {"as": output_format}, {"form": "", "as": "", "quality": ""}):
            assert hashlib.sha256(fetch(client_of_owner, image, **asked)).hexdigest() == image.sha256

    @pytest.mark.parametrize("output_format", FORMATS)
    @pytest.mark.parametrize("kept_as", ["png", "jpeg"])
    def test_the_recipe_goes_along_into_every_format(
        self, client_of_owner: Client, painted: Painting, output_format: str, kept_as: str
    ):
        image = painted("a red fox, café 狐", output_format=kept_as)
        found = metadata.read(fetch(client_of_owner, image, **{"as": output_format}))
        assert found == metadata.read(stored(image))
        assert found is not None and found.prompt == "a red fox, café 狐"

    @pytest.mark.parametrize("output_format", ["", *FORMATS])
    @pytest.mark.parametrize("kept_as", ["png", "jpeg"])
    def test_the_mark_says_ai_and_nothing_of_how(
        self, client_of_owner: Client, painted: Painting, output_format: str, kept_as: str
    ):
        data = fetch(client_of_owner, painted("a red fox", output_format=kept_as), form="mark", **{"as": output_format})
        assert MARK in data
        assert OURS not in data and b"fox" not in data and b"Steps" not in data and "fox".encode("utf-16-be") not in data

    @pytest.mark.parametrize("output_format", ["", *FORMATS])
    @pytest.mark.parametrize("kept_as", ["png", "jpeg"])
    def test_a_clean_one_holds_nothing_but_the_picture(
        self, client_of_owner: Client, painted: Painting, output_format: str, kept_as: str
    ):
        data = fetch(client_of_owner, painted(output_format=kept_as), form="clean", **{"as": output_format})
        kinds = {kind for kind, _ in metadata.parts(data)}
        assert kinds <= {b"IHDR", b"IDAT", b"IEND", b"VP8 ", b"VP8L", b"VP8X", b"\xe0", b"\xdb", b"\xc0", b"\xc4"}
        assert MARK not in data and OURS not in data


class TestThePixels:
    @pytest.mark.parametrize("form", ["recipe", "mark", "clean"])
    @pytest.mark.parametrize("kept_as", ["png", "jpeg"])
    def test_a_png_has_those_of_the_stored_file(self, client_of_owner: Client, painted: Painting, form: str, kept_as: str):
        image = painted(output_format=kept_as)
        assert pixels_of(fetch(client_of_owner, image, form=form, **{"as": "png"})) == pixels_of(stored(image))

    @pytest.mark.parametrize("form", ["mark", "clean"])
    def test_a_stored_jpeg_is_not_encoded_again_to_take_its_recipe_out(
        self, client_of_owner: Client, painted: Painting, form: str
    ):
        image = painted(output_format="jpeg")
        data, whole = fetch(client_of_owner, image, form=form), stored(image)
        assert data[data.index(b"\xff\xdb") :] == whole[whole.index(b"\xff\xdb") :]

    @pytest.mark.parametrize("output_format", ["jpeg", "webp"])
    def test_a_lower_quality_makes_a_smaller_file(self, client_of_owner: Client, painted: Painting, output_format: str):
        image = painted(output_format="jpeg")
        sizes = [len(fetch(client_of_owner, image, quality=quality, **{"as": output_format})) for quality in (10, 60, 95)]
        assert sizes == sorted(sizes) and sizes[0] < sizes[2] / 2

    def test_a_webp_of_quality_100_loses_nothing(self, client_of_owner: Client, painted: Painting):
        image = painted(output_format="png")
        assert pixels_of(fetch(client_of_owner, image, quality=100, **{"as": "webp"})) == pixels_of(stored(image))

    def test_the_same_request_gives_the_same_bytes(self, client_of_owner: Client, painted: Painting):
        image = painted()
        asked = {"form": "mark", "as": "webp", "quality": 80}
        assert fetch(client_of_owner, image, **asked) == fetch(client_of_owner, image, **asked)


class TestTheAddress:
    @pytest.mark.parametrize(("output_format", "ending"), [("", "jpg"), ("jpeg", "jpg"), ("png", "png"), ("webp", "webp")])
    def test_it_is_named_after_prompt_seed_and_id(
        self, client_of_owner: Client, painted: Painting, output_format: str, ending: str
    ):
        generation = painted("A red fox, in the snow!").generation
        response = client_of_owner.get(f"/gallery/{generation.public_id}/download/", {"as": output_format})
        name = f"a-red-fox-in-the-snow-7-{generation.public_id.hex[:8]}.{ending}"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.headers["Content-Type"] == f"image/{output_format or 'jpeg'}"
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        "asked",
        [
            {"form": "all"},
            {"as": "gif"},
            {"quality": "0"},
            {"quality": "101"},
            {"quality": "-1"},
            {"quality": "٥"},
            {"as": "PNG"},
        ],
    )
    def test_a_wish_that_there_is_not_is_refused(self, client_of_owner: Client, painted: Painting, asked: dict[str, str]):
        response = client_of_owner.get(f"/gallery/{painted().generation.public_id}/download/", asked)
        assert response.status_code == 400

    def test_a_file_that_is_gone_is_404(self, client_of_owner: Client, painted: Painting):
        image = painted()
        image.file.storage.delete(image.file.name)
        assert client_of_owner.get(f"/gallery/{image.generation.public_id}/download/").status_code == 404

    @pytest.mark.parametrize("asked", [{}, {"form": "clean", "as": "png"}])
    def test_for_an_outsider_it_is_not_there(
        self, signed_in: Callable[[User], Client], outsider: User, painted: Painting, asked: dict[str, str]
    ):
        address = f"/gallery/{painted().generation.public_id}/download/"
        assert signed_in(outsider).get(address, asked).status_code == 404

    @pytest.mark.parametrize("asked", [{}, {"form": "mark", "as": "webp"}])
    def test_it_takes_four_queries(
        self, client_of_owner: Client, painted: Painting, asked: dict[str, str], django_assert_num_queries
    ):
        address = f"/gallery/{painted().generation.public_id}/download/"
        # session, person, generation, its pictures
        with django_assert_num_queries(4):
            client_of_owner.get(address, asked)


def test_the_menu_offers_every_form_without_scripts(client_of_owner: Client, painted: Painting, rf):
    from django.http import HttpResponse
    from django.template.loader import render_to_string

    generation = painted().generation
    menu = page(HttpResponse(render_to_string("gallery/_download.html", {"generation": generation})))
    address = f"/gallery/{generation.public_id}/download/"
    links = [link.attributes["href"] for link in menu.all("a")]
    assert links == [address, address, f"{address}?form=mark", f"{address}?form=clean"]
    assert menu.one("form").attributes["action"] == address
    choices = [option.attributes["value"] for option in menu.all("option")]
    assert choices == ["recipe", "mark", "clean", "png", "jpeg", "webp"]
    for link in links:
        assert client_of_owner.get(link).status_code == 200
