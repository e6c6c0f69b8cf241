"""A model is run to its end: a picture that is the gallery's, words, or a sentence that says why not."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from generations.images import fingerprint_pixels
from tests.clients.conftest import ClientWith
from tests.clients.drivers import ClientError, Driver, LangChain, Mcp, fetch
from tests.clients.matrix import covers
from tests.clients.site import Site
from tests.enhancers import wise
from tests.installation import wait_until

MODEL = "wavespeed-ai/flux-srpo"
WITH_IMAGE = "wavespeed-ai/flux-srpo/image-to-image"
OPTIMIZER = "wavespeed-ai/prompt-optimizer"
SMALL: dict[str, object] = {"size": "320*256", "num_inference_steps": 2, "seed": 7, "output_format": "png"}


def assert_same_picture(data: bytes, site: Site, prompt: str) -> None:
    """The bytes are the gallery's file, byte for byte, and hold the pixels that its row names."""
    kept = site.kept(prompt)
    assert hashlib.sha256(data).hexdigest() == kept.sha256
    assert (site.folder / "media" / kept.file).read_bytes() == data
    with Image.open(BytesIO(data)) as image:
        assert image.size == (kept.width, kept.height)
        if image.format == "PNG":
            assert fingerprint_pixels(image.convert("RGB").tobytes(), *image.size) == kept.pixels_sha256


@covers("run")
def test_a_picture_arrives_as_it_stands_in_the_gallery(client: Driver, site: Site, prompt: str) -> None:
    if isinstance(client, LangChain):
        # Its tool for pictures knows neither size nor steps, and sends what this model does not know.
        outputs = client.image(MODEL, {"prompt": prompt, "aspect_ratio": "1:1", "resolution": "1k"})
    else:
        outputs = client.run(MODEL, {**SMALL, "prompt": prompt})
    (url,) = outputs
    assert url.startswith(site.url)
    assert_same_picture(fetch(url), site, prompt)


@covers("sync")
def test_sync_mode_brings_the_picture_with_the_answer(client: Driver, site: Site, prompt: str) -> None:
    (url,) = client.run(MODEL, {**SMALL, "prompt": prompt}, sync=True)
    assert_same_picture(fetch(url), site, prompt)


@covers("base64")
def test_base64_is_the_file_itself(client: Driver, site: Site, prompt: str) -> None:
    (text,) = client.run(MODEL, {**SMALL, "prompt": prompt, "enable_base64_output": True}, sync=True)
    assert_same_picture(b64decode(text, validate=True), site, prompt)


@covers("enhance")
def test_the_prompt_optimizer_answers_with_text(client: Driver, prompt: str) -> None:
    (text,) = client.run(OPTIMIZER, {"text": prompt, "mode": "image", "style": "photographic"})
    assert text.startswith(wise(prompt, "photographic").partition(" light ")[0])


@covers("failed")
def test_a_run_that_fails_is_told_in_the_engines_sentence(client_with: ClientWith, site: Site, prompt: str) -> None:
    with pytest.raises(ClientError, match=r"The brush broke. Try again\.") as caught:
        client_with(site.keys["sorry"]).run(MODEL, {**SMALL, "prompt": prompt})
    assert "failed" in str(caught.value)
    assert "bristle" not in str(caught.value)


@covers("failed_sync")
def test_a_run_that_fails_in_sync_mode_is_told_in_the_engines_sentence(client_with: ClientWith, site: Site, prompt: str) -> None:
    with pytest.raises(ClientError, match=r"failed.*The brush broke. Try again\."):
        client_with(site.keys["sorry"]).run(MODEL, {**SMALL, "prompt": prompt}, sync=True)


@covers("cancelled")
def test_a_client_that_waits_hears_that_its_run_was_cancelled(client_with: ClientWith, site: Site, prompt: str) -> None:
    client = client_with(site.keys["absent"])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.run, MODEL, {**SMALL, "prompt": prompt})
        found = wait_until(lambda: site.prediction(prompt), "the run is listed")
        site.ask("POST", f"/api/v3/predictions/{found['id']}/cancel")
        with pytest.raises(ClientError, match="cancelled"):
            waiting.result(30)


@covers("refused")
def test_inputs_that_cannot_be_used_are_refused_with_a_sentence(client: Driver, site: Site, prompt: str) -> None:
    with pytest.raises(ClientError, match=r"256|1536") as caught:
        client.run(MODEL, {**SMALL, "prompt": prompt, "size": "9999*9999"})
    if not isinstance(client, Mcp):  # It shows the sentence alone.
        assert "HTTP 400" in str(caught.value)
    assert site.prediction(prompt) is None


@covers("wrong_key")
def test_a_wrong_key_opens_nothing(client_with: ClientWith, site: Site, prompt: str) -> None:
    client = client_with("srpo_" + "0" * 43)
    with pytest.raises(ClientError, match=r"HTTP 401|no valid API key"):
        client.run(MODEL, {**SMALL, "prompt": prompt})
    assert site.prediction(prompt) is None


@covers("unknown_model")
def test_an_unknown_model_is_not_found(client: Driver, prompt: str) -> None:
    with pytest.raises(ClientError, match=r"HTTP 404|There is no model"):
        client.run("wavespeed-ai/flux-dev", {**SMALL, "prompt": prompt})
