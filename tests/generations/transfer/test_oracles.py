"""Readers written by others find in every download what was written into it."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import piexif
import piexif.helper
import pytest
from django.test import Client
from PIL import Image as Pillow
from sd_parsers import ParserManager

from generations import metadata
from tests.generations.transfer.conftest import Painting, stored

pytestmark = pytest.mark.django_db

PROMPT = "a red fox, café 狐: snow"
FORMATS = ["png", "jpeg", "webp"]


@pytest.fixture(params=FORMATS)
def output_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["png", "jpeg"])
def fetched(request: pytest.FixtureRequest, client_of_owner: Client, painted: Painting, output_format: str) -> dict[str, bytes]:
    """Return a picture that is kept as either format, in all three forms."""
    image = painted(PROMPT, output_format=request.param)
    address = f"/gallery/{image.generation.public_id}/download/"
    forms = ("recipe", "mark", "clean")
    return {form: client_of_owner.get(address, {"form": form, "as": output_format}).content for form in forms}


def test_sd_parsers_reads_prompt_seed_and_steps(fetched: dict[str, bytes]):
    theirs = ParserManager().parse(BytesIO(fetched["recipe"]))
    assert theirs is not None
    (sampler,) = theirs.samplers
    assert str(theirs.prompts[0]) == PROMPT
    assert (int(sampler.parameters["seed"]), int(sampler.parameters["steps"])) == (7, 2)


@pytest.mark.parametrize("form", ["mark", "clean"])
def test_sd_parsers_finds_nothing_where_no_recipe_is(fetched: dict[str, bytes], form: str):
    assert ParserManager().parse(BytesIO(fetched[form])) is None


def test_piexif_reads_the_comment_of_a_jpeg_and_a_webp(fetched: dict[str, bytes], output_format: str):
    if output_format == "png":
        with Pillow.open(BytesIO(fetched["recipe"])) as picture:
            text = picture.info["parameters"]
    else:
        comment = piexif.load(fetched["recipe"])["Exif"][piexif.ExifIFD.UserComment]
        text = piexif.helper.UserComment.load(comment)
    settings = metadata.read(fetched["recipe"])
    assert settings is not None
    assert text == metadata.a1111_text(settings)
    assert text.startswith(PROMPT)


@pytest.mark.parametrize("form", ["mark", "clean"])
def test_piexif_finds_no_tag_where_no_recipe_is(fetched: dict[str, bytes], output_format: str, form: str):
    if output_format == "png":
        with Pillow.open(BytesIO(fetched[form])) as picture:
            assert "parameters" not in picture.info
        return
    found = piexif.load(fetched[form]) if b"Exif" in fetched[form] else {}
    assert not any(found.values())


@pytest.mark.parametrize("form", ["recipe", "mark"])
def test_the_iptc_mark_is_in_the_xmp_that_pillow_finds(fetched: dict[str, bytes], form: str):
    with Pillow.open(BytesIO(fetched[form])) as picture:
        packet = picture.info.get("xmp") or picture.info["XML:com.adobe.xmp"]
    root = ElementTree.fromstring(packet if isinstance(packet, str) else packet.decode())
    name = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    assert [node.text for node in root.iter(name)] == [metadata.AI_MARK]


def test_a_stored_jpeg_has_the_comment_and_no_other_exif(painted: Painting):
    found = piexif.load(stored(painted(PROMPT, output_format="jpeg")))
    assert set(found["Exif"]) == {piexif.ExifIFD.UserComment}
    assert not found["GPS"] and not found["1st"] and found["thumbnail"] is None
