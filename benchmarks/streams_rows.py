"""What the measured installation does meanwhile: `python -m benchmarks.streams_rows DO JSON`, which prints JSON.

`people` makes those who look, `moves` takes one picture from state to state as a worker does, `flood` only announces.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from generations.models import Member, User

CYCLE = ("claim", "rendered", "give_back")
"""Real moves, each of which shows on the card, and that lead back to where they began."""
FLOOD_CHUNK, FLOOD_PAUSE_S = 50, 0.02


def people(*, count: int) -> list[str]:
    """Let so many people look at the owner's team, one of whose pictures waits; return their sessions, the owner's first."""
    from generations.models import Member, Role, User

    owner = Member.objects.select_related("team", "user").get()
    users = User.objects.bulk_create(User(email=f"looker{number}@example.org", name="Looker") for number in range(count))
    Member.objects.bulk_create(Member(team=owner.team, user=user, role=Role.VIEWER) for user in users)
    _ask(owner)
    return [_session(user) for user in (owner.user, *users)]


def moves(*, count: int, every_s: float) -> list[tuple[float, str]]:
    """Make so many moves; return when each was committed, and the state it led to."""
    from django.db import transaction

    from generations import lifecycle
    from generations.models import Generation

    committed: list[tuple[float, str]] = []
    generation = Generation.objects.get()
    for number, name in enumerate(itertools.islice(itertools.cycle(CYCLE), count)):
        time.sleep(every_s)
        if name == "give_back":
            Generation.objects.update(lease_until=generation.created_at - timedelta(days=1))
        with transaction.atomic():
            # Called before the announcement, which `move` puts behind it.
            transaction.on_commit(partial(_note, committed, lifecycle.TABLE[name].target))
            if not lifecycle.move(name, generation):
                raise RuntimeError(f"move {number}, {name}, found the row elsewhere")
        generation.refresh_from_db()
    return committed


def _note(committed: list[tuple[float, str]], state: str) -> None:
    committed.append((time.time(), state))


def flood(*, count: int) -> int:
    """Announce so many changes of no picture, no faster than a page that reads can follow."""
    from generations.announce import announce
    from generations.models import Team

    team = Team.objects.get()
    for number in range(count):
        announce(team.pk, "00000000-0000-0000-0000-000000000000")
        if number % FLOOD_CHUNK == 0:
            time.sleep(FLOOD_PAUSE_S)
    return count


def _ask(member: Member) -> None:
    from generations import catalog
    from generations.backends import backend_for
    from generations.submission import Order, submit

    inputs = catalog.load().clean({"prompt": "a red fox", "size": "256*256", "num_inference_steps": 4, "seed": 7})
    submit(member, Order(inputs=inputs, backend=backend_for("easel")), hint=False)


def _session(user: User) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    do, order = sys.argv[1], json.loads(sys.argv[2])
    work: dict[str, Callable[..., object]] = {"people": people, "moves": moves, "flood": flood}
    print(json.dumps(work[do](**order)))


if __name__ == "__main__":
    main()
