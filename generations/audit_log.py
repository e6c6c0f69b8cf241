"""Write down what an owner may have to account for: who did what to whom, when, from where. Entries are only ever added."""

from __future__ import annotations

from contextvars import ContextVar

from generations.models import AuditEntry, AuditKind, Team, User

LONGEST = 300
calling_address: ContextVar[str] = ContextVar("calling_address", default="")
"""The IP address that the request at hand came from; empty where there is none, as in a worker."""


def record(kind: AuditKind, subject: str = "", *, team: Team | int | None, actor: User | int | None) -> None:
    """Add an entry; call it in the transaction of what it tells, so that neither is there without the other.

    `subject` says in words what or whom it was about. It never holds a secret, a prompt or a whole address of a share link.
    """
    AuditEntry.objects.create(
        team_id=team.pk if isinstance(team, Team) else team,
        actor_id=actor.pk if isinstance(actor, User) else actor,
        kind=kind,
        subject=subject[:LONGEST],
        address=calling_address.get()[:45],
    )
