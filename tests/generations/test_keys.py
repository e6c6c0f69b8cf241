"""Keys for programs: which opens the door, and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from generations import budget, keys
from generations.backends import backend_for
from generations.errors import InvalidInputs, OverKeyBudget, PlaygroundError, TooManyRuns
from generations.keys import KEY, Limits, issue, live_key
from generations.models import ApiKey, Generation, LedgerEntry, Member, Prediction, Role, Scope, Team, User
from generations.submission import submit
from tests.conftest import order
from tests.installation import wavespeed_at
from tests.vendor.process import KEY as VENDORS_KEY
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

PRICE = 25_000


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, key=VENDORS_KEY) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor, settings) -> Iterator[Vendor]:
    """A vendor whose pictures cost money; nothing is sent there, as nobody works on the orders."""
    settings.PUBLIC_URL = "http://playground.invalid"
    with wavespeed_at(running, settings):
        yield running


def run(key: ApiKey, backend: str = "wavespeed") -> Generation:
    """Ask for a picture as the API does: the key is asked within the transaction that adds the row."""

    def note(generation: Generation) -> None:
        keys.require_room(key, generation.price_microusd)
        Prediction.objects.create(
            public_id=generation.public_id,
            team=generation.team,
            key=key,
            model_id=generation.model,
            generation=generation,
            body_sha256="0" * 64,
        )

    return submit(key.member, replace(order(), backend=backend_for(backend)), hint=False, note=note)


def outcome(key: ApiKey, backend: str = "wavespeed") -> str:
    try:
        run(key, backend)
    except PlaygroundError as error:
        return type(error).__name__
    return "taken"


class TestIssuing:
    def test_the_secret_opens_the_door_for_who_made_it(self, member: Member):
        key, secret = issue(member, "Blog", Limits())
        found = live_key(secret)
        assert found == key
        assert (found.member.user, found.member.team) == (member.user, member.team)

    def test_the_secret_is_what_the_vendors_command_line_takes_and_never_the_same(self, member: Member):
        first, second = (issue(member, "Blog", Limits())[1] for _ in range(2))
        assert first != second
        assert KEY.fullmatch(first)
        assert len(first) >= 40

    def test_only_a_fingerprint_and_the_first_characters_are_kept(self, member: Member):
        key, secret = issue(member, "Blog", Limits())
        row = ApiKey.objects.filter(pk=key.pk).values().get()
        assert secret.startswith(row["prefix"])
        assert len(secret) - len(row["prefix"]) >= 32
        assert all(secret not in str(value) for value in row.values())

    def test_the_limits_are_kept(self, member: Member):
        ends_at = timezone.now() + timedelta(days=30)
        limits = Limits(
            scope=Scope.READ, backend="easel", budget_microusd=5, runs_per_minute=6, joins_repeats=True, expires_at=ends_at
        )
        key = ApiKey.objects.get(pk=issue(member, "Blog", limits)[0].pk)
        assert (key.scope, key.backend, key.budget_microusd, key.runs_per_minute) == ("read", "easel", 5, 6)
        assert (key.joins_repeats, key.expires_at) == (True, ends_at)


class TestTheDoor:
    @pytest.mark.parametrize(
        "guess", ["", "srpo_", "srpo_" + "x" * 43, "x" * 5000, "ключ" * 12, "a b" * 20, "\x00" * 45], ids=lambda guess: guess[:8]
    )
    def test_what_was_never_given_out_opens_nothing(self, member: Member, guess: str):
        issue(member, "Blog", Limits())
        assert live_key(guess) is None

    def test_the_kept_fingerprint_is_no_key(self, member: Member):
        assert live_key(issue(member, "Blog", Limits())[0].sha256) is None

    def test_an_expired_key_opens_nothing(self, member: Member):
        key, secret = issue(member, "Blog", Limits(expires_at=timezone.now() + timedelta(minutes=1)))
        assert live_key(secret) is not None
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert live_key(secret) is None

    def test_a_revoked_key_opens_nothing_and_stays_revoked_from_the_first_time(self, member: Member):
        key, secret = issue(member, "Blog", Limits())
        keys.revoke(key)
        key.refresh_from_db()
        first = key.revoked_at
        keys.revoke(key)
        key.refresh_from_db()
        assert (live_key(secret), key.revoked_at) == (None, first)

    def test_it_ends_with_the_membership(self, teammate: User):
        secret = issue(Member.objects.get(user=teammate), "Blog", Limits())[1]
        Member.objects.get(user=teammate).delete()
        assert live_key(secret) is None

    def test_it_ends_with_the_account(self, teammate: User):
        secret = issue(Member.objects.get(user=teammate), "Blog", Limits())[1]
        User.objects.filter(pk=teammate.pk).update(is_active=False)
        assert live_key(secret) is None

    def test_it_notes_when_it_was_used_to_the_minute(self, member: Member, django_assert_num_queries):
        key, secret = issue(member, "Blog", Limits())
        live_key(secret)
        with django_assert_num_queries(1):
            assert live_key(secret).last_used_at is not None
        ApiKey.objects.update(last_used_at=F("last_used_at") - timedelta(minutes=2))
        before = ApiKey.objects.get(pk=key.pk).last_used_at
        live_key(secret)
        assert ApiKey.objects.get(pk=key.pk).last_used_at > before


class TestRights:
    def test_a_key_that_only_reads_makes_nothing(self, member: Member):
        assert not keys.may_run(issue(member, "Blog", Limits(scope=Scope.READ))[0])

    def test_a_key_can_do_no_more_than_who_made_it(self, teammate: User):
        secret = issue(Member.objects.get(user=teammate), "Blog", Limits())[1]
        assert keys.may_run(live_key(secret))
        Member.objects.filter(user=teammate).update(role=Role.VIEWER)
        assert not keys.may_run(live_key(secret))

    def test_its_own_engine_goes_before_the_teams_and_that_before_the_servers(self, member: Member, team: Team):
        bound, free = issue(member, "Bound", Limits(backend="easel"))[0], issue(member, "Free", Limits())[0]
        assert keys.backend_of(free).alias == "easel"
        keys.choose_backend(team, "wavespeed")
        bound, free = (ApiKey.objects.select_related("member__team").get(pk=key.pk) for key in (bound, free))
        assert (keys.backend_of(bound).alias, keys.backend_of(free).alias) == ("easel", "wavespeed")

    def test_an_engine_that_is_gone_is_said_and_not_replaced(self, member: Member):
        with pytest.raises(InvalidInputs, match="no backend of this name"):
            keys.backend_of(issue(member, "Blog", Limits(backend="gone"))[0])


class TestBudget:
    def test_with_room_for_three_of_eight_orders_three_get_through(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=3 * PRICE + PRICE // 2))[0]
        assert [outcome(key) for _ in range(8)] == ["taken"] * 3 + ["OverKeyBudget"] * 5
        assert (keys.spent_microusd(key), keys.left_microusd(key)) == (3 * PRICE, PRICE // 2)

    def test_a_refused_order_leaves_no_row_and_no_money_set_aside(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=PRICE - 1))[0]
        with pytest.raises(OverKeyBudget, match="raise it on the page API keys"):
            run(key)
        assert not (Generation.objects.exists() or Prediction.objects.exists() or LedgerEntry.objects.exists())

    def test_to_the_last_millionth(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=PRICE))[0]
        assert [outcome(key), outcome(key)] == ["taken", "OverKeyBudget"]

    def test_a_charge_in_place_of_what_was_set_aside_counts_once(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=2 * PRICE))[0]
        budget.charge(run(key))
        assert keys.spent_microusd(key) == PRICE
        assert [outcome(key), outcome(key)] == ["taken", "OverKeyBudget"]

    def test_what_is_given_back_can_be_spent_again(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=PRICE))[0]
        budget.release(run(key))
        assert outcome(key) == "taken"

    def test_another_key_of_the_same_person_has_a_budget_of_its_own(self, vendor: Vendor, member: Member):
        first, second = (issue(member, name, Limits(budget_microusd=PRICE))[0] for name in ("One", "Two"))
        assert [outcome(first), outcome(first), outcome(second)] == ["taken", "OverKeyBudget", "taken"]
        assert keys.spent_each([first, second]) == {first.pk: PRICE, second.pk: PRICE}

    @pytest.mark.parametrize(("seconds_into_the_month", "expected"), [(0, "OverKeyBudget"), (-1, "taken")])
    def test_only_this_months_entries_count(self, vendor: Vendor, member: Member, seconds_into_the_month: int, expected: str):
        key = issue(member, "Blog", Limits(budget_microusd=PRICE))[0]
        month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        LedgerEntry.objects.create(
            team=member.team,
            user=member.user,
            generation=run(key, "easel"),
            kind="charge",
            amount_microusd=PRICE,
            created_at=month + timedelta(seconds=seconds_into_the_month),
        )
        assert outcome(key) == expected

    def test_free_pictures_need_no_budget(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits(budget_microusd=1))[0]
        assert [outcome(key, "easel") for _ in range(3)] == ["taken"] * 3

    def test_without_one_there_is_no_limit(self, vendor: Vendor, member: Member):
        key = issue(member, "Blog", Limits())[0]
        assert [outcome(key) for _ in range(5)] == ["taken"] * 5
        assert keys.left_microusd(key) is None


class TestRate:
    def test_more_runs_than_a_minute_may_have_are_refused_until_it_has_passed(self, member: Member):
        key = issue(member, "Blog", Limits(runs_per_minute=2))[0]
        assert [outcome(key, "easel") for _ in range(4)] == ["taken"] * 2 + ["TooManyRuns"] * 2
        Prediction.objects.update(created_at=F("created_at") - timedelta(seconds=61))
        assert outcome(key, "easel") == "taken"

    def test_the_refusal_says_when_to_try_again(self, member: Member):
        key = issue(member, "Blog", Limits(runs_per_minute=1))[0]
        run(key, "easel")
        with pytest.raises(TooManyRuns) as caught:
            run(key, "easel")
        assert 0 < caught.value.retry_after_s <= 60

    def test_another_keys_runs_do_not_count(self, member: Member):
        first, second = (issue(member, name, Limits(runs_per_minute=1))[0] for name in ("One", "Two"))
        assert [outcome(first, "easel"), outcome(second, "easel")] == ["taken"] * 2
