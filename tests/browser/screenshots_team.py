"""The steps of `screenshots.py` among people: who is in the team, what is shared, spent and watched over, and one's account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.screenshots import Visit


def members(visit: Visit) -> None:
    page = visit.page
    page.goto("/team/members/")
    visit.shoot("members")
    page.get_by_role("button", name="Make the invitation").click()
    link = page.get_by_text("/invite/").inner_text().strip()
    visit.shoot("members-invited")
    newcomer = visit.new_page()
    newcomer.goto(_path(link))
    visit.shoot("invitation", newcomer)


def sharing(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/")
    page.goto(page.locator(".picture-link").first.get_attribute("href") or "")
    page.get_by_role("link", name="Share").click()
    visit.shoot("share")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#new-link").inner_text().strip()
    visit.shoot("share-made")
    page.goto("/team/links/")
    visit.shoot("links")
    stranger = visit.new_page()
    stranger.goto(_path(link))
    visit.shoot("shared-picture", stranger)
    stranger.goto("/s/gone/")
    visit.shoot("shared-nothing", stranger)


def money_and_safety(visit: Visit) -> None:
    for name in ("spending", "safety", "log"):
        visit.page.goto(f"/team/{name}/")
        visit.shoot(name)


def account(visit: Visit) -> None:
    visit.page.goto("/account/")
    visit.shoot("account")


def _path(link: str) -> str:
    """Return a link's path: the public address need not be the one that is visited."""
    return "/" + link.split("/", 3)[3]
