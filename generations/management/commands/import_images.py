"""Bring pictures, or a whole exported gallery, into a team's gallery."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.errors import InvalidInputs
from generations.images import MAX_BYTES
from generations.management.teams import member_of, team_named
from generations.transfer.arrivals import Arrival, What, bring_in
from generations.transfer.parcels import Parcel, parcels_in
from generations.transfer.parts import Export, is_export
from generations.transfer.restore import restore

NOT_SAVED = "A picture could not be saved: the disk is full or read-only. Those before it are kept; run this again later."
_NOT_MEANT = (".", "Thumbs.db", "desktop.ini")


class Command(BaseCommand):
    help = (
        "Bring the pictures of a folder or a ZIP into the gallery, or a gallery that `export_gallery` has written. Nothing is "
        "charged. What is here already is not doubled, so an import that broke off is simply run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument(
            "--as", dest="email", help="Whose pictures they are here, unless the export says it; the first owner's if not given."
        )
        parser.add_argument("--team", metavar="NAME", help="Into which team's gallery; not needed where there is only one.")

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[What] = Counter()
        try:
            for arrival in self._arrivals(options["path"], options["team"], options["email"]):
                counts[arrival.what] += 1
                self._tell(arrival)
        except InvalidInputs as error:
            raise CommandError(error.message, returncode=2) from error
        except OSError as error:
            raise CommandError(NOT_SAVED, returncode=2) from error
        known = counts[What.KNOWN] + counts[What.IN_TRASH]
        self.stdout.write(f"{counts[What.BROUGHT]} brought in, {known} here already, {counts[What.REFUSED]} could not be read.")

    def _arrivals(self, path: Path, team_name: str | None, email: str | None) -> Iterator[Arrival]:
        if is_export(path):
            yield from restore(team_named(team_name), Export(path))
            return
        member = member_of(team_named(team_name), email)
        with contextlib.ExitStack() as stack:
            yield from bring_in(member, _files(path, stack))

    def _tell(self, arrival: Arrival) -> None:
        if arrival.what == What.REFUSED:
            self.stderr.write(f"{arrival.name}: {arrival.because}")
        elif arrival.what != What.KNOWN:
            self.stdout.write(f"{arrival.name}: {arrival.what}")


def _files(path: Path, stack: contextlib.ExitStack) -> Iterator[Parcel]:
    """Yield what is at a place; ZIPs that lie in a folder are looked into, links are not followed."""
    paths = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
    for each in paths:
        if each.name.startswith(_NOT_MEANT):
            continue
        if each.suffix.lower() == ".zip":
            yield from parcels_in([(each.name, stack.enter_context(each.open("rb")))], most=None)
        else:
            name = str(each.relative_to(path)) if each != path else each.name
            yield Parcel(name=name.encode(errors="replace").decode(), read=partial(_read, each))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
