"""The keys of wanted pictures, newest first, by the index that finds them without reading the others.

Three ways lead there, and which one is taken follows from the filters alone, as a planner without statistics guesses wrong:
the gallery's own indexes (everything, mine, made by); a set that is read from its newest end (favourites, a collection, a seed);
and the search index, which knows words as well as team, author, engine, shape, month and tags. On SQLite a CROSS JOIN keeps the
order in which the tables stand.

All names in the statements are this module's own; what people wrote is always a parameter, which is why bandit is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from generations.gallery.filters import Filters
from generations.models import Member, State
from generations.search import (
    author_facet,
    backend_facet,
    fts5,
    likes,
    month_facet,
    private_facet,
    tag_facet,
    team_facet,
    tsqueries,
    year_facet,
)

FIRST_YEAR = 1990
"""No picture with settings is older."""
NEAR = 20_000
"""PostgreSQL looks through so many of the newest pictures before it collects and sorts all that match."""

NEVER = "never"
"""A facet that no picture has."""

Value = str | int | None
Condition = tuple[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    tables: str
    key: str
    conditions: tuple[Condition, ...]
    needs_sorting: bool = False
    """No index of PostgreSQL's keeps the order."""
    counts_along: str = ""
    """The order of the index that counts fastest, where a planner would take another one."""

    def below(self, before: int | None, limit: int) -> list[int]:
        """Return the newest keys below one, or of all."""
        if self.needs_sorting and connection.vendor == "postgresql":
            return self._near_first(before, limit)
        return _rows(*self._select(self._less(before), "DESC", limit))

    def down_to(self, last: int, limit: int) -> tuple[list[int], bool]:
        """Return the keys that end with one, newest first, and whether there are others below it."""
        shown, values = self._select([(f"{self.key} >= %s", (last,))], "ASC", limit)
        other, more = self._select(self._less(last), "DESC", 1)
        statement = f"SELECT key FROM ({shown}) AS shown UNION ALL SELECT key FROM ({other}) AS other"  # nosec B608
        found = sorted(_rows(statement, (*values, *more)), reverse=True)
        return [key for key in found if key >= last], bool(found) and found[-1] < last

    def newer_than(self, newest: int, most: int) -> int:
        """Count the matches with a key above one, but no more than so many."""
        some, values = self._select([(f"{self.key} > %s", (newest,))], "ASC", most)
        return _rows(f"SELECT COUNT(*) FROM ({some}) AS found", values)[0]  # nosec B608

    def count(self, most: int) -> int:
        """Count the matches, but no more than so many."""
        where, values = _joined(self.conditions)
        order = f"ORDER BY {self.counts_along}" if self.counts_along else ""
        some = f"SELECT 1 FROM {self.tables} WHERE {where} {order} LIMIT %s"  # nosec B608
        return _rows(f"SELECT COUNT(*) FROM ({some}) AS found", (*values, most))[0]  # nosec B608

    def _select(self, more: Sequence[Condition], order: str, limit: int) -> tuple[str, tuple[Value, ...]]:
        where, values = _joined((*self.conditions, *more))
        some = f"SELECT {self.key} AS key FROM {self.tables} WHERE {where}"  # nosec B608
        statement = f"{some} ORDER BY {self.key} {order} LIMIT %s"
        return statement, (*values, limit)

    def _near_first(self, before: int | None, limit: int) -> list[int]:
        """Look through the newest pictures one by one; only where that does not fill a page, collect all matches and sort them.

        PostgreSQL's index of words keeps no order, and its planner's guess how far apart the matches lie is often wrong.
        """
        start, bound = (
            ("%s", before - NEAR) if before is not None else ("(SELECT MAX(id) FROM generations_generation) - %s", NEAR)
        )
        near, near_values = self._select([*self._less(before), (f"{self.key} >= {start}", (bound,))], "DESC", limit)
        few = "(SELECT COUNT(*) FROM near) < %s"
        # The 0 keeps the planner from walking through all keys below.
        where, values = _joined((*self.conditions, (f"{self.key} + 0 < {start}", (bound,)), (few, (limit,))))
        statement = f"""
            WITH near AS MATERIALIZED ({near}),
            far AS (SELECT {self.key} AS key FROM {self.tables} WHERE {where} OFFSET 0)
            SELECT key FROM near UNION ALL (SELECT key FROM far ORDER BY key DESC LIMIT %s) ORDER BY key DESC LIMIT %s
        """  # nosec B608
        return _rows(statement, (*near_values, *values, limit, limit))

    def _less(self, before: int | None) -> list[Condition]:
        return [] if before is None else [(f"{self.key} < %s", (before,))]


