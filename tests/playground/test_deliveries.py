"""The page of webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations import keys
from generations.models import ApiKey, Delivery, DeliveryState, EnhancementRequest, Generation, Member, Prediction, Team, User
from generations.pipeline import deliver
from generations.webhook_secret import secret_of_team
from tests.pages import HTMX, Element, page
from tests.receivers import Receiver, receiving, through_the_api

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
URL = "https://example.org/hook/fox?token=a-secret"
Keeping = Callable[..., Delivery]


@pytest.fixture
def key_of() -> Callable[[User], ApiKey]:
    return lambda user: keys.issue(Member.objects.get(user=user), "Robot", keys.Limits())[0]


@pytest.fixture
def keep(ask: Callable[..., Generation]) -> Keeping:
    """Write a delivery into the log."""

    def write(state: str = DeliveryState.DELIVERED, *, key: ApiKey | None = None, **fields: Any) -> Delivery:
        prediction = through_the_api(ask("A fox in the snow"), URL, key)
        ended_at = None if state == DeliveryState.WAITING else timezone.now()
        given = {"url": URL, "body": "{}", "state": state, "ended_at": ended_at, **fields}
        return Delivery.objects.create(team=prediction.team, prediction=prediction, **given)

    return write


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with receiving() as receiver:
        settings.LOOPBACK_ORIGIN = receiver.origin
        yield receiver


def rows(client: Client, path: str = "/deliveries/") -> list[Element]:
    return page(client.get(path)).all("li", class_="delivery")


class TestThePage:
    def test_a_row_says_what_was_told_to_whom_and_what_came_of_it(self, client_of_owner: Client, keep: Keeping):
        answers = [["2026-11-30T10:00:00+00:00", 503, "It did not take it."], ["2026-11-30T10:00:11+00:00", 204, "Delivered."]]
        delivery = keep(answers=answers, tries=2)
        [row] = rows(client_of_owner)
        assert row.one("a").attributes["href"] == delivery.prediction.generation.get_absolute_url()
        assert row.one("a").text == "A fox in the snow"
        assert row.one(class_="badge").text == "Delivered"
        assert row.one("summary").text == "2 tries"
        told = [each.text for each in row.all("li", class_="try")]
        assert told == ["30 Nov, 10:00:11 204 Delivered.", "30 Nov, 10:00:00 503 It did not take it."]

    def test_an_address_is_shown_without_what_may_be_a_secret(self, client_of_owner: Client, keep: Keeping):
        keep()
        assert rows(client_of_owner)[0].one(class_="delivery-address").text == "example.org/hook/fox?…"
        assert b"a-secret" not in client_of_owner.get("/deliveries/").content

    @pytest.mark.parametrize(
        ("state", "words", "line"),
        [
            ("waiting", "Waiting", "next try"),
            ("given_up", "Given up", ""),
            ("disabled", "Not wanted", "the receiver answered 410"),
        ],
    )
    def test_each_state_stands_in_words(self, client_of_owner: Client, keep: Keeping, state: str, words: str, line: str):
        keep(state, answers=[["2026-11-30T10:00:00+00:00", 0, "There was no connection."]], tries=1)
        [row] = rows(client_of_owner)
        assert row.one(class_="badge").text == words
        assert line in row.text
        assert "— There was no connection." in row.text
        assert len(row.all("form")) == (state != "waiting")

    def test_a_prompt_stands_there_without_a_link(self, client_of_owner: Client, member: Member):
        request = EnhancementRequest.objects.create(
            team=member.team, author=member.user, enhancer="local", seed=1, original="a hare"
        )
        prediction = Prediction.objects.create(
            public_id=request.public_id, team=member.team, enhancement=request, model_id="wavespeed-ai/prompt-optimizer"
        )
        Delivery.objects.create(team=member.team, prediction=prediction, url=URL, body="{}")
        [row] = rows(client_of_owner)
        assert (row.one(class_="delivery-run").text, row.all("a")) == ("a hare", [])
        assert "not tried yet" in row.text

    def test_without_any_it_says_what_webhooks_are(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/deliveries/"))
        assert "No webhooks so far" in shown.text
        assert "?webhook=" in shown.text

    def test_older_ones_follow_page_by_page(self, client_of_owner: Client, keep: Keeping):
        kept = [f"run-{keep().public_id}" for _ in range(32)][::-1]
        shown = page(client_of_owner.get("/deliveries/"))
        more = shown.one(class_="entries-more").one("a")
        assert more.attributes["href"] == more.attributes["hx-get"]
        older = page(client_of_owner.get(more.attributes["href"], headers=HTMX))
        found = [run.attributes["id"] for each in (shown, older) for run in each.all(class_="delivery-run")]
        assert found == kept
        assert older.all("html") == older.all(class_="entries-more") == []

    def test_it_needs_a_session(self, owner: User):
        assert Client().get("/deliveries/").headers["Location"] == "/account/login/?next=/deliveries/"

    def test_another_team_sees_nothing_of_it(self, keep: Keeping, signed_in: SigningIn, outsider: User):
        keep()
        assert rows(signed_in(outsider)) == []

    def test_a_viewer_is_refused_with_a_sentence(self, keep: Keeping, signed_in: SigningIn, viewer: User):
        response = signed_in(viewer).get("/deliveries/")
        assert response.status_code == 403
        assert "Ask an owner of the team for the role of a member." in page(response).text

    def test_many_take_as_few_queries_as_one(
        self, client_of_owner: Client, keep: Keeping, key_of: Callable[[User], ApiKey], owner: User, django_assert_num_queries
    ):
        keep(key=key_of(owner))
        with django_assert_num_queries(5):
            client_of_owner.get("/deliveries/")
        for _ in range(3):
            keep(key=key_of(owner))
        with django_assert_num_queries(5):
            client_of_owner.get("/deliveries/")


class TestSendingAgain:
    def test_a_press_sends_it_again(self, client_of_owner: Client, keep: Keeping, receiver: Receiver):
        delivery = keep("given_up", url=f"{receiver.origin}/hook", tries=8)
        [form] = rows(client_of_owner)[0].all("form")
        response = client_of_owner.post(form.attributes["action"], follow=True)
        assert response.redirect_chain == [("/deliveries/", 302)]
        assert "It is sent again now." in page(response).text
        deliver()
        assert receiver.ids == [str(delivery.public_id)]
        assert rows(client_of_owner)[0].one(class_="badge").text == "Delivered"

    def test_scripts_get_the_row_as_it_is_now(self, client_of_owner: Client, keep: Keeping):
        delivery = keep()
        shown = page(client_of_owner.post(f"/deliveries/{delivery.public_id}/again/", headers=HTMX))
        assert shown.one("li").one(class_="badge").text == "Waiting"
        assert "It is sent again now." in shown.text
        assert shown.all("html") == []

    def test_a_second_press_changes_nothing(self, client_of_owner: Client, keep: Keeping):
        delivery = keep("waiting", tries=3)
        shown = page(client_of_owner.post(f"/deliveries/{delivery.public_id}/again/", headers=HTMX))
        assert "waiting for its next try already" in shown.text
        delivery.refresh_from_db()
        assert delivery.tries == 3

    def test_a_member_sends_again_what_their_own_key_asked_for(
        self, signed_in: SigningIn, teammate: User, owner: User, keep: Keeping, key_of: Callable[[User], ApiKey]
    ):
        mine, theirs = keep(key=key_of(teammate)), keep(key=key_of(owner))
        client = signed_in(teammate)
        assert [len(row.all("form")) for row in rows(client)] == [0, 1]
        answers = [client.post(f"/deliveries/{each.public_id}/again/") for each in (mine, theirs)]
        assert [answer.status_code for answer in answers] == [302, 403]
        assert "Only the person whose key asked for this run" in page(answers[1]).text
        theirs.refresh_from_db()
        assert theirs.state == DeliveryState.DELIVERED

    def test_a_viewer_does_not_even_what_their_own_key_asked_for(
        self, signed_in: SigningIn, viewer: User, keep: Keeping, key_of: Callable[[User], ApiKey]
    ):
        delivery = keep(key=key_of(viewer))
        assert signed_in(viewer).post(f"/deliveries/{delivery.public_id}/again/").status_code == 403

    def test_another_teams_does_not_exist(self, signed_in: SigningIn, outsider: User, keep: Keeping):
        delivery = keep()
        assert signed_in(outsider).post(f"/deliveries/{delivery.public_id}/again/").status_code == 404
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.DELIVERED


class TestTheSecret:
    def test_owners_find_it_in_a_fold(self, client_of_owner: Client, team: Team):
        fold = page(client_of_owner.get("/deliveries/")).one("details")
        assert "open" not in fold.attributes
        assert fold.one(id="webhook-secret").text == secret_of_team(team)

    def test_others_do_not(self, signed_in: SigningIn, teammate: User, team: Team):
        content = signed_in(teammate).get("/deliveries/").content.decode()
        assert "whsec_" not in content

    def test_it_is_kept_by_no_browser(self, client_of_owner: Client):
        assert "no-store" in client_of_owner.get("/deliveries/").headers["Cache-Control"]
