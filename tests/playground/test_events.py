"""The stream of changes: a real server, a real broker, and pages that hear what happens in their own team."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.test import Client

from generations.announce import CHANNEL, announce
from generations.membership import remove
from generations.models import Generation, Member, User
from generations.submission import submit, withdraw
from playground.events import BACKLOG, Radio
from tests.conftest import PASSWORD, order
from tests.installation import WITHIN_S, Broker, Installation, wait_until

SigningIn = Callable[[User], Client]
Tuning = Callable[[User], contextlib.AbstractContextManager[Iterator[tuple[str, str]]]]

on_real_processes = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Read a stream as EventSource does: yield each event's name and data."""
    name = ""
    for line in lines:
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, value


@pytest.fixture
def tune(installation: Installation, signed_in: SigningIn) -> Tuning:
    """Start a web server; give a way to open its stream as somebody, past the hello."""
    address = installation.web()

    @contextlib.contextmanager
    def stream(user: User) -> Iterator[Iterator[tuple[str, str]]]:
        cookies = {"sessionid": signed_in(user).cookies["sessionid"].value}
        with httpx.stream("GET", f"{address}/events/", cookies=cookies, timeout=30, trust_env=False) as response:
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/event-stream"
            assert response.headers["cache-control"] == "no-store"
            events = events_of(response.iter_lines())
            assert next(events) == ("hello", "listening")
            yield events

    return stream


def ask_as(user: User) -> Generation:
    return submit(Member.objects.get(user=user), order(), hint=False)


class TestTheStream:
    pytestmark = on_real_processes

    def test_a_page_hears_its_own_team_and_no_other(
        self, tune: Tuning, owner: User, teammate: User, viewer: User, outsider: User
    ):
        with tune(teammate) as mate, tune(viewer) as looker, tune(outsider) as stranger:
            ours = ask_as(owner)
            theirs = ask_as(outsider)
            withdraw(ours)
            for listener in (mate, looker):
                assert [next(listener), next(listener)] == [("generation", str(ours.public_id))] * 2
            withdraw(theirs)
            assert [next(stranger), next(stranger)] == [("generation", str(theirs.public_id))] * 2

    def test_many_pages_share_one_subscription_that_ends_with_the_last(
        self, tune: Tuning, installation: Installation, owner: User, outsider: User
    ):
        def subscriptions() -> int:
            return installation.broker.client.pubsub_numsub(CHANNEL)[0][1]

        with contextlib.ExitStack() as pages:
            listeners = [pages.enter_context(tune(user)) for user in (owner, owner, outsider, owner)]
            assert subscriptions() == 1
            mine = ask_as(owner)
            assert next(listeners[3]) == ("generation", str(mine.public_id))
        wait_until(lambda: subscriptions() == 0, "the server lets go of the broker")

    def test_it_ends_as_soon_as_the_server_is_told_to_stop(self, tune: Tuning, installation: Installation, owner: User):
        with tune(owner) as events:
            server = installation.processes[-1]
            server.terminate()
            assert list(events) == []  # to its proper end: a stream that is cut off raises
            server.wait(WITHIN_S)

    def test_it_ends_with_the_broker_and_can_be_opened_again(self, tune: Tuning, installation: Installation, owner: User):
        with tune(owner) as events:
            installation.broker.kill_and_wipe()
            assert list(events) == []
        with tune(owner) as events:
            mine = ask_as(owner)
            assert next(events) == ("generation", str(mine.public_id))

    def test_who_is_removed_hears_nothing_more_and_the_others_come_back(self, tune: Tuning, owner: User, teammate: User):
        with tune(teammate) as mate, tune(owner) as mine:
            remove(Member.objects.get(user=owner), Member.objects.get(user=teammate))
            ask_as(owner)
            assert list(mate) == list(mine) == []
        with tune(owner) as mine:
            asked = ask_as(owner)
            assert next(mine) == ("generation", str(asked.public_id))


@pytest.mark.django_db
class TestWhoMayListen:
    def test_without_a_session_nobody(self, owner: User):
        assert Client().get("/events/").headers["Location"].startswith("/account/login/")

    def test_somebody_in_no_team_neither(self, signed_in: SigningIn, owner: User):
        assert signed_in(User.objects.create_user("loner@example.org", PASSWORD)).get("/events/").status_code == 403

    def test_without_a_broker_the_page_is_told_to_ask_by_itself(self, signed_in: SigningIn, owner: User, settings):
        settings.PUBSUB_URL = ""
        response = signed_in(owner).get("/events/")
        assert (response.status_code, response.content) == (204, b"")


def test_a_page_that_reads_too_slowly_is_let_go_and_the_others_hear_on(broker: Broker):
    async def listen() -> tuple[str | None, list[str | None]]:
        radio = Radio()
        async with radio.tuned_to(1) as slow, radio.tuned_to(1) as quick:
            await radio.on_air.wait()
            heard: list[str | None] = []
            for number in range(BACKLOG + 1):
                await asyncio.to_thread(announce, 1, str(number))
                heard.append(await asyncio.wait_for(quick.get(), 30))
            return slow.get_nowait(), heard

    farewell, heard = asyncio.run(listen())
    assert farewell is None
    assert heard == [str(number) for number in range(BACKLOG + 1)]
