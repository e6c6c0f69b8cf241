"""`manage.py reconcile_ledger`: what the ledger says against what the vendor lists."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from generations.backends import backend_for
from generations.models import Attempt, Generation, Member
from generations.models.ledger import EntryKind, LedgerEntry
from tests.generations.remote.conftest import Buying, Connecting, advanced, lost, made, polled, running_at_the_vendor
from tests.installation import wait_until
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db


def compare(*arguments: str, ends_with: int = 0) -> str:
    """Return what the command prints, its last sentence included."""
    out = StringIO()
    try:
        call_command("reconcile_ledger", *arguments, stdout=out)
    except CommandError as error:
        assert error.returncode == ends_with, error
        return f"{out.getvalue()}{error}"
    assert ends_with == 0
    return out.getvalue()


def upstream_id(generation: Generation) -> str:
    return generation.attempts.get().upstream_id or ""


def forget(vendor: Vendor, *ids: str) -> None:
    headers = {"Authorization": f"Bearer {vendor.key}"}
    httpx.post(f"{vendor.url}/api/v3/predictions/delete", json={"ids": list(ids)}, headers=headers, trust_env=False)


def order_elsewhere(vendor: Vendor) -> str:
    headers = {"Authorization": f"Bearer {vendor.key}"}
    url = f"{vendor.url}/api/v3/wavespeed-ai/flux-srpo"
    asked = {"prompt": "from another program", "seed": 3}
    return str(httpx.post(url, json=asked, headers=headers, trust_env=False).json()["data"]["id"])


def test_orders_that_are_done_and_under_way_are_no_difference(buy: Buying):
    made(buy(seed=1))
    running_at_the_vendor(buy(seed=2))
    buy(seed=3)
    said = compare()
    assert "2 charges here, 2 predictions there." in said
    assert said.endswith("No differences.\n")


def test_an_order_that_failed_at_the_vendor_is_no_difference(buy: Buying, vendor: Vendor):
    vendor.fault("task", "fails")
    polled(running_at_the_vendor(buy()))
    assert "No differences." in compare()


def test_a_charge_that_the_vendor_does_not_know_is_a_difference(buy: Buying, vendor: Vendor):
    generation = made(buy())
    forget(vendor, upstream_id(generation))
    said = compare(ends_with=1)
    wanted = f"{upstream_id(generation)} charged here, unknown at the vendor, $0.025 (picture {generation.public_id})"
    assert wanted in said
    assert said.endswith("1 difference.")


def test_an_order_from_elsewhere_is_a_difference_until_it_is_imported(member: Member, vendor: Vendor):
    placed = order_elsewhere(vendor)
    assert f"{placed} at the vendor, unknown here, $0.025" in compare(ends_with=1)
    wait_until(lambda: vendor.counts().making == 0, "the vendor is done", within_s=60)
    call_command("import_wavespeed", stdout=StringIO())
    assert "No differences." in compare()


def test_an_order_without_its_charge_is_a_difference(buy: Buying):
    """The ledger cannot be changed: an order is put beside one that is not there."""
    generation = made(buy())
    Attempt.objects.filter(generation=generation).update(number=2)
    assert "taken by the vendor, but not charged here" in compare(ends_with=1)
    assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == 1


def test_an_order_whose_answer_was_lost_is_being_checked_and_no_difference(buy: Buying, vendor: Vendor):
    lost(buy(), vendor, "502_after")
    said = compare()
    assert "1 of them may be orders whose answer was lost" in said
    assert "No differences." in said


def test_orders_before_since_are_not_compared(buy: Buying, vendor: Vendor):
    generation = made(buy())
    forget(vendor, upstream_id(generation))
    Attempt.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert "0 charges here" in compare("--since", (timezone.now() - timedelta(days=1)).isoformat())
    assert "1 difference." in compare(ends_with=1)


def test_what_is_about_to_be_deleted_at_the_vendor_is_not_compared(buy: Buying, vendor: Vendor):
    generation = made(buy())
    forget(vendor, upstream_id(generation))
    Attempt.objects.update(created_at=timezone.now() - timedelta(days=7))
    assert "0 charges here" in compare()


@pytest.mark.parametrize("since", ["yesterday", "3000-01-01", "2020-01-01"])
def test_a_date_that_cannot_be_used_is_refused_in_one_sentence(vendor: Vendor, member: Member, since: str):
    said = compare("--since", since, ends_with=2)
    assert "\n" not in said
    assert "date" in said


def test_without_a_key_it_says_so(vendor: Vendor, member: Member, connected: Connecting):
    connected(api_key="")
    assert "not connected" in compare(ends_with=2)


def test_a_vendor_that_is_away_is_no_difference_but_a_failure(buy: Buying, vendor: Vendor, connected: Connecting):
    advanced(buy())
    backend_for("wavespeed").close()
    connected(base_url="http://127.0.0.1:9")
    assert "could not be reached" in compare(ends_with=2)
