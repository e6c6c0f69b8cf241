"""The files of the catalog: each can be read, says what it asks for, and is told apart by what it makes."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from generations import catalog
from generations.catalog.sentences import sentence_for
from generations.enhancers.base import Style
from generations.enhancers.wavespeed import MODEL


@pytest.mark.parametrize("slug", catalog.slugs())
def test_each_model_is_read_whole(slug: str) -> None:
    entry = catalog.load(slug)
    Draft202012Validator.check_schema(entry.request_schema)
    assert entry.slug == slug
    assert entry.properties.keys() == entry.request_schema["properties"].keys()
    assert all(spec["title"] and spec["description"] for spec in entry.properties.values())


def test_only_models_of_pictures_count_as_such() -> None:
    assert catalog.slugs() == ("flux-srpo", "flux-srpo-image-to-image", "prompt-optimizer")
    assert catalog.image_slugs() == ("flux-srpo", "flux-srpo-image-to-image")


def test_the_optimizer_takes_what_its_enhancer_sends() -> None:
    entry = catalog.load("prompt-optimizer")
    assert (entry.model_id, entry.type) == (MODEL, "text-to-text")
    assert list(entry.properties) == ["text", "mode", "style", "image"]
    assert entry.properties["style"]["enum"] == [style.value for style in Style]
    kept, found = entry.clean_some({"text": " a fox ", "mode": "image", "style": "anime", "image": ""})
    assert (kept, found) == ({"text": "a fox", "mode": "image", "style": "anime"}, {})


def test_what_the_optimizer_cannot_use_has_a_sentence_beside_its_field() -> None:
    entry = catalog.load("prompt-optimizer")
    _, found = entry.clean_some({"text": "x" * 5_001, "mode": "song", "image": 7})
    assert found == {
        "text": "The prompt is too long. Keep it under 5,000 characters.",
        "mode": "Mode can be image or video.",
        "image": "Picture must be text.",
    }
    assert sentence_for("text", "minLength", entry.properties["text"]) == "Write what the picture should show."
