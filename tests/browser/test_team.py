"""The team's page, the choice of who paints, and what a person decides about a lost order; no vendor is asked here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from generations import accounts
from generations.announce import announce
from generations.backends import backend_for
from generations.models import Account, Attempt, Generation, LedgerEntry, Member, Outcome, State, User
from generations.models.ledger import EntryKind
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.conftest import order
from tests.vendor.process import KEY

Opening = Callable[..., Page]

PROMPT = "A red fox in the snow under a full moon"
WIDTHS = [360, 768, 1440]


@pytest.fixture
def user(studio: Studio) -> User:
    return studio.newcomer()


def lost(user: User) -> Generation:
    """Let somebody's order be in doubt."""
    member = Member.objects.get(user=user)
    account = accounts.connect(member.team, "wavespeed", KEY)
    generation = submit(member, replace(order(PROMPT), backend=backend_for("wavespeed")), hint=False)
    Generation.objects.filter(pk=generation.pk).update(state=State.NEEDS_REVIEW, error="What became of it is not known.")
    Attempt.objects.create(generation=generation, number=1, account=account, outcome=Outcome.UNKNOWN, lost_at=timezone.now())
    return generation


def test_the_button_follows_the_choice(open_tab: Opening, studio: Studio, user: User):
    accounts.connect(studio.member(user).team, "wavespeed", KEY)
    tab = open_tab(studio.address, user)
    tab.goto("/")
    button = tab.locator(".generate-button .generate-idle")
    expect(button).to_have_text("Generate")
    tab.get_by_role("radio", name="WaveSpeed").check()
    expect(button).to_have_text("Generate · $0.025")
    tab.get_by_role("radio", name="Easel").check()
    expect(button).to_have_text("Generate")


def test_going_on_after_a_pause_keeps_what_was_written(open_tab: Opening, studio: Studio, user: User):
    accounts.connect(studio.member(user).team, "wavespeed", KEY)
    Account.objects.filter(team=studio.member(user).team).update(paused_because="The account is empty.")
    tab = open_tab(studio.address, user)
    tab.goto("/")
    tab.get_by_label("Prompt").fill("a long and precious prompt")
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_text("It goes on.")).to_be_visible()
    expect(tab.get_by_label("Prompt")).to_have_value("a long and precious prompt")
    assert Account.objects.get(team=studio.member(user).team).paused_because == ""


def test_an_id_that_is_being_typed_is_not_lost_when_the_card_changes(open_tab: Opening, studio: Studio, user: User):
    generation = lost(user)
    tab = open_tab(studio.address, user)
    tab.goto("/")
    field = tab.get_by_label("It is in your account at WaveSpeed")
    field.fill("0123456789")
    Generation.objects.filter(pk=generation.pk).update(error="Something else is known now.")
    announce(generation.team_id, str(generation.public_id))
    tab.wait_for_timeout(1500)
    expect(field).to_have_value("0123456789")
    field.fill("")
    field.blur()
    expect(tab.locator(".card-hero")).to_contain_text("Something else is known now.")


def test_an_id_that_cannot_be_used_is_told_and_stays_to_be_corrected(open_tab: Opening, studio: Studio, user: User, watch: Watch):
    watch.expect("status of 422|Code 422")
    lost(user)
    tab = open_tab(studio.address, user)
    tab.goto("/")
    tab.get_by_label("It is in your account at WaveSpeed").fill("no id")
    tab.get_by_role("button", name="Adopt it").click()
    expect(tab.get_by_text("This is no order's id.")).to_be_visible()
    field = tab.get_by_label("It is in your account at WaveSpeed")
    expect(field).to_have_value("no id")
    expect(field).to_be_focused()


def test_giving_up_ends_it(open_tab: Opening, studio: Studio, user: User, watch: Watch):
    generation = lost(user)
    tab = open_tab(studio.address, user)
    tab.goto(generation.get_absolute_url())
    tab.get_by_role("button", name="Give up").click()
    expect(tab.locator(".card-hero")).to_contain_text("WaveSpeed may have taken the order before")
    assert LedgerEntry.objects.filter(generation=generation, kind=EntryKind.RELEASE).exists()


def test_disconnecting_takes_two_presses(open_tab: Opening, studio: Studio, user: User):
    accounts.connect(studio.member(user).team, "wavespeed", KEY)
    tab = open_tab(studio.address, user)
    tab.goto("/team/")
    expect(tab.get_by_role("button", name="Disconnect WaveSpeed")).to_be_hidden()
    tab.locator("summary", has_text="Disconnect").click()
    tab.get_by_role("button", name="Disconnect WaveSpeed").click()
    expect(tab.get_by_text("Not connected")).to_be_visible()
    expect(tab.get_by_label("API key")).to_be_visible()


@pytest.fixture(params=["nothing connected", "connected", "paused", "in doubt", "in doubt, alone"])
def scene(request: pytest.FixtureRequest, studio: Studio, user: User) -> list[str]:
    """Prepare a state of things and return the pages that show it."""
    if request.param == "nothing connected":
        return ["/team/", "/"]
    generation = lost(user)
    if request.param == "paused":
        Account.objects.filter(team=generation.team).update(paused_because="The WaveSpeed account has no credit left. " * 3)
        Generation.objects.filter(pk=generation.pk).update(state=State.QUEUED)
    return {"in doubt": ["/"], "in doubt, alone": [generation.get_absolute_url()]}.get(request.param, ["/team/", "/"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_fits_every_screen_and_is_open_to_assistive_technology(
    open_tab: Opening, studio: Studio, user: User, scene: list[str], scheme: str
):
    tab = open_tab(studio.address, user, color_scheme=scheme, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    for path in scene:
        tab.goto(path)
        tab.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        violations = Axe().run(tab).response["violations"]
        serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
        assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in serious] == []
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        tab.set_viewport_size({"width": 1440, "height": 900})
