"""The team's page, what a key changes on the others, and the ways out for an order that went astray."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from generations import accounts, lifecycle
from generations.backends import backend_for
from generations.backends.wavespeed import WaveSpeed
from generations.models import Account, Attempt, Generation, LedgerEntry, Member, Outcome, State, Team, User
from generations.models.ledger import EntryKind
from generations.money import dollars
from generations.pipeline.request import request_for
from generations.sealing import unseal
from generations.submission import submit
from tests.conftest import order
from tests.installation import wavespeed_at
from tests.pages import HTMX, Element, page
from tests.vendor.process import KEY, Vendor

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
Buying = Callable[..., Generation]
WRONG = "another-key-of-forty-characters-01234567"


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, key=KEY, balance_microusd=41_200_000) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor, settings) -> Iterator[Vendor]:
    """A vendor that no key in the environment is for."""
    running.reset()
    settings.PUBLIC_URL = "http://playground.invalid"
    with wavespeed_at(running, settings, api_key="", read_within_s=3.0, pause_s=0.01):
        yield running


@pytest.fixture
def connected(vendor: Vendor, team: Team) -> Account:
    return accounts.connect(team, "wavespeed", KEY)


@pytest.fixture
def buy(vendor: Vendor, member: Member, connected: Account) -> Buying:
    return lambda prompt="a red fox", **raw: submit(
        member, replace(order(prompt, **raw), backend=backend_for("wavespeed")), hint=False
    )


def note(generation: Generation, kind: EntryKind, amount: int, attempt: int = 1) -> LedgerEntry:
    return LedgerEntry.objects.create(
        team=generation.team, user=generation.author, generation=generation, attempt=attempt, kind=kind, amount_microusd=amount
    )


def lost(generation: Generation, outcome: Outcome = Outcome.UNKNOWN, **fields: Any) -> Attempt:
    """Let the order's answer be lost, and a person be asked."""
    Generation.objects.filter(pk=generation.pk).update(state=State.NEEDS_REVIEW, error="What became of it?")
    account = Account.objects.get(team=generation.team)
    request = {"model": "wavespeed-ai/flux-srpo", "inputs": {}}
    return Attempt.objects.create(
        generation=generation, number=1, account=account, outcome=outcome, request=request, lost_at=timezone.now(), **fields
    )


def section(client: Client) -> Element:
    return page(client.get("/team/")).one("section", class_="connection")


def actions(shown: Element) -> list[str]:
    return [form.attributes["action"].split("/")[-2] for form in shown.all("form")]


class TestThePage:
    def test_it_is_one_press_away_from_every_page(self, vendor: Vendor, client_of_owner: Client):
        for path in ("/", "/gallery/", "/team/"):
            links = page(client_of_owner.get(path)).one("nav", aria_label="Main").all("a", href="/team/")
            assert [("aria-current" in link.attributes) for link in links] == [path == "/team/"]

    def test_it_needs_a_session(self, vendor: Vendor, owner: User):
        assert Client().get("/team/").headers["Location"] == "/account/login/?next=/team/"

    def test_an_owner_finds_a_field_for_a_key(self, vendor: Vendor, client_of_owner: Client):
        shown = section(client_of_owner)
        assert "Not connected" in shown.text
        field = shown.field("key")
        assert (field.attributes["type"], field.attributes["autocomplete"]) == ("password", "off")
        assert actions(shown) == ["connect"]

    @pytest.mark.parametrize("who", ["teammate", "viewer"])
    def test_others_look_and_change_nothing(
        self, connected: Account, signed_in: SigningIn, request: pytest.FixtureRequest, who: str
    ):
        shown = page(signed_in(request.getfixturevalue(who)).get("/team/"))
        assert "Connected" in shown.text
        assert KEY[-4:] not in shown.text
        assert "Only an owner of the team can change this." in shown.text
        assert ("Spending" in shown.text) == (who == "teammate")
        assert shown.one("main").all("form") == []

    @pytest.mark.parametrize("who", ["teammate", "viewer"])
    @pytest.mark.parametrize("what", ["connect", "test", "disconnect", "resume"])
    def test_others_are_refused_with_a_sentence(
        self, connected: Account, signed_in: SigningIn, request: pytest.FixtureRequest, who: str, what: str
    ):
        response = signed_in(request.getfixturevalue(who)).post(f"/team/wavespeed/{what}/", {"key": KEY})
        assert response.status_code == 403
        assert "Only an owner of the team can do that." in page(response).text
        assert accounts.account_for(connected.team, "wavespeed") == connected

    @pytest.mark.parametrize("what", ["connect", "test", "disconnect", "resume"])
    def test_an_outsider_changes_their_own_team_alone(self, connected: Account, signed_in: SigningIn, outsider: User, what: str):
        signed_in(outsider).post(f"/team/wavespeed/{what}/", {"key": WRONG})
        assert accounts.account_for(connected.team, "wavespeed") == connected

    @pytest.mark.parametrize("alias", ["easel", "dalle"])
    @pytest.mark.parametrize("what", ["connect", "test", "disconnect", "resume"])
    def test_what_needs_no_key_or_does_not_exist_is_404(self, vendor: Vendor, client_of_owner: Client, alias: str, what: str):
        assert client_of_owner.post(f"/team/{alias}/{what}/", {"key": KEY}).status_code == 404

    def test_it_takes_few_queries(self, buy: Buying, client_of_owner: Client, django_assert_num_queries):
        for seed in range(5):
            buy(seed=seed)
        # session, person, membership twice (the view's and the header's), account twice
        with django_assert_num_queries(6):
            client_of_owner.get("/team/")


