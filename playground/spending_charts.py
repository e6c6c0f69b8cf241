"""The last 30 days in bars: what was spent and how many pictures were made, by day, by person and by engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from generations.backends import title_of
from generations.enhancers import enhancer_title
from generations.models import EnhancementRequest, Generation, LedgerEntry, Member, State, User
from generations.money import dollars
from playground.spending import PAID, own_or_all

Key = TypeVar("Key", date, str)
DAYS = 30
COLUMN, GAP, HEIGHT = 20, 6, 80
"""Of a chart by day, in its own units."""
LENGTH = 200
"""Of a bar that lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One day."""

    x: int
    y: int
    width: int
    height: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table, with its bar."""

    name: str
    day: date | None
    spent: str
    pictures: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    since: date
    until: date
    spent: str
    pictures: int
    money: list[Column]
    """Empty when nothing was spent."""
    made: list[Column]
    days: list[Row]
    """Those on which there was anything, newest first."""
    people: list[Row]
    engines: list[Row]
    width: int = DAYS * COLUMN
    height: int = HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    day: date
    user: int
    maker: str
    microusd: int = 0
    pictures: int = 0


def charts_of(member: Member) -> Charts:
    """Return a team's charts for an owner, and a person's own for anybody else; four queries."""
    until = timezone.now().astimezone(UTC).date()
    days = [until - timedelta(days=back) for back in reversed(range(DAYS))]
    sums = [*_ledger(member, days[0]), *_prompts(member, days[0]), *_pictures(member, days[0])]
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={each.user for each in sums})}
    by_day = _rows(sums, lambda each: each.day)
    money, made = _totals(sums, lambda each: each.day)
    return Charts(
        since=days[0],
        until=until,
        spent=dollars(sum(each.microusd for each in sums)),
        pictures=sum(each.pictures for each in sums),
        money=_columns(days, money, dollars) if any(money.values()) else [],
        made=_columns(days, made, lambda count: f"{count} {'picture' if count == 1 else 'pictures'}"),
        days=[_row(day, *by_day[day], day=day) for day in reversed(days) if day in by_day],
        people=_listed(sums, lambda each: names[each.user]),
        engines=_listed(sums, lambda each: each.maker),
    )


def _ledger(member: Member, since: date) -> Iterable[_Sum]:
    rows = _since(LedgerEntry.objects.filter(own_or_all(member, "user"), kind__in=PAID), since)
    for day, user, alias, amount in rows.values_list("day", "user", "generation__backend").annotate(sum=Sum("amount_microusd")):
        yield _Sum(day=day, user=user, maker=title_of(alias), microusd=amount)


def _prompts(member: Member, since: date) -> Iterable[_Sum]:
    rows = _since(EnhancementRequest.objects.filter(own_or_all(member, "author"), charged_microusd__gt=0), since)
    for day, user, alias, amount in rows.values_list("day", "author", "enhancer").annotate(sum=Sum("charged_microusd")):
        yield _Sum(day=day, user=user, maker=f"{enhancer_title(alias)} (prompts)", microusd=amount)


def _pictures(member: Member, since: date) -> Iterable[_Sum]:
    """Count what was made, by free engines, too."""
    rows = _since(Generation.objects.filter(own_or_all(member, "author"), state=State.SUCCEEDED), since)
    for day, user, alias, count in rows.values_list("day", "author", "backend").annotate(count=Count("pk")):
        yield _Sum(day=day, user=user, maker=title_of(alias), pictures=count)


def _since(rows: Any, since: date) -> Any:
    begins = datetime.combine(since, time(), tzinfo=UTC)
    return rows.filter(created_at__gte=begins).annotate(day=TruncDate("created_at", tzinfo=UTC)).order_by()


def _totals(sums: Iterable[_Sum], key: Callable[[_Sum], Key]) -> tuple[Counter[Key], Counter[Key]]:
    """Return money and pictures by that key."""
    money: Counter[Key] = Counter()
    pictures: Counter[Key] = Counter()
    for each in sums:
        money[key(each)] += each.microusd
        pictures[key(each)] += each.pictures
    return money, pictures


def _rows(sums: Iterable[_Sum], key: Callable[[_Sum], Key]) -> dict[Key, tuple[int, int, int]]:
    """Return money, pictures and the length of a bar by that key: of money where there is any, else of pictures."""
    money, pictures = _totals(sums, key)
    drawn: Mapping[Key, int] = money if any(money.values()) else pictures
    most = max(drawn.values(), default=0)
    return {each: (money[each], pictures[each], _share(drawn[each], most, LENGTH)) for each in pictures}


def _listed(sums: Iterable[_Sum], key: Callable[[_Sum], str]) -> list[Row]:
    rows = sorted(_rows(sums, key).items(), key=lambda row: (-row[1][0], -row[1][1], row[0]))
    return [_row(name, *found) for name, found in rows]


def _row(name: object, money: int, pictures: int, length: int, day: date | None = None) -> Row:
    return Row(name=str(name), day=day, spent=dollars(money), pictures=pictures, length=length)


def _columns(days: Iterable[date], values: Mapping[date, int], words: Callable[[int], str]) -> list[Column]:
    most = max(values.values(), default=0)
    heights = [(day, values.get(day, 0), _share(values.get(day, 0), most, HEIGHT)) for day in days]
    return [
        Column(
            x=number * COLUMN + GAP // 2,
            y=HEIGHT - height,
            width=COLUMN - GAP,
            height=height,
            title=f"{day.day} {day:%b}: {words(value)}",
        )
        for number, (day, value, height) in enumerate(heights)
    ]


def _share(value: int, most: int, of: int) -> int:
    """Return how long a bar is; what there is at all can be seen, and what came back on balance has none."""
    return max(2, round(of * value / most)) if value > 0 and most > 0 else 0
