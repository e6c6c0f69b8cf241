"""ASK for a better prompt: check, save the request, leave a hint; and say which part of a prompt came from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from generations import catalog, tasks
from generations.accounts import why_no_enhancer
from generations.enhancement_lifecycle import move
from generations.enhancement_pictures import keep
from generations.enhancers import enhancer_for
from generations.enhancers.base import Enhancement, Style
from generations.errors import InvalidInputs
from generations.images import Picture
from generations.models import EnhancementRequest, EnhancementState, Generation, Member
from generations.moderation import check_prompt
from generations.submission import Order

Note = Callable[[EnhancementRequest], None]

FIRST_SEED = 1
NO_PROMPT = "Write a few words first: what the picture shows. The enhancer adds to them."
NO_STYLE = "There is no style of this name. Choose one of: {known}."
OVERDUE = "Nothing came back in time. Your prompt is as you wrote it; please try again."
OVERDUE_PAID = OVERDUE + " It may have been charged once."


def ask(
    member: Member,
    prompt: str,
    *,
    enhancer: str,
    style: str,
    seed: int = FIRST_SEED,
    agreed_microusd: int = 0,
    picture: Picture | None = None,
    hint: bool = True,
    note: Note | None = None,
) -> EnhancementRequest:
    """Save a request in state queued; what the same person still waits for on the page is cancelled.

    Raises InvalidInputs with a sentence for the prompt, the style or the enhancer. With `hint=False` the caller runs it.
    `picture` is the reference that the new picture will be made from; an enhancer that cannot see does without it.
    `note` is what a door writes down of its own in the same transaction; it may refuse by raising. Programs wait for many
    at once, so nothing of theirs is cancelled by it.
    """
    original = _checked(member, prompt, enhancer, style)
    with transaction.atomic():
        if note is None:
            _cancel_waiting(member)
        request = EnhancementRequest.objects.create(
            team=member.team,
            author=member.user,
            enhancer=enhancer,
            original=original,
            style=style,
            seed=seed,
            agreed_microusd=agreed_microusd,
        )
        if note is not None:
            note(request)
        if picture is not None and enhancer_for(enhancer).sees:
            keep(request.public_id, picture)
        if hint:
            transaction.on_commit(lambda: tasks.hint_enhance(request.pk))
    return request


def _cancel_waiting(member: Member) -> None:
    on_the_page = EnhancementRequest.objects.filter(author=member.user, prediction__isnull=True)
    for earlier in on_the_page.filter(state=EnhancementState.QUEUED):
        move("cancel", earlier)


def agree(request: EnhancementRequest, shown_microusd: int) -> bool:
    """Take the person's yes to the price that was shown; a higher one is asked again. False when the request has moved on."""
    with transaction.atomic():
        agreed = move("agree", request, agreed_microusd=shown_microusd)
        if agreed:
            transaction.on_commit(lambda: tasks.hint_enhance(request.pk))
    return agreed


def withdraw(request: EnhancementRequest) -> bool:
    """Cancel a request that has not ended; False when it is too late. What was sent may still be charged."""
    return move("cancel", request)


def settle(request: EnhancementRequest) -> EnhancementRequest:
    """Return the request as it stands now, ended as failed when nobody has answered for too long."""
    sentence = OVERDUE_PAID if request.charged_microusd else OVERDUE
    if move("give_up", request, error=sentence):
        request.refresh_from_db()
    return request


def credit(order: Order, request: EnhancementRequest, kept: Collection[int] | None) -> Order:
    """Note on an order where its prompt came from, if it did.

    `kept` are the additions left switched on where no script keeps the text in step with the switches; they count as long as
    the text is the one that was shown.
    """
    if request.state != EnhancementState.READY:
        return order
    enhancement = request.enhancement
    if kept is not None and same_text(order.inputs.prompt, enhancement.text):
        order = replace(order, inputs=replace(order.inputs, prompt=enhancement.with_only(kept)))
    return replace(order, enhancement=request) if owes_to(order.inputs.prompt, enhancement) else order


