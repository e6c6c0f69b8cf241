"""Money in words."""

from __future__ import annotations

from decimal import Decimal


def dollars(microusd: int) -> str:
    """Write millionths of a dollar as people do: "$0.025", "$41.20", "−$0.05"."""
    whole, _, cents = f"{abs(Decimal(microusd)) / 1_000_000:,.6f}".partition(".")
    return f"{'−' if microusd < 0 else ''}${whole}.{cents.rstrip('0').ljust(2, '0')}"
