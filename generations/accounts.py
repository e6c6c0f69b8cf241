"""Which account pays a vendor for a team's pictures: the team's own, or else the one of the environment's key."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F, Q

from generations.backends import backend_for, is_remote
from generations.backends.base import Backend, RemoteBackend
from generations.enhancers import enhancer_for
from generations.enhancers.base import Enhancer
from generations.models import Account, Team
from generations.sealing import seal, unseal

NOT_CONNECTED = "{title} is not connected. An owner of the team can do that under Team."
UNREADABLE = "The team's key cannot be read any more, because this server's SECRET_KEY has changed. Connect {title} anew."


def account_for(team: Team, alias: str) -> Account | None:
    """Return the account that pays for this team; None when there is no key."""
    own, shared = Q(team=team) & ~Q(sealed_key=""), Q(team=None)
    if not _environment_key(alias):
        return Account.objects.filter(own, backend=alias).first()
    found = Account.objects.filter(own | shared, backend=alias).order_by(F("team").asc(nulls_last=True)).first()
    return found or Account.objects.get_or_create(team=None, backend=alias)[0]


def engine_of(account: Account) -> RemoteBackend:
    """Return the engine that uses this account's key; one without a key when it is gone or cannot be read any more.

    A team's account never falls back on the environment's key: its orders are not in that key's list.
    """
    backend = backend_for(account.backend)
    assert isinstance(backend, RemoteBackend)
    return backend if account.team_id is None else backend.for_key(unseal(account.sealed_key) or "")


def key_ending_of(account: Account) -> str:
    """Return the last characters of the key that this account uses now."""
    return account.key_ending if account.team_id is not None else _environment_key(account.backend)[-4:]


def why_unavailable(team: Team, backend: Backend) -> str:
    """Say in a sentence why a team cannot use an engine, or "" when it can."""
    if not isinstance(backend, RemoteBackend):
        return backend.unavailable_because()
    account = account_for(team, backend.alias)
    if account is None:
        return NOT_CONNECTED.format(title=backend.title)
    if account.sealed_key and unseal(account.sealed_key) is None:
        return UNREADABLE.format(title=backend.title)
    return engine_of(account).unavailable_because()


def enhancer_for_team(team: Team, alias: str) -> Enhancer:
    """Return the enhancer of that name; a paid one with the key of the account that pays for this team."""
    enhancer = enhancer_for(alias)
    if not enhancer.is_paid:
        return enhancer
    account = account_for(team, alias)
    return enhancer.for_key(_key_of(account) if account else "")


def why_no_enhancer(team: Team, enhancer: Enhancer) -> str:
    """Say in a sentence why a team cannot use an enhancer, or "" when it can."""
    if not enhancer.is_paid:
        return enhancer.unavailable_because()
    account = account_for(team, enhancer.alias)
    if account is None:
        return NOT_CONNECTED.format(title=enhancer.title)
    return account.paused_because or enhancer.for_key(_key_of(account)).unavailable_because()


def connect(team: Team, alias: str, key: str) -> Account:
    """Keep a team's own key, encrypted; a pause that the former key caused ends."""
    kept = {"sealed_key": seal(key), "key_ending": key[-4:], "paused_because": "", "quiet_until": None, "refusals": 0}
    # Another key may be of another account, which signs its webhooks with a secret of its own.
    return Account.objects.update_or_create(team=team, backend=alias, defaults={**kept, "sealed_webhook_secret": ""})[0]


def disconnect(team: Team, alias: str) -> None:
    """Forget a team's own key; what is in flight with it goes on once a key of the same account is connected again."""
    Account.objects.filter(team=team, backend=alias).update(sealed_key="", key_ending="")


def pause(account: Account, sentence: str) -> None:
    """Send nothing more until a person has mended what the sentence says."""
    Account.objects.filter(pk=account.pk).update(paused_because=sentence)


def resume(account: Account) -> None:
    """End a pause, after a person has mended what caused it."""
    Account.objects.filter(pk=account.pk).update(paused_because="", quiet_until=None, refusals=0)


def _key_of(account: Account) -> str:
    return _environment_key(account.backend) if account.team_id is None else unseal(account.sealed_key) or ""


def _environment_key(alias: str) -> str:
    if not is_remote(alias):
        return ""
    return str(settings.IMAGE_BACKENDS[alias]["OPTIONS"].get("api_key", ""))
