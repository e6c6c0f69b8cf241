"""The picture at an address: from this server's own files, from the address itself, from a real server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from generations import images, keys, sources, uploads
from generations.errors import InvalidInputs
from generations.images import Picture
from generations.models import ApiKey, Generation, Member, Prediction, User
from generations.signed import picture_address, ticket_address, upload_address
from generations.sources import fitted_size, picture_at
from tests.conftest import finish
from tests.generations.test_images import HUGE, noise, saved

pytestmark = pytest.mark.django_db

FOX = saved(noise(), "PNG")
SOON_S = 1.0
LATEST_S = 20
LATER = timezone.now() + timedelta(days=1)
DATA_PNG = "data:image/png;base64,"


class Elsewhere(BaseHTTPRequestHandler):
    """A server that has a picture, and much else."""

    asked: list[str]
    ended: threading.Event
    files = {"/fox.png": FOX, "/empty": b"", "/page": b"<!doctype html>hello", "/svg": b"<svg/>", "/cut": FOX[:-500]}
    redirects = {
        "/moved": "/fox.png",
        "/to-metadata": "http://169.254.169.254/latest/meta-data/",
        "/to-network": "https://10.0.0.1/fox.png",
        "/to-other-port": "http://127.0.0.1:1/fox.png",
        "/to-ipv6": "http://[::1]/fox.png",
        "/to-file": "file:///etc/passwd",
        "/round": "/round",
    }

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path in self.redirects:
            self._answer(302, b"", Location=self.redirects[self.path])
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(FOX[:100])
            self.wfile.flush()
            self.ended.wait(60)
        elif self.path == "/huge":  # Who believes it need not wait for it.
            self.send_response(200)
            self.send_header("Content-Length", "20000001")
            self.end_headers()
            self.ended.wait(60)
        else:
            found = self.files.get(self.path)
            self._answer(404 if found is None else 200, found or b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # The other side may have heard enough.
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def asked() -> list[str]:
    """The addresses that were asked for elsewhere."""
    return []


@pytest.fixture
def elsewhere(settings, asked: list[str]) -> Iterator[str]:
    ended = threading.Event()
    handler = type("Handler", (Elsewhere,), {"asked": asked, "ended": ended})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.LOOPBACK_ORIGIN = f"http://127.0.0.1:{server.server_address[1]}"
        yield settings.LOOPBACK_ORIGIN
        ended.set()
        server.shutdown()
        thread.join(5)


@pytest.fixture
def key(member: Member) -> ApiKey:
    return keys.issue(member, "Laptop", keys.Limits())[0]


def look(address: str, within_s: float = 10) -> Picture:
    return async_to_sync(picture_at)(address, within_s=within_s)


def refusal(address: str, within_s: float = 10) -> str:
    with pytest.raises(InvalidInputs) as refused:
        look(address, within_s)
    assert list(refused.value.fields) == ["image"]
    return refused.value.message


def fox() -> Picture:
    return images.open_picture(FOX)


class TestElsewhere:
    def test_a_picture_is_fetched_also_where_it_moved_to(self, elsewhere: str, asked: list[str]):
        assert look(f"{elsewhere}/fox.png") == fox()
        assert look(f" {elsewhere}/moved\n") == fox()
        assert asked == ["/fox.png", "/moved", "/fox.png"]

    @pytest.mark.parametrize(
        ("path", "sentence"),
        [
            ("/gone", sources.NOT_THERE),
            ("/round", sources.NOT_THERE),
            ("/huge", images.TOO_MANY_BYTES),
            ("/empty", images.EMPTY),
            ("/page", None),
            ("/svg", None),
            ("/cut", images.DAMAGED),
        ],
    )
    def test_what_is_no_picture_gets_a_sentence(self, elsewhere: str, path: str, sentence: str | None):
        said = refusal(elsewhere + path)
        assert said == sentence if sentence else "picture" in said.lower()

    @pytest.mark.parametrize("path", [path for path in Elsewhere.redirects if path.startswith("/to-")])
    def test_nobody_is_led_into_a_private_network(self, elsewhere: str, path: str):
        assert refusal(elsewhere + path) == sources.NOT_PUBLIC

    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "http://127.0.0.1/fox.png",
            "https://127.0.0.1/fox.png",
            "https://localhost/fox.png",
            "http://[::1]/fox.png",
            "https://[::1]/fox.png",
            "https://[::ffff:127.0.0.1]/",
            "https://10.0.0.1/fox.png",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://user:secret@example.org/fox.png",
            "http://example.org/fox.png",
        ],
    )
    def test_a_private_address_is_refused_without_asking(self, address: str, elsewhere: str, asked: list[str]):
        assert refusal(address) in {sources.NOT_PUBLIC, sources.NOT_REACHED}
        assert asked == []

    def test_this_machine_is_private_too_when_no_origin_is_set(self, elsewhere: str, asked: list[str], settings):
        settings.LOOPBACK_ORIGIN = ""
        assert refusal(f"{elsewhere}/fox.png") == sources.NOT_PUBLIC
        assert asked == []

    def test_an_origin_of_another_machine_opens_no_private_address(self, settings):
        settings.LOOPBACK_ORIGIN = "http://10.0.0.1"
        assert refusal("http://10.0.0.1/fox.png") == sources.NOT_PUBLIC

    def test_a_slow_body_is_given_up(self, elsewhere: str):
        begun = time.monotonic()
        assert refusal(f"{elsewhere}/slow", within_s=SOON_S) == sources.TOO_SLOW
        assert time.monotonic() - begun < LATEST_S

    def test_a_server_that_is_not_there_is_not_reached(self, settings):
        settings.LOOPBACK_ORIGIN = "http://127.0.0.1:9"
        assert refusal("http://127.0.0.1:9/fox.png") == sources.NOT_REACHED

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "fox.png",
            "/etc/passwd",
            "file:///etc/passwd",
            "ftp://example.org/fox.png",
            "https://",
            "https://[",
            "https://a b/",
            "https://example.org/\0",
            "javascript:alert(1)",
            "https://example.org/" + "x" * 10_000,
        ],
    )
    def test_what_is_no_address_is_called_that(self, address: str):
        assert refusal(address) == sources.NOT_AN_ADDRESS

    def test_the_event_loop_is_free_while_a_picture_is_opened(self):
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.005)
                turns += 1

        async def both() -> Picture:
            counting = asyncio.create_task(count())
            found = await picture_at(DATA_PNG + b64encode(saved(Image.new("RGB", (3000, 3000)), "PNG")).decode())
            counting.cancel()
            return found

        assert async_to_sync(both)().width == 3000
        assert turns > 5  # a child alone takes longer to start


class TestInTheAddressItself:
    def test_a_picture_in_base64_is_opened(self):
        text = b64encode(FOX).decode()
        assert look(DATA_PNG + text) == fox()
        assert look("DATA:image/PNG;charset=utf-8;base64," + text[:100] + "\n" + text[100:]) == fox()

    @pytest.mark.parametrize(
        "address",
        [
            "data:",
            "data:image/png",
            "data:image/png,abc",
            "data:text/html;base64,PGI+",
            "data:;base64,AAAA",
            DATA_PNG + "a",
            DATA_PNG + "ab$=",
            DATA_PNG + "ä" * 8,
        ],
    )
    def test_a_damaged_one_is_called_that(self, address: str):
        assert refusal(address) == sources.NOT_BASE64

    def test_no_other_file_is_taken_for_a_picture(self):
        svg = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
        assert "PNG, JPEG" in refusal("data:image/svg+xml;base64," + svg)
        assert refusal(DATA_PNG) == images.EMPTY
        for bomb in HUGE.values():
            assert refusal(DATA_PNG + b64encode(bomb).decode())

    def test_one_over_20_mb_is_too_large(self):
        for size in (20_000_001, 21_000_000):
            assert refusal(DATA_PNG + b64encode(bytes(size)).decode()) == images.TOO_MANY_BYTES


class TestOfThisServer:
    def test_a_finished_picture_is_read_without_the_network(self, ask: Callable[..., Generation]):
        generation = ask(output_format="png")
        finish(generation)
        found = look(picture_address(generation.public_id, 0, "png"))
        assert (found.width, found.height, found.pixels[:3]) == (256, 256, bytes((180, 90, 40)))

    def test_a_jpeg_of_this_server_is_read_too(self, ask: Callable[..., Generation]):
        generation = ask()
        finish(generation)
        found = look(picture_address(generation.public_id, 0, "jpeg"))
        assert len(found.pixels) == 3 * 256 * 256

    def test_an_upload_is_read_whoever_has_its_address(self, outsider: User):
        theirs = keys.issue(Member.objects.get(user=outsider), "Theirs", keys.Limits())[0]
        upload = uploads.receive(theirs, FOX, filename="fox.png")
        assert look(upload_address(upload.public_id, upload.expires_at)) == fox()

    def test_an_upload_that_is_larger_as_a_png_is_read_all_the_same(self, key: ApiKey):
        upload = uploads.receive(key, saved(noise(3000, 2500), "JPEG", quality=95), filename="fox.jpg")
        assert default_storage.size(upload.file.name) > images.MAX_BYTES
        assert look(upload_address(upload.public_id, upload.expires_at)).width == 3000

    def test_what_is_wrong_over_or_gone_gets_one_sentence_and_no_request(
        self, key: ApiKey, ask: Callable[..., Generation], elsewhere: str, asked: list[str], settings
    ):
        settings.PUBLIC_URL = elsewhere
        upload, waiting, unfinished = uploads.receive(key, FOX, filename="a"), uploads.ticket(key, filename="a", size=1), ask()
        good = upload_address(upload.public_id, LATER)
        assert look(good)
        for address in (
            good.replace("/uploads/", "/pictures/"),
            good[:-5] + "x.png",
            good.rpartition("/")[0],
            upload_address(upload.public_id, timezone.now() - timedelta(seconds=1)),
            upload_address(waiting.public_id, LATER),
            ticket_address(upload.public_id, LATER),
            picture_address(unfinished.public_id, 0, "jpeg"),
        ):
            assert refusal(address) == sources.OVER
        default_storage.delete(upload.file.name)
        assert refusal(good) == sources.OVER
        assert asked == []

    def test_a_server_whose_name_begins_like_this_ones_is_another(self, settings):
        settings.PUBLIC_URL = "https://10.0.0"
        assert refusal("https://10.0.0.1/api/media/uploads/x") == sources.NOT_PUBLIC

    def test_a_prediction_that_was_deleted_takes_its_address_along(self, ask: Callable[..., Generation]):
        generation = ask()
        finish(generation)
        prediction = Prediction.objects.create(
            public_id=generation.public_id, team=generation.team, generation=generation, model_id="wavespeed-ai/flux-srpo"
        )
        address = picture_address(generation.public_id, 0, "jpeg")
        assert look(address)
        Prediction.objects.filter(pk=prediction.pk).update(deleted_at=timezone.now())
        assert refusal(address) == sources.OVER


def test_our_own_files_come_back_as_they_were_written():
    picture = fox()
    assert sources.reopened(picture.png()) == picture
    with Image.open(BytesIO(saved(noise(), "JPEG"))) as image:
        assert sources.reopened(saved(noise(), "JPEG")).pixels == image.convert("RGB").tobytes()


@pytest.mark.parametrize(
    ("given", "fitted"),
    [
        ((1024, 1024), (1024, 1024)),
        ((1536, 256), (1536, 256)),
        ((6000, 4000), (1536, 1024)),
        ((3000, 4000), (1152, 1536)),
        ((64, 48), (336, 256)),
        ((1000, 700), (992, 704)),
        ((4000, 400), (1536, 256)),
        ((16, 30_000), (256, 1536)),
        ((250, 250), (256, 256)),
        ((16, 16), (256, 256)),
    ],
)
def test_a_model_that_is_told_no_size_keeps_the_proportions_within_its_limits(given: tuple[int, int], fitted: tuple[int, int]):
    assert fitted_size(*given) == fitted
