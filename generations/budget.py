"""Money: taken when a picture is asked for, charged when its vendor accepts it, given back when it does not.

Every entry is written in the transaction of the state move it belongs to, so books and states never disagree.
Free backends leave no entry. A local backend charges when the picture is kept.
"""

from __future__ import annotations

from generations.models import Generation, LedgerEntry
from generations.models.ledger import EntryKind


def reserve(generation: Generation) -> None:
    """Set the price of a new generation aside."""
    _enter(generation, EntryKind.RESERVE, generation.price_microusd)


def charge(generation: Generation, attempt: int = 1) -> None:
    """Turn what was set aside into a charge; a second accepted attempt is charged on top."""
    release(generation)
    _enter(generation, EntryKind.CHARGE, generation.price_microusd, attempt)


def settle(generation: Generation) -> None:
    """Charge for a picture that is kept, unless its vendor's acceptance has been charged."""
    if not generation.ledger.filter(kind=EntryKind.CHARGE).exists():
        charge(generation)


def release(generation: Generation) -> None:
    """Give back what was set aside, if it still is."""
    if not generation.ledger.filter(kind=EntryKind.RELEASE).exists():
        _enter(generation, EntryKind.RELEASE, -generation.price_microusd)


def expect_refund(generation: Generation, attempt: int) -> None:
    """Note that the vendor gives back what it charged, as it does for pictures that it failed to make."""
    _enter(generation, EntryKind.REFUND_EXPECTED, -generation.price_microusd, attempt)


def _enter(generation: Generation, kind: EntryKind, amount_microusd: int, attempt: int = 1) -> None:
    if amount_microusd:
        LedgerEntry.objects.create(
            team_id=generation.team_id,
            user_id=generation.author_id,
            generation=generation,
            attempt=attempt,
            kind=kind,
            amount_microusd=amount_microusd,
        )
