"""Make a picture from the command line, through the same submission and pipeline as the page."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from generations import catalog, pipeline
from generations.backends import backend_for, default_backend
from generations.enhancers.base import Style
from generations.errors import BackendError, EnhanceFailed, InvalidInputs, OverBudget, UnusablePicture
from generations.images import Picture, open_picture
from generations.management.enhancement import enhanced
from generations.management.people import acting_member
from generations.models import Generation, Image, Member, State
from generations.money import dollars
from generations.submission import Order, submit

WAIT_S = 0.2
WAITS = "This costs {price}, more than may be spent unasked: it waits for an owner, who sees it on the page Team, under Spending."


class Command(BaseCommand):
    help = "Make a picture, keep it in the gallery, and print where it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt")
        parser.add_argument("--size", help="Width*height in pixels, 256 to 1536 each; 1024*1024 if not given.")
        parser.add_argument("--seed", help="The same seed gives the same picture; drawn if not given.")
        parser.add_argument("--steps", dest="num_inference_steps", help="1 to 50; 28 if not given.")
        parser.add_argument("--guidance", dest="guidance_scale", help="1 to 20; 3.5 if not given.")
        parser.add_argument("--image", type=Path, help="A reference picture: PNG, JPEG or WebP.")
        parser.add_argument("--strength", help="0 keeps the reference, 1 ignores it; 0.8 if not given.")
        parser.add_argument("--format", dest="output_format", help="png or jpeg.")
        parser.add_argument("--backend", help="Which engine makes it.")
        parser.add_argument("--enhance", action="store_true", help="Improve the prompt first, with the built-in enhancer.")
        parser.add_argument("--style", default=Style.DEFAULT.value, help=f"Of the improved prompt; one of: {', '.join(Style)}.")
        parser.add_argument("--as", dest="email", help="Whose picture it is; the first owner's if not given.")
        parser.add_argument("--output", type=Path, help="Also write the file here.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        member = acting_member(options["email"])
        try:
            generation = submit(member, _order(member, options), hint=False)
        except (InvalidInputs, UnusablePicture, BackendError, EnhanceFailed, OverBudget) as error:
            raise CommandError(error.message, returncode=2) from error
        if generation.state == State.PENDING:
            raise CommandError(WAITS.format(price=dollars(generation.price_microusd)))
        started = time.monotonic()
        _run(generation, quiet=options["json"])
        seconds = time.monotonic() - started
        generation.refresh_from_db()
        if generation.state != State.SUCCEEDED:
            raise CommandError(generation.error or f"The picture was {generation.get_state_display().lower()}.")
        self._print(generation, seconds, options)

    def _print(self, generation: Generation, seconds: float, options: dict[str, Any]) -> None:
        image = generation.images.get()
        path = _keep(image, options["output"])
        if options["json"]:
            self.stdout.write(json.dumps(_result(generation, image, path, seconds), ensure_ascii=False))
            return
        if generation.enhancement is not None:
            self.stdout.write(generation.prompt)
        for note in generation.notes:
            self.stdout.write(note)
        self.stdout.write(f"{path}\nseed {generation.seed}, {image.width}×{image.height}, {seconds:.1f} s, {generation.backend}")


def _order(member: Member, options: dict[str, Any]) -> Order:
    request = enhanced(member, options["prompt"], enhancer="local", style=options["style"]) if options["enhance"] else None
    prompt = request.text if request else options["prompt"]
    inputs = catalog.load().clean({**options, "prompt": prompt, "size": options["size"] or ""})
    backend = backend_for(options["backend"]) if options["backend"] else default_backend()
    return Order(inputs=inputs, backend=backend, picture=_picture(options["image"]), enhancement=request)


def _picture(path: Path | None) -> Picture | None:
    if path is None:
        return None
    try:
        return open_picture(path.read_bytes())
    except OSError as error:
        raise UnusablePicture(f"The reference {path} could not be read ({error.strerror}).") from error


def _run(generation: Generation, *, quiet: bool) -> None:
    """Render here; when a worker was faster, wait for it."""
    console = Console(stderr=True, quiet=quiet or not sys.stderr.isatty())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("step {task.completed} of {task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        pipeline.advance(generation.pk, watch=_watch(bar, generation.num_inference_steps))
    generation.refresh_from_db(fields=["state"])
    while not generation.is_final and generation.state != State.NEEDS_REVIEW:
        time.sleep(WAIT_S)
        generation.refresh_from_db(fields=["state"])


def _watch(bar: Progress, total: int) -> Callable[[int, int], None]:
    task = bar.add_task("Painting", total=total)
    return lambda step, of: bar.update(task, completed=step, total=of)


def _keep(image: Image, output: Path | None) -> str:
    """Copy the picture to where the person wants it and return where it is."""
    if output is None:
        return str(image.file.path)
    try:
        with image.file.open("rb") as source, output.open("wb") as target:
            shutil.copyfileobj(source, target)
    except OSError as error:
        raise CommandError(
            f"The picture is in the gallery, but {output} could not be written ({error.strerror}).", returncode=2
        ) from error
    return str(output)


def _result(generation: Generation, image: Image, path: str, seconds: float) -> dict[str, object]:
    return {
        "id": str(generation.public_id),
        "file": path,
        "prompt": generation.prompt,
        "seed": generation.seed,
        "size": generation.size,
        "seconds": round(seconds, 3),
        "backend": generation.backend,
        "sha256": image.sha256,
        "pixels_sha256": image.pixels_sha256,
        "notes": generation.notes,
    }
