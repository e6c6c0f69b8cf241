"""How long the playground takes to start, and to be gone."""

from __future__ import annotations

from rich.table import Table

from benchmarks.figures import against, table
from benchmarks.installation import installation

START_S, STOP_S = 5, 10


def measure() -> Table:
    """Start and stop an installation twice; the first start also makes the static files."""
    with installation() as made:
        first_start, first_stop = made.start(), made.stop()
        second_start, second_stop = made.start(), made.stop()
    shown = table("Start and stop", "", "seconds", "target")
    shown.add_row("first start, until the page answers", f"{first_start:.1f} s", "")
    shown.add_row("second start, until the page answers", f"{second_start:.1f} s", against(second_start, START_S, "s"))
    shown.add_row("Ctrl-C, until no process is left", f"{second_stop:.1f} s", against(max(first_stop, second_stop), STOP_S, "s"))
    return shown
