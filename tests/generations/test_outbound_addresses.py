"""Which addresses the door lets through, and that the connection goes to the very address that was checked."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from generations.errors import (
    AddressRefused,
)
from generations.outbound import (
    Answer,
    Client,
    is_public,
    loopback_origin_of,
    open_client,
    origin_of,
)
from generations.outbound.addresses import Door
from tests.vendor.process import KEY, Vendor

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor(per_minute=0, duration_s=0) as vendor:
        yield vendor


def ask(client: Client, url: str) -> Answer:
    return client.send("GET", url, headers=AUTHORIZED, within_s=5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "100.127.255.255", "0.0.0.0", "0.1.2.3", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.255.255.250",
        "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8",
        "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2002:7f00:1::",
        "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "nonsense", "", "127.1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "172.32.0.1"]
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["2606:4700::1111", "::ffff:10.0.0.1"], ["127.0.0.1"], ["fe80::1%lo"]]
)
def test_a_name_is_refused_when_any_of_its_addresses_is_private(found: list[str]) -> None:
    with open_client(resolve=lambda host, port: found) as client, pytest.raises(AddressRefused) as refused:
        client.send("GET", "https://pictures.example/1.png", within_s=5)
    assert not refused.value.sent


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://[::1]/", "https://localhost/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0/", "https://169.254.169.254/latest/meta-data",
    ],
)  # fmt: skip
def test_however_a_private_address_is_written_it_is_refused(url: str) -> None:
    with open_client() as client, pytest.raises(AddressRefused):
        client.send("GET", url, within_s=5)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://me:secret@example.org/",
        "//x/y",
        "",
        "x",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused_before_its_name_is_looked_up(url: str) -> None:
    asked: list[str] = []
    with open_client(resolve=lambda host, port: asked.append(host) or []) as client, pytest.raises(AddressRefused) as refused:
        client.send("GET", url, within_s=5)
    assert not refused.value.sent
    assert asked == []


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_looked_up_once(vendor: Vendor) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    origin = f"http://localhost:{vendor.port}"
    with open_client(loopback_origin=origin, resolve=lambda host, port: next(answers)) as client:
        assert ask(client, f"{origin}/api/v3/balance").status == 200
        assert ask(client, f"{origin}/api/v3/balance").status == 200, "the connection is kept, so nothing is looked up again"
    with (
        open_client(loopback_origin=origin, resolve=lambda host, port: next(answers)) as client,
        pytest.raises(AddressRefused),
    ):
        ask(client, f"{origin}/api/v3/balance")


def test_a_dead_address_does_not_keep_the_next_one_from_being_tried(vendor: Vendor) -> None:
    origin = f"http://localhost:{vendor.port}"
    with open_client(loopback_origin=origin, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"]) as client:
        assert ask(client, f"{origin}/api/v3/balance").status == 200


def test_beside_the_configured_port_nothing_on_this_machine_is_reached(vendor: Vendor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, open_client(loopback_origin=vendor.url) as client:
        port = server.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/", f"http://localhost:{vendor.port}/"):
            with pytest.raises(AddressRefused):
                client.send("GET", url, within_s=5)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_configured_name_of_this_machine_that_leads_elsewhere_is_refused() -> None:
    origin = "http://localhost:8000"
    with (
        open_client(loopback_origin=origin, resolve=lambda host, port: ["93.184.216.34"]) as client,
        pytest.raises(AddressRefused),
    ):
        client.send("GET", origin, within_s=5)


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("http://127.0.0.1:8899/api", "http://127.0.0.1:8899"),
        ("http://localhost", "http://localhost:80"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://api.wavespeed.ai", ""),
        ("http://10.0.0.1:8000", ""),
        ("http://localhost.example.org", ""),
        ("ftp://localhost", ""),
        ("http://[", ""),
    ],
)
def test_only_an_address_of_this_machine_is_let_off(base_url: str, origin: str) -> None:
    assert loopback_origin_of(base_url) == origin


def trusting(origin: str) -> Door:
    return Door(loopback_origin="", trusted_origin=origin, resolve=lambda host, port: [])


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("found", ["127.0.0.1", "::1", "10.0.0.5", "100.64.0.7", "172.17.0.1", "192.168.1.20", "fd12:3456::1"])
def test_the_trusted_origin_may_be_on_this_machine_or_in_a_private_network(scheme: str, found: str) -> None:
    door = trusting(f"{scheme}://chat:11434")
    assert door.admit(f"{scheme}://chat:11434/v1/chat/completions").host == "chat"
    assert door.checked("chat", 11434, [found]) == [found]


def test_a_public_address_is_trusted_only_with_tls() -> None:
    found = ["93.184.216.34"]
    assert trusting("https://chat:443").checked("chat", 443, found) == found
    with pytest.raises(AddressRefused):
        trusting("http://chat:11434").checked("chat", 11434, found)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "found",
    ["169.254.169.254", "168.63.129.16", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1", "::ffff:10.0.0.1", "", "x"],
)
def test_the_trusted_origin_may_not_lead_to_where_no_server_of_ones_own_is(scheme: str, found: str) -> None:
    for addresses in ([found], ["10.0.0.5", found]):
        with pytest.raises(AddressRefused):
            trusting(f"{scheme}://chat:11434").checked("chat", 11434, addresses)


def test_the_trusted_origin_is_reached_without_tls(vendor: Vendor) -> None:
    origin = f"http://chat:{vendor.port}"
    with open_client(trusted_origin=origin, resolve=lambda host, port: ["127.0.0.1"]) as client:
        assert ask(client, f"{origin}/api/v3/balance").status == 200


def test_beside_the_trusted_origin_nothing_gets_looser(vendor: Vendor) -> None:
    trusted = f"http://chat:{vendor.port}"
    others = (
        f"https://chat:{vendor.port}/",  # another scheme
        f"http://chat:{vendor.port + 1}/",  # another port
        "https://chat/",
        f"http://chat.example:{vendor.port}/",  # another name
        f"http://127.0.0.1:{vendor.port}/",  # the same place, named otherwise
        f"https://127.0.0.1:{vendor.port}/",
        f"http://me:secret@chat:{vendor.port}/",
    )
    with open_client(trusted_origin=trusted, resolve=lambda host, port: ["127.0.0.1"]) as client:
        for url in others:
            with pytest.raises(AddressRefused) as refused:
                client.send("GET", url, within_s=5)
            assert not refused.value.sent, url


def test_a_trusted_server_on_tls_is_not_asked_without_it() -> None:
    door = trusting("https://chat:443")
    assert door.admit("https://chat/v1").host == "chat"
    for url in ("http://chat/v1", "http://chat:443/v1"):
        with pytest.raises(AddressRefused):
            door.admit(url)


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("http://ollama:11434/v1", "http://ollama:11434"),
        ("http://OLLAMA", "http://ollama:80"),
        ("https://[fd12::1]:8443/x", "https://[fd12::1]:8443"),
        ("https://api.example.org/v1", "https://api.example.org:443"),
        ("http://me:secret@ollama", ""),
        ("ftp://ollama", ""),
        ("ollama:11434", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_an_origin_is_scheme_host_and_port(base_url: str, origin: str) -> None:
    assert origin_of(base_url) == origin