def inherit(order: Order, kept: Collection[int] | None) -> Order:
    """Note on an order that was made with a picture's settings where that picture's prompt came from.

    Only as long as nobody edited the prompt but by its switches: what is written instead may be about something else, and
    have a phrase in common. `kept` is as in `credit`.
    """
    if order.parent is None or order.parent.enhancement is None:
        return order
    request, shown = order.parent.enhancement, order.parent.prompt
    enhancement = request.enhancement
    is_untouched = same_text(order.inputs.prompt, shown)
    if kept is not None and is_untouched and is_of(shown, enhancement):
        order = replace(order, inputs=replace(order.inputs, prompt=enhancement.with_only(kept)))
    prompt = order.inputs.prompt
    is_its = is_of(prompt, enhancement) or same_text(prompt, shown)
    return replace(order, enhancement=request) if is_its and owes_to(prompt, enhancement) else order


def owes_to(prompt: str, enhancement: Enhancement) -> bool:
    """Say whether a prompt, perhaps edited since, still has something of the enhancer's."""
    added = [enhancement.text[addition.start : addition.end].strip(" ,.;") for addition in enhancement.additions]
    return any(words and words in prompt for words in added) or same_text(prompt, enhancement.text)


def kept_in(prompt: str, enhancement: Enhancement) -> set[int] | None:
    """Return which additions a prompt has, where it is the enhancer's text with all, some or none and nothing else; else None."""
    if same_text(prompt, enhancement.text):
        return set(range(len(enhancement.additions)))
    pattern, at = "", 0
    for addition in enhancement.additions:
        pattern += re.escape(enhancement.text[at : addition.start])
        pattern += f"({re.escape(enhancement.text[addition.start : addition.end])})?"
        at = addition.end
    found = re.fullmatch(pattern + re.escape(enhancement.text[at:]), _plain(prompt))
    return None if found is None else {place for place, words in enumerate(found.groups()) if words is not None}


def is_of(prompt: str, enhancement: Enhancement) -> bool:
    """Say whether a prompt is the enhancer's text with some of its additions, all or none, and nothing else."""
    return kept_in(prompt, enhancement) is not None


def same_text(one: str, other: str) -> bool:
    """Compare as a form sends it: with its own line ends and without blanks at the ends."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def request_of(member: Member, public_id: object) -> EnhancementRequest | None:
    """Return this person's own request; None for what is no id or belongs to somebody else."""
    return _requests(member, public_id).filter(author=member.user).first()


def request_seen_by(member: Member, public_id: object) -> EnhancementRequest | None:
    """Return a request of this person's own, or one that a picture which they see was made from; else None."""
    pictures = Generation.objects.seen_by(member).filter(enhancement=OuterRef("pk"))
    return _requests(member, public_id).filter(Q(author=member.user) | Exists(pictures)).first()


def _requests(member: Member, public_id: object) -> QuerySet[EnhancementRequest]:
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        return EnhancementRequest.objects.none()
    return EnhancementRequest.objects.filter(team=member.team, public_id=wanted)


def _checked(member: Member, prompt: str, enhancer: str, style: str) -> str:
    """Return the prompt as an order for a picture would keep it; raises InvalidInputs, also as ListedWord."""
    kept, refused = catalog.load().clean_some({"prompt": prompt})
    if "prompt" not in kept:
        raise InvalidInputs({"prompt": refused.get("prompt", NO_PROMPT) if prompt.strip() else NO_PROMPT})
    if style not in set(Style):
        raise InvalidInputs({"style": NO_STYLE.format(known=", ".join(Style))})
    if reason := why_no_enhancer(member.team, enhancer_for(enhancer)):
        raise InvalidInputs({"enhancer": reason})
    check_prompt(member.team, str(kept["prompt"]))
    return str(kept["prompt"])
