"""The page Team → Spending: sums, entries, budgets, what waits for an owner, charts, the month as a table; and what is left."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generations.backends import backend_for
from generations.models import AuditEntry, EnhancementRequest, Generation, LedgerEntry, Member, SpentMonth, State, Team, User
from generations.models.ledger import EntryKind
from generations.submission import submit, withdraw
from tests.conftest import finish, order
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
Buying = Callable[..., Generation]
PRICE = 25_000
ADDRESS = "/team/spending/"
FORM = {"prompt": "a red fox", "width": "256", "height": "256", "num_inference_steps": "2", "backend": "easel"}


@pytest.fixture(autouse=True)
def _priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-in backend cost what the vendor's does."""
    monkeypatch.setattr(backend_for("easel"), "price_microusd", PRICE)


@pytest.fixture
def buy(member: Member) -> Buying:
    return lambda prompt="a red fox", **raw: submit(member, order(prompt, **raw), hint=False)


@pytest.fixture
def client_of_teammate(signed_in: SigningIn, teammate: User) -> Client:
    return signed_in(teammate)


def ask(user: User, count: int = 1, prompt: str = "a red fox") -> Generation:
    member = Member.objects.select_related("team", "user").get(user=user)
    return submit(member, replace(order(prompt), count=count), hint=False)


def note(generation: Generation, kind: EntryKind, amount: int, attempt: int = 1) -> LedgerEntry:
    return LedgerEntry.objects.create(
        team=generation.team, user=generation.author, generation=generation, attempt=attempt, kind=kind, amount_microusd=amount
    )


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", "subject"))


