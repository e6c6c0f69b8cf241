"""Write a team's whole gallery into a folder or a ZIP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import audit_log
from generations.management.teams import team_named
from generations.models import AuditKind
from generations.transfer.export import export
from generations.transfer.parts import target_at

NOT_WRITTEN = "The export could not be written: {why}. Nothing of the gallery was changed; free some space, then run this again."


class Command(BaseCommand):
    help = (
        "Write a team's whole gallery into a folder, or into a ZIP where PATH ends in .zip: the original files, and all that is "
        "known of them. `import_images` brings it back. E-mail addresses are in it, so keep it as safe as the server."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--team", metavar="NAME", help="Which team's; not needed where there is only one.")

    def handle(self, *args: Any, **options: Any) -> None:
        team = team_named(options["team"])
        try:
            with target_at(options["path"]) as target:
                done = export(team, target)
        except OSError as error:
            raise CommandError(NOT_WRITTEN.format(why=error.strerror or error), returncode=2) from error
        told = f"The whole gallery, {done.pictures} pictures, from the server's command line"
        audit_log.record(AuditKind.EXPORTED, told, team=team, actor=None)
        for name in done.missing:
            self.stderr.write(f"missing: {name} is not on this server any more")
        self.stdout.write(f"{done.pictures} pictures of the team {team.name} are in {options['path']}.")
