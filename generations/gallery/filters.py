"""Which of the team's pictures are wanted, as the gallery's address says it: all filters in one value.

Reading is tolerant: what cannot be used is left out with a sentence, and the rest of the address counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.http import urlencode

from generations import search
from generations.backends import title_of
from generations.models import Collection, Member, Tag

SHAPES = {"landscape": "Landscape", "square": "Square", "portrait": "Portrait"}
MOST_SEED = 2_147_483_647
NO_DATE = "“{text}” is not a date. Write one such as 2026-11-30."
NO_SHAPE = "There is no shape “{text}”. Choose landscape, square or portrait."
NO_SEED = f"A seed is a whole number from 0 to {MOST_SEED}."
NO_TAG = "Your team has no tag “{text}”."
NO_COLLECTION = "Your team has no such collection. It may have been deleted."
BACKWARDS = "The first day is after the last one, so no picture can be between them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    pk: int
    key: str
    """What stands for it in an address."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a team can choose from."""

    collections: tuple[Named, ...] = ()
    tags: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter that is on, with the address without it."""

    name: str
    words: str
    away: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    q: str = ""
    mine: bool = False
    favourites: bool = False
    made_by: str = ""
    """The alias of an engine."""
    shape: str = ""
    since: date | None = None
    until: date | None = None
    """The last day that counts."""
    collection: Named | None = None
    tag: Named | None = None
    seed: int | None = None
    problems: tuple[str, ...] = field(default=(), compare=False)
    """Sentences about what could not be used."""

    @property
    def query(self) -> search.Query:
        return search.parse(self.q)

    @property
    def values(self) -> dict[str, str]:
        """Return name → text of what an address says of them."""
        said = {
            "q": self.q,
            "mine": "1" if self.mine else "",
            "favourites": "1" if self.favourites else "",
            "made_by": self.made_by,
            "shape": self.shape,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "collection": self.collection.key if self.collection else "",
            "tag": self.tag.key if self.tag else "",
            "seed": "" if self.seed is None else str(self.seed),
        }
        return {name: text for name, text in said.items() if text}

    def address(self, *, without: str = "", **more: str | int) -> str:
        """Return the gallery's address with these filters, less one of them, and with what else it has to say."""
        said = {**{name: text for name, text in self.values.items() if name != without}, **more}
        return reverse("gallery:index") + (f"?{urlencode(said)}" if said else "")

    @property
    def chips(self) -> list[Chip]:
        """Return a chip for each filter that is on."""
        words: dict[str, Callable[[str], str]] = {
            "q": lambda text: f"“{text}”",
            "mine": lambda text: "Mine",
            "favourites": lambda text: "Favourites",
            "made_by": title_of,
            "shape": lambda text: SHAPES[text],
            "from": lambda text: f"From {text}",
            "to": lambda text: f"Until {text}",
            "collection": lambda text: self.collection.name if self.collection else "",
            "tag": lambda text: f"#{text}",
            "seed": lambda text: f"Seed {text}",
        }
        return [Chip(name=name, words=words[name](text), away=self.address(without=name)) for name, text in self.values.items()]


def names_of(member: Member) -> Names:
    """Return the and tags that a member can choose, by name, in one query."""
    collections = Collection.objects.seen_by(member).annotate(
        kind=Value("collection"), key=Cast("public_id", CharField()), called=F("name")
    )
    tags = Tag.objects.filter(team=member.team_id).annotate(kind=Value("tag"), key=F("name"), called=F("name"))
    columns = ("kind", "pk", "key", "called")
    rows = list(collections.values_list(*columns).union(tags.values_list(*columns), all=True).order_by("called"))

    def of(kind: str) -> tuple[Named, ...]:
        return tuple(Named(pk=pk, key=str(key), name=name) for found, pk, key, name in rows if found == kind)

    return Names(collections=of("collection"), tags=of("tag"))


def read(raw: Mapping[str, str], names: Names) -> Filters:
    """Return the filters that an address names, and sentences for those that cannot be used."""
    problems: list[str] = []
    text = {name: str(raw.get(name, "")).replace("\0", "").strip() for name in (*_NAMES, "q")}
    since, until = _day(text["from"], problems), _day(text["to"], problems)
    if since and until and since > until:
        problems.append(BACKWARDS)
    query = search.parse(text["q"])
    return Filters(
        q=text["q"][: search.LONGEST] if query.terms else "",
        mine=text["mine"] in _YES,
        favourites=text["favourites"] in _YES,
        made_by=text["made_by"][:40].strip(),
        shape=_known(text["shape"], SHAPES, NO_SHAPE, problems),
        since=since,
        until=until,
        collection=_named(text["collection"], names.collections, NO_COLLECTION, problems),
        tag=_named(text["tag"].lstrip("#").lower(), names.tags, NO_TAG, problems),
        seed=_seed(text["seed"], problems),
        problems=(*((query.problem,) if query.problem else ()), *problems),
    )


_NAMES = ("mine", "favourites", "made_by", "shape", "from", "to", "collection", "tag", "seed")
_YES = frozenset({"1", "on", "yes", "true"})


def _known(text: str, known: Mapping[str, str], sentence: str, problems: list[str]) -> str:
    if text in known or not text:
        return text
    problems.append(sentence.format(text=text[:40]))
    return ""


def _day(text: str, problems: list[str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems.append(NO_DATE.format(text=text[:40]))
        return None


def _seed(text: str, problems: list[str]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST_SEED:
        return int(text)
    if text:
        problems.append(NO_SEED)
    return None


def _named(text: str, known: tuple[Named, ...], sentence: str, problems: list[str]) -> Named | None:
    wanted = _hyphened(text)
    found = next((each for each in known if wanted in (each.key, _hyphened(each.key))), None) if text else None
    if text and found is None:
        problems.append(sentence.format(text=text[:40]))
    return found


def _hyphened(text: str) -> str:
    """Return an id in the one way of writing it; SQLite keeps ids without hyphens. Other texts stay as they are."""
    try:
        return str(UUID(text))
    except ValueError:
        return text
