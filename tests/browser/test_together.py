"""Several people at once: what one shares, a teammate sees live, and nobody else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from generations.models import Generation, Member, Role, User
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.conftest import finish, order, person


def test_a_teammate_sees_live_what_the_owner_makes_and_shares_and_others_never(
    studio: Studio, user: User, tab: Page, open_tab: Callable[..., Page], watch: Watch
):
    member = studio.member(user)
    teammate = person("together@example.org", member.team, Role.VIEWER)
    theirs, outside, strange = (open_tab(studio.address, each) for each in (teammate, studio.newcomer(), None))
    for each in (theirs, outside):
        each.goto("/gallery/")
        expect(each.get_by_role("heading", name="No pictures yet")).to_be_visible()

    secret = made(member, "A secret orchid", is_private=True)
    shown = made(member, "A red fox in the snow")
    theirs.get_by_role("link", name="1 new picture · Show").click()
    expect(theirs.locator(".picture-link")).to_have_count(1)

    tab.goto(secret.get_absolute_url())
    tab.get_by_role("button", name="Team", exact=True).click()
    theirs.get_by_role("link", name="There are other pictures now · Show").click()
    expect(theirs.locator(".picture-link")).to_have_count(2)

    # The outsider's page has heard nothing; by its address the picture is not there, and a stranger is asked who they are.
    expect(outside.locator(".gallery-news a")).to_have_count(0)
    watch.expect("404")
    for generation in (secret, shown):
        answer = outside.goto(generation.get_absolute_url())
        assert answer is not None and answer.status == 404
        strange.goto(generation.get_absolute_url())
        expect(strange.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def made(member: Member, prompt: str, *, is_private: bool = False) -> Generation:
    generation = submit(member, order(prompt), hint=False)
    Generation.objects.filter(pk=generation.pk).update(is_private=is_private)
    finish(generation)
    return generation
