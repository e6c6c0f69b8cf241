"""A month of a team's ledger as a table for spreadsheets; its amounts add up to what counts against the budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from generations.backends import title_of
from generations.enhancers import enhancer_title
from generations.models import EnhancementRequest, LedgerEntry, Team, User
from generations.models.ledger import EntryKind
from generations.transfer.tables import BOM, cell, csv_line
from playground.spending import WORDS

COLUMNS = ("at", "person", "email", "what", "amount_usd", "made_by", "id", "attempt")
AT_ONCE = 500


def lines_of(team: Team, month: date) -> Iterator[str]:
    """Yield the head and a line for each entry, oldest first, then one for each prompt that was charged; no prompt's words."""
    yield BOM + csv_line(COLUMNS)
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    within = {"team": team, "created_at__gte": begins, "created_at__lt": ends}
    for entry in LedgerEntry.objects.filter(**within).select_related("user", "generation").order_by("id").iterator(AT_ONCE):
        yield _entry(entry)
    charged = EnhancementRequest.objects.filter(**within, charged_microusd__gt=0).select_related("author").order_by("id")
    for request in charged.iterator(AT_ONCE):
        yield _prompt(request)


def _entry(entry: LedgerEntry) -> str:
    picture = entry.generation
    made_by, number = title_of(picture.backend), str(entry.attempt)
    amount = _usd(entry.amount_microusd)
    return _line(entry.created_at, entry.user, WORDS[EntryKind(entry.kind)], amount, made_by, str(picture.public_id), number)


def _prompt(request: EnhancementRequest) -> str:
    amount, made_by = _usd(request.charged_microusd), enhancer_title(request.enhancer)
    return _line(request.created_at, request.author, "Prompt improved", amount, made_by, str(request.public_id), "1")


def _line(at: datetime, who: User, what: str, amount: str, made_by: str, public_id: str, attempt: str) -> str:
    return csv_line([at.isoformat(), cell(who.name), cell(who.email), what, amount, cell(made_by), public_id, attempt])


def _usd(microusd: int) -> str:
    """Write a number that a spreadsheet adds up: no apostrophe in front of a minus."""
    return f"{Decimal(microusd) / 1_000_000:.6f}"
