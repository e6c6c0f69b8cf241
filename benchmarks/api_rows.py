"""What the measured installation needs beforehand: `python -m benchmarks.api_rows DO JSON`, which prints JSON.

`key` makes a key for the API, `finish` makes the pictures of runs that wait, as a worker does.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

import django


def key() -> str:
    """Make a key for the owner and return its secret."""
    from generations import keys
    from generations.models import Member

    return keys.issue(Member.objects.get(), "Bench", keys.Limits())[1]


def finish(*, ids: list[str]) -> int:
    """Paint what waits under these ids; return how many pictures there are."""
    from generations import pipeline
    from generations.models import Generation, Image

    rows = Generation.objects.filter(public_id__in=ids)
    for pk in rows.values_list("pk", flat=True):
        pipeline.advance(pk)
    return Image.objects.filter(generation__in=rows).count()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    work: dict[str, Callable[..., object]] = {"key": key, "finish": finish}
    print(json.dumps(work[sys.argv[1]](**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
