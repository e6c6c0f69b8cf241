"""What may be unsafe to look at: covered until pressed, reported by a teammate, found fine by the owner."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from generations.models import Generation, Image, Report, Role, User
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.browser.test_pages import expect_to_fit, serious_violations
from tests.conftest import finish, order, person

Opening = Callable[..., Page]


@pytest.fixture
def flagged(studio: Studio, user: User) -> Generation:
    generation = submit(studio.member(user), order("a flagged picture", size="512*512"), hint=False)
    finish(generation)
    Image.objects.filter(generation=generation).update(is_flagged=True, unsafe_score=0.93)
    return generation


def test_a_flagged_picture_is_covered_reported_and_cleared(open_tab: Opening, studio: Studio, user: User, flagged: Generation):
    team = studio.member(user).team
    teammate = person(f"mate-of-{user.email}", team, Role.MEMBER)
    asked: list[str] = []
    theirs = open_tab(studio.address, teammate)
    theirs.on("request", lambda request: asked.append(request.url))
    theirs.goto("/gallery/")
    show = theirs.get_by_text("May be unsafe to look at")
    expect(show).to_be_visible()
    theirs.wait_for_load_state("networkidle")
    files = f"/gallery/{flagged.public_id}/"
    assert [url for url in asked if files in url] == []
    assert serious_violations(theirs) == []
    theirs.locator(".veil-press").focus()
    theirs.keyboard.press("Enter")
    expect(theirs.locator(".veil img")).to_be_visible()
    theirs.wait_for_function("() => document.querySelector('.veil img').naturalWidth > 0")
    assert [url.removeprefix(studio.address) for url in asked if files in url] == [f"{files}small/"]

    theirs.locator(".picture-link").click(position={"x": 20, "y": 120})
    light = theirs.get_by_role("dialog", name="Picture")
    expect(light.get_by_text("May be unsafe to look at")).to_be_visible()
    owners = open_tab(studio.address, user)
    owners.goto("/team/")
    light.get_by_text("that it should not be here").click()
    light.get_by_label("What is wrong with it?").fill("It shows my face.")
    light.get_by_role("button", name="Report it").click()
    expect(light.locator(".note", has_text="Thank you. The owners of your team look at it.")).to_be_focused()

    # It is said on the owner's page, which was there before.
    notice = owners.get_by_role("link", name="1 picture reported")
    notice.click()
    waits = owners.locator(".wait")
    expect(waits).to_contain_text("It shows my face.")
    assert serious_violations(owners) == []
    owners.set_viewport_size({"width": 360, "height": 800})
    expect_to_fit(owners)
    waits.get_by_role("button", name="Fine").click()
    expect(waits).to_contain_text("Found fine. Everybody in the team sees it now.")
    expect(notice).to_have_count(0)
    assert Report.objects.get(generation=flagged).resolution == "fine"
    owners.goto("/team/log/")
    expect(owners.get_by_text("Reviewed a picture").last).to_be_visible()
    expect_to_fit(owners)
    theirs.goto("/gallery/")
    expect(theirs.locator(".picture-link img").last).to_be_visible()
    expect(theirs.locator(".veil")).to_have_count(0)


def test_without_scripts_the_cover_opens_too(open_tab: Opening, studio: Studio, user: User, flagged: Generation):
    tab = open_tab(studio.address, user, java_script_enabled=False)
    tab.goto(flagged.get_absolute_url())
    expect(tab.locator(".veil img")).not_to_be_visible()
    tab.get_by_text("May be unsafe to look at").click()
    expect(tab.locator(".veil img")).to_be_visible()
