"""The API keys as their page shows them: what each may do, what it has spent, and what keeps it from working."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from generations.access import Right, api_keys_for, may
from generations.accounts import why_unavailable
from generations.backends import backend_for, title_of
from generations.key_form import ApiKeyForm, maker_title
from generations.keys import may_run, spent_each
from generations.models import ApiKey, Member, Scope, Team
from generations.money import dollars
from playground.connections import Said
from playground.makers import Maker, makers_for

SOON = timedelta(days=7)
MOST_ENDED = 50
"""Of the keys that open nothing any more; the newest of them."""
WORDS = {Scope.RUN: "Make pictures", Scope.READ: "Only read results"}
GONE = "This engine is no longer set up on this server. Revoke the key and make another one."
CLOSED = "The account of {person} is closed, so this key opens nothing."
LOOKS_ONLY = "{person} may only look now, so this key makes no pictures."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key."""

    key: ApiKey
    may: str
    maker: str
    spent: str
    budget: str
    """The most it may spend in a month; "" without a limit of its own."""
    spent_percent: int
    """Of the budget, 0–100."""
    is_new: bool
    ends_soon: bool
    problem: str
    """A sentence where it does not work as it says; "" when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """All that the page shows."""

    live: list[Row]
    ended: list[Row]
    form: ApiKeyForm
    maker: str
    """Who makes the pictures for programs now."""
    makers: list[Maker]
    """To choose from; empty for those who may not."""
    names_people: bool
    said: Said | None = None
    maker_problem: str = ""
    made: ApiKey | None = None
    secret: str = field(default="", repr=False)
    """The key that was just made, in the only answer that ever holds it."""


def key_list_for(
    member: Member,
    *,
    form: ApiKeyForm | None = None,
    said: Said | None = None,
    maker_problem: str = "",
    made: ApiKey | None = None,
    secret: str = "",
) -> KeyList:
    """Return the keys that the member may see, the newest first, in a fixed number of queries."""
    keys = list(api_keys_for(member).order_by("-pk"))
    live = [key for key in keys if key.is_live]
    ended = [key for key in keys if not key.is_live][:MOST_ENDED]
    may_manage = may(member, Right.MANAGE)
    rows = _rows(member.team, live + ended, made)
    return KeyList(
        live=rows[: len(live)],
        ended=rows[len(live) :],
        form=form or ApiKeyForm(member.team),
        maker=maker_title(member.team),
        makers=makers_for(member.team, member.team.api_backend) if may_manage else [],
        names_people=may_manage,
        said=said,
        maker_problem=maker_problem,
        made=made,
        secret=secret,
    )


def _rows(team: Team, keys: list[ApiKey], made: ApiKey | None) -> list[Row]:
    spent = spent_each(keys) if keys else {}
    problems = {alias: _why_not(team, alias) for alias in {_alias(key, team) for key in keys if key.is_live}}
    return [_row(key, team, spent.get(key.pk, 0), problems, is_new=made is not None and made.pk == key.pk) for key in keys]


def _row(key: ApiKey, team: Team, spent_microusd: int, problems: Mapping[str, str], *, is_new: bool) -> Row:
    budget = key.budget_microusd
    return Row(
        key=key,
        may=WORDS[Scope(key.scope)],
        maker=title_of(key.backend) if key.backend else maker_title(team),
        spent=dollars(spent_microusd),
        budget=dollars(budget) if budget is not None else "",
        spent_percent=max(0, min(100, 100 * spent_microusd // budget)) if budget else 0,
        is_new=is_new,
        ends_soon=key.expires_at is not None and key.expires_at < timezone.now() + SOON,
        problem=_problem(key, problems.get(_alias(key, team), "")) if key.is_live else "",
    )


def _problem(key: ApiKey, engine_problem: str) -> str:
    if not key.member.user.is_active:
        return CLOSED.format(person=key.member.user)
    if key.scope == Scope.READ:
        return ""
    return engine_problem if may_run(key) else LOOKS_ONLY.format(person=key.member.user)


def _alias(key: ApiKey, team: Team) -> str:
    return key.backend or team.api_backend or settings.DEFAULT_BACKEND


def _why_not(team: Team, alias: str) -> str:
    return why_unavailable(team, backend_for(alias)) if alias in settings.IMAGE_BACKENDS else GONE
