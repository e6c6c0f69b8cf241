"""Mail: a link where a password is lost, and word of every change to how somebody signs in; and what there is without it."""

from __future__ import annotations

import logging
import queue
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from generations.models import AuditEntry, AuditKind, User
from tests.conftest import PASSWORD
from tests.pages import page
from tests.playground.mail import MailServer, mail_server

pytestmark = pytest.mark.django_db

NEW = "another good phrase"
RESET = "/account/password/reset/"


@pytest.fixture
def mail(settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.DEFAULT_FROM_EMAIL = "playground@example.org"
        settings.PUBLIC_URL = "https://playground.example"
        yield server


def link_in(mail: MailServer) -> str:
    """Return the path of the link in the next mail."""
    message = mail.next_mail()
    assert (message["To"], message["From"]) == ("owner@example.org", "playground@example.org")
    assert message["Subject"] == "A new password for the SRPO Playground"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    found = re.search(r"https://playground\.example(/\S+)", payload.decode())
    assert found is not None
    return found[1]


def test_without_a_mail_server_there_is_no_such_page_and_the_sign_in_says_whom_to_ask(owner: User, client_of_owner: Client):
    assert Client().get(RESET).status_code == 404
    shown = page(Client().get("/account/login/"))
    assert "Ask an owner of your team" in shown.text and "manage.py reset_password" in shown.text
    for there in (shown, *(page(client_of_owner.get(f"/account/{path}/")) for path in ("confirm", "password"))):
        assert [link for link in there.all("a") if link.attributes["href"] == RESET] == []


def test_a_link_comes_by_mail_works_once_and_ends_every_session(owner: User, mail: MailServer):
    thief = Client()
    assert thief.post("/account/login/", {"login": owner.email, "password": PASSWORD}).status_code == 302
    client = Client()
    shown = page(client.get("/account/login/"))
    assert RESET in [link.attributes["href"] for link in shown.all("a")]
    # The link leads to this site, whatever host the request names.
    answer = client.post(RESET, {"email": "OWNER@example.org"}, headers={"Host": "localhost"}, follow=True)
    assert page(answer).one("h1").text == "Look into your mail"
    link = link_in(mail)
    form = page(client.get(link, follow=True)).one("form")
    done = client.post(form.attributes["action"], {"password1": NEW, "password2": NEW}, follow=True)
    assert page(done).one("h1").text == "Your new password is saved"
    assert thief.get("/").status_code == 302
    assert page(Client().get(link)).one("h1").text == "This link no longer works"
    assert client.post("/account/login/", {"login": owner.email, "password": NEW}).status_code == 302
    assert AuditEntry.objects.get(kind=AuditKind.PASSWORD_CHANGED).subject == "owner@example.org, reset by mail"


def test_whoever_was_locked_out_by_a_guesser_gets_in_that_way(owner: User, mail: MailServer):
    client = Client()
    for number in range(6):
        client.post("/account/login/", {"login": owner.email, "password": f"guess {number}"})
    assert "Too many wrong tries" in page(client.post("/account/login/", {"login": owner.email, "password": PASSWORD})).text
    client.post(RESET, {"email": owner.email})
    form = page(client.get(link_in(mail), follow=True)).one("form")
    client.post(form.attributes["action"], {"password1": NEW, "password2": NEW})
    assert client.post("/account/login/", {"login": owner.email, "password": NEW}).status_code == 302


def test_an_unknown_address_gets_the_same_answer_and_no_mail(owner: User, mail: MailServer):
    known, unknown = (Client().post(RESET, {"email": email}) for email in (owner.email, "nobody@example.org"))
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert link_in(mail)
    with pytest.raises(queue.Empty):
        mail.arrived.get_nowait()


def test_a_mail_server_that_is_away_changes_nothing_for_the_person(
    owner: User, mail: MailServer, settings, caplog: pytest.LogCaptureFixture
):
    settings.EMAIL_PORT = 9
    with caplog.at_level(logging.ERROR):
        assert Client().post(RESET, {"email": owner.email}).status_code == 302
        for thread in threading.enumerate():
            if thread.name == "mail":
                thread.join(20)
    assert "a mail could not be sent" in caplog.text


def test_mails_to_one_address_have_a_limit(owner: User, mail: MailServer):
    answers = [Client().post(RESET, {"email": owner.email}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert page(Client().post(RESET, {"email": owner.email})).one("h1").text == "Too many tries"


def test_what_changes_about_signing_in_is_told_by_mail(owner: User, mail: MailServer, client_of_owner: Client):
    def told() -> str:
        message = mail.next_mail()
        payload = message.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert (message["To"], message["Subject"][:22]) == ("owner@example.org", "Something changed abou")
        return payload.decode()

    browser = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}
    client = Client(REMOTE_ADDR="203.0.113.9", headers=browser)
    client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
    client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    said = told()
    assert said.startswith("Your password was changed.")
    assert "from 203.0.113.9 with Firefox on Windows" in said
    assert "https://playground.example/account/password/reset/" in said
    client.post("/account/login/", {"login": owner.email, "password": NEW})
    key = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})
    client.post("/account/confirm/", {"password": NEW})
    assert client.post(f"/account/passkeys/{key.pk}/remove/").status_code == 302
    assert told().startswith("A passkey was removed from your account.")