class TestConnecting:
    def test_a_good_key_is_kept_encrypted_and_the_balance_told(self, vendor: Vendor, client_of_owner: Client, team: Team):
        response = client_of_owner.post("/team/wavespeed/connect/", {"key": f"  {KEY}\n"}, headers=HTMX)
        assert response.status_code == 200
        shown = page(response)
        assert "Connected. Balance: $41.20." in shown.one(role="status").text
        assert f"Connected with a key that ends in ····{KEY[-4:]}" in shown.text
        account = Account.objects.get(team=team)
        assert KEY not in account.sealed_key
        assert unseal(account.sealed_key) == KEY

    def test_without_scripts_the_page_says_the_same(self, vendor: Vendor, client_of_owner: Client):
        response = client_of_owner.post("/team/wavespeed/connect/", {"key": KEY}, follow=True)
        assert response.redirect_chain == [("/team/", 302)]
        assert "Connected. Balance: $41.20." in page(response).text

    def test_the_key_is_never_shown_again(self, connected: Account, client_of_owner: Client):
        for path in ("/team/", "/"):
            assert KEY not in client_of_owner.get(path).content.decode()

    @pytest.mark.parametrize("headers", [HTMX, {}], ids=["with scripts", "without scripts"])
    @pytest.mark.parametrize(
        ("key", "sentence"),
        [
            ("", "Paste the key here."),
            ("   ", "Paste the key here."),
            (WRONG, "WaveSpeed does not accept this key."),
            ("short", "WaveSpeed does not accept this key."),
            ("key with blanks in the middle of it", "WaveSpeed does not accept this key."),
            ("schlüssel" * 5, "WaveSpeed does not accept this key."),
            ("x" * 301, "This is too long for a key."),
            ("x\x00y" * 10, "Null characters are not allowed."),
        ],
    )
    def test_a_refused_key_is_not_kept_and_the_sentence_stands_beside_the_field(
        self, vendor: Vendor, client_of_owner: Client, key: str, sentence: str, headers: dict[str, str]
    ):
        response = client_of_owner.post("/team/wavespeed/connect/", {"key": key}, headers=headers)
        assert response.status_code == 422
        shown = page(response)
        (said,) = shown.sentences_beside("key")
        assert said.startswith(sentence)
        assert shown.value("key") == ""
        assert bool(shown.all("html")) is not bool(headers)
        assert not Account.objects.exclude(sealed_key="").exists()

    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [
            ("402", "The WaveSpeed account has no credit left."),
            ("403", "This WaveSpeed key may not do that."),
            ("429", "WaveSpeed is getting too many requests from this account."),
            ("500", "WaveSpeed has a fault of its own at the moment."),
            ("html", "WaveSpeed has a fault of its own at the moment."),
            ("hang", "WaveSpeed did not answer in time."),
        ],
    )
    def test_a_key_that_cannot_be_tried_is_not_kept_either(
        self, vendor: Vendor, client_of_owner: Client, fault: str, sentence: str
    ):
        vendor.fault("balance", fault, times=0)
        shown = page(client_of_owner.post("/team/wavespeed/connect/", {"key": KEY}, headers=HTMX))
        (said,) = shown.sentences_beside("key")
        assert said.startswith(sentence)
        assert not Account.objects.exists()

    def test_a_vendor_that_cannot_be_reached_is_told(self, vendor: Vendor, client_of_owner: Client, settings):
        settings.IMAGE_BACKENDS["wavespeed"]["OPTIONS"]["base_url"] = "http://127.0.0.1:9"
        backend_for.cache_clear()
        shown = page(client_of_owner.post("/team/wavespeed/connect/", {"key": KEY}, headers=HTMX))
        (said,) = shown.sentences_beside("key")
        assert said == "WaveSpeed could not be reached. Check this server's connection, then try again."

    def test_an_empty_account_is_connected_and_told_of(self, vendor: Vendor, client_of_owner: Client):
        vendor.set(balance_microusd=10_000)
        shown = page(client_of_owner.post("/team/wavespeed/connect/", {"key": KEY}, headers=HTMX))
        assert "Balance: $0.01. That is less than one picture costs ($0.025)." in shown.text

    def test_another_key_takes_the_place_of_the_first_and_ends_its_pause(
        self, connected: Account, vendor: Vendor, client_of_owner: Client
    ):
        Account.objects.update(paused_because="No credit.", sealed_webhook_secret="of the first")
        vendor.set(key=WRONG)
        client_of_owner.post("/team/wavespeed/connect/", {"key": WRONG})
        account = Account.objects.get()
        assert (unseal(account.sealed_key), account.paused_because, account.sealed_webhook_secret) == (WRONG, "", "")

    def test_a_refused_second_key_leaves_the_first(self, connected: Account, client_of_owner: Client):
        shown = page(client_of_owner.post("/team/wavespeed/connect/", {"key": WRONG}, headers=HTMX))
        assert shown.sentences_beside("key")
        assert [fold for fold in shown.all("details") if "open" in fold.attributes]
        assert unseal(Account.objects.get().sealed_key) == KEY


