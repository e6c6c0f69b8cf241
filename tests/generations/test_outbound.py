"""The door to the network, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generations.errors import (
    AddressRefused,
    AnswerTooLarge,
    ConnectionBroken,
    DeadlinePassed,
    DownloadRefused,
    OutboundError,
    Unreachable,
)
from generations.outbound import (
    Answer,
    Client,
    adownload,
    download,
    open_async_client,
    open_client,
)
from tests.vendor.process import KEY, Vendor

CERTIFICATE = Path(__file__).parents[1] / "vendor" / "certificate.pem"
SOON_S = 1.0
"""A deadline that faults run into."""
LATEST_S = 20
"""What such a call may take on a busy machine; the faults themselves go on for minutes."""
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
FOX = b'{"prompt":"a red fox","size":"256*256","seed":7}'


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, duration_s=0) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor) -> Vendor:
    running.reset()
    return running


@pytest.fixture
def client(vendor: Vendor) -> Iterator[Client]:
    with open_client(loopback_origin=vendor.url) as client:
        yield client


@pytest.fixture
def output_url(vendor: Vendor, client: Client) -> str:
    """Where a finished picture of the vendor lies."""
    prediction = order(client, vendor)
    answer = ask(client, f"{vendor.url}/api/v3/predictions/{prediction}/result")
    return str(json_of(answer)["outputs"][0])


def json_of(answer: Answer) -> dict[str, Any]:
    return json.loads(answer.body)["data"]


def ask(client: Client, url: str, within_s: float = 5) -> Answer:
    return client.send("GET", url, headers=AUTHORIZED, within_s=within_s)


def order(client: Client, vendor: Vendor) -> str:
    url = f"{vendor.url}/api/v3/wavespeed-ai/flux-srpo"
    return str(json_of(client.send("POST", url, headers=AUTHORIZED, content=FOX, within_s=5))["id"])


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that does as told with each connection; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                connection, _ = server.accept()
                with connection:
                    if not ended.is_set():
                        answer(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(5)


def test_proxies_of_the_environment_are_ignored(vendor: Vendor, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(client, f"{vendor.url}/api/v3/balance").status == 200


@pytest.mark.parametrize("fault", ["drip", "drip_body", "hang", "accept_then_hang"])
def test_the_deadline_counts_for_the_whole_answer(vendor: Vendor, client: Client, fault: str) -> None:
    vendor.fault("balance", fault)
    begun = time.monotonic()
    with pytest.raises(DeadlinePassed) as passed:
        ask(client, f"{vendor.url}/api/v3/balance", within_s=SOON_S)
    assert SOON_S <= time.monotonic() - begun < LATEST_S
    assert passed.value.sent


@pytest.mark.parametrize("fault", ["drip", "drip_body", "hang"])
def test_the_deadline_counts_for_the_whole_answer_in_asyncio_too(vendor: Vendor, fault: str) -> None:
    vendor.fault("balance", fault)

    async def asking() -> None:
        async with open_async_client(loopback_origin=vendor.url) as client:
            await client.send("GET", f"{vendor.url}/api/v3/balance", headers=AUTHORIZED, within_s=SOON_S)

    begun = time.monotonic()
    with pytest.raises(DeadlinePassed) as passed:
        asyncio.run(asking())
    assert time.monotonic() - begun < LATEST_S
    assert passed.value.sent


def test_a_resolver_that_hangs_does_not_hold_the_caller() -> None:
    released = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        released.wait(30)
        return []

    async def asking() -> None:
        async with open_async_client(resolve=hang) as client:
            await client.send("GET", "https://example.org", within_s=SOON_S)

    begun = time.monotonic()
    with open_client(resolve=hang) as client, pytest.raises(Unreachable) as failed:
        client.send("GET", "https://example.org", within_s=SOON_S)
    with pytest.raises(Unreachable):
        asyncio.run(asking())
    released.set()
    assert time.monotonic() - begun < 2 * LATEST_S
    assert not failed.value.sent


def test_a_name_without_an_address_is_unreachable_and_nothing_was_sent() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for resolve in (unknown, lambda host, port: []):
        with open_client(resolve=resolve) as client, pytest.raises(Unreachable) as failed:
            client.send("GET", "https://nowhere.example", within_s=5)
        assert not failed.value.sent


def test_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
    with open_client(loopback_origin=origin) as client, pytest.raises(Unreachable) as failed:
        client.send("POST", origin, content=b"x", within_s=5)
    assert not failed.value.sent


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", None])
def test_a_failed_tls_greeting_counts_as_nothing_sent(greeting: bytes | None) -> None:
    """The other side speaks no TLS, hangs up, or stays silent until the deadline."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        if greeting is None:
            connection.recv(4096)
        else:
            connection.sendall(greeting)

    with listening(answer) as port:
        origin = f"https://127.0.0.1:{port}"
        with open_client(loopback_origin=origin) as client, pytest.raises(Unreachable) as failed:
            client.send("POST", origin, content=b"secret", within_s=SOON_S)
        assert not failed.value.sent


def test_tls_is_checked_against_the_name_and_not_the_address() -> None:
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(CERTIFICATE)

    def answer(connection: socket.socket) -> None:
        try:
            with serving.wrap_socket(connection, server_side=True) as secure:
                secure.recv(4096)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            pass

    def asked(name: str, tls: ssl.SSLContext | None) -> Answer:
        origin = f"https://{name}:{port}"
        with open_client(loopback_origin=origin, resolve=lambda host, port: ["127.0.0.1"], tls=tls) as client:
            return client.send("GET", origin, within_s=5)

    async def asked_async(name: str) -> Answer:
        origin = f"https://{name}:{port}"
        async with open_async_client(loopback_origin=origin, resolve=lambda host, port: ["127.0.0.1"], tls=trusting) as client:
            return await client.send("GET", origin, within_s=5)

    with listening(answer) as port:
        assert asked("vendor.test", trusting).body == b"ok"
        assert asyncio.run(asked_async("vendor.test")).body == b"ok"
        for ask_so in (
            lambda: asked("other.test", trusting),
            lambda: asked("vendor.test", None),
            lambda: asyncio.run(asked_async("other.test")),
        ):
            with pytest.raises(Unreachable) as failed:
                ask_so()
            assert not failed.value.sent


