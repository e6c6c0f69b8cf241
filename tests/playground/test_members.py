"""The people of a team on their page, the page that an invitation opens, and going over to another team."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from generations import membership
from generations.models import Generation, Invite, Member, Role, Team, User
from tests.conftest import PASSWORD, finish
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
ADDRESS = "/team/members/"
NEWCOMER = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _no_mail(settings) -> None:
    settings.EMAIL_HOST = ""
    cache.clear()  # what counts the tries from an address


def of(user: User) -> Member:
    return Member.objects.get(user=user)


def link_in(shown: Element) -> str:
    return shown.one("pre", id="new-invite").text


def path(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:8000")


class TestThePage:
    def test_everybody_sees_who_is_there_and_owners_alone_the_controls(
        self, signed_in: SigningIn, owner: User, teammate: User, viewer: User, django_assert_max_num_queries
    ):
        membership.invite(of(owner), Role.MEMBER, "new@example.org")
        for user, controls in ((owner, True), (teammate, False), (viewer, False)):
            client = signed_in(user)
            client.get("/account/password/")
            with django_assert_max_num_queries(8):
                shown = page(client.get(ADDRESS))
            people = shown.one(class_="members").all("ul")[0].all("li")
            assert [row.one("h3").text for row in people] == [
                f"{each}{' that is you' if each == user else ''}" for each in (owner, teammate, viewer)
            ]
            assert [row.one(class_="badge").text for row in people] == ["Owner", "Member", "Viewer"]
            assert ("owner@example.org" in shown.one("main").text) == controls
            assert bool(shown.all("form", action=ADDRESS)) == bool(shown.all(class_="invite-open")) == controls
            assert len(shown.all("summary")) == (1 + 1 + 2 + 2 if controls else 1)

    def test_what_each_role_may_do_stands_there_as_the_rules_have_it(self, client_of_owner: Client):
        rows = page(client_of_owner.get(ADDRESS)).one("table", class_="roles").one("tbody").all("tr")
        assert [[cell.text for cell in row.all("td")] for row in rows] == [
            ["Yes", "Yes", "Yes"],
            ["Yes", "Yes", "– No"],
            ["Yes", "Yes", "– No"],
            ["Yes", "– No", "– No"],
        ]

    def test_a_new_link_is_shown_once(self, client_of_owner: Client, settings):
        made = page(client_of_owner.post(ADDRESS, {"role": "viewer", "email": "ada@example.org"}))
        link = link_in(made)
        assert membership.live_invite(path(link).split("/")[2]) is not None
        assert Invite.objects.get().email == ""  # without mail there is no such field
        assert link not in client_of_owner.get(ADDRESS).content.decode()
        assert client_of_owner.post(ADDRESS, {"role": "king"}).status_code == 422
        part = client_of_owner.post(ADDRESS, {"role": "viewer"}, headers=HTMX)
        assert part.content.lstrip().startswith(b'<div class="members"')

    def test_with_mail_it_is_sent_and_when_that_fails_the_page_says_so(self, client_of_owner: Client, settings, teammate: User):
        settings.EMAIL_HOST = "mail.example.org"
        shown = page(client_of_owner.post(ADDRESS, {"role": "member", "email": "ada@example.org"}))
        assert "on its way to ada@example.org" in shown.text
        sent = mail.outbox[0]
        assert (sent.to, sent.subject) == (["ada@example.org"], "Owner invites you to Atelier")
        assert link_in(shown) in sent.body
        refused = client_of_owner.post(ADDRESS, {"role": "member", "email": "Teammate@example.org"})
        assert page(refused).sentences_beside("email") == ["Somebody with this address is in the team already."]
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        failed = page(client_of_owner.post(ADDRESS, {"role": "member", "email": "eve@example.org"}))
        assert "The mail to eve@example.org could not be sent. Copy the link" in failed.text
        assert link_in(failed)

    def test_presses_change_the_team_and_say_so(self, client_of_owner: Client, owner: User, teammate: User, viewer: User):
        mate, made = of(teammate), membership.invite(of(owner), Role.MEMBER)[0]
        for address, fields in (
            (f"{ADDRESS}{mate.pk}/role/", {"role": "viewer"}),
            (f"{ADDRESS}{of(viewer).pk}/remove/", {}),
            (f"{ADDRESS}invites/{made.public_id}/revoke/", {}),
            (f"{ADDRESS}rename/", {"name": "Studio"}),
        ):
            assert client_of_owner.post(address, fields).headers["Location"] == ADDRESS
        assert of(teammate).role == Role.VIEWER
        assert not Member.objects.filter(user=viewer).exists()
        shown = page(client_of_owner.get(ADDRESS))
        said = shown.one("ul", class_="messages").text
        for words in ("Teammate is a viewer of the team now.", "Viewer is not in the team any more.", "is withdrawn", "new name"):
            assert words in said
        assert shown.one("h1").text == "Studio"
        refused = client_of_owner.post(f"{ADDRESS}{of(owner).pk}/role/", {"role": "viewer"}, headers=HTMX)
        assert refused.status_code == 422
        assert "Make somebody else an owner first." in page(refused).text

    def test_who_is_removed_sees_nothing_more_and_reads_whom_to_ask(
        self, signed_in: SigningIn, client_of_owner: Client, teammate: User, ask: Callable[..., Generation]
    ):
        generation = ask()
        finish(generation)
        client = signed_in(teammate)
        assert client.get(generation.get_absolute_url()).status_code == 200
        client_of_owner.post(f"{ADDRESS}{of(teammate).pk}/remove/")
        assert client.get(generation.get_absolute_url()).status_code == 404
        assert client.get("/gallery/").status_code == 403


class TestTheLink:
    @pytest.fixture
    def address(self, member: Member) -> str:
        return f"/invite/{membership.invite(member, Role.MEMBER)[1]}/"

    def test_it_shows_who_asks_one_where_and_tells_the_address_to_nobody(self, address: str):
        response = Client().get(address)
        text = page(response).text
        assert "Join Atelier" in text and "Owner invites you as a member" in text
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in response.headers["Cache-Control"]
        assert page(response).one("a", href=f"/account/login/?next={address}").text == "I have an account: sign in"

    def test_somebody_new_makes_an_account_and_is_in(self, address: str, team: Team):
        client = Client()
        assert client.post(address, {**NEWCOMER, "password": "short"}).status_code == 422
        taken = client.post(address, {**NEWCOMER, "email": "owner@example.org"})
        assert page(taken).sentences_beside("email") == ["This address already has an account. Sign in with it to join."]
        assert client.post(address, NEWCOMER).headers["Location"] == "/gallery/"
        assert "You are in the team Atelier now." in page(client.get("/gallery/")).text
        assert of(User.objects.get(email="ada@example.org")).team == team

    def test_whoever_signs_in_there_comes_back_and_joins(self, address: str, outsider: User, team: Team):
        client = Client()
        signing_in = {"login": outsider.email, "password": PASSWORD}
        assert client.post(f"/account/login/?next={address}", signing_in).headers["Location"] == address
        assert page(client.get(address)).one("main").one("button").text == "Join Atelier"
        client.post(address)
        assert page(client.get("/")).one(class_="header-team").text == "Atelier"
        assert Client().post(address, NEWCOMER).status_code == 404

    def test_a_member_is_led_to_the_team_and_the_link_stays_good(self, address: str, signed_in: SigningIn, teammate: User):
        client = signed_in(teammate)
        assert "You are in this team already." in page(client.get(address)).text
        assert client.post(address).status_code == 302
        assert Client().get(address).status_code == 200

    def test_what_opens_nothing_always_says_the_same(self, member: Member, address: str, owner: User):
        used, revoked = address, membership.invite(member, Role.MEMBER)
        Client().post(used, NEWCOMER)
        membership.revoke_invite(member, revoked[0])
        answers = [Client().get(each) for each in (used, f"/invite/{revoked[1]}/", "/invite/guess/")]
        assert [each.status_code for each in answers] == [404] * 3
        assert len({each.content for each in answers}) == 1
        assert {each.headers["Referrer-Policy"] for each in answers} == {"strict-origin"}

    def test_one_address_cannot_try_for_ever(self, address: str):
        statuses = [Client().post(address, {"email": "x"}).status_code for _ in range(21)]
        assert (statuses[0], statuses[-1]) == (422, 429)


class TestSeveralTeams:
    @pytest.fixture
    def other(self, member: Member) -> Member:
        return membership.make_team(member.user, "Night shift")

    def test_the_header_leads_from_one_to_the_other(self, client_of_owner: Client, member: Member, other: Member):
        header = page(client_of_owner.get("/gallery/")).one("header")
        assert header.one(class_="header-team").text == "Night shift"
        address = f"/team/{member.team.public_id}/switch/"
        assert header.one("form", action=address).text == "Atelier"
        assert client_of_owner.post(address).headers["Location"] == "/"
        assert page(client_of_owner.get("/gallery/")).one(class_="header-team").text == "Atelier"

    def test_a_picture_of_the_other_one_says_where_it_is_and_leads_there(
        self, client_of_owner: Client, member: Member, other: Member, ask: Callable[..., Generation]
    ):
        generation = ask()
        finish(generation)
        shown = page(client_of_owner.get(generation.get_absolute_url())).one(class_="elsewhere")
        assert "another of your teams, Atelier" in shown.text
        form = shown.one("form")
        back = client_of_owner.post(form.attributes["action"], {"next": shown.value("next")})
        assert back.headers["Location"] == generation.get_absolute_url()
        assert not page(client_of_owner.get(generation.get_absolute_url())).all(class_="elsewhere")
        away = client_of_owner.post(form.attributes["action"], {"next": "//evil.example/"})
        assert away.headers["Location"] == "/"

    def test_a_team_is_made_on_a_page_of_its_own(self, client_of_owner: Client, owner: User):
        assert client_of_owner.post("/team/new/", {"name": " "}).status_code == 422
        assert client_of_owner.post("/team/new/", {"name": "Studio"}).headers["Location"] == ADDRESS
        assert page(client_of_owner.get(ADDRESS)).one("h1").text == "Studio"

    def test_leaving_leads_to_the_team_that_is_left(self, client_of_owner: Client, member: Member, other: Member, teammate: User):
        membership.change_role(member, of(teammate), Role.OWNER)
        client_of_owner.post(f"/team/{member.team.public_id}/switch/")
        client_of_owner.post(f"{ADDRESS}leave/")
        shown = page(client_of_owner.get("/gallery/"))
        assert "You have left Atelier." in shown.text
        assert shown.one(class_="header-team").text == "Night shift"
