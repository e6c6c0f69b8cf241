"""WaveSpeed as a backend, measured against a fake vendor in a process of its own: thousands in flight, few, and a rush."""

from __future__ import annotations

from rich.console import Group

from benchmarks import remote_flight, remote_lateness, remote_orders


def measure() -> Group:
    """Return the three tables; they take some five minutes."""
    return Group(remote_flight.measure(), "", remote_lateness.measure(), "", remote_orders.measure())
