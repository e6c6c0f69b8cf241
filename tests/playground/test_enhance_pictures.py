"""The form's reference picture beside a prompt to be improved: for enhancers that can see, and gone once they have."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from generations import enhancement_pictures, pipeline
from generations.accounts import connect
from generations.backends.wavespeed import WaveSpeed
from generations.enhancers import enhancer_for
from generations.images import DAMAGED, Picture
from generations.models import EnhancementRequest, EnhancementState, Member
from generations.pipeline.enhance import SEEN
from generations.pipeline.sweep import sweep
from tests.chat.server import MODEL, Chats
from tests.pages import HTMX, Element, page
from tests.vendor.process import KEY, Vendor

pytestmark = pytest.mark.django_db

Acting = Callable[..., Any]

FOX = "a red fox"
PRICE = 2_000
PNG = Picture(width=64, height=48, pixels=bytes((180, 90, 40)) * (64 * 48)).png()


@pytest.fixture
def offered(settings: Any) -> Iterator[Acting]:
    """Offer nothing but this enhancer."""
    opened: list[Any] = []

    def offer(alias: str, path: str, **options: object) -> None:
        settings.PROMPT_ENHANCERS = {alias: {"BACKEND": f"generations.enhancers.{path}", "OPTIONS": options}}
        enhancer_for.cache_clear()
        opened.append(enhancer_for(alias))

    yield offer
    enhancer_for.cache_clear()
    for enhancer in opened:
        if hasattr(enhancer, "close"):
            enhancer.close()


@pytest.fixture
def chats(offered: Acting) -> Iterator[Chats]:
    with Chats() as chats:
        offered("chat", "chat.Chat", url=chats.url, model=MODEL, sees=True)
        yield chats


@pytest.fixture
def vendor(offered: Acting, member: Member) -> Iterator[Vendor]:
    with Vendor(per_minute=0, duration_s=0.02, key=KEY) as vendor:
        offered("wavespeed", "wavespeed.Optimizer", base_url=vendor.url, pause_s=0.01)
        connect(member.team, "wavespeed", KEY)
        yield vendor


@pytest.fixture
def run(django_capture_on_commit_callbacks: Acting) -> Acting:
    """Run the newest request as its task does, to the end of its transactions."""

    def do() -> EnhancementRequest:
        with django_capture_on_commit_callbacks(execute=True):
            pipeline.enhance(EnhancementRequest.objects.latest("pk").pk)
        return EnhancementRequest.objects.latest("pk")

    return do


def start(client: Client, enhancer: str, content: bytes = PNG, **fields: object) -> HttpResponse:
    image = SimpleUploadedFile("reference.png", content)
    return client.post("/enhance/", {"prompt": FOX, "enhancer": enhancer, "image": image, **fields}, headers=HTMX)


def waiting() -> list[str]:
    folder = enhancement_pictures.FOLDER
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def is_sent_along(shown: Element) -> bool:
    return "image" in shown.one("button", id="enhance").attributes.get("hx-params", "").split(",")


def test_a_chat_model_that_can_see_is_shown_it(client_of_owner: Client, chats: Chats, run: Acting):
    assert is_sent_along(page(client_of_owner.get("/")))
    start(client_of_owner, "chat")
    assert len(waiting()) == 1
    chats.says(f"{FOX}, soft light")
    request = run()
    assert (request.state, request.notes, waiting()) == (EnhancementState.READY, [SEEN], [])
    assert [part["type"] for part in chats.asked[0].parts] == ["text", "image_url"]


def test_the_optimizer_gets_it_once_after_the_price_was_agreed_to(client_of_owner: Client, vendor: Vendor, run: Acting):
    start(client_of_owner, "wavespeed")
    request = run()
    assert (request.state, len(waiting()), vendor.counts().requests.get("put", 0)) == (EnhancementState.PRICED, 1, 0)
    client_of_owner.post(f"/enhance/{request.public_id}/agree/", {"prompt": FOX, "price": PRICE}, headers=HTMX)
    request = run()
    assert (request.state, request.charged_microusd, request.notes) == (EnhancementState.READY, PRICE, [SEEN])
    requests = vendor.counts().requests
    assert (requests["ticket"], requests["put"], requests["submit"], waiting()) == (1, 1, 1, [])
    with closing(WaveSpeed(api_key=KEY, base_url=vendor.url)) as account:
        (ordered,) = account.candidates(datetime.fromtimestamp(0, UTC))
    assert ordered.inputs is not None
    assert ordered.inputs["text"] == FOX and "/uploads/" in str(ordered.inputs["image"])


def test_one_that_the_vendor_does_not_take_costs_nothing(client_of_owner: Client, vendor: Vendor, run: Acting):
    vendor.fault("put", "413")
    start(client_of_owner, "wavespeed", agreed=PRICE)
    request = run()
    assert (request.state, request.charged_microusd, vendor.counts().charges, waiting()) == (EnhancementState.FAILED, 0, 0, [])
    assert "smaller reference picture" in request.error


def test_the_built_in_enhancer_is_not_even_sent_it(client_of_owner: Client, offered: Acting):
    offered("local", "local.Local")
    assert not is_sent_along(page(client_of_owner.get("/")))
    assert start(client_of_owner, "local", b"no picture").status_code == 200
    assert waiting() == []


def test_what_is_no_picture_is_told_and_nothing_is_asked(client_of_owner: Client, chats: Chats):
    response = start(client_of_owner, "chat", PNG[: len(PNG) // 2])
    assert (response.status_code, page(response).one("p", role="alert").text) == (422, DAMAGED)
    assert (EnhancementRequest.objects.count(), waiting()) == (0, [])


def test_it_is_gone_when_nobody_wants_it_any_more(
    client_of_owner: Client, chats: Chats, django_capture_on_commit_callbacks: Acting
):
    start(client_of_owner, "chat")
    request = EnhancementRequest.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        client_of_owner.post(f"/enhance/{request.public_id}/cancel/", {"prompt": FOX}, headers=HTMX)
    assert waiting() == []


def test_what_nobody_came_back_to_is_swept_away_after_some_days(client_of_owner: Client, chats: Chats):
    start(client_of_owner, "chat")
    (old,) = waiting()
    os.utime(default_storage.path(f"{enhancement_pictures.FOLDER}/{old}"), (time.time() - 2 * 86_400,) * 2)
    start(client_of_owner, "chat")
    assert len(waiting()) == 2
    sweep()
    assert len(waiting()) == 1 and old not in waiting()


def test_one_that_is_gone_too_early_is_done_without(client_of_owner: Client, chats: Chats, run: Acting):
    start(client_of_owner, "chat")
    enhancement_pictures.forget(EnhancementRequest.objects.get().public_id)
    chats.says(f"{FOX}, soft light")
    request = run()
    assert (request.state, request.notes) == (EnhancementState.READY, [])
    assert "image" not in json.dumps(chats.asked[0].body["messages"][1])  # type: ignore[index]
