"""What pictures have cost, in words, from the ledger: a whole team's to its owners, their own to everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum
from django.utils import timezone

from generations.access import Right, may
from generations.budget import left_for, limit_of, spent_by
from generations.models import EnhancementRequest, LedgerEntry, Member, State
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
    left: str
    """What this person can still spend; "" without a budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Of one person, this month."""

    member: Member
    spent: str
    left: str
    """"" without a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry of the ledger for a person to read."""

    entry: LedgerEntry
    words: str
    amount: str
    is_paid: bool
    """Money that went to a vendor or comes back from it; else it is only set aside here."""
    prompt: str
    """"" for what its author keeps to themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    rows: list[Row]
    next_before: int | None
    """The key that the next page starts below; None on the last one."""


def spending_of(member: Member) -> Spending:
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    paid = _sum(member, Q(kind__in=PAID, created_at__gte=month)) + _prompts(member, month)
    held = _sum(member, Q(kind__in=HELD, generation__state__in=UNFINISHED))
    left = left_for(member)
    return Spending(
        month=month,
        spent=dollars(paid),
        set_aside=dollars(held) if held else "",
        left="" if left is None else dollars(left),
    )


def budgets_of(members: Sequence[Member]) -> list[Budget]:
    """Return what each of a team's members has spent this month and may still spend; one query."""
    spent = spent_by(members[0].team, [member.user_id for member in members]) if members else {}
    return [_budget(member, spent.get(member.user_id, 0)) for member in members]


def _budget(member: Member, spent: int) -> Budget:
    limit = limit_of(member)
    left = "" if limit is None else dollars(max(0, limit - spent))
    return Budget(member=member, spent=dollars(spent), left=left)


def own_or_all(member: Member, author: str) -> Q:
    """Return which rows a person may know the price of; `author` names the rows' column of whom they are charged to."""
    return Q(team=member.team_id) if may(member, Right.MANAGE) else Q(team=member.team_id, **{author: member.user_id})


def _prompts(member: Member, since: datetime) -> int:
    """Return what improving prompts has cost, or may have."""
    requests = EnhancementRequest.objects.filter(own_or_all(member, "author"), created_at__gte=since)
    return int(requests.aggregate(sum=Sum("charged_microusd", default=0))["sum"])


def _sum(member: Member, which: Q) -> int:
    entries = LedgerEntry.objects.filter(which, own_or_all(member, "user"))
    return int(entries.aggregate(sum=Sum("amount_microusd", default=0))["sum"])


def page_of(member: Member, before: int | None = None) -> Page:
    """Return the newest entries, or those older than the key `before`."""
    entries = LedgerEntry.objects.filter(own_or_all(member, "user")).select_related("user", "generation").order_by("-id")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries[: PAGE + 1])
    more = len(found) > PAGE
    return Page(rows=[_row(member, entry) for entry in found[:PAGE]], next_before=found[PAGE - 1].pk if more else None)


def _row(member: Member, entry: LedgerEntry) -> Row:
    kind, picture = EntryKind(entry.kind), entry.generation
    return Row(
        entry=entry,
        words=WORDS[kind],
        amount=dollars(entry.amount_microusd),
        is_paid=kind in PAID,
        prompt="" if picture.is_private and picture.author_id != member.user_id else picture.prompt,
    )
