"""The engines to choose from, as the form shows them to one team."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from generations.accounts import account_for, why_unavailable
from generations.backends import backends_on_offer
from generations.backends.base import Backend, RemoteBackend
from generations.models import Team
from generations.money import dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    alias: str
    title: str
    tagline: str
    price: str
    """What one picture costs; "" when it is free."""
    price_microusd: int
    unavailable_because: str
    paused_because: str
    checked: bool


def makers_for(team: Team, wanted: str) -> list[Maker]:
    """Return every engine; checked is the one that is wanted, or else the default one, if this team can use it."""
    backends = backends_on_offer()
    reasons = {backend.alias: why_unavailable(team, backend) for backend in backends}
    usable = [alias for alias in (wanted, settings.DEFAULT_BACKEND) if reasons.get(alias) == ""]
    return [
        Maker(
            alias=backend.alias,
            title=backend.title,
            tagline=backend.tagline,
            price=dollars(backend.price_microusd) if backend.price_microusd else "",
            price_microusd=backend.price_microusd,
            unavailable_because=reasons[backend.alias],
            paused_because=_why_paused(team, backend) if not reasons[backend.alias] else "",
            checked=backend.alias in usable[:1],
        )
        for backend in backends
    ]


def _why_paused(team: Team, backend: Backend) -> str:
    account = account_for(team, backend.alias) if isinstance(backend, RemoteBackend) else None
    return account.paused_because if account else ""
