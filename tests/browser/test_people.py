"""People come to a team and go again: an owner and a newcomer, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from generations.membership import make_team
from generations.models import Generation, Member, Role, User
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.browser.test_pages import expect_to_fit, serious_violations
from tests.conftest import PASSWORD, finish, order

Opening = Callable[..., Page]


def picture_of(member: Member, prompt: str) -> Generation:
    generation = submit(member, order(prompt), hint=False)
    finish(generation)
    return generation


def expect_to_see(tab: Page, generation: Generation) -> None:
    """Find a picture in the gallery, and open its page."""
    tab.goto("/gallery/")
    expect(tab.locator(f'.picture[data-generation="{generation.public_id}"] img[loading]')).to_be_visible()
    tab.goto(generation.get_absolute_url())
    shown = tab.locator('.detail-picture img[src^="/"]').first
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def invite(tab: Page) -> str:
    """Press the buttons that make a link, and return it."""
    tab.goto("/team/members/")
    tab.locator(".members-form").get_by_text("Member", exact=True).click()
    tab.get_by_role("button", name="Make the invitation").click()
    expect(tab.get_by_role("heading", name="The invitation is ready")).to_be_focused()
    return tab.locator("#new-invite").inner_text().partition("/invite/")[2]


def join(tab: Page, token: str, email: str) -> User:
    tab.goto(f"/invite/{token}")
    tab.get_by_label("Your name").fill("Grace")
    tab.get_by_label("Email").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    assert serious_violations(tab) == []
    tab.get_by_role("button", name="Make an account and join").click()
    expect(tab.get_by_text("You see its pictures, and it sees yours.")).to_be_visible()
    return User.objects.get(email=email)


def test_a_newcomer_is_invited_shares_pictures_and_loses_them_at_once_when_removed(
    open_tab: Opening, studio: Studio, user: User, watch: Watch
):
    watch.expect("status of (403|404)")
    owners = studio.member(user)
    hers = picture_of(owners, "A fox of the owner's")
    owner, newcomer = open_tab(studio.address, user), open_tab(studio.address)

    grace = join(newcomer, invite(owner), f"grace.{user.pk}@example.org")
    expect_to_see(newcomer, hers)
    graces = picture_of(Member.objects.get(user=grace), "A boat of the newcomer's")
    expect_to_see(owner, graces)

    owner.goto("/team/members/")
    row = owner.locator(".person", has_text="Grace")
    row.locator("summary", has_text="Change role").click()
    row.get_by_text("Viewer", exact=True).click()
    row.get_by_role("button", name="Save role").click()
    expect(owner.get_by_text("Grace is a viewer of the team now.")).to_be_visible()
    newcomer.goto("/")
    expect(newcomer.get_by_text("Ask an owner for the role of a member")).to_be_visible()
    assert Member.objects.get(user=grace).role == Role.VIEWER

    owner.locator("main").evaluate("main => main.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert serious_violations(owner) == []
    expect_to_fit(owner)
    owner.locator(".person", has_text="Grace").get_by_role("button", name="Remove Grace").click()
    expect(owner.get_by_text("Grace is not in the team any more.")).to_be_visible()
    for path, words in (("/gallery/", "belong to no team"), (hers.get_absolute_url(), "Nothing here")):
        newcomer.goto(path)
        expect(newcomer.get_by_text(words)).to_be_visible()
    expect_to_see(owner, graces)


def test_a_tab_that_was_left_open_makes_nothing_in_another_team_and_keeps_what_was_written(
    open_tab: Opening, studio: Studio, user: User, watch: Watch
):
    watch.expect("status of 409|Response Status Error Code 409")
    first = studio.member(user)
    tab = open_tab(studio.address, user)
    other = tab.context.new_page()
    watch.attach(other)
    for page in (tab, other):
        page.goto("/gallery/import/" if page is other else "/")
    tab.get_by_label("Prompt").fill("A fox in the first team")
    other.locator("#files").set_input_files({"name": "fox.png", "mimeType": "image/png", "buffer": b"no picture"})

    make_team(user, "Night shift")
    for page, pressed in ((tab, "Generate"), (other, "Bring in")):
        page.get_by_role("button", name=pressed).last.click()
        note = page.get_by_role("alert").filter(has_text=f"opened in the team {first.team}, and you are in Night shift now")
        expect(note).to_be_visible()
        expect_to_fit(page)
        assert serious_violations(page) == []
    assert other.locator("#files").evaluate("input => input.files.length") == 1
    assert not Generation.objects.filter(author=user).exists()

    tab.get_by_role("button", name=f"Go over to {first.team}").last.click()
    expect(tab.get_by_text(f"You work in {first.team} now.")).to_be_visible()
    expect(tab.get_by_label("Prompt")).to_have_value("A fox in the first team")
    tab.get_by_role("button", name="Generate").last.click()
    expect(tab.locator(".stage .card")).to_be_visible()
    assert Generation.objects.get(author=user).team == first.team
