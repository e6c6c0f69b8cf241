"""Money as two people see it: a dear order waits for the owner's yes, comes alive on the asker's page, and a budget ends."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from generations.models import AuditEntry, Generation, Role, SpentMonth, State, Team
from tests.browser.conftest import SAFE_AGAIN, Watch
from tests.conftest import person
from tests.installation import Installation, assert_paid_once_each
from tests.vendor.process import KEY, Vendor

Opening = Callable[..., Page]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor(key=KEY, duration_s=0.5, per_minute=0) as vendor:
        yield vendor


def generate(tab: Page, prompt: str) -> None:
    tab.get_by_label("Prompt").fill(prompt)
    tab.get_by_role("radio", name="WaveSpeed").check()
    tab.locator(".generate-button").click()


def downloaded(tab: Page, button: str) -> tuple[str, list[dict[str, str]]]:
    """Press a button that sends a table; return its file's name, and the rows."""
    with tab.expect_download() as coming:
        tab.get_by_role("button", name=button).click()
    with coming.value.path().open(encoding="utf-8-sig", newline="") as file:
        return coming.value.suggested_filename, list(csv.DictReader(file))


def test_a_dear_order_waits_for_the_owner_and_a_budget_that_is_used_up_says_so_at_the_button(
    installation: Installation, browser: object, static_files: None, vendor: Vendor, open_tab: Opening, watch: Watch
):
    watch.expect("status of (403|422)|Code 422")
    installation.connect(vendor, **SAFE_AGAIN)
    team = Team.objects.create(name="Atelier")
    ada, bert = person("ada@example.org", team, Role.OWNER), person("bert@example.org", team, Role.MEMBER)
    address = installation.web()
    owners, members = open_tab(address, ada), open_tab(address, bert)
    installation.worker()

    owners.goto("/team/spending/")
    owners.get_by_label("The team, a month").fill("0.04")
    owners.get_by_label("Needs an owner’s yes above").fill("0.01")
    owners.get_by_role("button", name="Save budgets").click()
    expect(owners.get_by_text("Saved. It counts from now on.")).to_be_visible()

    members.goto("/")
    members.get_by_role("radio", name="WaveSpeed").check()
    expect(members.locator(".generate-idle")).to_have_text("Generate · $0.025 · $0.04 left this month")
    generate(members, "A golden palace")
    card = members.locator(".card-hero")
    expect(card).to_contain_text("Waits for an owner’s yes · $0.025")
    expect(card.get_by_role("button", name="Cancel")).to_be_visible()
    expect(members.locator(".generate-idle")).to_have_text("Generate · $0.025 · $0.015 left this month")

    members.wait_for_timeout(800)  # presses within 0.7 s count as one
    generate(members, "One palace too many")
    refusal = members.locator(".generate-refused")
    expect(refusal).to_contain_text("Your team has $0.015 left of its budget of $0.04 this month")
    expect(refusal).to_be_in_viewport()
    expect(members.get_by_label("Prompt")).to_have_value("One palace too many")

    # The owner's page has not been loaded again since the order came: the queue and the header's notice came by themselves.
    wish = owners.locator(".wish")
    notice = owners.locator(".header-notice")
    expect(notice).to_have_text("1 waits for you")
    expect(wish).to_contain_text("A golden palace")
    card.get_by_role("button", name="Cancel").click()
    expect(notice).to_have_count(0)
    expect(wish).to_have_count(0)
    generate(members, "A golden palace")
    expect(notice).to_have_text("1 waits for you")
    expect(wish).to_contain_text("A golden palace")
    expect(wish).to_contain_text("Bert")
    wish.get_by_role("button", name="Approve").click()
    expect(owners.get_by_text("Approved: 1 picture in line.")).to_be_visible()
    expect(card).to_have_class(re.compile("is-succeeded"))
    expect(card).to_contain_text("$0.025 charged")
    assert_paid_once_each(vendor, list(Generation.objects.filter(state=State.SUCCEEDED)))
    assert SpentMonth.objects.get(user=None).amount_microusd == 25_000
    assert AuditEntry.objects.filter(kind="approved", actor=ada).count() == 1

    owners.goto("/team/spending/")
    name, rows = downloaded(owners, "Download CSV")
    assert name.endswith(".csv")
    assert [(row["email"], row["what"], row["amount_usd"]) for row in rows] == [
        (bert.email, "Set aside", "0.025000"),
        (bert.email, "No longer set aside", "-0.025000"),
        (bert.email, "Set aside", "0.025000"),
        (bert.email, "No longer set aside", "-0.025000"),
        (bert.email, "Charged", "0.025000"),
    ]
    owners.goto("/team/log/")
    name, rows = downloaded(owners, "All as CSV")
    assert name == "log.csv"
    assert ("Approved an expense", ada.email) in [(row["what"], row["e-mail"]) for row in rows]
    members.goto("/team/spending/")
    expect(members.get_by_role("button", name="Download CSV")).to_have_count(0)
    for path in ("/team/spending/ledger.csv", "/team/log/"):
        refused = members.goto(path)
        assert refused is not None and refused.status == 403
