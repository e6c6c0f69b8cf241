"""An engine whose pictures wait for as long as a test wants."""

from __future__ import annotations

from tests.painters import Plain


class Absent(Plain):
    """Has no worker."""

    title = "Absent"
    queue = "absent"
