"""Bring a vendor's finished predictions into the gallery: those that were ordered elsewhere with the same key.

What comes in can be made again, as everything in the gallery can: a prediction whose seed, settings or reference picture the
vendor does not tell is left out and named, never completed by a guess. Nothing is ordered, so nothing is charged: an imported
row has the price 0 and leaves no entry in the ledger. What may be an order of this playground whose answer was lost is left to
the reconciler: once it is taken as somebody else's, that order looks as if it had never arrived, and would be sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from generations import catalog
from generations.accounts import engine_of
from generations.backends.base import RemoteState, RemoteStatus, RenderedImage
from generations.backends.wavespeed import MODEL_WITH_IMAGE
from generations.decoding import open_in_child
from generations.errors import InvalidInputs, OutboundError, UnusablePicture
from generations.images import Picture
from generations.listing import known_ids, listed, lookalike
from generations.models import Account, Attempt, Generation, Member, Outcome, State
from generations.outbound import download
from generations.pipeline.accept import essence
from generations.pipeline.store import store
from generations.submission import keep_reference

NOTE = "Brought in from WaveSpeed, where it was ordered and charged; this playground charged nothing."
NO_SETTINGS = "WaveSpeed does not list what it was ordered with."
NO_SEED = "WaveSpeed does not list its seed, without which nobody could make it again."
NO_REFERENCE = "Its reference picture is not there any more, without which nobody could make it again."
OURS_PERHAPS = "It may be an order of this playground whose answer was lost (picture {public_id})."
UNSAFE = "It may be unsafe to look at, and this team keeps no such pictures."
NOT_COPIED = "It could not be copied: {why} Run this again to try once more."


class What(StrEnum):
    IMPORTED = "imported"
    KNOWN = "known"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What became of one finished prediction."""

    upstream_id: str
    what: What
    because: str = ""
    """A sentence, when it was left out."""
    generation: Generation | None = None


class _LeftOut(Exception):
    """Carries the sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    """All that there is to keep of one prediction."""

    status: RemoteStatus
    inputs: catalog.Inputs
    pictures: Sequence[Picture]
    reference: Picture | None


def import_living(member: Member, account: Account, since: datetime) -> Iterator[Import]:
    """Bring in each finished prediction since then that is not here yet, oldest first, and tell of each.

    Raises ReadFailed when the vendor's list cannot be read, and OSError when the disk is full.
    """
    finished = [status for status in listed(account, since) if status.state == RemoteState.COMPLETED and status.outputs]
    known = known_ids(finished)
    for status in finished:
        yield Import(upstream_id=status.id, what=What.KNOWN) if status.id in known else _brought_in(member, account, status)


def _brought_in(member: Member, account: Account, status: RemoteStatus) -> Import:
    try:
        if (order := lookalike(account, status)) is not None:
            raise _LeftOut(OURS_PERHAPS.format(public_id=order.generation.public_id))
        find = _find(account, status)
        generation = _save(member, account, find)
    except _LeftOut as why:
        return Import(upstream_id=status.id, what=What.LEFT_OUT, because=str(why))
    except IntegrityError:  # Another import, or the order's own answer, was faster.
        return Import(upstream_id=status.id, what=What.KNOWN)
    if not store(generation, [_rendered(picture, status) for picture in find.pictures]):
        return Import(upstream_id=status.id, what=What.LEFT_OUT, because=UNSAFE)
    return Import(upstream_id=status.id, what=What.IMPORTED, generation=generation)


def _rendered(picture: Picture, status: RemoteStatus) -> RenderedImage:
    return RenderedImage(width=picture.width, height=picture.height, pixels=picture.pixels, is_flagged=status.has_nsfw)


def _find(account: Account, status: RemoteStatus) -> _Find:
    """Check the settings first: what would be left out is not copied."""
    inputs = _inputs(status)
    origin = engine_of(account).loopback_origin
    reference = None
    if status.model == MODEL_WITH_IMAGE:
        try:
            reference = _copied(str((status.inputs or {}).get("image", "")), origin)
        except (OutboundError, UnusablePicture) as error:
            raise _LeftOut(NO_REFERENCE) from error
    try:
        pictures = [_copied(address, origin) for address in status.outputs]
    except (OutboundError, UnusablePicture) as error:
        raise _LeftOut(NOT_COPIED.format(why=error.message)) from error
    return _Find(status=status, inputs=inputs, pictures=pictures, reference=reference)


def _inputs(status: RemoteStatus) -> catalog.Inputs:
    """Return the listed settings; what the vendor leaves out has the vendor's defaults, which are the catalog's."""
    try:
        inputs = catalog.load().clean(status.inputs or {})
    except InvalidInputs as error:
        raise _LeftOut(f"{NO_SETTINGS} {error.message}" if status.inputs else NO_SETTINGS) from error
    if inputs.seed < 0:
        raise _LeftOut(NO_SEED)
    return inputs


def _copied(address: str, loopback_origin: str) -> Picture:
    return open_in_child(download(address, loopback_origin=loopback_origin).body)


def _save(member: Member, account: Account, find: _Find) -> Generation:
    """Save a row that a worker seems to be storing, with its accepted order: should this process die, a sweep fetches it."""
    status, inputs, first = find.status, find.inputs, find.pictures[0]
    with transaction.atomic():
        reference = keep_reference(member, find.reference) if find.reference else None
        listed_size = "size" in (status.inputs or {}) and reference is None
        generation = Generation.objects.create(
            team=member.team,
            author=member.user,
            model=catalog.DEFAULT_MODEL,
            backend=account.backend,
            prompt=inputs.prompt,
            width=inputs.width if listed_size else first.width,
            height=inputs.height if listed_size else first.height,
            num_inference_steps=inputs.num_inference_steps,
            guidance_scale=inputs.guidance_scale,
            seed=inputs.seed,
            output_format=inputs.output_format,
            reference=reference,
            strength=inputs.strength if reference else None,
            state=State.STORING,
            fence=1,
            lease_until=timezone.now() + timedelta(seconds=settings.STORE_LEASE_S),
            render_ms=status.inference_ms,
            notes=[NOTE],
            versions=engine_of(account).versions,
        )
        _save_order(generation, account, status)
    return generation


def _save_order(generation: Generation, account: Account, status: RemoteStatus) -> None:
    Attempt.objects.create(
        generation=generation,
        number=1,
        account=account,
        outcome=Outcome.ACCEPTED,
        upstream_id=status.id,
        request={"model": status.model, "inputs": dict(status.inputs or {})},
        answers=[essence(status)],
        outputs=list(status.outputs),
        # The vendor's moment: an import must not count as an order of the last minute.
        created_at=status.created_at or timezone.now() - timedelta(minutes=1),
    )