class TestSpending:
    def test_the_month_and_every_entry_are_told_in_plain_words(self, buy: Buying, client_of_owner: Client):
        charged, waiting = buy("a blue boat"), buy("a green tree")
        note(charged, EntryKind.RELEASE, -25_000)
        note(charged, EntryKind.CHARGE, 25_000)
        note(charged, EntryKind.CHARGE, 25_000, attempt=2)
        note(charged, EntryKind.REFUND_EXPECTED, -25_000, attempt=2)
        shown = page(client_of_owner.get(ADDRESS)).one("main")
        assert [dd.text for dd in shown.all("dd")] == ["$0.025", "$0.025"]
        entries = [(row.one(class_="entry-words").text, row.one(class_="entry-amount").text) for row in shown.all(class_="entry")]
        assert entries == [
            ("Refund expected", "−$0.025"),
            ("Charged", "$0.025"),
            ("Charged", "$0.025"),
            ("No longer set aside", "−$0.025"),
            ("Set aside", "$0.025"),
            ("Set aside", "$0.025"),
        ]
        newest, *_, oldest = shown.all(class_="entry")
        assert newest.one("a").attributes["href"] == charged.get_absolute_url()
        assert oldest.one("a").text == "a blue boat"
        assert "Owner" in newest.one(class_="entry-by").text
        assert waiting.prompt in shown.text

    def test_last_month_does_not_count_but_is_listed(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        note(generation, EntryKind.RELEASE, -25_000)
        last_month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
        LedgerEntry.objects.create(
            team=generation.team,
            user=generation.author,
            generation=generation,
            kind=EntryKind.CHARGE,
            amount_microusd=25_000,
            created_at=last_month,
        )
        shown = page(client_of_owner.get(ADDRESS)).one("main")
        assert [dd.text for dd in shown.all("dd")] == ["$0.00"]
        assert len(shown.all(class_="entry")) == 3

    def test_what_improving_prompts_has_cost_this_month_counts(self, buy: Buying, client_of_owner: Client, outsider: User):
        generation = buy()
        note(generation, EntryKind.CHARGE, 25_000)
        last_month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
        ours, theirs = generation.team, Member.objects.get(user=outsider).team
        for team, charged, more in [
            (ours, 1_000, {"state": "ready"}),
            (ours, 2_000, {"state": "failed"}),
            (ours, 0, {"state": "priced", "price_microusd": 4_000}),
            (ours, 8_000, {"created_at": last_month}),
            (theirs, 16_000, {}),
        ]:
            EnhancementRequest.objects.create(
                team=team,
                author=generation.author,
                enhancer="wavespeed",
                original="fox",
                seed=1,
                charged_microusd=charged,
                **more,
            )
        shown = page(client_of_owner.get(ADDRESS)).one("main")
        assert shown.all("dd")[0].text == "$0.028"

    def test_what_is_set_aside_goes_when_the_picture_is_cancelled(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        assert "Set aside now" in page(client_of_owner.get(ADDRESS)).text
        client_of_owner.post(f"/generations/{generation.public_id}/cancel/")
        assert "Set aside now" not in page(client_of_owner.get(ADDRESS)).text

    def test_another_teams_entries_are_not_there(self, buy: Buying, signed_in: SigningIn, outsider: User):
        buy("a secret of ours")
        shown = page(signed_in(outsider).get(ADDRESS))
        assert "a secret of ours" not in shown.text
        assert "Nothing so far." in shown.text

    def test_older_entries_come_page_by_page_none_twice_and_none_left_out(self, buy: Buying, client_of_owner: Client):
        for number in range(65):
            buy(f"picture {number}")
        address, found = ADDRESS, []
        while address:
            response = client_of_owner.get(address, headers=HTMX)
            shown = page(response)
            assert shown.all("html") == []
            found += [link.text for link in shown.all("a", class_="entry-picture")]
            more = shown.all(class_="entries-more")
            address = more[0].one("a").attributes["href"] if more else ""
            if address:
                assert more[0].one("a").attributes["hx-get"] == address
                buy("one that came in between")
        assert found == [f"picture {number}" for number in reversed(range(65))]

    def test_without_scripts_the_next_page_is_a_whole_one(self, buy: Buying, client_of_owner: Client):
        for number in range(31):
            buy(f"picture {number}")
        more = page(client_of_owner.get(ADDRESS)).one(class_="entries-more").one("a")
        shown = page(client_of_owner.get(more.attributes["href"]))
        assert [link.text for link in shown.all("a", class_="entry-picture")] == ["picture 0"]
        assert shown.one("h1").text == "Atelier"

    @pytest.mark.parametrize("who", ["teammate", "viewer"])
    def test_a_member_gets_none_of_it_by_asking_for_a_part(
        self, buy: Buying, signed_in: SigningIn, request: pytest.FixtureRequest, who: str
    ):
        buy("a blue boat")
        response = signed_in(request.getfixturevalue(who)).get(f"{ADDRESS}?before=99999", headers=HTMX)
        assert "a blue boat" not in page(response).text

    @pytest.mark.parametrize("nonsense", ["-1", "abc", "9" * 30, "٣", "1.5", ""])
    def test_a_nonsense_key_is_the_first_page(self, buy: Buying, client_of_owner: Client, nonsense: str):
        buy("a blue boat")
        assert "a blue boat" in page(client_of_owner.get(ADDRESS, {"before": nonsense})).text

    def test_members_see_their_own_and_what_is_left_and_viewers_nothing(
        self, buy: Buying, client_of_teammate: Client, teammate: User, signed_in: SigningIn, viewer: User
    ):
        Team.objects.update(budget_microusd=1_000_000, person_budget_microusd=100_000)
        buy("a blue boat")
        ask(teammate, prompt="a green tree")
        shown = page(client_of_teammate.get(ADDRESS)).one("main")
        assert ("a green tree" in shown.text, "a blue boat" in shown.text) == (True, False)
        assert [dd.text for dd in shown.all("dd")] == ["$0.00", "$0.025", "$0.075"]
        assert shown.all("form") == []
        response = signed_in(viewer).get(ADDRESS)
        assert response.status_code == 403
        assert "but not at what they cost" in page(response).text

    def test_words_that_somebody_keeps_to_themselves_are_not_the_owners(self, client_of_owner: Client, teammate: User):
        secret = ask(teammate, prompt="a surprise for the owner")
        Generation.objects.filter(pk=secret.pk).update(is_private=True)
        shown = page(client_of_owner.get(ADDRESS)).text
        assert "a surprise" not in shown
        assert "keeps to themselves" in shown

    def test_it_takes_few_queries(self, buy: Buying, client_of_owner: Client, django_assert_num_queries):
        for seed in range(5):
            buy(seed=seed)
        # session, person, membership twice, three sums, four for the charts, entries, members, counters, what waits
        with django_assert_num_queries(14):
            client_of_owner.get(ADDRESS)


class TestCharts:
    def test_they_tell_money_and_pictures_by_day_person_and_engine_beside_a_table(
        self, client_of_owner: Client, owner: User, teammate: User, monkeypatch: pytest.MonkeyPatch
    ):
        for user in (owner, owner, teammate):
            finish(ask(user))
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 0)
        finish(ask(teammate))
        old = finish(ask(teammate)).generation
        Generation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=30))
        EnhancementRequest.objects.create(
            team=old.team, author=owner, enhancer="wavespeed", original="x", seed=1, charged_microusd=5_000
        )
        shown = page(client_of_owner.get(ADDRESS)).one("section", class_="charts")
        tables = [[cell.text for cell in table.one("tbody") if cell.tag in {"th", "td"}] for table in shown.all("table")]
        today = timezone.now().strftime("%-d %b")
        assert tables[0] == [today, "", "$0.08", "4"]
        assert tables[1] == ["Owner", "", "$0.055", "2", "Teammate", "", "$0.025", "2"]
        assert tables[2][:4] == ["Easel", "", "$0.075", "4"]
        assert tables[2][5:] == ["", "$0.005", "0"]
        assert [svg.attributes["role"] for svg in shown.all("svg", class_="chart-columns")] == ["img", "img"]
        heights = [[bar.attributes["height"] for bar in svg.all("rect", class_="chart-bar")] for svg in shown.all("svg")[:2]]
        assert heights == [["0"] * 29 + ["80"]] * 2

    def test_a_team_that_paints_for_nothing_has_its_pictures_counted(
        self, buy: Buying, client_of_owner: Client, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 0)
        finish(buy())
        shown = page(client_of_owner.get(ADDRESS)).one("section", class_="charts")
        assert "Pictures by day: 1" in shown.text
        assert "Spent by day" not in shown.text
        assert shown.all("svg", class_="chart-lying")[-1].one("rect").attributes["width"] == "200"


