"""What a team is connected to, and how it stands there."""

from __future__ import annotations

from dataclasses import dataclass

from generations.accounts import account_for, engine_of, why_unavailable
from generations.backends.base import RemoteBackend
from generations.errors import ReadFailed
from generations.models import Team
from generations.money import dollars

TOO_LITTLE = "That is less than one picture costs ({price}). Top it up at {title}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A vendor, as the team's page shows it."""

    alias: str
    title: str
    tagline: str
    price: str
    is_own: bool
    """The team's own key is kept here."""
    is_shared: bool
    """This server's settings name a key that serves every team."""
    ending: str
    """The last characters of the team's own key."""
    unusable_because: str
    """Why the team's own key cannot be used."""
    paused_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The answer to a press of a button."""

    sentence: str
    is_problem: bool = False


def connection_of(team: Team, vendor: RemoteBackend) -> Connection:
    account = account_for(team, vendor.alias)
    is_own = account is not None and bool(account.sealed_key)
    return Connection(
        alias=vendor.alias,
        title=vendor.title,
        tagline=vendor.tagline,
        price=dollars(vendor.price_microusd),
        is_own=is_own,
        is_shared=account is not None and not is_own,
        ending=account.key_ending if account else "",
        unusable_because=why_unavailable(team, vendor) if account else "",
        paused_because=account.paused_because if account else "",
    )


def try_out(team: Team, vendor: RemoteBackend) -> Said:
    """Ask the vendor for the balance with the key that pays for this team."""
    account = account_for(team, vendor.alias)
    if account is None:
        return Said(sentence=why_unavailable(team, vendor), is_problem=True)
    try:
        return balance_in_words(vendor, engine_of(account).balance())
    except ReadFailed as error:
        return Said(sentence=error.message, is_problem=True)


def balance_in_words(vendor: RemoteBackend, balance_microusd: int, before: str = "") -> Said:
    """Say what is left, and whether it is enough for one more picture."""
    sentence = f"{before}Balance: {dollars(balance_microusd)}."
    if balance_microusd >= vendor.price_microusd:
        return Said(sentence=sentence)
    too_little = TOO_LITTLE.format(price=dollars(vendor.price_microusd), title=vendor.title)
    return Said(sentence=f"{sentence} {too_little}", is_problem=True)
