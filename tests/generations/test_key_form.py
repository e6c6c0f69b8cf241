"""The form for a new key: what it takes, what it refuses with a sentence, and what it makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from generations import accounts
from generations.key_form import BUDGET, NO_ENGINE, RUNS, ApiKeyForm, ApiMakerForm
from generations.keys import Limits
from generations.models import Team
from tests.installation import wavespeed_at
from tests.vendor.process import KEY, Vendor

pytestmark = pytest.mark.django_db

PLAIN = {"name": "Blog", "scope": "run", "ends": "never"}


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, key=KEY) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor, settings) -> Iterator[Vendor]:
    """A vendor that no key in the environment is for."""
    with wavespeed_at(running, settings, api_key=""):
        yield running


def limits(team: Team, **filled: str) -> Limits:
    form = ApiKeyForm(team, {**PLAIN, **filled})
    assert form.is_valid(), form.errors
    return form.limits


def sentences(team: Team, **filled: str) -> dict[str, list[str]]:
    form = ApiKeyForm(team, {**PLAIN, **filled})
    assert not form.is_valid()
    return {name: list(found) for name, found in form.errors.items()}


def test_a_name_is_enough(team: Team):
    assert limits(team) == Limits()


def test_everything_is_taken(vendor: Vendor, team: Team):
    accounts.connect(team, "wavespeed", KEY)
    filled = {"scope": "read", "backend": "wavespeed", "budget": "7.5", "runs_per_minute": "60", "joins_repeats": "on"}
    assert limits(team, **filled) == Limits(
        scope="read", backend="wavespeed", budget_microusd=7_500_000, runs_per_minute=60, joins_repeats=True
    )


def test_a_key_ends_after_ninety_days_if_nothing_else_is_chosen(team: Team):
    form = ApiKeyForm(team)
    assert (form["ends"].value(), form["scope"].value()) == ("90", "run")


@pytest.mark.parametrize("days", [30, 90, 365])
def test_the_days_count_from_now(team: Team, days: int):
    ends_at = limits(team, ends=str(days)).expires_at
    assert ends_at is not None
    assert abs(ends_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_the_name_is_taken_without_the_blanks_around_it(team: Team):
    form = ApiKeyForm(team, {**PLAIN, "name": "  Blog "})
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Blog"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Write a name for the key."), ("   ", "Write a name for the key."), ("x" * 61, "Use at most 60 characters.")],
)
def test_a_name_has_one_to_sixty_characters(team: Team, name: str, sentence: str):
    assert limits(team, name="x" * 60) == Limits()
    assert sentences(team, name=name) == {"name": [sentence]}


@pytest.mark.parametrize(("budget", "microusd"), [("0.01", 10_000), ("10000", 10_000_000_000), ("", None), ("25", 25_000_000)])
def test_a_budget_may_be_a_cent_to_ten_thousand_dollars_or_none(team: Team, budget: str, microusd: int | None):
    assert limits(team, budget=budget).budget_microusd == microusd


@pytest.mark.parametrize("budget", ["0", "0.009", "-1", "10000.01", "much", "NaN", "Infinity", "1e9", "0.011"])
def test_another_budget_is_refused_with_a_sentence(team: Team, budget: str):
    assert sentences(team, budget=budget)["budget"][0] == BUDGET


@pytest.mark.parametrize("runs", ["0", "-1", "100001", "1.5", "many", "9" * 400])
def test_other_runs_a_minute_are_refused_with_a_sentence(team: Team, runs: str):
    assert limits(team, runs_per_minute="100000").runs_per_minute == 100_000
    assert sentences(team, runs_per_minute=runs)["runs_per_minute"] == [RUNS]


@pytest.mark.parametrize("field", ["scope", "ends"])
@pytest.mark.parametrize("value", ["", "admin", "forever"])
def test_what_is_not_on_offer_is_refused(team: Team, field: str, value: str):
    [sentence] = sentences(team, **{field: value})[field]
    assert sentence.startswith("Choose ")


def test_only_engines_that_the_team_can_use_are_on_offer(vendor: Vendor, team: Team):
    assert sentences(team, backend="wavespeed") == {"backend": [NO_ENGINE]}
    assert [value for value, _ in ApiKeyForm(team).fields["backend"].choices] == ["", "easel"]
    assert not ApiMakerForm(team, {"api_backend": "wavespeed"}).is_valid()
    accounts.connect(team, "wavespeed", KEY)
    assert limits(team, backend="wavespeed").backend == "wavespeed"
    assert ApiMakerForm(team, {"api_backend": "wavespeed"}).is_valid()


def test_the_first_choice_names_who_makes_the_pictures_now(team: Team):
    team.api_backend = "wavespeed"
    assert ApiKeyForm(team).fields["backend"].choices[0] == ("", "Your team's choice (WaveSpeed)")
