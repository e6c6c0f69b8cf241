"""ASK for a picture: reserve its price and save the row, in one transaction; then leave a hint for a worker."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from generations import budget, lifecycle, pipeline, tasks
from generations.access import Right, may
from generations.accounts import why_unavailable
from generations.announce import WISHES, announce
from generations.backends import backend_for
from generations.backends.base import Backend
from generations.catalog import DEFAULT_MODEL, Inputs
from generations.errors import BackendUnavailable, InvalidInputs, ReadFailed, Why
from generations.faults import reach
from generations.images import Picture, fingerprint_pixels
from generations.models import Attempt, EnhancementRequest, Generation, Image, Member, Outcome, Reference, State
from generations.models.attempt import LIVE, UNPROVEN
from generations.moderation import check_prompt

HIGHEST_SEED = 2_147_483_647
NOT_ADOPTED = "There is no such order at the vendor, or it belongs to another picture. Copy its id from your account there."
ENDED_WITHOUT_PICTURE = frozenset({State.FAILED, State.CANCELLED})
Note = Callable[[Generation], None]
"""What a door writes down of its own about a row, in the transaction that saves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that a person decides about one picture."""

    inputs: Inputs
    backend: Backend
    picture: Picture | None = None
    """The reference, already through the picture door."""
    idempotency_key: str | None = None
    """The same key in the same team is the same order: it is placed once."""
    count: int = 1
    """Pictures with seeds that follow each other, kept as one stack."""
    enhancement: EnhancementRequest | None = None
    """Where the prompt, or a part of it, came from."""
    parent: Generation | None = None
    """The team's own picture whose settings it was made with."""
    asks_first: bool = False
    """A person waits for the answer, who can be asked whether a word of which the team warns is meant."""


def submit(member: Member, order: Order, *, hint: bool = True, note: Note | None = None) -> Generation:
    """Save a stack of generations in state queued and return its first; the one already there when the key was used before.

    What costs more than its asker may spend unasked waits for an owner instead (pending). Raises BackendUnavailable when the
    backend cannot be used here, ListedWord and OverMonthBudget. With `hint=False` the caller runs it itself. `note` is called
    with the first row inside the transaction, and may refuse it by raising.
    """
    if reason := why_unavailable(member.team, order.backend):
        raise BackendUnavailable(reason)
    return _once(member, order.idempotency_key, lambda: _save(member, order), hint=hint, note=note)


def repeat(member: Member, generation: Generation) -> Generation:
    """Ask again for what failed, was cancelled or waits for a decision, and return the row that is to be made.

    A failed or cancelled row stays as it is, and a new one is made, once however often this is called. What is on its
    way or done is returned unchanged. What may cost more than an owner said yes to waits for an owner again. Raises
    ListedWord and OverMonthBudget.
    """
    if generation.state == State.NEEDS_REVIEW:
        _retry_in_place(member, generation)
    if generation.state not in ENDED_WITHOUT_PICTURE:
        return generation
    key = again_key(generation)
    state = _first_state(member, generation.price_microusd, is_declined=generation.is_declined)
    return _once(member, key, lambda: _copy(member, generation, key, state=state), hint=True)


def make_again(member: Member, generation: Generation, note: Note) -> Generation:
    """Order the very same picture once more, apart from the gallery, and return the row that is to be made.

    Raises BackendUnavailable, ListedWord and OverMonthBudget. `note` is called with the row inside the transaction.
    """
    return make_more(member, generation, [{"is_check": True, "stack": uuid.uuid4()}], note)[0]


def make_more(
    member: Member, generation: Generation, differences: Sequence[Mapping[str, object]], note: Note | None = None
) -> list[Generation]:
    """Order copies of a picture, each with what it has of its own, all or none; return the rows that are to be made.

    Raises BackendUnavailable, ListedWord and OverMonthBudget.
    """
    backend = backend_for(generation.backend)
    if reason := why_unavailable(member.team, backend):
        raise BackendUnavailable(reason)
    saved: list[Generation] = []

    def save() -> list[Generation]:
        priced = [{"price_microusd": backend.price_microusd, **own} for own in differences]
        state = _first_state(member, backend.price_microusd * len(priced))
        saved.extend(row for own in priced for row in _copy(member, generation, None, state=state, **own))
        return saved

    _once(member, None, save, hint=True, note=note)
    return saved


