"""A page that outlives its server: once the server is back, the page is, too, and nobody has to reload it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from generations.announce import CHANNEL
from generations.models import Member, Role, Team
from generations.submission import submit
from tests.browser.conftest import SAFE_AGAIN, Watch
from tests.conftest import finish, order, person
from tests.installation import Installation, wait_until

Opening = Callable[..., Page]


def test_a_restart_of_the_web_server_is_healed_by_the_page(
    installation: Installation, address: str, open_tab: Opening, watch: Watch
):
    watch.expect("net::ERR_|/events/|htmx:sendError")
    user = person("ada@example.org", Team.objects.create(name="Atelier"), Role.OWNER)
    rows = [submit(Member.objects.get(user=user), order(prompt), hint=False) for prompt in ("a red fox", "a blue boat")]
    tab = open_tab(address, user)
    first, second = (tab.locator(f".card[data-generation='{row.public_id}']") for row in rows)
    tab.goto("/")
    tab.evaluate("window.hasStayed = true")
    wait_until(lambda: listeners(installation), "the page listens")

    kill_the_server(installation)
    finish(rows[0])
    wait_until(lambda: not listeners(installation), "nobody listens")
    installation.web(port=urlsplit(address).port or 0, **SAFE_AGAIN)
    expect(first).to_have_class(re.compile("is-succeeded"))

    wait_until(lambda: listeners(installation), "the page listens again")
    finish(rows[1])
    expect(second).to_have_class(re.compile("is-succeeded"))
    assert tab.evaluate("window.hasStayed")
    expect(tab.get_by_role("alert")).to_have_count(0)


def listeners(installation: Installation) -> int:
    return int(installation.broker.client.pubsub_numsub(CHANNEL)[0][1])


def kill_the_server(installation: Installation) -> None:
    process = installation.processes[-1]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
