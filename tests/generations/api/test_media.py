"""Files behind signed addresses, over HTTP: fetching them, and putting one on a ticket."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image as PillowImage

from generations import images, keys, uploads
from generations.images import MAX_BYTES, fingerprint_bytes
from generations.models import ApiKey, Generation, Member, Upload
from generations.signed import picture_address, ticket_address, upload_address
from generations.sources import reopened
from tests.conftest import finish
from tests.generations.test_images import HUGE, noise, saved
from tests.installation import Installation

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
FOX = saved(noise(), "PNG")
LATER = timezone.now() + timedelta(days=1)
BEFORE = timezone.now() - timedelta(seconds=1)
NOWHERE = "/api/media/pictures/nonsense"


@pytest.fixture
def key(member: Member) -> ApiKey:
    return keys.issue(member, "Laptop", keys.Limits())[0]


@pytest.fixture
def upload(key: ApiKey) -> Upload:
    return uploads.receive(key, FOX, filename='Füchse"\r\n.jpg', content_type="image/jpeg")


@pytest.fixture
def ticket(key: ApiKey) -> Upload:
    return uploads.ticket(key, filename="fox.png", size=len(FOX), content_type="image/png")


@pytest.fixture
def stranger(owner) -> Client:
    """Somebody without an account, from another site."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "https://elsewhere.example"})


def without_caching(response: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "Cache-Control"}


def fetch(client: Client, address: str, method: str = "GET") -> HttpResponse:
    return client.generic(method, address[address.index("/api/") :])


def put(client: Client, address: str, data: bytes = FOX, content_type: str = "image/png") -> HttpResponse:
    return client.put(address[address.index("/api/") :], data, content_type=content_type)


def assert_not_there(client: Client, response: HttpResponse) -> None:
    """It is answered as any nonsense is."""
    nonsense = fetch(client, NOWHERE)
    assert response.status_code == nonsense.status_code == 404
    assert response.content == nonsense.content
    assert dict(response.headers) == dict(nonsense.headers)