def again_key(generation: Generation) -> str:
    """Return the key under which a row is asked for again, once."""
    return f"again-{generation.public_id.hex}"


def _retry_in_place(member: Member, generation: Generation) -> None:
    """Fetch a picture that is done at its vendor; order anew what is not, leaving the former attempt behind."""
    with transaction.atomic():
        attempt = generation.attempts.filter(outcome__in=LIVE).first()
        if attempt is not None and attempt.outputs:
            moved = _move_on("fetch_after_review", generation)
        else:
            check_prompt(generation.team, generation.prompt)
            generation.attempts.filter(outcome__in=LIVE).update(outcome=Outcome.ABANDONED)
            # What was never ordered still has its price set aside, which is all that an owner may have said yes to.
            waits = attempt is not None and _first_state(member, generation.price_microusd) == State.PENDING
            moved = _move_on("ask_again" if waits else "try_again", generation)
            if moved:
                budget.reserve_anew(generation)
        if moved:
            transaction.on_commit(lambda: tasks.hint([generation.pk]))
        else:  # It moved on by itself a moment ago: its order lives.
            transaction.set_rollback(True)


def _move_on(move: str, generation: Generation) -> bool:
    """Take a row out of what waits for a decision, as if nothing had gone wrong before."""
    return lifecycle.move(move, generation, expiries=0, not_before=Now(), error="", detail="")


def adopt(generation: Generation, upstream_id: str) -> None:
    """Take over the vendor's prediction of that id for a row whose answer was lost.

    Raises InvalidInputs when there is none, or when it belongs to another picture, and ReadFailed.
    """
    attempt = generation.attempts.filter(outcome=Outcome.UNKNOWN).select_related("account", "generation").first()
    if attempt is None or not _adopted(attempt, upstream_id):
        raise InvalidInputs({"upstream_id": NOT_ADOPTED})


def _adopted(attempt: Attempt, upstream_id: str) -> bool:
    try:
        return pipeline.adopt(attempt, upstream_id)
    except ReadFailed as failed:
        if failed.why == Why.MISSING:
            return False
        raise


def withdraw(generation: Generation) -> bool:
    """Cancel what is not finished; False when it is too late."""
    with transaction.atomic():
        # Locked before the row, in the order in which an answer of the vendor's locks them.
        list(generation.attempts.select_for_update().filter(outcome__in=UNPROVEN))
        withdrawn = lifecycle.move("cancel", generation) or lifecycle.move("give_up", generation)
        if withdrawn:
            generation.attempts.filter(outcome__in=UNPROVEN).update(outcome=Outcome.ABANDONED)
            budget.release(generation)
    return withdrawn


def _once(
    member: Member, key: str | None, save: Callable[[], list[Generation]], *, hint: bool, note: Note | None = None
) -> Generation:
    """Save rows and reserve their price in one transaction; return the first, or the one that already has the key."""
    reach("before_intent")
    try:
        with transaction.atomic():
            saved = save()
            if note is not None:
                note(saved[0])
            budget.reserve(saved)
            transaction.on_commit(lambda: _tell(saved, hint))
    except IntegrityError:  # Mostly by a second press: asking first would cost every first one a query.
        if (earlier := _placed_before(member, key)) is None:
            raise
        return earlier
    return saved[0]


def _placed_before(member: Member, key: str | None) -> Generation | None:
    return None if key is None else Generation.objects.filter(team=member.team, idempotency_key=key).first()


