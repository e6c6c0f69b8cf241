"""Have an enhancer improve one prompt: asked at most once, and for money only after the person has agreed to the price."""

from __future__ import annotations

import logging
from dataclasses import replace

from django.db import transaction

from generations import budget, catalog
from generations.accounts import enhancer_for_team
from generations.enhancement_lifecycle import move
from generations.enhancement_pictures import picture_for
from generations.enhancers.base import Enhancement, Enhancer, Style
from generations.errors import EnhanceFailed, EnhanceUnknown, PlaygroundError
from generations.models import EnhancementRequest
from generations.moderation import check_prompt, refused_word

log = logging.getLogger(__name__)

SEEN = "The reference picture was looked at, too."
UNREADABLE = "The reference picture could not be read, so your prompt is as you wrote it. Attach it again, then try again."
LONGEST = catalog.load().properties["prompt"]["maxLength"]
TOO_LONG = "The improved prompt is too long to be used, so yours is as you wrote it. Nothing was charged; shorten yours."
TOO_LONG_PAID = "The improved prompt is too long to be used, so yours is as you wrote it. The vendor charges for it all the same."
_LISTED = "The improved prompt has the word “{word}”, which your team does not allow, so yours is as you wrote it. "
LISTED = _LISTED + "Nothing was charged; try again, or change yours."
LISTED_PAID = _LISTED + "The vendor charges for it all the same."


def enhance(request_id: int) -> None:
    """Take a queued request and bring it to an end, or to the question whether its price is right."""
    request = EnhancementRequest.objects.select_related("team").filter(pk=request_id).first()
    if request is None or not move("claim", request):
        return
    try:
        _run(request)
    except EnhanceFailed as error:
        _fail(request, error)
    except Exception as error:  # The edge: whatever an enhancer does, the person gets their prompt back.
        if not isinstance(error, PlaygroundError):
            log.exception("enhancer %s broke on request %s", request.enhancer, request.public_id)
        _fail(request, _told(request, error))


def _told(request: EnhancementRequest, error: Exception) -> PlaygroundError:
    """Return what to say of an error that proves nothing: after sending it may have been charged."""
    if request.charged_microusd:
        return EnhanceUnknown(detail=repr(error))
    return error if isinstance(error, PlaygroundError) else EnhanceFailed(detail=repr(error))


def _run(request: EnhancementRequest) -> None:
    enhancer = enhancer_for_team(request.team, request.enhancer)
    image = _picture(request) if enhancer.sees else None
    if enhancer.is_paid and not _may_send(request, enhancer):
        return
    found = enhancer.enhance(request.original, style=Style(request.style), seed=request.seed, image=image)
    _keep(request, found if image is None else replace(found, notes=(SEEN, *found.notes)))


def _picture(request: EnhancementRequest) -> bytes | None:
    try:
        return picture_for(request.public_id)
    except OSError as error:
        raise EnhanceFailed(UNREADABLE, detail=repr(error)) from error


def _may_send(request: EnhancementRequest, enhancer: Enhancer) -> bool:
    """Ask for the price; write it down as charged before anything is sent, or leave the decision to the person."""
    price = enhancer.price(request.original, style=Style(request.style))
    if price > request.agreed_microusd:
        move("price", request, price_microusd=price)
        return False
    with transaction.atomic():
        if not move("send", request, price_microusd=price, charged_microusd=price):
            return False
        budget.take_for_prompt(request, price)
    request.charged_microusd = price
    return True


def _keep(request: EnhancementRequest, enhancement: Enhancement) -> None:
    if len(enhancement.text) > LONGEST:
        raise EnhanceFailed(TOO_LONG) if not request.charged_microusd else EnhanceUnknown(TOO_LONG_PAID)
    if word := refused_word(request.team, enhancement.text):
        raise (
            EnhanceUnknown(LISTED_PAID.format(word=word)) if request.charged_microusd else EnhanceFailed(LISTED.format(word=word))
        )
    additions = [[str(addition.kind), addition.start, addition.end] for addition in enhancement.additions]
    notes = [*enhancement.notes, *filter(None, [check_prompt(request.team, enhancement.text)])]
    move("finish", request, text=enhancement.text, additions=additions, notes=notes)


def _fail(request: EnhancementRequest, error: PlaygroundError) -> None:
    log.warning("enhancement %s: %s", request.public_id, error)
    if not isinstance(error, EnhanceUnknown):  # Proven, also for a request that was cancelled meanwhile.
        _give_back(request)
    move("fail", request, error=error.message, detail=error.detail)


def _give_back(request: EnhancementRequest) -> None:
    charged = request.charged_microusd
    with transaction.atomic():
        mine = EnhancementRequest.objects.filter(pk=request.pk, charged_microusd=charged)
        if charged and mine.update(charged_microusd=0):
            budget.give_back_for_prompt(request, charged)
