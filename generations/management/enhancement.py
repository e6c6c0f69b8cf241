"""Improve a prompt within a command: asked and kept as on the page, but run here."""

from __future__ import annotations

from generations import pipeline
from generations.enhancing import FIRST_SEED, ask
from generations.errors import EnhanceFailed, InvalidInputs
from generations.models import EnhancementRequest, EnhancementState, Member
from generations.money import dollars

HIGHEST_SEED = 2_147_483_647
HIGHEST_USD = 1000
NOT_AGREED = "The vendor asks {price} for this prompt. Nothing was sent. Agree with --most {most}."


def enhanced(
    member: Member, prompt: str, *, enhancer: str, style: str = "default", seed: int = FIRST_SEED, most_usd: float = 0.0
) -> EnhancementRequest:
    """Return the finished request; raises InvalidInputs and EnhanceFailed with a sentence for the person."""
    if not 0 <= seed <= HIGHEST_SEED:
        raise InvalidInputs({"seed": f"The seed can be 0 to {HIGHEST_SEED}."})
    if not 0 <= most_usd <= HIGHEST_USD:
        raise InvalidInputs({"most": f"The most to pay can be 0 to {HIGHEST_USD} dollars."})
    agreed = round(most_usd * 1_000_000)
    request = ask(member, prompt, enhancer=enhancer, style=style, seed=seed, agreed_microusd=agreed, hint=False)
    pipeline.enhance(request.pk)
    request.refresh_from_db()
    if request.state == EnhancementState.PRICED:
        most = request.price_microusd / 1_000_000
        raise EnhanceFailed(NOT_AGREED.format(price=dollars(request.price_microusd), most=most))
    if request.state != EnhancementState.READY:
        raise EnhanceFailed(request.error, detail=request.detail)
    return request