class TestBudgets:
    def fields(self, *users: User, **values: str) -> dict[str, str]:
        own = {f"person_{Member.objects.get(user=user).pk}": "" for user in users}
        return {"budget": "", "person_budget": "", "approval": "", **own, **values}

    def test_an_owner_sets_them_and_each_change_is_written_down(self, client_of_owner: Client, owner: User, teammate: User):
        mate = Member.objects.get(user=teammate)
        sent = self.fields(owner, budget="20", person_budget="7.50", approval="0", **{f"person_{mate.pk}": "1"})
        response = client_of_owner.post(f"{ADDRESS}budgets/", sent, follow=True)
        shown = page(response)
        assert "Saved." in shown.text
        assert [shown.value(name) for name in ("budget", "person_budget", "approval")] == ["20.00", "7.50", "0.00"]
        team = Team.objects.get(pk=mate.team_id)
        assert (team.budget_microusd, team.person_budget_microusd, team.approval_microusd) == (20_000_000, 7_500_000, 0)
        mate.refresh_from_db()
        assert mate.budget_microusd == 1_000_000
        assert audited() == [
            ("budget_changed", "The team’s budget a month: no limit → $20.00"),
            ("budget_changed", "Each person’s budget a month: no limit → $7.50"),
            ("budget_changed", "What needs an owner’s yes: no limit → $0.00"),
            ("budget_changed", "The budget of Teammate a month: as everybody → $1.00"),
        ]
        client_of_owner.post(f"{ADDRESS}budgets/", sent)
        assert len(audited()) == 4

    @pytest.mark.parametrize("amount", ["-1", "much", "NaN", "1000000.01", "0.001", "1e9"])
    def test_nonsense_is_refused_with_a_sentence_and_nothing_kept(self, client_of_owner: Client, owner: User, amount: str):
        own = f"person_{Member.objects.get(user=owner).pk}"
        response = client_of_owner.post(f"{ADDRESS}budgets/", self.fields(budget="5", **{own: amount}))
        assert response.status_code == 422
        assert page(response).sentences_beside(own)[0].startswith("Write an amount from 0 to 1,000,000 dollars")
        assert Team.objects.filter(budget_microusd=None).exists()
        assert audited() == []


