"""Money: taken when a picture is asked for, settled when it is made, given back when it is not.

Every entry is written in the transaction of the state move it belongs to, so books and states never disagree.
Free backends leave no entry.
"""

from __future__ import annotations

from generations.models import Generation, LedgerEntry
from generations.models.ledger import EntryKind


def reserve(generation: Generation) -> None:
    """Set the price of a new generation aside."""
    _enter(generation, EntryKind.RESERVE, generation.price_microusd)


def settle(generation: Generation) -> None:
    """Turn what was set aside into a charge."""
    _enter(generation, EntryKind.RELEASE, -generation.price_microusd)
    _enter(generation, EntryKind.CHARGE, generation.price_microusd)


def release(generation: Generation) -> None:
    """Give back what was set aside, when nothing was charged."""
    _enter(generation, EntryKind.RELEASE, -generation.price_microusd)


def _enter(generation: Generation, kind: EntryKind, amount_microusd: int) -> None:
    if amount_microusd:
        LedgerEntry.objects.create(
            team_id=generation.team_id,
            user_id=generation.author_id,
            generation=generation,
            kind=kind,
            amount_microusd=amount_microusd,
        )
