"""Improve a prompt from the command line, as the page's button does."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.enhancers.base import Style
from generations.enhancing import FIRST_SEED
from generations.errors import PlaygroundError
from generations.management.enhancement import enhanced
from generations.management.people import acting_member


class Command(BaseCommand):
    help = "Improve a prompt and print the text; nothing is painted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt")
        parser.add_argument("--style", default=Style.DEFAULT.value, help=f"One of: {', '.join(Style)}.")
        parser.add_argument("--seed", type=int, default=FIRST_SEED, help="Another seed gives another text.")
        parser.add_argument("--provider", default="local", help="Which enhancer: local, wavespeed or chat.")
        parser.add_argument("--most", type=float, default=0.0, help="The most to pay, in dollars; 0 if not given.")
        parser.add_argument("--as", dest="email", help="Who asks; the first owner if not given.")
        parser.add_argument("--json", action="store_true", help="Print the additions, too, as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            request = enhanced(
                acting_member(options["email"]),
                options["prompt"],
                enhancer=options["provider"],
                style=options["style"],
                seed=options["seed"],
                most_usd=options["most"],
            )
        except PlaygroundError as error:
            raise CommandError(error.message, returncode=2) from error
        if options["json"]:
            found = {"original": request.original, "text": request.text, "additions": request.additions, "notes": request.notes}
            self.stdout.write(json.dumps({**found, "seed": request.seed, "style": request.style}, ensure_ascii=False))
            return
        self.stdout.write(request.text)
        for note in request.notes:
            self.stderr.write(note)
