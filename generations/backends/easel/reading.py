"""Read a prompt: names, counts, colours, place, time, weather, season, mood and style; the longest name wins."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

from generations.backends.easel import raster
from generations.backends.easel.brief import Brief, Link, Subject
from generations.backends.easel.drawings import has_drawing
from generations.backends.easel.lexicon import MOST_WORDS, Drawing, Lexicon, lexicon
from generations.backends.easel.raster import Colour
from generations.backends.easel.tokens import Token, tokens

MOST_SUBJECTS = 12
"""Different things in one picture."""
MOST_THINGS = 30
"""Things in one picture, all counted."""
MOST_OF_A_KIND = 24
MOST_UNDRAWN = 12
"""Words named in the note; the others are counted."""

_SAME_IN_PLURAL = frozenset({"fish", "tropical fish", "sheep", "deer"})


_CONTAINERS = frozenset({"🛁", "🧺", "🪣", "📦", "☕", "🥣", "🎈", "🚗", "🛒"})
_FRONTAL = {"🐈": "🐱", "🐕": "🐶", "🐁": "🐭", "🐇": "🐰", "🐖": "🐷", "🐄": "🐮", "🐅": "🐯", "🐒": "🐵"}


def read(prompt: str) -> Brief:
    """Return what the prompt asks for."""
    reader = _Reader(words=lexicon(), tokens=tokens(prompt))
    at = 0
    while at < len(reader.tokens):
        at += reader.take(at)
    return reader.brief()


@dataclass(slots=True)
class _Pending:
    """What was said of a thing before it is named."""

    count: int | None = None
    vague: bool = False
    """Whether the count is only what a word such as "flock" stands for."""
    colours: list[Colour] = field(default_factory=list)
    shade: float | None = None
    size: float = 1
    posture: str = ""
    negated: bool = False


@dataclass(slots=True)
class _Reader:
    words: Lexicon
    tokens: list[Token]
    subjects: list[Subject] = field(default_factory=list)
    pending: _Pending = field(default_factory=_Pending)
    deferred: list[_Pending] = field(default_factory=list)
    link: str = ""
    poured: bool = False
    found: dict[str, list[str]] = field(default_factory=dict)
    colours: list[Colour] = field(default_factory=list)
    tinted: dict[str, Colour] = field(default_factory=dict)
    undrawn: dict[str, None] = field(default_factory=dict)

    def take(self, at: int) -> int:
        """Use the longest name that starts here; returns how many tokens it was."""
        token = self.tokens[at]
        # "A mug of coffee" is one thing where both words mean the same drawing.
        self.poured = at > 0 and self.tokens[at - 1].text == "of"
        if token.kind == "emoji":
            self._take_emoji(token.text)
            return 1
        if token.kind == "break":
            self.pending, self.deferred, self.link = _Pending(), [], ""
            return 1
        for length in range(MOST_WORDS, 0, -1):
            piece = self.tokens[at : at + length]
            if len(piece) == length and all(t.kind == "word" for t in piece) and self._take_words([t.text for t in piece], at):
                return length
        self._take_unknown(token.text)
        return 1

    def _take_words(self, words: list[str], at: int) -> bool:
        said = " ".join(words)
        if (len(words) == 1 or said in self.words.colours) and self._take_modifier(said, at):
            return True
        for last in self.words.singulars(words[-1]):
            name = " ".join([*words[:-1], last])
            if self._take_setting(name) or self._take_drawing(name, said):
                return True
        if said in self.words.relations:
            self.link = self.words.relations[said]
            return True
        return said in self.words.quality

    def _take_modifier(self, word: str, at: int) -> bool:
        """Note a number, colour, shade, size, posture or negation for the next noun."""
        words, pending = self.words, self.pending
        if word in words.nothing:
            pending.negated = True
        elif word in words.numbers or word.isdecimal():
            self._take_number(word)
        elif word in words.colours and not (word in words.drawings and self._is_last(at)):
            shade = pending.shade or 0.0
            tone = raster.colour(words.colours[word])
            pending.colours.append(raster.blend(tone, (1, 1, 1) if shade > 0 else (0, 0, 0), abs(shade)))
            self.colours.append(pending.colours[-1])
            pending.shade = None
        elif word in words.shades and self._colour_follows(at):
            pending.shade = words.shades[word]
        elif word in words.sizes:
            pending.size = words.sizes[word]
        elif word in words.postures:
            self._take_posture(words.postures[word])
        else:
            return False
        return True

    def _take_posture(self, posture: str) -> None:
        """Give it to the subject just named ("a whale flying"), else to the next ("a flying whale")."""
        if self.subjects and self.pending == _Pending() and not self.link:
            self.subjects[-1] = replace(self.subjects[-1], posture=posture)
        else:
            self.pending.posture = posture

    def _take_number(self, word: str) -> None:
        value = min(int(word), 10**9) if word.isdecimal() else self.words.numbers[word]
        pending = self.pending
        if pending.colours and pending.count is not None:
            self.deferred.append(pending)
            self.pending = _Pending(count=value)
        elif pending.count is None or pending.count == 1 or pending.vague:
            pending.count, pending.vague = value, word in self.words.group_words
        elif value >= 100 or (word == "dozen"):
            pending.count = min(pending.count * value, 10**9)
        elif pending.count >= 20 and value < 20 and word not in ("a", "an"):
            pending.count += value

    def _take_setting(self, name: str) -> bool:
        """Use a word for place, time, weather, season, mood or style."""
        words, used = self.words, False
        if self.pending.count not in (None, 1) and any(form in words.drawings for form in words.singulars(name)):
            return False
        tables = {
            "place": words.places,
            "time": words.times,
            "weather": words.weathers,
            "season": words.seasons,
            "mood": words.moods,
            "style": words.styles,
        }
        for kind, table in tables.items():
            if name in table:
                used = True
                if not self.pending.negated:
                    self.found.setdefault(kind, []).append(table[name])
                    if kind == "place" and self.pending.colours:
                        self.tinted["sky" if table[name] == "sky" else "ground"] = self.pending.colours[0]
        if used and name not in words.moods and name not in words.styles:
            self.pending, self.deferred, self.link = _Pending(), [], ""
        return used

    def _take_drawing(self, name: str, said: str) -> bool:
        drawing = self.words.drawings.get(name)
        if drawing is None:
            return False
        if not self.pending.negated:
            several = name != said or name in _SAME_IN_PLURAL
            for pending in [*self.deferred, self.pending]:
                self._add(drawing, pending, several)
        self.pending, self.deferred, self.link = _Pending(), [], ""
        return True

    def _take_emoji(self, emoji: str) -> None:
        drawing = self.words.by_emoji.get(emoji)
        if drawing is None:
            if not has_drawing(emoji):
                self.undrawn.setdefault(emoji)
                return
            drawing = Drawing(emoji=emoji, name=emoji, stance="lies", size_m=0.4, home="")
        last = self.subjects[-1] if self.subjects else None
        if last is not None and last.drawing == drawing and not last.colours:
            self.subjects[-1] = replace(last, count=last.count + 1)
        else:
            self._add(drawing, self.pending, several=False)
        self.pending, self.link = _Pending(), ""

    def _take_unknown(self, word: str) -> None:
        if word not in self.words.stop:
            self.undrawn.setdefault(word)

    def _add(self, drawing: Drawing, pending: _Pending, several: bool) -> None:
        if self.poured and self.subjects and self.subjects[-1].drawing == drawing:
            return
        count = pending.count if pending.count is not None else 3 if several else 1
        link = self.link if self.subjects else ""
        if link == "in" and not (drawing.stance == "floats" or drawing.emoji in _CONTAINERS):
            link = ""
        if link in ("with", "wears"):
            owner = self._owner()
            self.subjects[owner] = self._facing_us(self.subjects[owner])
        self.subjects.append(
            Subject(
                drawing=drawing,
                count=max(count, 2) if several and pending.count == 1 and len(pending.colours) > 1 else count,
                colours=tuple(pending.colours),
                size=pending.size,
                posture=pending.posture,
                link=cast(Link, link) if link else None,
                to=self._owner() if link else -1,
            )
        )

    def _owner(self) -> int:
        """Return the index of whoever the next thing belongs to: not a hat or a book, but whose they are."""
        at = len(self.subjects) - 1
        while self.subjects[at].link in ("with", "wears", "under"):
            at = self.subjects[at].to
        return at

    def _facing_us(self, subject: Subject) -> Subject:
        """Return an animal seen from the side as the same one sitting before us, so that it can hold and wear things."""
        frontal = _FRONTAL.get(subject.drawing.emoji)
        if frontal is None:
            return subject
        return replace(subject, drawing=replace(subject.drawing, emoji=frontal, stance="face"))

    def _is_last(self, at: int) -> bool:
        """Whether no noun follows, so that "an orange" is the fruit and "an orange cat" is not."""
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return following is None or following.kind != "word" or following.text in self.words.stop

    def _colour_follows(self, at: int) -> bool:
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return following is not None and following.text in self.words.colours

    def brief(self) -> Brief:
        """Return what was found, with as many subjects and things as a picture holds."""
        subjects, notes = _capped(self.subjects)
        return Brief(
            subjects=subjects,
            place=self._first("place"),
            time=self._first("time"),
            weather=self._first("weather"),
            season=self._first("season"),
            moods=tuple(dict.fromkeys(self.found.get("mood", []))),
            style=self._first("style") or "oil",
            colours=tuple(self.colours),
            sky=self.tinted.get("sky"),
            ground=self.tinted.get("ground"),
            undrawn=tuple(self.undrawn),
            notes=notes,
        )

    def _first(self, kind: str) -> str:
        return next(iter(self.found.get(kind, [])), "")


def _capped(subjects: list[Subject]) -> tuple[tuple[Subject, ...], tuple[str, ...]]:
    """Return what fits into one picture, and a sentence for whatever does not."""
    kept: list[Subject] = []
    notes: list[str] = []
    room = MOST_THINGS
    for index, subject in enumerate(subjects):
        if len(kept) == MOST_SUBJECTS or room == 0:
            left = len(subjects) - index
            notes.append(f"Left out for want of room: {left} more {'thing' if left == 1 else 'things'}.")
            break
        count = min(max(subject.count, 1), MOST_OF_A_KIND, room)
        if count < subject.count:
            notes.append(f"Painted {count} of the {subject.count:,} ({subject.drawing.name}): more would not fit.")
        room -= count
        kept.append(replace(subject, count=count))
    return tuple(kept), tuple(notes)