@pytest.mark.parametrize("fault", ["reset", "accept_then_reset", "cut"])
def test_what_breaks_after_the_first_byte_may_have_arrived(vendor: Vendor, client: Client, fault: str) -> None:
    vendor.fault("submit", fault)
    with pytest.raises(ConnectionBroken) as broken:
        order(client, vendor)
    assert broken.value.sent
    assert vendor.counts().requests["submit"] == 1


def test_an_answer_that_is_no_http_is_a_broken_connection() -> None:
    with listening(lambda connection: connection.recv(4096) and connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")) as port:
        origin = f"http://127.0.0.1:{port}"
        with open_client(loopback_origin=origin) as client, pytest.raises(ConnectionBroken) as broken:
            client.send("GET", origin, within_s=5)
    assert broken.value.sent


@pytest.mark.parametrize("fault", ["huge", "gzip_bomb"])
def test_an_answer_beyond_the_cap_is_refused(vendor: Vendor, client: Client, fault: str) -> None:
    vendor.fault("balance", fault)
    with pytest.raises(AnswerTooLarge) as refused:
        ask(client, f"{vendor.url}/api/v3/balance")
    assert refused.value.sent
    assert ask(client, f"{vendor.url}/api/v3/balance").status == 200, "the client is still of use"


def test_a_file_beyond_the_cap_is_refused_even_without_a_length(vendor: Vendor, output_url: str) -> None:
    vendor.fault("output", "oversized")
    with pytest.raises(AnswerTooLarge):
        download(output_url, loopback_origin=vendor.url, most_bytes=1_000_000)


def test_an_answer_that_came_compressed_although_nobody_asked_is_unpacked(vendor: Vendor, client: Client) -> None:
    vendor.fault("balance", "gzip")
    assert json_of(ask(client, f"{vendor.url}/api/v3/balance")) == {"balance": 100.0}


def test_a_question_is_not_led_elsewhere(vendor: Vendor, client: Client, output_url: str) -> None:
    vendor.fault("output", "redirect", to="/elsewhere")
    assert ask(client, output_url).status == 302


def test_a_file_is_fetched_through_a_redirect(vendor: Vendor, output_url: str) -> None:
    vendor.fault("output", "loop", times=3)
    assert download(output_url, loopback_origin=vendor.url).headers["content-type"] == "image/jpeg"
    vendor.fault("output", "loop", times=3)
    assert asyncio.run(adownload(output_url, loopback_origin=vendor.url)).body.startswith(b"\xff\xd8")


def test_a_fourth_redirect_is_one_too_many(vendor: Vendor, output_url: str) -> None:
    vendor.fault("output", "loop", times=0)
    before = vendor.counts().requests.get("output", 0)
    with pytest.raises(DownloadRefused) as refused:
        download(output_url, loopback_origin=vendor.url)
    assert refused.value.status == 302
    assert vendor.counts().requests["output"] - before == 4


@pytest.mark.parametrize(
    "to",
    ["http://169.254.169.254/", "http://127.0.0.1:1/", "https://10.0.0.1/x.png", "file:///etc/passwd", "//[::1]/x", "http://["],
)
def test_a_redirect_to_a_private_address_is_refused(vendor: Vendor, output_url: str, to: str) -> None:
    vendor.fault("output", "redirect", to=to, times=2)
    with pytest.raises(AddressRefused):
        download(output_url, loopback_origin=vendor.url)
    with pytest.raises(AddressRefused):
        asyncio.run(adownload(output_url, loopback_origin=vendor.url))


def test_the_deadline_of_a_download_counts_for_all_its_redirects(vendor: Vendor, output_url: str) -> None:
    vendor.faults([{"on": "output", "fault": "loop", "times": 2}, {"on": "output", "fault": "drip_body"}])
    begun = time.monotonic()
    with pytest.raises(DeadlinePassed):
        download(output_url, loopback_origin=vendor.url, within_s=SOON_S)
    assert time.monotonic() - begun < LATEST_S


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_file_that_is_not_there_says_with_which_status(vendor: Vendor, output_url: str, status: int) -> None:
    vendor.fault("output", str(status))
    with pytest.raises(DownloadRefused) as refused:
        download(output_url, loopback_origin=vendor.url)
    assert refused.value.status == status


def test_no_signature_of_an_address_reaches_the_log(vendor: Vendor, output_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    vendor.faults([{"on": "output", "fault": fault} for fault in ("403", "reset", "hang")])
    for _ in range(3):
        with pytest.raises(OutboundError) as failed:
            download(output_url, loopback_origin=vendor.url, within_s=SOON_S)
        assert "Signature" not in str(failed.value)
    assert "Signature" not in caplog.text


def test_many_threads_share_a_client(vendor: Vendor, client: Client) -> None:
    vendor.fault("balance", "hang", every=10, times=0)

    def balance(_: int) -> str:
        try:
            return str(ask(client, f"{vendor.url}/api/v3/balance", within_s=4).status)
        except DeadlinePassed:
            return "late"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(balance, range(80)))
    assert outcomes.count("200") == 72
    assert outcomes.count("late") == 8
    assert vendor.counts().requests["balance"] == 80, "each question was asked exactly once"