def _save(member: Member, order: Order) -> list[Generation]:
    notes = _notes(member, order.inputs.prompt, asks_first=order.asks_first)
    reference = keep_reference(member, order.picture) if order.picture else None
    # Drawn here and never by a vendor: only a known seed can be used again.
    seed = order.inputs.seed if order.inputs.seed >= 0 else secrets.randbelow(HIGHEST_SEED + 1)
    own = {"state": _first_state(member, order.backend.price_microusd * order.count), "notes": notes}
    first = _row(member, order, reference, **own, seed=seed, idempotency_key=order.idempotency_key)
    seeds = [(seed + further) % (HIGHEST_SEED + 1) for further in range(1, order.count)]
    return [first, *(_row(member, order, reference, **own, seed=each, stack=first.stack) for each in seeds)]


def _first_state(member: Member, cost_microusd: int, *, is_declined: bool = False) -> State:
    """Return where an order begins: in line, or with the owners when it costs more than others may spend unasked.

    What an owner said no to waits for one again, even where it is only a small part of what they were asked for.
    """
    limit = member.team.approval_microusd
    waits = limit is not None and (is_declined or cost_microusd > limit) and not may(member, Right.MANAGE)
    return State.PENDING if waits else State.QUEUED


def _notes(member: Member, prompt: str, *, asks_first: bool = False) -> list[str]:
    """Return what the team's word list says of a prompt; raises ListedWord."""
    said = check_prompt(member.team, prompt, asks_first=asks_first)
    return [said] if said else []


def _row(member: Member, order: Order, reference: Reference | None, **own: object) -> Generation:
    inputs = order.inputs
    return Generation.objects.create(
        team=member.team,
        author=member.user,
        model=DEFAULT_MODEL,
        backend=order.backend.alias,
        prompt=inputs.prompt,
        width=inputs.width,
        height=inputs.height,
        num_inference_steps=inputs.num_inference_steps,
        guidance_scale=inputs.guidance_scale,
        output_format=inputs.output_format,
        reference=reference,
        strength=inputs.strength if reference else None,
        price_microusd=order.backend.price_microusd,
        enhancement=order.enhancement,
        parent=order.parent,
        **own,
    )


def keep_reference(member: Member, picture: Picture) -> Reference:
    """Return the team's copy of a reference picture, stored on its first use."""
    fingerprint = fingerprint_pixels(picture.pixels, picture.width, picture.height)
    known = Reference.objects.filter(team=member.team, pixels_sha256=fingerprint).first()
    if known is not None:
        return known
    # The name follows from the content: a crash before the commit leaves a file that the next try finds again.
    name = f"references/{member.team.public_id.hex}/{fingerprint}.png"
    return Reference.objects.create(
        team=member.team,
        pixels_sha256=fingerprint,
        source_sha256=_source_of(member, picture, fingerprint),
        file=default_storage.save(name, ContentFile(picture.png())),
        width=picture.width,
        height=picture.height,
    )


def _source_of(member: Member, picture: Picture, fingerprint: str) -> str:
    """Return the fingerprint of the team's picture that the file said it is, where its pixels are no longer that picture's."""
    source = picture.source_sha256
    if source in ("", fingerprint):
        return ""
    own = Image.objects.filter(generation__team=member.team, pixels_sha256=source)
    return source if own.exists() else ""


COPIED = [
    "model",
    "backend",
    "prompt",
    "width",
    "height",
    "num_inference_steps",
    "guidance_scale",
    "seed",
    "output_format",
    "reference",
    "strength",
    "price_microusd",
    "stack",
    "enhancement",
    "parent",
    "is_private",
]


def _copy(member: Member, generation: Generation, key: str | None, **own: object) -> list[Generation]:
    settings = {**{name: getattr(generation, name) for name in COPIED}, "notes": _notes(member, generation.prompt), **own}
    return [Generation.objects.create(team=generation.team, author=member.user, idempotency_key=key, **settings)]


def _tell(generations: list[Generation], hint: bool) -> None:
    reach("after_intent")
    for generation in generations:
        announce(generation.team_id, str(generation.public_id))
    if generations[0].state == State.PENDING:
        announce(generations[0].team_id, WISHES)
    if hint:
        tasks.hint([generation.pk for generation in generations if generation.state == State.QUEUED])
