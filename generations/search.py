"""Find pictures by their words: what is written down of each, and what a person's search means.

`SearchText` holds a picture in a form that needs no more reading: `words` are plain words with one blank between them, and
`facets` are words of ours that stand for the team (or for the one person in it who keeps the picture to themselves), the author,
the engine, the shape, the year and month, and the tags. The databases index both (`migrations/_search_index.py`); a facet begins
with = there, as no word of a person can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from generations.models import Generation, SearchText, Tagging
from generations.words import words_of

LONGEST = 200
SHORTEST_PREFIX = 2
AT_ONCE = 500
TOO_LONG = f"A search may have {LONGEST} characters; what came after them was left out."
NO_WORDS = "There is no word in this search. Write one or two, such as fox or “red fox”."
SHORT_PREFIX = f"A * needs at least {SHORTEST_PREFIX} letters before it, such as fo*."

_PIECE = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)(?P<closed>"?)(?P<star>\*?)|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„«»", '"' * 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    words: tuple[str, ...]
    """One after the other."""
    is_prefix: bool = False
    """The last one may go on."""
    is_not: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: all of the terms, and none of those with `is_not`."""

    terms: tuple[Term, ...] = ()
    problem: str = ""
    """A sentence about what could not be used."""


def parse(text: str) -> Query:
    """Read a search: words, prefixes (fox*), "phrases", and -what must not be there. Every text is a search."""
    problem = TOO_LONG if len(text) > LONGEST else ""
    terms = []
    for piece in _PIECE.finditer(text[:LONGEST].translate(_QUOTES)):
        raw = piece["word"] if piece["phrase"] is None else piece["phrase"]
        words = tuple(words_of(raw))
        wants_prefix = bool(piece["star"]) or (piece["word"] or "").endswith("*")
        is_prefix = wants_prefix and bool(words) and len(words[-1]) >= SHORTEST_PREFIX
        problem = problem or (SHORT_PREFIX if words and wants_prefix and not is_prefix else "")
        if words:
            terms.append(Term(words=words, is_prefix=is_prefix, is_not=bool(piece["minus"])))
    return Query(terms=tuple(terms), problem=problem or (NO_WORDS if text.strip() and not terms else ""))


def index(generation_ids: Iterable[int]) -> None:
    """Write down the words of these pictures, or forget them, as each deserves: call it in the transaction that changes them."""
    wanted = sorted(set(generation_ids))
    for ids in (wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE)):
        tags = Prefetch("taggings", Tagging.objects.select_related("tag").order_by("tag__name"))
        rows = Generation.objects.in_gallery().filter(pk__in=ids, purged_at__isnull=True)
        texts = [_text(row) for row in rows.select_related("enhancement").prefetch_related(tags)]
        changing = ["team", "words", "facets"]
        SearchText.objects.bulk_create(texts, update_conflicts=True, unique_fields=["generation"], update_fields=changing)
        if gone := set(ids) - {text.pk for text in texts}:
            SearchText.objects.filter(pk__in=gone).delete()


def _text(generation: Generation) -> SearchText:
    tags = [tagging.tag for tagging in generation.taggings.all()]
    original = generation.enhancement.original if generation.enhancement else ""
    said = (generation.prompt, original if original != generation.prompt else "", generation.note, *(tag.name for tag in tags))
    return SearchText(
        generation=generation,
        team_id=generation.team_id,
        words=" ".join(word for text in said for word in words_of(text)),
        facets=" ".join(f"={facet}" for facet in _facets(generation, [tag.pk for tag in tags])),
    )


def _facets(generation: Generation, tag_ids: Sequence[int]) -> Iterator[str]:
    private = generation.is_private
    yield private_facet(generation.team_id, generation.author_id) if private else team_facet(generation.team_id)
    yield author_facet(generation.author_id)
    yield backend_facet(generation.backend)
    yield shape_of(generation.width, generation.height)
    yield year_facet(generation.created_at)
    yield month_facet(generation.created_at)
    yield from map(tag_facet, tag_ids)


def team_facet(team_id: int) -> str:
    return f"t{team_id}"


def private_facet(team_id: int, user_id: int) -> str:
    """Stand for the team in what somebody keeps to themselves."""
    return f"t{team_id}o{user_id}"


def author_facet(user_id: int) -> str:
    return f"a{user_id}"


def backend_facet(alias: str) -> str:
    """Return letters and digits for any alias."""
    return f"b{alias.encode().hex()}"


def tag_facet(tag_id: int) -> str:
    return f"g{tag_id}"


def year_facet(day: date) -> str:
    return f"y{day.year}"


def month_facet(day: date) -> str:
    return f"m{day:%Y%m}"


def shape_of(width: int, height: int) -> str:
    return "square" if width == height else "landscape" if width > height else "portrait"


def fts5(query: Query, facets: Sequence[Sequence[str]]) -> str:
    """Return the query in SQLite's language: of each group of facets one, and the words."""
    wanted = [f"facets : ({' OR '.join(_quoted(facet) for facet in group)})" for group in facets]
    wanted += [f"words : {_fts5_term(term)}" for term in query.terms if not term.is_not]
    unwanted = [f"words : {_fts5_term(term)}" for term in query.terms if term.is_not]
    return f"({' AND '.join(wanted)})" + (f" NOT ({' OR '.join(unwanted)})" if unwanted else "")


def _fts5_term(term: Term) -> str:
    return _quoted(" ".join(term.words)) + (" *" if term.is_prefix else "")


def _quoted(text: str) -> str:
    return f'"{text}"'


def tsqueries(query: Query, facets: Sequence[Sequence[str]]) -> tuple[str, str]:
    """Return the query in PostgreSQL's language: the words for to_tsquery, and the facets as a tsquery that stands as it is."""
    words = " & ".join(("!" if term.is_not else "") + _tsquery_term(term) for term in query.terms)
    groups = " & ".join(f"({' | '.join(_lexeme(f'={facet}') for facet in group)})" for group in facets)
    return words, groups


def _tsquery_term(term: Term) -> str:
    return f"({' <-> '.join(map(_lexeme, term.words))}{':*' if term.is_prefix else ''})"


def _lexeme(text: str) -> str:
    return f"'{text}'"


def likes(query: Query) -> Iterator[tuple[bool, str]]:
    """Give each term as a pattern for LIKE over the words with a blank at both ends, and whether it must match."""
    for term in query.terms:
        yield not term.is_not, f"% {' '.join(term.words)}{'%' if term.is_prefix else ' %'}"