class TestApprovals:
    @pytest.fixture
    def wish(self, teammate: User) -> Generation:
        Team.objects.update(approval_microusd=PRICE)
        return ask(teammate, 2, "a golden palace")

    def section(self, client: Client) -> Element:
        return page(client.get(ADDRESS)).one("section", class_="wishes")

    def test_more_than_may_be_spent_unasked_waits_and_its_price_is_set_aside(self, wish: Generation, owner: User, teammate: User):
        assert set(Generation.objects.values_list("state", flat=True)) == {State.PENDING}
        assert SpentMonth.objects.get(user=None).amount_microusd == 2 * PRICE
        assert ask(teammate).state == State.QUEUED
        assert ask(owner, 4).state == State.QUEUED

    def test_an_owner_is_told_on_every_page_and_says_yes_once(self, wish: Generation, client_of_owner: Client):
        notice = page(client_of_owner.get("/gallery/")).one("a", class_="header-notice")
        assert (notice.text, notice.attributes["href"]) == ("1 waits for you", ADDRESS)
        shown = self.section(client_of_owner)
        assert "2 pictures · $0.05" in shown.text
        assert all(word in shown.text for word in ("Teammate", "a golden palace", "256 × 256", "2 steps", "seed 7"))
        for _ in range(2):
            response = client_of_owner.post(f"{ADDRESS}{wish.stack}/approve/", follow=True)
        assert "This has been decided or cancelled already." in page(response).text
        assert set(Generation.objects.values_list("state", flat=True)) == {State.QUEUED}
        assert audited() == [("approved", "2 pictures, $0.05 for Teammate")]
        assert page(response).all("section", class_="wishes") == []
        assert SpentMonth.objects.get(user=None).amount_microusd == 2 * PRICE

    def test_a_no_gives_the_price_back_and_the_asker_reads_it(
        self, wish: Generation, client_of_owner: Client, client_of_teammate: Client
    ):
        card = f"/generations/{wish.public_id}/card/?size=hero"
        waiting = page(client_of_teammate.get(card))
        assert "Waits for an owner’s yes · $0.025" in waiting.text
        assert waiting.one("form", class_="card-stop").one("button").text == "Cancel"
        client_of_owner.post(f"{ADDRESS}{wish.stack}/decline/")
        declined = page(client_of_teammate.get(card)).text
        assert "Declined An owner of the team said no to the price. Nothing was charged." in declined
        assert set(SpentMonth.objects.values_list("amount_microusd", flat=True)) == {0}
        assert audited() == [("declined", "2 pictures, $0.05 for Teammate")]

    def test_the_asker_takes_it_back_without_anybodys_yes(self, wish: Generation, client_of_owner: Client):
        assert withdraw(wish)
        assert "1 picture · $0.025" in self.section(client_of_owner).text
        assert SpentMonth.objects.get(user=None).amount_microusd == PRICE

    def test_another_teams_order_is_404_and_a_members_press_403(
        self, wish: Generation, signed_in: SigningIn, outsider: User, client_of_teammate: Client
    ):
        for way in ("approve", "decline"):
            assert signed_in(outsider).post(f"{ADDRESS}{wish.stack}/{way}/").status_code == 404
            assert signed_in(outsider).post(f"{ADDRESS}{uuid.uuid4()}/{way}/").status_code == 404
            assert client_of_teammate.post(f"{ADDRESS}{wish.stack}/{way}/").status_code == 403
        assert set(Generation.objects.values_list("state", flat=True)) == {State.PENDING}

    def test_a_prompt_that_its_author_keeps_to_themselves_is_not_shown_with_it(self, wish: Generation, client_of_owner: Client):
        Generation.objects.update(is_private=True)
        shown = self.section(client_of_owner).text
        assert "a golden palace" not in shown
        assert "2 pictures · $0.05" in shown