class TestAPicture:
    def test_everybody_with_its_address_gets_the_original(self, ask: Asking, stranger: Client):
        for output_format in ("jpeg", "png"):
            generation = ask(output_format=output_format)
            image = finish(generation)
            response = fetch(stranger, picture_address(generation.public_id, 0, output_format))
            assert response.status_code == 200
            assert fingerprint_bytes(response.content) == image.sha256
            assert response.headers["Content-Type"] == f"image/{output_format}"
            assert response.headers["Content-Length"] == str(len(response.content))
            name = f"{generation.public_id.hex}-0.{output_format}"
            assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'

    def test_nothing_in_it_can_run_and_only_its_reader_keeps_it(self, ask: Asking, stranger: Client):
        generation = ask()
        finish(generation)
        headers = fetch(stranger, picture_address(generation.public_id, 0, "jpeg")).headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"].startswith("private, max-age=6")
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers
        assert "Set-Cookie" not in headers

    def test_head_says_the_same_without_the_file(self, ask: Asking, stranger: Client):
        generation = ask()
        finish(generation)
        address = picture_address(generation.public_id, 0, "jpeg")
        head, whole = fetch(stranger, address, "HEAD"), fetch(stranger, address)
        assert (head.status_code, head.content) == (200, b"")
        # How long a copy is kept counts down by the second.
        assert without_caching(head) == without_caching(whole)
        assert head.headers["Cache-Control"].startswith("private, max-age=6")

    def test_it_takes_one_query(self, ask: Asking, stranger: Client, django_assert_num_queries):
        generation = ask()
        finish(generation)
        address = picture_address(generation.public_id, 0, "jpeg")
        fetch(stranger, address)  # the first request of a process asks whether anybody has an account
        with django_assert_num_queries(1):
            fetch(stranger, address)
        with django_assert_num_queries(0):
            fetch(stranger, NOWHERE)

    def test_what_is_wrong_over_unfinished_or_gone_looks_the_same(self, ask: Asking, stranger: Client):
        finished, unfinished = ask(), ask()
        image = finish(finished)
        address = picture_address(finished.public_id, 0, "jpeg")
        assert fetch(stranger, address).status_code == 200
        for wrong in (
            address.replace("/pictures/", "/uploads/"),
            address[:-10] + "AAAAA.jpeg",
            address[:-5] + ".png",
            address + "/",
            address.replace(".jpeg", "%2Ejpeg%00"),
            picture_address(finished.public_id, 0, "jpeg", BEFORE),
            picture_address(finished.public_id, 1, "jpeg"),
            picture_address(finished.public_id, 0, "png"),
            picture_address(unfinished.public_id, 0, "jpeg"),
            upload_address(finished.public_id, LATER),
        ):
            assert_not_there(stranger, fetch(stranger, wrong))
        default_storage.delete(image.file.name)
        for method in ("GET", "HEAD"):
            assert fetch(stranger, address, method).status_code == 404
        assert_not_there(stranger, fetch(stranger, address))

    def test_a_refusal_is_in_the_form_of_the_api(self, stranger: Client):
        response = fetch(stranger, NOWHERE)
        said = json.loads(response.content)
        assert (said["code"], said["error_code"]) == (404, 1402)
        assert said["message"] == said["error"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Access-Control-Allow-Origin"] == "*"


class TestAnUpload:
    def test_it_is_a_png_under_its_own_name(self, upload: Upload, stranger: Client):
        response = fetch(stranger, upload_address(upload.public_id, LATER))
        assert response.status_code == 200
        assert reopened(response.content) == images.open_picture(FOX)
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"] == "inline; filename*=utf-8''F%C3%BCchse%22.png"

    def test_it_is_gone_when_its_days_are_over_even_before_it_is_deleted(self, upload: Upload, ticket: Upload, stranger: Client):
        assert_not_there(stranger, fetch(stranger, upload_address(ticket.public_id, LATER)))
        Upload.objects.filter(pk=upload.pk).update(expires_at=BEFORE)
        assert_not_there(stranger, fetch(stranger, upload_address(upload.public_id, LATER)))


class TestPuttingAFile:
    def test_it_is_there_to_be_fetched_then(self, ticket: Upload, stranger: Client):
        response = put(stranger, ticket_address(ticket.public_id, ticket.expires_at), content_type="text/html")
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        fetched = fetch(stranger, upload_address(ticket.public_id, uploads.downloadable_until(ticket)))
        assert reopened(fetched.content) == images.open_picture(FOX)

    def test_a_second_one_is_not_taken(self, ticket: Upload, stranger: Client):
        address = ticket_address(ticket.public_id, ticket.expires_at)
        assert put(stranger, address).status_code == 200
        assert_not_there(stranger, put(stranger, address, saved(noise(width=32), "PNG")))
        ticket.refresh_from_db()
        assert ticket.width == 64

    def test_without_a_good_ticket_nothing_is_taken(self, ticket: Upload, stranger: Client, settings):
        good = ticket_address(ticket.public_id, LATER)
        for wrong in (
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            good + ".png",
            ticket_address(ticket.public_id, BEFORE),
            good.rpartition("/")[0] + upload_address(ticket.public_id, LATER).rpartition("/")[2],
        ):
            assert_not_there(stranger, put(stranger, wrong))
        assert put(stranger, upload_address(ticket.public_id, LATER)).status_code == 405
        Upload.objects.filter(pk=ticket.pk).update(expires_at=BEFORE)
        assert_not_there(stranger, put(stranger, good))
        assert not default_storage.exists("uploads")

    def test_21_mb_are_413_and_the_ticket_stays_good(self, ticket: Upload, stranger: Client):
        address = ticket_address(ticket.public_id, LATER)
        response = put(stranger, address, bytes(21_000_000))
        assert response.status_code == 413
        assert json.loads(response.content)["message"] == images.TOO_MANY_BYTES
        assert put(stranger, address).status_code == 200

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [(b"", images.EMPTY), (FOX[:-500], images.DAMAGED), (b"<svg/>", None), (b"<!doctype html>", None)]
        + [(bomb, None) for bomb in HUGE.values()],
    )
    def test_what_is_no_picture_is_400_with_a_sentence(self, ticket: Upload, stranger: Client, data: bytes, sentence: str | None):
        response = put(stranger, ticket_address(ticket.public_id, LATER), data)
        said = json.loads(response.content)
        assert (response.status_code, said["code"], said["error_code"]) == (400, 400, 1400)
        assert said["message"] == said["error"] == (sentence or said["message"])
        assert uploads.awaited(ticket.public_id)

    def test_a_form_is_not_a_picture(self, ticket: Upload, stranger: Client):
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + FOX + b"\r\n--x--\r\n"
        response = put(stranger, ticket_address(ticket.public_id, LATER), form, "multipart/form-data; boundary=x")
        assert response.status_code == 400


@pytest.mark.parametrize(("path", "method"), [("pictures/x", "GET"), ("uploads/x", "GET"), ("tickets/x", "PUT")])
def test_pages_of_other_sites_may_ask_before_they_send(stranger: Client, path: str, method: str):
    response = fetch(stranger, f"/api/media/{path}", "OPTIONS")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert method in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_of_many_files_at_once_for_one_ticket_one_is_taken_whole(installation: Installation, key: ApiKey, settings):
    ticket = uploads.ticket(key, filename="fox.png", size=1)
    settings.PUBLIC_URL = address = installation.web()
    pictures = [saved(PillowImage.new("RGB", (100 + number, 100)), "PNG") for number in range(8)]
    with httpx.Client(trust_env=False, timeout=60) as client, ThreadPoolExecutor(8) as pool:
        target = ticket_address(ticket.public_id, LATER)
        statuses = list(pool.map(lambda data: client.put(target, content=data).status_code, pictures))
        assert sorted(statuses) == [200] + [404] * 7
        assert client.put(ticket_address(ticket.public_id, BEFORE), content=bytes(MAX_BYTES + 1)).status_code == 404
        fetched = client.get(upload_address(ticket.public_id, LATER))
        head = client.head(upload_address(ticket.public_id, LATER))
    assert address in str(fetched.url)
    assert reopened(fetched.content) == images.open_picture(pictures[statuses.index(200)])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(fetched.content)))
    ticket.refresh_from_db()
    assert ticket.width == 100 + statuses.index(200)
