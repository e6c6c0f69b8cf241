"""The owner shares a picture, a stranger sees it and nothing else, the owner takes it back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from generations import keeping
from generations.models import ShareKind, Team, User
from generations.sharing import share
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.browser.test_pages import LONG, expect_to_fit, serious_violations
from tests.conftest import finish, order


def test_a_stranger_sees_what_is_shared_until_it_is_revoked(
    studio: Studio, user: User, tab: Page, open_tab: Callable[..., Page], watch: Watch
):
    generation = submit(studio.member(user), order("a zeppelin above Marrakesh"), hint=False)
    finish(generation)
    tab.goto(generation.get_absolute_url())
    tab.get_by_role("link", name="Share").click()
    tab.get_by_role("button", name="Make the link").click()
    address = tab.locator("#new-link").inner_text().strip()
    path = "/" + address.split("/", 3)[3]  # the public address is not this test's port

    stranger = open_tab(studio.address, java_script_enabled=False)
    stranger.goto(path)
    picture = stranger.locator(".share-picture")
    expect(picture).to_have_js_property("naturalWidth", 256)
    expect(stranger.get_by_text("Made with AI")).to_be_visible()
    assert "zeppelin" not in stranger.content() and user.email not in stranger.content()
    assert stranger.context.cookies() == []

    tab.goto(generation.get_absolute_url())
    tab.get_by_role("button", name="Only me").click()
    expect(tab.get_by_text("Only you see it now. 1 share link has ended.")).to_be_visible()
    tab.get_by_role("link", name="Share").click()
    tab.get_by_role("button", name="Make the link").click()
    other = "/" + tab.locator("#new-link").inner_text().strip().split("/", 3)[3]
    watch.expect("404")
    assert stranger.goto(path).status == 404
    assert stranger.goto(other).status == 200

    tab.get_by_role("link", name="All links").click()
    tab.get_by_text("Revoke …").click()
    tab.get_by_role("button", name="Revoke the link").click()
    expect(tab.get_by_text("The link is revoked.")).to_be_visible()
    assert stranger.goto(other).status == 404
    expect(stranger.get_by_role("heading", name="This link shows nothing")).to_be_visible()


def test_its_pages_fit_and_are_open_to_assistive_technology(
    studio: Studio, user: User, open_tab: Callable[..., Page], watch: Watch
):
    member = studio.member(user)
    generation = submit(member, order(LONG, size="1536*256"), hint=False)
    finish(generation)
    collection = keeping.make(member, "W" * 80)
    keeping.add(member, collection, [generation.public_id])
    Team.objects.filter(pk=member.team_id).update(name="Pneumonoultramicroscopic" * 3)
    member.team.refresh_from_db()
    recipe = share(member, ShareKind.RECIPE, generation, allows_downloads=True)[1]
    shelf = share(member, ShareKind.COLLECTION, collection, with_settings=True, allows_downloads=True)[1]
    locked = share(member, ShareKind.PICTURE, generation, password="open sesame")[1]
    watch.expect("404")
    public = [f"/s/{token}/" for token in (recipe, shelf, locked, "gone")]
    own = [
        "/team/links/",
        f"/team/links/of-picture/{generation.public_id}/",
        f"/team/links/of-collection/{collection.public_id}/",
    ]
    for person, paths in ((None, public), (user, [*own, public[0]])):
        tab = open_tab(studio.address, person, reduced_motion="reduce")
        for path in paths:
            tab.goto(path)
            for scheme in ("light", "dark"):
                tab.emulate_media(color_scheme=scheme)
                assert serious_violations(tab) == [], (path, scheme)
            expect_to_fit(tab)