class TestTheTable:
    def rows(self, client: Client, month: str = "") -> list[dict[str, str]]:
        response = client.get(f"{ADDRESS}ledger.csv", {"month": month} if month else {})
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        return list(csv.DictReader(StringIO(text)))

    def test_it_adds_up_to_what_counts_without_prompts_and_formulas(self, client_of_owner: Client, owner: User, member: Member):
        User.objects.filter(pk=owner.pk).update(name='=HYPERLINK("http://evil")')
        kept, ended = ask(owner, prompt="a secret"), ask(owner)
        finish(kept)
        withdraw(ended)
        EnhancementRequest.objects.create(
            team=member.team, author=owner, enhancer="local", original="a secret", seed=1, charged_microusd=5_000
        )
        rows = self.rows(client_of_owner)
        assert [row["what"] for row in rows] == [
            "Set aside",
            "Set aside",
            "No longer set aside",
            "Charged",
            "No longer set aside",
            "Prompt improved",
        ]
        assert sum(float(row["amount_usd"]) for row in rows) == pytest.approx(0.03)
        assert {row["person"] for row in rows} == {'\'=HYPERLINK("http://evil")'}
        assert "a secret" not in str(rows)
        assert audited() == [("exported", f"The ledger of {timezone.now():%B %Y}")]

    def test_each_month_is_a_table_of_its_own_and_only_owners_get_it(
        self, buy: Buying, client_of_owner: Client, client_of_teammate: Client
    ):
        buy()
        assert self.rows(client_of_owner, "2020-12") == []
        assert client_of_owner.get(f"{ADDRESS}ledger.csv", {"month": "2020-13"}).status_code == 400
        assert client_of_teammate.get(f"{ADDRESS}ledger.csv").status_code == 403


class TestWhatIsLeft:
    def test_it_stands_on_the_button_in_the_menu_and_on_the_teams_page(self, client_of_owner: Client):
        assert page(client_of_owner.get("/")).all("a", class_="menu-left") == []
        Team.objects.update(budget_microusd=3_200_000)
        shown = page(client_of_owner.get("/"))
        assert shown.one("price-tag").attributes["left"] == "$3.20 left this month"
        assert shown.one("a", class_="menu-left").text == "$3.20 left this month"
        assert "$3.20 left this month." in page(client_of_owner.get("/team/")).one("main").text

    def test_a_budget_costs_every_page_one_query(
        self, client_of_owner: Client, django_assert_num_queries, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(100) as without:
            client_of_owner.get("/")
        Team.objects.update(budget_microusd=3_200_000)
        with django_assert_num_queries(len(without.captured_queries) + 1):
            client_of_owner.get("/")

    @pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
    def test_beyond_it_the_sentence_stands_at_the_button_and_what_was_written_stays(
        self, client_of_owner: Client, headers: dict[str, str]
    ):
        Team.objects.update(budget_microusd=PRICE)
        assert "HX-Retarget" not in client_of_owner.post("/", FORM, headers=HTMX).headers
        response = client_of_owner.post("/", FORM, headers=headers)
        assert response.status_code == 422
        shown = page(response)
        assert shown.one(class_="generate-refused").text.startswith("Your team has $0.00 left of its budget of $0.025 this month")
        assert shown.value("prompt") == "a red fox"
        assert Generation.objects.count() == 1

    def test_after_an_order_the_button_says_what_is_left_now(self, client_of_owner: Client):
        Team.objects.update(budget_microusd=2 * PRICE)
        shown = page(client_of_owner.post("/", FORM, headers=HTMX))
        assert shown.one("price-tag").attributes["left"] == "$0.025 left this month"
        assert shown.one(class_="generate-refused").text == ""

    def test_trying_again_beyond_it_is_refused_on_the_card(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        withdraw(generation)
        Team.objects.update(budget_microusd=0)
        address = f"/generations/{generation.public_id}/retry/"
        response = client_of_owner.post(f"{address}?size=hero", headers=HTMX)
        assert response.status_code == 422
        assert "this would have cost $0.025" in page(response).one("article", class_="card").text
        assert "this would have cost $0.025" in page(client_of_owner.post(address, follow=True)).text
        assert Generation.objects.count() == 1

    def test_more_of_a_picture_and_a_check_of_it_are_refused_in_the_same_words(self, buy: Buying, client_of_owner: Client):
        generation = buy()
        finish(generation)
        Team.objects.update(budget_microusd=PRICE)
        for way, sent in [("more", {"count": "4"}), ("vary", {"vary": "guidance_scale"}), ("checks", {})]:
            address = reverse(f"gallery:{way}", args=[generation.public_id])
            assert "$0.00 left of its budget" in page(client_of_owner.post(address, sent, follow=True)).text
        assert Generation.objects.count() == 1
