"""The page of the keys for programs, and the one that says how to use them in one's own tools."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from generations.keys import Limits, issue, live_key, revoke
from generations.models import ApiKey, Generation, LedgerEntry, Member, Prediction, Role, Team, User
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
Asking = Callable[..., Generation]

ADDRESS = "/api-keys/"
FORM = {"name": "Blog", "scope": "run", "ends": "90"}


def made(user: User, name: str = "Blog", **limits: object) -> ApiKey:
    return issue(Member.objects.get(user=user), name, Limits(**limits))[0]


def names(shown: Element) -> list[str]:
    return [row.one("h3").text for row in shown.all("li", class_="key")]


def secret_in(shown: Element) -> str:
    return shown.one("pre", id="new-key").text


def facts(row: Element) -> dict[str, str]:
    return {pair.one("dt").text: pair.one("dd").text for pair in row.one("dl").all("div")}


class TestThePage:
    def test_it_needs_a_session(self, owner: User):
        assert Client().get(ADDRESS).headers["Location"] == "/account/login/?next=/api-keys/"
        assert Client().post(ADDRESS, FORM).status_code == 302
        assert not ApiKey.objects.exists()

    def test_a_viewer_is_told_whom_to_ask(self, signed_in: SigningIn, viewer: User):
        for response in (signed_in(viewer).get(ADDRESS), signed_in(viewer).post(ADDRESS, FORM)):
            assert response.status_code == 403
            assert "but not make API keys. Ask an owner of the team" in page(response).text
        assert not ApiKey.objects.exists()

    def test_makers_of_pictures_find_it_in_the_menu_and_under_team_and_viewers_do_not(
        self, signed_in: SigningIn, teammate: User, viewer: User
    ):
        for user, count in ((teammate, 2), (viewer, 0)):
            assert len(page(signed_in(user).get("/team/")).all("a", href=ADDRESS)) == count

    def test_a_member_sees_their_own_keys_and_an_owner_all_of_the_teams(
        self, signed_in: SigningIn, owner: User, teammate: User, outsider: User
    ):
        made(owner, "Owners"), made(teammate, "Mates"), made(outsider, "Strangers")
        assert names(page(signed_in(teammate).get(ADDRESS))) == ["Mates"]
        shown = page(signed_in(owner).get(ADDRESS))
        assert names(shown) == ["Mates", "Owners"]
        assert "made by Teammate" in shown.all("li", class_="key")[0].text
        assert names(page(signed_in(outsider).get(ADDRESS))) == ["Strangers"]

    def test_a_row_tells_what_the_key_may_do_and_has_done(
        self, client_of_owner: Client, owner: User, ask: Callable[..., Generation]
    ):
        key = made(
            owner,
            backend="easel",
            budget_microusd=10_000_000,
            runs_per_minute=60,
            joins_repeats=True,
            expires_at=timezone.now() + timedelta(days=90),
        )
        generation = ask()
        Prediction.objects.create(
            public_id=generation.public_id, team=generation.team, key=key, generation=generation, model_id="m", body_sha256="0"
        )
        LedgerEntry.objects.create(
            team=generation.team, user=owner, generation=generation, kind="charge", amount_microusd=2_500_000
        )
        row = page(client_of_owner.get(ADDRESS)).one("li", class_="key")
        assert f"{key.prefix}…" in row.text
        told = facts(row)
        assert told.pop("Ends") == f"{key.expires_at:%-d %b %Y}"
        assert told == {
            "It may": "Make pictures",
            "Pictures by": "Easel",
            "Spent this month": "$2.50 of $10.00",
            "Last used": "Never",
            "A minute": "at most 60",
            "Sent twice": "counts once",
        }
        assert row.one("meter").attributes["value"] == "25"

    def test_a_key_without_limits_says_so(self, client_of_owner: Client, owner: User):
        made(owner)
        told = facts(page(client_of_owner.get(ADDRESS)).one("li", class_="key"))
        assert told["Pictures by"] == "Easel team's choice"
        assert (told["Spent this month"], told["Ends"]) == ("$0.00", "Never")

    def test_revoked_and_expired_keys_are_folded_away_and_open_nothing(self, client_of_owner: Client, owner: User):
        made(owner, "Live")
        revoke(made(owner, "Old"))
        made(owner, "Trial", expires_at=timezone.now() - timedelta(days=1))
        shown = page(client_of_owner.get(ADDRESS))
        assert names(shown) == ["Live"]
        fold = shown.one("details", class_="keys-ended")
        assert "open" not in fold.attributes
        assert "Old" in fold.text and "Trial" in fold.text and "Revoked" in fold.text and "Expired" in fold.text
        assert fold.all("form") == []

    def test_a_key_that_ends_within_a_week_is_marked(self, client_of_owner: Client, owner: User):
        made(owner, expires_at=timezone.now() + timedelta(days=6))
        assert "Ends soon" in page(client_of_owner.get(ADDRESS)).text

    @pytest.mark.parametrize(
        ("backend", "problem"), [("gone", "This engine is no longer set up"), ("wavespeed", "WaveSpeed is not connected.")]
    )
    def test_an_engine_that_cannot_be_used_is_told_beside_the_key(
        self, client_of_owner: Client, owner: User, settings, backend: str, problem: str
    ):
        made(owner, backend=backend)
        assert problem in page(client_of_owner.get(ADDRESS)).one("li", class_="key").text

    def test_a_key_of_somebody_who_only_looks_now_says_so(self, client_of_owner: Client, teammate: User):
        made(teammate)
        Member.objects.filter(user=teammate).update(role=Role.VIEWER)
        assert "Teammate may only look now, so this key makes no pictures." in page(client_of_owner.get(ADDRESS)).text

    def test_more_keys_cost_no_more_queries(self, client_of_owner: Client, owner: User, django_assert_num_queries):
        for count in (1, 5):
            for _ in range(count):
                made(owner, backend="wavespeed")
            # session, person, membership, the header's membership, keys, spending; the account there for keys, form and makers
            with django_assert_num_queries(9):
                assert client_of_owner.get(ADDRESS).status_code == 200


class TestMaking:
    def test_the_key_is_shown_and_works(self, client_of_owner: Client, owner: User):
        response = client_of_owner.post(ADDRESS, {**FORM, "budget": "25"})
        assert response.status_code == 200
        shown = page(response)
        assert shown.one("section", class_="key-made").one("h2").text.startswith("“ Blog ”")
        assert "it cannot be shown again" in shown.text
        key = live_key(secret_in(shown))
        assert key is not None
        assert (key.member.user, key.name, key.budget_microusd) == (owner, "Blog", 25_000_000)
        assert shown.one("copy-button").attributes["of"] == "new-key"

    def test_it_is_shown_once_and_kept_nowhere(self, client_of_owner: Client, caplog: pytest.LogCaptureFixture):
        caplog.set_level(logging.DEBUG)
        response = client_of_owner.post(ADDRESS, FORM)
        secret = secret_in(page(response))
        assert "no-store" in response.headers["Cache-Control"]
        assert secret not in str(response.headers)
        for path in (ADDRESS, "/", "/team/"):
            assert secret not in client_of_owner.get(path).content.decode()
        assert secret not in str([session.get_decoded() for session in Session.objects.all()])
        assert secret not in caplog.text
        assert all(secret not in str(row) for row in ApiKey.objects.values())

    def test_with_scripts_only_the_section_is_answered(self, client_of_owner: Client):
        shown = page(client_of_owner.post(ADDRESS, FORM, headers=HTMX))
        assert shown.all("html") == []
        assert "autofocus" in shown.one(id="key-made").attributes
        assert live_key(secret_in(shown)) is not None
        assert names(shown) == ["Blog"]

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
    def test_what_cannot_be_used_is_told_beside_its_field_and_makes_no_key(
        self, client_of_owner: Client, headers: dict[str, str]
    ):
        response = client_of_owner.post(ADDRESS, {**FORM, "name": "", "budget": "0", "ends": "7"}, headers=headers)
        assert response.status_code == 422
        shown = page(response)
        assert shown.sentences_beside("name") == ["Write a name for the key."]
        assert shown.sentences_beside("budget")[0].startswith("Write an amount from 0.01")
        assert shown.sentences_beside("ends") == ["Choose how long the key works."]
        assert "open" in shown.one("form", class_="key-form", action=ADDRESS).one("details").attributes
        assert not ApiKey.objects.exists()

    def test_a_name_is_text_and_never_markup(self, client_of_owner: Client):
        shown = page(client_of_owner.post(ADDRESS, {**FORM, "name": "<script>alert(1)</script>"}))
        assert names(shown) == ["<script>alert(1)</script>"]
        assert all("src" in script.attributes for script in shown.all("script"))

    def test_a_member_makes_keys_that_act_for_them(self, signed_in: SigningIn, teammate: User):
        key = live_key(secret_in(page(signed_in(teammate).post(ADDRESS, FORM))))
        assert key is not None and key.member.user == teammate


class TestRevoking:
    def address(self, key: ApiKey) -> str:
        return f"{ADDRESS}{key.public_id}/revoke/"

    def test_the_question_before_needs_no_scripts(self, client_of_owner: Client, owner: User):
        key = made(owner)
        fold = page(client_of_owner.get(ADDRESS)).one("li", class_="key").one("details")
        assert "it cannot be undone" in fold.text
        form = fold.one("form")
        assert form.attributes["action"] == form.attributes["hx-post"] == self.address(key)
        assert form.attributes["method"] == "post"

    def test_the_key_opens_nothing_from_then_on(self, client_of_owner: Client, member: Member):
        key, secret = issue(member, "Blog", Limits())
        response = client_of_owner.post(self.address(key), follow=True)
        assert response.redirect_chain == [(ADDRESS, 302)]
        assert "“Blog” is revoked." in page(response).text
        assert live_key(secret) is None

    def test_with_scripts_the_section_says_it(self, client_of_owner: Client, owner: User):
        shown = page(client_of_owner.post(self.address(made(owner)), headers=HTMX))
        assert "“Blog” is revoked. Programs that use it are refused from now on." in shown.all(role="status")[0].text
        assert names(shown) == []

    def test_an_owner_revokes_a_members_key_and_a_member_only_their_own(self, signed_in: SigningIn, owner: User, teammate: User):
        owners, mates, second = made(owner), made(teammate), made(teammate)
        assert signed_in(teammate).post(self.address(owners)).status_code == 404
        assert signed_in(teammate).post(self.address(mates)).status_code == 302
        assert signed_in(owner).post(self.address(second)).status_code == 302
        assert list(ApiKey.objects.filter(revoked_at=None)) == [owners]

    @pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("viewer", 403)])
    def test_others_revoke_nothing(
        self, signed_in: SigningIn, owner: User, request: pytest.FixtureRequest, who: str, status: int
    ):
        key = made(owner)
        assert signed_in(request.getfixturevalue(who)).post(self.address(key)).status_code == status
        assert ApiKey.objects.filter(revoked_at=None).exists()


class TestTheMaker:
    def test_an_owner_chooses_who_makes_pictures_for_programs(self, client_of_owner: Client, team: Team, settings):
        settings.DEFAULT_BACKEND = "wavespeed"
        response = client_of_owner.post(f"{ADDRESS}maker/", {"api_backend": "easel"}, follow=True)
        assert response.redirect_chain == [(ADDRESS, 302)]
        shown = page(response)
        assert "Easel makes the pictures that programs ask for." in shown.text
        assert shown.value("api_backend") == "easel"
        team.refresh_from_db()
        assert team.api_backend == "easel"

    @pytest.mark.parametrize("alias", ["wavespeed", "gone", ""])
    def test_an_engine_that_the_team_cannot_use_is_refused(self, client_of_owner: Client, team: Team, alias: str):
        response = client_of_owner.post(f"{ADDRESS}maker/", {"api_backend": alias}, headers=HTMX)
        assert response.status_code == 422
        assert page(response).sentences_beside("api_backend")[0].endswith((" engine.", " another one."))
        team.refresh_from_db()
        assert team.api_backend == ""

    def test_a_member_reads_who_it_is_and_changes_nothing(self, signed_in: SigningIn, teammate: User, team: Team):
        client = signed_in(teammate)
        shown = page(client.get(ADDRESS))
        assert "Easel, for every key that names no engine of its own." in shown.text
        assert all(form.attributes["action"] != f"{ADDRESS}maker/" for form in shown.all("form"))
        assert client.post(f"{ADDRESS}maker/", {"api_backend": "easel"}).status_code == 403


class TestTools:
    def test_every_tool_is_told_this_servers_address(self, client_of_owner: Client, settings):
        settings.PUBLIC_URL = "https://pictures.example.org"
        shown = page(client_of_owner.get(f"{ADDRESS}tools/"))
        titles = ["Python", "JavaScript", "Command line", "Desktop assistant (MCP)", "LangChain", "curl"]
        assert [section.one("h2").text for section in shown.one("main").all("section") if section.all("h2")] == titles
        speaking = [pre.text for pre in shown.all("pre") if not pre.attributes["id"].endswith("-install")]
        assert len(speaking) == 6
        assert all("https://pictures.example.org" in text and "YOUR_API_KEY" in text for text in speaking)
        assert {link.attributes["href"] for link in shown.one("nav", class_="tool-links").all("a")} == {
            f"#{section.attributes['id']}" for section in shown.one("main").all("section") if "id" in section.attributes
        }

    def test_each_piece_of_code_has_a_button_that_copies_it(self, client_of_owner: Client):
        shown = page(client_of_owner.get(f"{ADDRESS}tools/"))
        assert [button.attributes["of"] for button in shown.all("copy-button")] == [
            pre.attributes["id"] for pre in shown.all("pre")
        ]

    def test_a_viewer_reads_it_and_is_told_whom_to_ask_for_a_key(self, signed_in: SigningIn, viewer: User):
        shown = page(signed_in(viewer).get(f"{ADDRESS}tools/"))
        assert "Ask an owner of the team for the role of a member to make one." in shown.text
        assert shown.all("a", href=ADDRESS) == []

    def test_it_needs_a_session(self, owner: User):
        assert Client().get(f"{ADDRESS}tools/").status_code == 302

    def test_it_asks_the_database_only_who_asks(self, client_of_owner: Client, django_assert_num_queries):
        with django_assert_num_queries(4):  # session, person, membership, the header's membership
            client_of_owner.get(f"{ADDRESS}tools/")