class TestTheKeyOfTheServer:
    @pytest.fixture(autouse=True)
    def _in_the_environment(self, vendor: Vendor, settings) -> None:
        settings.IMAGE_BACKENDS["wavespeed"]["OPTIONS"]["api_key"] = KEY
        backend_for.cache_clear()

    def test_it_serves_the_team_and_cannot_be_disconnected_here(self, client_of_owner: Client):
        shown = section(client_of_owner)
        assert "Connected by this server's settings." in shown.text
        assert KEY[-4:] not in shown.text
        assert actions(shown) == ["test", "connect"]

    def test_it_can_be_tested(self, client_of_owner: Client):
        assert "Balance: $41.20." in page(client_of_owner.post("/team/wavespeed/test/", headers=HTMX)).text

    def test_the_teams_own_key_comes_first_until_it_is_disconnected(self, client_of_owner: Client, team: Team):
        accounts.connect(team, "wavespeed", KEY)
        assert "Connected with a key that ends in" in section(client_of_owner).text
        client_of_owner.post("/team/wavespeed/disconnect/")
        assert "Connected by this server's settings." in section(client_of_owner).text


class TestTesting:
    def test_it_tells_the_balance(self, connected: Account, client_of_owner: Client):
        shown = page(client_of_owner.post("/team/wavespeed/test/", headers=HTMX))
        assert shown.one(role="status").text == "Balance: $41.20."
        assert shown.all("html") == []

    def test_without_scripts_it_tells_it_on_the_page(self, connected: Account, client_of_owner: Client):
        response = client_of_owner.post("/team/wavespeed/test/", follow=True)
        assert "Balance: $41.20." in page(response).text

    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [("401", "WaveSpeed does not accept this key."), ("402", "The WaveSpeed account has no credit left.")],
    )
    def test_it_tells_what_is_wrong(self, connected: Account, vendor: Vendor, client_of_owner: Client, fault: str, sentence: str):
        vendor.fault("balance", fault, times=0, message="secret words of the vendor")
        shown = page(client_of_owner.post("/team/wavespeed/test/", headers=HTMX))
        assert sentence in shown.one(role="status").text
        assert "secret words" not in shown.text
        assert accounts.account_for(connected.team, "wavespeed") == connected

    def test_without_a_key_it_says_so(self, vendor: Vendor, client_of_owner: Client):
        shown = page(client_of_owner.post("/team/wavespeed/test/", headers=HTMX))
        assert "WaveSpeed is not connected." in shown.one(role="status").text

    def test_a_key_that_cannot_be_read_any_more_is_told_of(self, connected: Account, client_of_owner: Client, team: Team):
        Account.objects.update(sealed_key="sealed with another SECRET_KEY")
        shown = section(client_of_owner)
        assert "Cannot be used" in shown.text
        assert "this server's SECRET_KEY has changed" in shown.text


