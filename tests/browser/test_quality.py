"""What a first visit costs: few bytes, from this server alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from generations.submission import submit
from tests.browser.conftest import Studio
from tests.conftest import finish, order

Opening = Callable[..., Page]

MOST_BYTES = 120_000
PICTURES = {"image/webp", "image/jpeg", "image/png"}


@dataclass
class Wire:
    """Counts what a tab gets, as it comes over the wire: headers, and bodies as they are encoded."""

    mime_types: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def attach(self, tab: Page) -> None:
        session = tab.context.new_cdp_session(tab)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(address).netloc for address in self.addresses.values() if not address.startswith("data:")}

    @property
    def without_pictures(self) -> dict[str, int]:
        """Return address → bytes of all that is no picture; drawings in SVG count."""
        return {
            urlsplit(self.addresses[number]).path: size
            for number, size in self.sizes.items()
            if self.mime_types.get(number) not in PICTURES
        }

    def _asked(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict[str, Any]) -> None:
        self.mime_types[event["requestId"]] = event["response"]["mimeType"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "with pictures"])
def test_the_first_load_is_light_and_asks_no_other_server(open_tab: Opening, studio: Studio, filled: bool):
    user = studio.newcomer()
    for number in range(4 if filled else 0):
        finish(submit(studio.member(user), order(f"A boat, number {number}"), hint=False))
    tab, wire = open_tab(studio.address, user), Wire()
    wire.attach(tab)
    tab.goto("/", wait_until="networkidle")
    assert wire.hosts == {urlsplit(studio.address).netloc}
    assert any(path.endswith(".js") for path in wire.without_pictures)
    total = sum(wire.without_pictures.values())
    assert total <= MOST_BYTES, (total, sorted(wire.without_pictures.items(), key=lambda each: -each[1])[:10])


def test_every_custom_element_of_the_page_is_defined_once_it_is_loaded(open_tab: Opening, studio: Studio):
    tab = open_tab(studio.address, studio.newcomer())
    tab.goto("/", wait_until="domcontentloaded")
    assert tab.locator("live-cards").count() == 1
    assert tab.evaluate("[...document.querySelectorAll(':not(:defined)')].map((each) => each.localName)") == []