class TestANewEmail:
    @pytest.fixture
    def client(self, owner: User) -> Client:
        client = Client()
        client.post("/account/login/", {"login": owner.email, "password": PASSWORD})
        client.post("/account/confirm/", {"password": PASSWORD})
        return client

    def link(self, mail: MailServer) -> str:
        message = mail.next_mail()
        assert message["To"] == "ada@example.org"
        payload = message.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found = re.search(r"https://playground\.example(/account/new-email/\S+)", payload.decode())
        assert found is not None
        return found[1]

    def test_it_counts_once_its_link_is_opened_and_the_old_one_is_told(self, owner: User, mail: MailServer, client: Client):
        before = Client()
        before.post(RESET, {"email": owner.email})
        reset = link_in(mail)
        assert client.post("/account/new-email/", {"email": "Ada@example.org"}).headers["Location"] == "/account/new-email/sent/"
        link = self.link(mail)
        assert "sign in with ada@example.org" in page(client.get(link)).text
        owner.refresh_from_db()
        assert owner.email == "owner@example.org"
        assert "Your email is ada@example.org now." in page(client.post(link, follow=True)).text
        told = mail.next_mail()
        assert told["To"] == "owner@example.org"
        assert page(client.post(link)).one("h1").text == "This link no longer works"
        # Nothing is left of the old one: neither a sign-in nor a link that was sent there.
        for email, gets_in in (("owner@example.org", False), ("ada@example.org", True)):
            other = Client()
            other.post("/account/login/", {"login": email, "password": PASSWORD})
            assert (other.get("/").status_code == 200) == gets_in
        assert page(Client().get(reset)).one("h1").text == "This link no longer works"
        [entry] = AuditEntry.objects.filter(kind=AuditKind.SECOND_FACTOR)
        assert entry.subject == "changed the email from owner@example.org to ada@example.org"

    def test_anothers_email_is_not_given_out_and_a_link_is_worth_nothing_to_others(
        self, owner: User, teammate: User, mail: MailServer, client: Client, signed_in: Callable[[User], Client]
    ):
        answers = [client.post("/account/new-email/", {"email": email}) for email in (teammate.email, "ada@example.org")]
        assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
        link = self.link(mail)  # the first mail that comes: none went to the teammate
        assert Client().get(link).headers["Location"].startswith("/account/login/?next=")
        for stranger in (signed_in(teammate), client):
            forged = link if stranger is not client else link[:-3] + "aa/"
            assert stranger.post(forged).status_code == 404
        User.objects.create_user("ada@example.org", PASSWORD)  # somebody else was faster
        assert client.post(link).status_code == 404
        owner.refresh_from_db()
        assert owner.email == "owner@example.org"

    def test_it_is_asked_who_one_is_and_too_many_links_are_refused(self, owner: User, mail: MailServer, client_of_owner: Client):
        assert client_of_owner.get("/account/new-email/").headers["Location"].startswith("/account/confirm/")
        client_of_owner.post("/account/confirm/", {"password": PASSWORD})
        assert page(client_of_owner.post("/account/new-email/", {"email": owner.email})).sentences_beside("email")
        asked = [
            client_of_owner.post("/account/new-email/", {"email": f"{number}@example.org"}).status_code for number in range(6)
        ]
        assert asked == [302] * 5 + [429]