class TestDisconnecting:
    def test_it_takes_a_second_press(self, connected: Account, client_of_owner: Client):
        folded = [fold for fold in section(client_of_owner).all("details") if "disconnect" in actions(fold)]
        assert len(folded) == 1
        assert "open" not in folded[0].attributes

    def test_the_key_is_gone(self, connected: Account, client_of_owner: Client):
        shown = page(client_of_owner.post("/team/wavespeed/disconnect/", headers=HTMX))
        assert "Not connected" in shown.text
        account = Account.objects.get()
        assert (account.sealed_key, account.key_ending) == ("", "")

    def test_twice_is_no_different(self, connected: Account, client_of_owner: Client):
        for _ in range(2):
            assert client_of_owner.post("/team/wavespeed/disconnect/").status_code == 302


class TestAPause:
    @pytest.fixture(autouse=True)
    def _paused(self, connected: Account) -> None:
        Account.objects.update(paused_because="The account is empty.")

    def test_an_owner_reads_why_on_both_pages_and_can_go_on(self, client_of_owner: Client):
        for path in ("/", "/team/"):
            shown = page(client_of_owner.get(path)).one("main")
            assert "The account is empty." in shown.text
            assert "resume" in actions(shown)

    @pytest.mark.parametrize("who", ["teammate", "viewer"])
    def test_others_read_why_and_whom_to_ask(self, signed_in: SigningIn, request: pytest.FixtureRequest, who: str):
        shown = page(signed_in(request.getfixturevalue(who)).get("/")).one(class_="banner")
        assert "The account is empty." in shown.text
        assert "until an owner of the team goes on" in shown.text
        assert shown.all("button") == []

    def test_another_team_sees_nothing_of_it(self, signed_in: SigningIn, outsider: User):
        assert page(signed_in(outsider).get("/")).all(class_="banner") == []

    @pytest.mark.parametrize("headers", [HTMX, {}], ids=["with scripts", "without scripts"])
    @pytest.mark.parametrize(("sent", "leads_to"), [({}, "/team/"), ({"banner": "yes"}, "/")])
    def test_going_on_ends_it(self, client_of_owner: Client, headers: dict[str, str], sent: dict[str, str], leads_to: str):
        response = client_of_owner.post("/team/wavespeed/resume/", sent, headers=headers)
        assert headers or response.headers["Location"] == leads_to
        assert Account.objects.get().paused_because == ""
        assert "The account is empty." not in page(client_of_owner.get("/")).text

    def test_a_card_says_why_it_waits(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        for size in ("hero", "tile"):
            card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/?size={size}"))
            assert "Held back The account is empty." in card.text

    def test_a_card_says_when_the_vendor_wants_to_be_left_alone(self, buy: Buying, client_of_owner: Client):
        Account.objects.update(paused_because="", quiet_until=timezone.now() + timedelta(seconds=30))
        generation = buy()
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/"))
        assert "too many requests from this account. It goes on by itself" in card.text
        Account.objects.update(quiet_until=timezone.now())
        card = page(client_of_owner.get(f"/generations/{generation.public_id}/card/"))
        assert "Next in line" in card.text

    def test_a_card_of_the_built_in_painter_does_not(self, ask: Buying, client_of_owner: Client):
        card = page(client_of_owner.get(f"/generations/{ask().public_id}/card/"))
        assert "Next in line" in card.text

    def test_many_cards_that_wait_take_no_more_queries_than_one(
        self, buy: Buying, client_of_owner: Client, django_assert_num_queries, django_assert_max_num_queries
    ):
        for seed in range(2):
            buy(seed=seed)
        with django_assert_max_num_queries(15) as with_two:
            client_of_owner.get("/")
        for seed in range(8):
            buy(seed=seed)
        with django_assert_num_queries(len(with_two)):
            client_of_owner.get("/")


class TestTheChoice:
    def makers(self, client: Client, **query: str) -> dict[str, Element]:
        rows = page(client.get("/", query)).all(class_="maker")
        return {row.one("input", name="backend").attributes["value"]: row for row in rows}

    def button(self, client: Client, **query: str) -> str:
        return page(client.get("/", query)).one("button", class_="generate-button").text

    def test_one_that_is_not_connected_cannot_be_chosen_and_says_why(
        self, vendor: Vendor, client_of_owner: Client, signed_in: SigningIn, teammate: User
    ):
        row = self.makers(client_of_owner)["wavespeed"]
        assert "disabled" in row.one("input", name="backend").attributes
        assert "WaveSpeed is not connected." in row.text
        assert [link.attributes["href"] for link in row.all("a")] == ["/team/"]
        assert self.makers(signed_in(teammate))["wavespeed"].all("a") == []

    def test_a_connected_one_can_be_chosen_and_says_its_price(self, connected: Account, client_of_owner: Client):
        rows = self.makers(client_of_owner)
        assert rows["wavespeed"].text == "WaveSpeed $0.025 FLUX SRPO in WaveSpeed's cloud"
        choices = {alias: row.one("input", name="backend").attributes for alias, row in rows.items()}
        assert "disabled" not in choices["wavespeed"]
        assert choices["wavespeed"]["data-price"] == "$0.025"
        assert "checked" in choices["easel"]
        assert choices["easel"]["data-price"] == ""
        assert self.button(client_of_owner).startswith("Generate Sending")

    def test_the_button_says_the_price_of_what_is_chosen(self, buy: Buying, client_of_owner: Client, settings):
        source = str(buy().public_id)
        assert self.button(client_of_owner, **{"from": source, "use": "all"}).startswith("Generate · $0.025")
        settings.DEFAULT_BACKEND = "wavespeed"
        assert self.button(client_of_owner).startswith("Generate · $0.025")

    def test_without_scripts_the_button_says_no_price_that_could_become_wrong(self, connected: Account, client_of_owner: Client):
        tag = page(client_of_owner.get("/")).one("price-tag")
        assert "needs-script" in tag.attributes["class"].split()

    def test_settings_from_one_that_is_no_longer_connected_lead_to_the_default(self, buy: Buying, client_of_owner: Client):
        source = str(buy().public_id)
        client_of_owner.post("/team/wavespeed/disconnect/")
        rows = self.makers(client_of_owner, **{"from": source, "use": "all"})
        assert "checked" in rows["easel"].one("input", name="backend").attributes
        assert "checked" not in rows["wavespeed"].one("input", name="backend").attributes

    def test_an_order_reserves_its_price(self, connected: Account, client_of_owner: Client):
        sent = {"prompt": "a red fox", "width": "256", "height": "256", "backend": "wavespeed"}
        assert client_of_owner.post("/", sent, headers=HTMX).status_code == 200
        assert list(LedgerEntry.objects.values_list("kind", "amount_microusd")) == [("reserve", 25_000)]

    def test_an_order_without_a_key_is_refused_beside_the_choice(self, vendor: Vendor, client_of_owner: Client):
        sent = {"prompt": "a red fox", "width": "256", "height": "256", "backend": "wavespeed"}
        response = client_of_owner.post("/", sent, headers=HTMX)
        assert response.status_code == 422
        assert "WaveSpeed is not connected." in page(response).one(class_="makers").one(class_="field-error").text
        assert not Generation.objects.exists()


class TestDeciding:
    """What a person can do about an order that went astray."""

    def card(self, client: Client, generation: Generation) -> Element:
        return page(client.get(f"/generations/{generation.public_id}/card/?size=hero"))

    def ordered(self, vendor: Vendor, generation: Generation) -> str:
        """Let the vendor have the order, and return its id there."""
        engine = backend_for("wavespeed")
        assert isinstance(engine, WaveSpeed)
        return engine.for_key(KEY).submit(request_for(generation)).upstream_id

    def test_a_lost_order_has_three_ways_out_and_says_what_each_costs(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation)
        card = self.card(client_of_owner, generation)
        assert actions(card) == ["adopt", "retry", "cancel"]
        assert "This may cost $0.025 a second time." in card.text
        assert "If it was ordered, it is charged all the same." in card.text

    def test_one_that_the_vendor_has_made_is_only_copied_again(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation, Outcome.ACCEPTED, upstream_id="abcdef123456", outputs=["https://example.org/1.jpg"])
        card = self.card(client_of_owner, generation)
        assert actions(card) == ["retry", "cancel"]
        assert "It is not ordered again and costs nothing." in card.text

    def test_one_that_the_vendor_forgot_may_cost_again(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation, Outcome.ACCEPTED, upstream_id="abcdef123456")
        card = self.card(client_of_owner, generation)
        assert actions(card) == ["retry", "cancel"]
        assert "This may cost $0.025 a second time." in card.text

    def test_a_teammate_sees_no_buttons(self, buy: Buying, signed_in: SigningIn, teammate: User):
        generation = buy()
        lost(generation)
        assert self.card(signed_in(teammate), generation).all("form") == []

    def test_an_id_is_adopted_and_charged_once(self, vendor: Vendor, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation)
        address, sent = f"/generations/{generation.public_id}/adopt/?size=hero", {"upstream_id": self.ordered(vendor, generation)}
        response = client_of_owner.post(address, sent, headers=HTMX)
        assert response.status_code == 200
        assert "WaveSpeed is making it" in page(response).text
        for _ in range(3):
            client_of_owner.post(address, sent, headers=HTMX)
        generation.refresh_from_db()
        assert generation.state == State.RUNNING
        assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == vendor.counts().charges == 1

    def test_without_scripts_it_leads_to_the_pictures_page(self, vendor: Vendor, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation)
        sent = {"upstream_id": self.ordered(vendor, generation)}
        response = client_of_owner.post(f"/generations/{generation.public_id}/adopt/", sent, follow=True)
        assert response.redirect_chain == [(generation.get_absolute_url(), 302)]
        assert "WaveSpeed is making it" in page(response).text

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "Paste the order's id here."),
            ("not an id", "This is no order's id."),
            ("../../balance", "This is no order's id."),
            ("x" * 81, "This is no order's id."),
            ("a" * 32, "There is no such order at the vendor, or it belongs to another picture."),
        ],
    )
    def test_an_id_that_cannot_be_used_is_told_beside_it(self, buy: Buying, client_of_owner: Client, typed: str, sentence: str):
        generation = buy()
        lost(generation)
        address = f"/generations/{generation.public_id}/adopt/"
        response = client_of_owner.post(f"{address}?size=hero", {"upstream_id": typed}, headers=HTMX)
        assert response.status_code == 422
        shown = page(response)
        assert shown.one("p", class_="field-error").text.startswith(sentence)
        assert shown.value("upstream_id") == typed
        assert sentence in page(client_of_owner.post(address, {"upstream_id": typed}, follow=True)).text
        generation.refresh_from_db()
        assert generation.state == State.NEEDS_REVIEW

    def test_another_pictures_id_is_refused(self, vendor: Vendor, buy: Buying, client_of_owner: Client):
        first, second = buy(), buy(seed=8)
        lost(first, Outcome.ACCEPTED, upstream_id=self.ordered(vendor, first))
        lost(second)
        sent = {"upstream_id": first.attempts.get().upstream_id}
        response = client_of_owner.post(f"/generations/{second.public_id}/adopt/?size=hero", sent, headers=HTMX)
        assert "it belongs to another picture" in page(response).text

    def test_a_vendor_that_does_not_answer_is_told(self, vendor: Vendor, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation)
        vendor.fault("result", "500", times=0)
        sent = {"upstream_id": "a" * 32}
        response = client_of_owner.post(f"/generations/{generation.public_id}/adopt/?size=hero", sent, headers=HTMX)
        assert response.status_code == 422
        assert "WaveSpeed has a fault of its own at the moment." in page(response).text

    @pytest.mark.parametrize(("who", "status"), [("teammate", 403), ("viewer", 403), ("outsider", 404)])
    def test_others_adopt_nothing(self, buy: Buying, signed_in: SigningIn, request: pytest.FixtureRequest, who: str, status: int):
        generation = buy()
        lost(generation)
        client = signed_in(request.getfixturevalue(who))
        assert client.post(f"/generations/{generation.public_id}/adopt/", {"upstream_id": "a" * 32}).status_code == status

    def test_it_needs_a_session(self, buy: Buying):
        response = Client().post(f"/generations/{buy().public_id}/adopt/")
        assert response.headers["Location"].startswith("/account/login/")


