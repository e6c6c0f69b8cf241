"""Pictures by a vendor, as people see them made: connect a key, choose, lose an answer, and pay once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from generations.models import Generation, Role, Team, User
from tests.browser.conftest import SAFE_AGAIN, Watch
from tests.conftest import person
from tests.installation import Installation, assert_paid_once_each
from tests.vendor.process import KEY, Vendor

Opening = Callable[..., Page]

PROMPT = "A red fox in the snow under a full moon"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor(key=KEY, duration_s=0.5, per_minute=0, balance_microusd=41_200_000) as vendor:
        yield vendor


def newcomer() -> User:
    return person("ada@example.org", Team.objects.create(name="Atelier"), Role.OWNER)


def connect(tab: Page, key: str) -> None:
    tab.get_by_role("link", name="Team", exact=True).click()
    tab.get_by_label("API key").fill(key)
    tab.get_by_role("button", name="Connect").click()


def generate(tab: Page, prompt: str = PROMPT) -> Locator:
    """Order a small picture at the vendor and return its card."""
    tab.get_by_role("link", name="Create").click()
    tab.get_by_label("Prompt").fill(prompt)
    for side in ("Width", "Height"):
        tab.get_by_label(side, exact=True).fill("256")
    tab.get_by_role("radio", name="WaveSpeed").check()
    tab.get_by_role("button", name="Generate · $0.025").click()
    card = tab.locator(".card-hero")
    expect(card).to_contain_text(prompt)
    return card


def test_a_lost_answer_is_checked_and_the_picture_arrives_and_is_paid_once(
    installation: Installation, browser: object, static_files: None, vendor: Vendor, open_tab: Opening, watch: Watch
):
    watch.expect("status of 422|Code 422")
    installation.connect(vendor, WAVESPEED_API_KEY="", **SAFE_AGAIN)
    tab = open_tab(installation.web(), newcomer())
    installation.worker()
    tab.goto("/")
    expect(tab.get_by_role("radio", name="WaveSpeed")).to_be_disabled()

    connect(tab, "not-a-key-that-anybody-gave-out-01234567")
    expect(tab.get_by_text("WaveSpeed does not accept this key.")).to_be_visible()
    expect(tab.get_by_text("Not connected")).to_be_visible()
    expect(tab.get_by_label("API key")).to_be_focused()
    connect(tab, KEY)
    expect(tab.get_by_text("Connected. Balance: $41.20.")).to_be_visible()
    expect(tab.get_by_text(f"Connected with a key that ends in ····{KEY[-4:]}")).to_be_visible()
    assert KEY not in tab.content()
    tab.get_by_role("button", name="Test").press("Enter")
    expect(tab.get_by_text("Balance: $41.20.", exact=True)).to_be_visible()
    expect(tab.get_by_role("button", name="Test")).to_be_focused()

    vendor.fault("submit", "accept_then_reset")
    vendor.fault("list", "500", times=0)
    card = generate(tab)
    expect(card).to_have_class(re.compile("is-unknown"))
    expect(card).to_contain_text("Being checked")
    expect(card).to_contain_text("it is not ordered twice")
    tab.wait_for_timeout(2500)  # some sweeps that find nothing out
    expect(card).to_have_class(re.compile("is-unknown"))
    vendor.clear()
    expect(card).to_have_class(re.compile("is-succeeded"))
    expect(card).to_contain_text("$0.025 charged")
    picture = card.locator(".frame-picture img")
    tab.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())

    generation = Generation.objects.get()
    assert_paid_once_each(vendor, [generation])
    tab.get_by_role("link", name="Team", exact=True).click()
    tab.get_by_role("navigation", name="Team").get_by_role("link", name="Spending").click()
    charged = tab.locator(".entry", has_text="Charged")
    expect(charged).to_have_count(1)
    expect(charged).to_contain_text("$0.025")
    expect(charged).to_contain_text("Ada")
    charged.get_by_role("link", name=PROMPT).click()
    expect(tab).to_have_url(re.compile(f"{generation.get_absolute_url()}$"))


def test_a_webhook_finds_a_lost_order_even_when_the_list_cannot_be_read(
    installation: Installation, browser: object, static_files: None, vendor: Vendor, open_tab: Opening
):
    installation.connect(vendor, WAVESPEED_API_KEY="", **SAFE_AGAIN)
    address = installation.web()
    tab = open_tab(address, newcomer())
    installation.worker(PUBLIC_URL=address)
    tab.goto("/")
    connect(tab, KEY)
    expect(tab.get_by_text("Connected. Balance: $41.20.")).to_be_visible()
    expect(generate(tab)).to_have_class(re.compile("is-succeeded"))  # its webhook brings the secret along
    vendor.fault("submit", "accept_then_reset")
    vendor.fault("list", "500", times=0)
    expect(generate(tab, "A blue boat")).to_have_class(re.compile("is-succeeded"))
    assert_paid_once_each(vendor, list(Generation.objects.all()))
    assert vendor.counts().webhooks.get("403", 0) == 0


def test_without_scripts_a_key_is_connected_and_a_picture_made_all_the_same(
    installation: Installation, browser: object, static_files: None, vendor: Vendor, open_tab: Opening
):
    installation.connect(vendor, WAVESPEED_API_KEY="", **SAFE_AGAIN)
    tab = open_tab(installation.web(), newcomer(), java_script_enabled=False)
    installation.worker()
    tab.goto("/")
    connect(tab, KEY)
    expect(tab.get_by_text("Connected. Balance: $41.20.")).to_be_visible()
    tab.get_by_role("button", name="Test").click()
    expect(tab.get_by_text("Balance: $41.20.", exact=True)).to_be_visible()
    tab.get_by_role("link", name="Create").click()
    tab.get_by_label("Prompt").fill(PROMPT)
    tab.get_by_role("radio", name="WaveSpeed").check()
    button = tab.get_by_role("button", name="Generate")
    assert button.inner_text().strip() == "Generate"  # what it costs stands beside the choice, and cannot become wrong
    button.click()
    expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
    assert_paid_once_each(vendor, [Generation.objects.get()])
