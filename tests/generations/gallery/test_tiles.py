"""Tiles are rendered once for each kind and filled in, which must come to the same as rendering each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.template import Context, engines
from django.test import Client, RequestFactory

from generations.gallery.tiles import Tile, tile_of
from generations.models import Generation
from tests.conftest import finish

pytestmark = pytest.mark.django_db

LOOP = """{%% load stencil %%}{%% for tile in tiles %%}{%% %s %%}{%% endfor %%}"""
HOSTILE = "\"'><script>alert(1)</script> {{ 7|add:7 }} {% csrf_token %} \ue000 00000000-0000-0000-0000-000000000000 &amp;"


@pytest.fixture
def tiles(ask: Callable[..., Generation]) -> list[Tile]:
    asked = [ask(prompt, seed=seed) for seed, prompt in enumerate((HOSTILE, "a red fox " * 40, "ein Fuchs", "a blue boat", "狐"))]
    for generation in asked:
        finish(generation)
    asked[1].is_favourite = True  # type: ignore[attr-defined]
    asked[2].is_private = True
    asked[3].stacked = [asked[3].public_id, asked[4].public_id]  # type: ignore[attr-defined]
    return [tile_of(generation, days_left=days) for days, generation in enumerate(asked)]


@pytest.mark.parametrize("in_trash", [False, True])
def test_filled_in_they_are_what_they_would_be_rendered_one_by_one(tiles: list[Tile], in_trash: bool, rf: RequestFactory):
    said = {"tiles": tiles, "in_trash": in_trash, "may_make": True, "form_url": "/", "csrf_token": "one"}

    def rendered(tag: str) -> str:
        template = engines["django"].from_string(LOOP % tag).template
        return template.render(Context(said | {"request": rf.get("/gallery/")}))

    filled = rendered('stencil "gallery/_tile.html" tile')
    assert filled == rendered('include "gallery/_tile.html" with row=tile')
    assert "<script>" not in filled
    assert filled.count("&lt;script&gt;") >= 3 - in_trash


def test_what_the_address_says_is_never_taken_for_a_mark(tiles: list[Tile], client_of_owner: Client):
    for number in ("0000", "0007", "9999"):
        said = f"00000000-0000-0000-0000-00000000{number}"
        shown = client_of_owner.get(f"/gallery/?x={said}")
        assert shown.status_code == 200
        assert shown.content.decode().count(f'value="/gallery/?x={said}"') == len(tiles) + 1  # and the selection's form