class TestWhatACardSaysOfMoney:
    def text(self, client: Client, generation: Generation) -> str:
        return page(client.get(f"/generations/{generation.public_id}/card/?size=hero")).text

    def test_a_failure_before_the_order_was_taken_cost_nothing(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        Generation.objects.filter(pk=generation.pk).update(state=State.FAILED, error="It did not work.")
        note(generation, EntryKind.RELEASE, -25_000)
        assert "nothing charged" in self.text(client_of_owner, generation)

    def test_a_failure_at_the_vendor_expects_the_money_back(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        Generation.objects.filter(pk=generation.pk).update(state=State.FAILED, error="It did not work.")
        note(generation, EntryKind.CHARGE, 25_000)
        note(generation, EntryKind.REFUND_EXPECTED, -25_000)
        assert "$0.025 charged, $0.025 expected back" in self.text(client_of_owner, generation)

    def test_what_was_ordered_twice_says_so(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        Generation.objects.filter(pk=generation.pk).update(state=State.SUCCEEDED)
        note(generation, EntryKind.CHARGE, 25_000)
        note(generation, EntryKind.CHARGE, 25_000, attempt=2)
        assert "$0.05 charged" in self.text(client_of_owner, generation)

    def test_what_was_cancelled_in_time_cost_nothing(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        client_of_owner.post(f"/generations/{generation.public_id}/cancel/")
        assert "Nothing was charged." in self.text(client_of_owner, generation)

    def test_what_was_given_up_may_have_been_charged(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        lost(generation)
        client_of_owner.post(f"/generations/{generation.public_id}/cancel/")
        text = self.text(client_of_owner, generation)
        assert "WaveSpeed may have taken the order before" in text
        assert "Nothing was charged." not in text

    def test_what_is_being_checked_says_that_nothing_is_ordered_twice(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        sentence = "WaveSpeed's answer was lost, so the picture may be under way. This is being checked; it is not ordered twice."
        assert lifecycle.move("submit", generation)
        generation.refresh_from_db()
        assert lifecycle.move("lost", generation, error=sentence)
        assert f"Being checked {sentence}" in self.text(client_of_owner, generation)


@pytest.mark.parametrize(
    ("microusd", "words"),
    [
        (0, "$0.00"),
        (25_000, "$0.025"),
        (41_200_000, "$41.20"),
        (-50_000, "−$0.05"),
        (1, "$0.000001"),
        (1_234_567_000_000, "$1,234,567.00"),
    ],
)
def test_money_is_written_as_people_do(microusd: int, words: str):
    assert dollars(microusd) == words
