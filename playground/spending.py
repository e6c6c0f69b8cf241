"""What a team's pictures have cost, in words, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum
from django.utils import timezone

from generations.models import EnhancementRequest, LedgerEntry, State, Team
from generations.models.generation import FINAL
from generations.models.ledger import EntryKind
from generations.money import dollars

PAGE = 30
WORDS = {
    EntryKind.RESERVE: "Set aside",
    EntryKind.CHARGE: "Charged",
    EntryKind.RELEASE: "No longer set aside",
    EntryKind.REFUND_EXPECTED: "Refund expected",
}
PAID = (EntryKind.CHARGE, EntryKind.REFUND_EXPECTED)
HELD = (EntryKind.RESERVE, EntryKind.RELEASE)
UNFINISHED = sorted(set(State) - FINAL)
"""A list of states, which an index can find, and not "all but those"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    month: datetime
    """The month's first moment, UTC."""
    spent: str
    """Charged in that month for pictures and prompts, less the refunds that are expected."""
    set_aside: str
    """For pictures that are asked for and not charged yet; "" for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of the ledger for a person to read."""

    entry: LedgerEntry
    words: str
    amount: str
    is_paid: bool
    """Money that went to a vendor or comes back from it; else it is only set aside here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    rows: list[Row]
    next_before: int | None
    """The key that the next page starts below; None on the last one."""


def spending_of(team: Team) -> Spending:
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    paid = _sum(team, Q(kind__in=PAID, created_at__gte=month)) + _prompts(team, month)
    held = _sum(team, Q(kind__in=HELD, generation__state__in=UNFINISHED))
    return Spending(month=month, spent=dollars(paid), set_aside=dollars(held) if held else "")


def _prompts(team: Team, since: datetime) -> int:
    """Return what improving prompts has cost, or may have."""
    requests = EnhancementRequest.objects.filter(team=team, created_at__gte=since)
    return int(requests.aggregate(sum=Sum("charged_microusd", default=0))["sum"])


def _sum(team: Team, which: Q) -> int:
    return int(LedgerEntry.objects.filter(which, team=team).aggregate(sum=Sum("amount_microusd", default=0))["sum"])


def page_of(team: Team, before: int | None = None) -> Page:
    """Return the newest entries, or those older than the key `before`."""
    entries = LedgerEntry.objects.filter(team=team).select_related("user", "generation").order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries[: PAGE + 1])
    more = len(found) > PAGE
    return Page(rows=[_row(entry) for entry in found[:PAGE]], next_before=found[PAGE - 1].pk if more else None)


def _row(entry: LedgerEntry) -> Row:
    kind = EntryKind(entry.kind)
    return Row(entry=entry, words=WORDS[kind], amount=dollars(entry.amount_microusd), is_paid=kind in PAID)