def lookup(member: Member, filters: Filters) -> Lookup:
    """Choose the way to the pictures of this person's team that pass the filters."""
    if sets := tuple(_sets(member, filters)):
        return _by_set(member, filters, sets)
    if _is_by_day(filters):
        return _by_day(member, filters)
    if filters.query.terms or _needs_facets(filters):
        return _by_words(member, filters)
    return Lookup(tables="generations_generation g", key="g.id", conditions=tuple(_shown(member, filters)))


def _is_by_day(filters: Filters) -> bool:
    """Say whether days alone are asked for, and PostgreSQL, which sorts them faster than it reads facets."""
    others = (filters.query.terms, filters.shape, filters.tag, filters.made_by, filters.mine)
    return connection.vendor == "postgresql" and bool(filters.since or filters.until) and not any(others)


def _by_day(member: Member, filters: Filters) -> Lookup:
    shown = tuple(_shown(member, filters))
    table, by_day = "generations_generation g", "g.created_at"
    return Lookup(tables=table, key="g.id", conditions=shown, needs_sorting=True, counts_along=by_day)


def _needs_facets(filters: Filters) -> bool:
    """Say whether no index of the table of pictures keeps the order under these filters."""
    return bool(filters.shape or filters.tag or filters.since or filters.until or (filters.mine and filters.made_by))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    table: str
    key: str
    condition: Condition


def _sets(member: Member, filters: Filters) -> Iterator[_Set]:
    if filters.seed is not None:
        of_seed: Condition = ("{0}.team_id = %s AND {0}.seed = %s", (member.team_id, filters.seed))
        yield _Set(table="generations_generation", key="id", condition=of_seed)
    if filters.collection:
        inside: Condition = ("{0}.collection_id = %s", (filters.collection.pk,))
        yield _Set(table="generations_collectionitem", key="generation_id", condition=inside)
    if filters.favourites:
        liked: Condition = ("{0}.user_id = %s", (member.user_id,))
        yield _Set(table="generations_favourite", key="generation_id", condition=liked)


def _by_set(member: Member, filters: Filters, sets: Sequence[_Set]) -> Lookup:
    """Walk through the first set, and test each of its pictures."""
    first, *others = sets
    tables = f"{first.table} x CROSS JOIN generations_generation g"
    conditions: list[Condition] = [(first.condition[0].format("x"), first.condition[1]), (f"g.id = x.{first.key}", ())]
    conditions += _shown(member, filters)
    for number, other in enumerate(others):
        inside, values = other.condition[0].format(f"y{number}"), other.condition[1]
        found = f"SELECT 1 FROM {other.table} y{number} WHERE {inside} AND y{number}.{other.key} = g.id"  # nosec B608
        conditions.append((f"EXISTS ({found})", values))
    if filters.query.terms:
        tables += " CROSS JOIN generations_searchtext s"
        conditions.append(("s.generation_id = g.id", ()))
        conditions += _words(filters)
    return Lookup(tables=tables, key=f"x.{first.key}", conditions=tuple(conditions))


def _words(filters: Filters) -> Iterator[Condition]:
    for wanted, pattern in likes(filters.query):
        yield f"(' ' || s.words || ' ') {'LIKE' if wanted else 'NOT LIKE'} %s", (pattern,)


