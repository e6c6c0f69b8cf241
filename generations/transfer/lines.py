"""One line of gallery.jsonl: all that there is to know about one picture, people by their e-mail addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from generations.models import Check, Favourite, Generation, Image, Reference, State, Tagging, Team, Verdict

Line = Mapping[str, Any]

PLAIN = (
    "model",
    "backend",
    "prompt",
    "width",
    "height",
    "num_inference_steps",
    "guidance_scale",
    "seed",
    "output_format",
    "strength",
    "state",
    "error",
    "detail",
    "render_ms",
    "price_microusd",
    "notes",
    "versions",
    "note",
    "is_check",
)
"""What goes into a line, and comes out of it, as it is."""
TIMES = ("created_at", "started_at", "finished_at", "trashed_at")
IMAGE = ("index", "width", "height", "size_bytes", "output_format", "sha256", "pixels_sha256")
ENHANCEMENT = (
    "enhancer",
    "original",
    "style",
    "seed",
    "agreed_microusd",
    "state",
    "price_microusd",
    "charged_microusd",
    "text",
    "additions",
    "notes",
    "error",
    "detail",
)
CHECK = ("verdict", "distance", "changes")


def to_carry(team: Team) -> QuerySet[Generation]:
    """Return a team's pictures, those in the trash and those of decided checks included, with all that a line holds."""
    checks = Check.objects.exclude(verdict=Verdict.WAITING).select_related("again", "author").order_by("pk")
    rows = Generation.objects.filter(team=team, purged_at__isnull=True)
    pictures = rows.filter(state=State.SUCCEEDED, is_check=False)
    decided = rows.filter(is_check=True, check_of__in=checks, check_of__generation__purged_at__isnull=True)
    return (
        (pictures | decided)
        .select_related("author", "trashed_by", "parent", "reference", "enhancement__author")
        .prefetch_related(
            "images",
            Prefetch("favourites", Favourite.objects.select_related("user").order_by("user__email")),
            Prefetch("taggings", Tagging.objects.select_related("tag").order_by("tag__name")),
            "collection_items__collection",
            Prefetch("checks", checks),
        )
    )


def line_of(generation: Generation) -> Line:
    """Return a picture's line."""
    parent = generation.parent
    return {
        "id": str(generation.public_id),
        "stack": str(generation.stack),
        **{name: getattr(generation, name) for name in PLAIN},
        **{name: _moment(getattr(generation, name)) for name in TIMES},
        "author": generation.author.email,
        "trashed_by": generation.trashed_by.email if generation.trashed_by else None,
        "parent": str(parent.public_id) if parent and parent.purged_at is None else None,
        "reference": _reference(generation.reference) if generation.reference else None,
        "enhancement": _enhancement(generation) if generation.enhancement else None,
        "images": [_image(image) for image in generation.images.all()],
        "tags": [tagging.tag.name for tagging in generation.taggings.all()],
        "favourites": [
            {"email": each.user.email, "created_at": _moment(each.created_at)} for each in generation.favourites.all()
        ],
        "collections": sorted(_places(generation), key=lambda place: place["name"] or ""),
        "checks": [_check(check) for check in generation.checks.all()],
    }


def picture_path(public_id: str, image: Mapping[str, Any]) -> str:
    """Return where a picture's file lies in an export; made of checked parts, never read from it."""
    name = public_id.replace("-", "")
    return f"pictures/{name[:2]}/{name}-{int(image['index'])}.{'png' if image['output_format'] == 'png' else 'jpeg'}"


def reference_path(public_id: str) -> str:
    return f"references/{public_id.replace('-', '')}.png"


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _image(image: Image) -> dict[str, Any]:
    return {**{name: getattr(image, name) for name in IMAGE}, "created_at": _moment(image.created_at)}


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "id": str(reference.public_id),
        "width": reference.width,
        "height": reference.height,
        "pixels_sha256": reference.pixels_sha256,
        "source_sha256": reference.source_sha256,
        "created_at": _moment(reference.created_at),
    }


def _enhancement(generation: Generation) -> dict[str, Any]:
    request = generation.enhancement
    assert request is not None
    times = {name: _moment(getattr(request, name)) for name in ("created_at", "moved_at", "finished_at")}
    plain = {name: getattr(request, name) for name in ENHANCEMENT}
    return {"id": str(request.public_id), "author": request.author.email, **plain, **times}


def _places(generation: Generation) -> list[dict[str, str | None]]:
    return [{"name": item.collection.name, "added_at": _moment(item.added_at)} for item in generation.collection_items.all()]


def _check(check: Check) -> dict[str, Any]:
    plain = {name: getattr(check, name) for name in CHECK}
    times = {"created_at": _moment(check.created_at), "decided_at": _moment(check.decided_at)}
    return {"again": str(check.again.public_id), "author": check.author.email, **plain, **times}
