"""Money for three, and many ask at once over HTTP with their keys: three are taken, and the books agree."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from django.db.models import Sum

from generations.models import Generation, LedgerEntry, Member, Prediction, SpentMonth, Team, User
from tests.generations.api.conftest import FOX, RUN, Issuing
from tests.generations.api.test_at_once import all_at_once
from tests.installation import Installation
from tests.vendor.process import KEY, Vendor

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PRICE = 25_000


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor(key=KEY, per_minute=0) as vendor:
        yield vendor


def test_money_for_three_is_three_runs_whoever_asks(
    installation: Installation, vendor: Vendor, issue: Issuing, owner: User, teammate: User
):
    Team.objects.update(budget_microusd=3 * PRICE + 1)
    Member.objects.filter(user=teammate).update(budget_microusd=2 * PRICE)
    keys = [issue(owner, backend="wavespeed"), issue(teammate, backend="wavespeed", budget_microusd=10**9)]
    installation.connect(vendor)
    address = installation.web()

    def ask(number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {keys[number % 2]}"}
        return httpx.post(f"{address}{RUN}", json={**FOX, "seed": number}, headers=headers, timeout=60, trust_env=False)

    answers = all_at_once(ask)
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [402] * (len(answers) - 3)
    refused = [answer.json()["message"] for answer in answers if answer.status_code == 402]
    assert all("Nothing was charged. An owner of the team can raise the budget" in sentence for sentence in refused), refused
    assert Generation.objects.count() == Prediction.objects.count() == 3
    booked = LedgerEntry.objects.aggregate(sum=Sum("amount_microusd"))["sum"]
    assert SpentMonth.objects.get(user=None).amount_microusd == booked == 3 * PRICE
    assert SpentMonth.objects.filter(user__isnull=False).aggregate(sum=Sum("amount_microusd"))["sum"] == booked
