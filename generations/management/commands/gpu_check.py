"""Say what FLUX would run on here and how, then load it and make a small picture of one step."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.backends import backend_for
from generations.backends.base import ImageRequest
from generations.backends.flux import Flux
from generations.backends.flux.cards import table
from generations.errors import BackendError

TRIAL = ImageRequest(
    prompt="A red fox in the snow", width=512, height=512, num_inference_steps=1, guidance_scale=3.5, seed=1, output_format="png"
)
NOT_SET_UP = "FLUX is not set up: set FLUX_MODEL or FLUX_TRANSFORMER (docs/gpu.md), then try again."


class Command(BaseCommand):
    help = "Print the graphics card, its memory and the precision chosen for FLUX, and time a picture of one step."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cards", action="store_true", help="print which card needs what, and nothing else")
        parser.add_argument("--dry-run", action="store_true", help="say what would be loaded, and load nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cards"]:
            self.stdout.write(table())
            return
        if "flux" not in settings.IMAGE_BACKENDS:
            raise CommandError(NOT_SET_UP)
        flux = backend_for("flux")
        assert isinstance(flux, Flux)
        try:
            for label, value in flux.plan().items():
                self._say(label, value)
            if not options["dry_run"]:
                self._try(flux)
        except BackendError as error:
            raise CommandError(error.message) from error

    def _try(self, flux: Flux) -> None:
        """Time the first picture, for which the model is loaded, and the second one, for which it is there."""
        for label in ("First picture", "Next picture"):
            started = time.monotonic()
            flux.render(TRIAL, lambda step, of, preview: None)
            note = ", the model's loading included" if label == "First picture" else ""
            self._say(label, f"{time.monotonic() - started:.1f} s for 512 × 512 and one step{note}")
        for name, value in flux.versions.items():
            self._say(name, value)

    def _say(self, label: str, value: str) -> None:
        self.stdout.write(f"{label:<20} {value}")
