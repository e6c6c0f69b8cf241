"""A team's word list at every door a prompt comes through: refused, asked about, or noted."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from generations import enhancing, lifecycle, pipeline
from generations.errors import ListedWord
from generations.models import EnhancementRequest, Generation, Member, Team, User
from generations.submission import make_again, repeat
from generations.submission import submit as place
from generations.variation import more_seeds
from tests.conftest import finish, order
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

SMALL = {"width": "256", "height": "256", "num_inference_steps": "2", "seed": "7"}
REFUSED = "This prompt has the word “fox”, which your team does not allow. Write it without that word."
ASKED = "This prompt has the word “fox”, which your team asked to be careful with. Make it anyway?"
NOTED = "The prompt has the word “fox”, which this team asked to be careful with."


def police(team: Team, policy: str, words: str = "fox") -> None:
    Team.objects.filter(pk=team.pk).update(words_policy=policy, listed_words=words)
    team.refresh_from_db()


@pytest.fixture
def refusing(team: Team, member: Member) -> Member:
    police(team, "refuse")
    return Member.objects.get(pk=member.pk)


class TestRefusing:
    def test_the_form_says_so_beside_the_prompt_and_nothing_is_made(self, client_of_owner: Client, refusing: Member):
        for headers in (HTMX, {}):
            answer = client_of_owner.post("/", {"prompt": "a red FOX", "agreed_words": "yes", **SMALL}, headers=headers)
            shown = page(answer)
            assert (answer.status_code, shown.sentences_beside("prompt")) == (422, [REFUSED])
            assert shown.all("button", name="agreed_words") == []
        assert not Generation.objects.exists()
        assert client_of_owner.post("/", {"prompt": "a red hare", **SMALL}).status_code == 302

    def test_the_command_line_says_so(self, refusing: Member):
        with pytest.raises(CommandError, match="the word “fox”, which your team does not allow"):
            call_command("generate", "a fox", stdout=StringIO())
        assert not Generation.objects.exists()

    def test_an_old_prompt_is_not_made_again_in_any_way(
        self, ask: Callable[..., Generation], team: Team, client_of_owner: Client
    ):
        done, failed = ask("a fox"), ask("another fox")
        finish(done)
        assert lifecycle.move("cancel", failed)
        failed.refresh_from_db()
        police(team, "refuse")
        member = Member.objects.get(team=team, user=done.author)
        for again in (
            lambda: repeat(member, failed),
            lambda: more_seeds(member, done, 4),
            lambda: make_again(member, done, lambda _: None),
        ):
            with pytest.raises(ListedWord):
                again()
        address = f"/generations/{failed.public_id}/retry/"
        assert REFUSED in page(client_of_owner.post(address, follow=True)).text
        card = client_of_owner.post(f"{address}?size=hero", headers=HTMX)
        assert (card.status_code, REFUSED in page(card).text) == (422, True)
        assert Generation.objects.count() == 2

    def test_what_an_enhancer_writes_is_looked_at_before_anybody_gets_it(
        self, enhancers: Callable[..., Any], refusing: Member, team: Team
    ):
        with pytest.raises(ListedWord):
            enhancing.ask(refusing, "a fox", enhancer="local", style="default", hint=False)
        police(team, "refuse", "quiet mood*")
        asked = enhancing.ask(Member.objects.get(pk=refusing.pk), "a hare", enhancer="local", style="default", hint=False)
        pipeline.enhance(asked.pk)
        asked = EnhancementRequest.objects.get(pk=asked.pk)
        assert (asked.state, asked.text) == ("failed", "")
        assert asked.error.startswith("The improved prompt has the word “quiet mood”, which your team does not allow")

    def test_another_teams_list_does_not_count(self, refusing: Member, outsider: User):
        elsewhere = Member.objects.get(user=outsider)
        assert place(elsewhere, order("a fox"), hint=False).notes == []


class TestWarning:
    def test_the_form_asks_once_and_a_yes_goes_through_with_a_note(self, client_of_owner: Client, team: Team):
        police(team, "warn")
        sent = {"prompt": "a red fox", **SMALL}
        for headers in (HTMX, {}):
            asked = client_of_owner.post("/", sent, headers=headers)
            assert (asked.status_code, page(asked).sentences_beside("prompt")) == (422, [ASKED])
        assert page(asked).one("button", name="agreed_words").text == "Make it anyway"
        assert not Generation.objects.exists()
        assert client_of_owner.post("/", {**sent, "agreed_words": "yes"}).status_code == 302
        made = Generation.objects.get()
        assert made.notes == [NOTED]
        pipeline.advance(made.pk)
        made.refresh_from_db()
        assert (made.state, made.notes[0]) == ("succeeded", NOTED)

    def test_whom_nobody_can_ask_gets_through_with_a_note(self, ask: Callable[..., Generation], team: Team, member: Member):
        police(team, "warn")
        warned = Member.objects.get(pk=member.pk)
        assert place(warned, order("a fox"), hint=False).notes == [NOTED]
        assert place(warned, order("a hare"), hint=False).notes == []


def test_a_list_without_a_policy_does_nothing(client_of_owner: Client, team: Team):
    police(team, "off")
    assert client_of_owner.post("/", {"prompt": "a red fox", **SMALL}).status_code == 302
    assert Generation.objects.get().notes == []