def _shown(member: Member, filters: Filters) -> Iterator[Condition]:
    """Give what the row of a picture itself tells: that the gallery shows it, and all filters but words and sets."""
    yield "g.team_id = %s AND g.state = %s", (member.team_id, State.SUCCEEDED.value)
    yield "g.is_check = FALSE AND g.trashed_at IS NULL", ()
    yield "(g.is_private = FALSE OR g.author_id = %s)", (member.user_id,)
    if filters.mine:
        yield "g.author_id = %s", (member.user_id,)
    if filters.made_by:
        yield "g.backend = %s", (filters.made_by,)
    if filters.shape:
        yield f"g.width {_SHAPES[filters.shape]} g.height", ()
    if filters.tag:
        tagged = "SELECT 1 FROM generations_tagging t WHERE t.tag_id = %s AND t.generation_id = g.id"
        yield f"EXISTS ({tagged})", (filters.tag.pk,)
    yield from _days(filters)


_SHAPES = {"landscape": ">", "square": "=", "portrait": "<"}


def _days(filters: Filters) -> Iterator[Condition]:
    if filters.since:
        yield "g.created_at >= %s", (_moment(filters.since),)
    if filters.until and filters.until < date.max:
        yield "g.created_at < %s", (_moment(filters.until + timedelta(days=1)),)


def _moment(day: date) -> str:
    return str(connection.ops.adapt_datetimefield_value(datetime.combine(day, time.min, tzinfo=UTC)))


def _by_words(member: Member, filters: Filters) -> Lookup:
    facets = list(_facets(member, filters))
    conditions: list[Condition] = []
    joined = bool(filters.since or filters.until)
    if connection.vendor == "sqlite":
        table, key = "generations_search", "generations_search.rowid"
        conditions.append(("generations_search MATCH %s", (fts5(filters.query, facets),)))
    else:
        table, key = "generations_searchtext", "generations_searchtext.generation_id"
        words, groups = tsqueries(filters.query, facets)
        wanted = "%s::tsquery && to_tsquery('simple', %s)" if words else "%s::tsquery"
        conditions.append((f"generations_searchtext.vector @@ ({wanted})", (groups, words) if words else (groups,)))
    if joined:
        conditions += [(f"g.id = {key}", ()), *_days(filters)]
    tables = f"{table} CROSS JOIN generations_generation g" if joined else table
    return Lookup(tables=tables, key=key, conditions=tuple(conditions), needs_sorting=True)


def _facets(member: Member, filters: Filters) -> Iterator[list[str]]:
    """Give groups of facets, of each of which a picture has one."""
    yield [team_facet(member.team_id), private_facet(member.team_id, member.user_id)]
    if filters.mine:
        yield [author_facet(member.user_id)]
    if filters.made_by:
        yield [backend_facet(filters.made_by)]
    if filters.shape:
        yield [filters.shape]
    if filters.tag:
        yield [tag_facet(filters.tag.pk)]
    if filters.since or filters.until:
        yield list(_times(filters.since, filters.until))


def _times(since: date | None, until: date | None) -> Iterator[str]:
    """Give the years between two days, and the months of those years that do not count as a whole."""
    first = max(since or date.min, date(FIRST_YEAR, 1, 1))
    last = min(until or date.max, timezone.now().date() + timedelta(days=1))
    if first > last:
        yield NEVER
    for year in range(first.year, last.year + 1):
        months = [each for each in (date(year, month, 1) for month in range(1, 13)) if first.replace(day=1) <= each <= last]
        yield from [year_facet(months[0])] if len(months) == 12 else map(month_facet, months)


def _joined(conditions: Sequence[Condition]) -> tuple[str, tuple[Value, ...]]:
    return " AND ".join(text for text, _ in conditions), tuple(value for _, values in conditions for value in values)


def _rows(statement: str, values: Sequence[Value]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
