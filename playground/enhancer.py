"""The enhancer's part of the prompt's field: what it offers, how far it is, and what it has added."""

from __future__ import annotations

from dataclasses import dataclass

from generations.accounts import why_no_enhancer
from generations.enhancers import enhancer_title, enhancers_on_offer
from generations.enhancers.base import Enhancement, Style
from generations.enhancing import FIRST_SEED, kept_in
from generations.models import EnhancementRequest, EnhancementState, Generation, Member
from generations.money import dollars

STYLE_WORDS = {
    Style.DEFAULT: "Any style",
    Style.ARTISTIC: "Artistic",
    Style.PHOTOGRAPHIC: "Photographic",
    Style.TECHNICAL: "Technical",
    Style.ANIME: "Anime",
    Style.REALISTIC: "Realistic",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of the menu."""

    value: str
    title: str
    price: str = ""
    """What a press costs, where it was agreed to."""
    unavailable_because: str = ""
    sees: bool = False
    """It looks at the reference picture."""
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the prompt."""

    text: str
    place: int | None = None
    """Which addition it is; None for the person's own words."""
    kind: str = ""
    kept: bool = True

    @property
    def words(self) -> str:
        """Return the piece without the comma that joins it to what stands before."""
        return self.text.strip(" ,.;\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that the prompt's field shows of the enhancer."""

    styles: list[Choice]
    enhancers: list[Choice]
    request: EnhancementRequest | None = None
    parts: tuple[Part, ...] = ()
    """The prompt in pieces while its additions can be switched; else empty."""
    sentence: str = ""
    """Why nothing came of it."""
    agreed_microusd: int = 0
    """What the person has agreed to pay for a prompt on this page; up to that, nobody is asked again."""

    @property
    def additions(self) -> list[Part]:
        return [part for part in self.parts if part.place is not None]

    @property
    def price(self) -> str:
        """Return what the vendor asks for, while the person has to decide; else ""."""
        priced = self.request is not None and self.request.state == EnhancementState.PRICED
        return dollars(self.request.price_microusd) if self.request and priced else ""

    @property
    def is_busy(self) -> bool:
        return self.request is not None and self.request.is_busy

    @property
    def is_reviewed(self) -> bool:
        """Say whether there is something to revert."""
        return self.request is not None and self.request.state == EnhancementState.READY

    @property
    def usable(self) -> list[Choice]:
        return [choice for choice in self.enhancers if not choice.unavailable_because]

    @property
    def has_choice(self) -> bool:
        return len(self.usable) > 1

    @property
    def takes_picture(self) -> bool:
        """Say whether the reference picture has to be sent along: one of those to choose from looks at it."""
        return any(choice.sees for choice in self.usable)

    @property
    def price_again(self) -> str:
        """Return what another text costs; "" when it is free or will be asked."""
        return next((choice.price for choice in self.enhancers if choice.checked), "")

    @property
    def request_title(self) -> str:
        return enhancer_title(self.request.enhancer) if self.request else ""

    @property
    def said(self) -> str:
        """Return what a screen reader is told after a change."""
        if self.is_busy:
            return "The prompt is being improved."
        if self.is_reviewed:
            return f"The prompt is improved: {len(self.additions)} additions." if self.additions else "The prompt is improved."
        return "" if self.sentence or self.price else "The prompt is as you wrote it."


def desk_of(
    member: Member,
    *,
    prompt: str = "",
    style: str = "",
    enhancer: str = "",
    request: EnhancementRequest | None = None,
    kept: set[int] | None = None,
    sentence: str = "",
    agreed_microusd: int = 0,
) -> Desk:
    """Return what to show beside this prompt; additions only while the prompt consists of them and the person's words."""
    offers = enhancers_on_offer()
    reasons = {offer.alias: why_no_enhancer(member.team, offer) for offer in offers}
    usable = [alias for alias in (enhancer, *reasons) if reasons.get(alias) == ""]
    return Desk(
        styles=[Choice(value=each, title=STYLE_WORDS[each], checked=each == (style or Style.DEFAULT)) for each in Style],
        enhancers=[
            Choice(
                value=offer.alias,
                title=offer.title,
                price=dollars(agreed_microusd) if offer.is_paid and agreed_microusd else "",
                unavailable_because=reasons[offer.alias],
                sees=offer.sees,
                checked=offer.alias in usable[:1],
            )
            for offer in offers
        ],
        request=request,
        parts=_parts(prompt, request, kept),
        agreed_microusd=agreed_microusd,
        sentence=sentence or (request.error if request and request.state == EnhancementState.FAILED else ""),
    )


def desk_for_picture(member: Member, generation: Generation, prompt: str) -> Desk:
    """Return what to show beside a prompt that came out of a picture; of an edited one nothing can be switched any more."""
    request = generation.enhancement if generation.team_id == member.team_id else None
    if request is None or kept_in(prompt, request.enhancement) is None:
        return desk_of(member)
    return desk_of(member, prompt=prompt, style=request.style, enhancer=request.enhancer, request=request)


def next_seed(request: EnhancementRequest | None) -> int:
    """Return the seed for another text of the same prompt."""
    return FIRST_SEED if request is None else request.seed + 1


def _parts(prompt: str, request: EnhancementRequest | None, kept: set[int] | None) -> tuple[Part, ...]:
    if request is None or request.state != EnhancementState.READY:
        return ()
    enhancement = request.enhancement
    left = kept_in(prompt, enhancement)
    if not enhancement.additions or left is None:
        return ()
    return tuple(_pieces(enhancement, left if kept is None else kept))


def _pieces(enhancement: Enhancement, kept: set[int]) -> list[Part]:
    pieces, at = [], 0
    for place, addition in enumerate(enhancement.additions):
        pieces.append(Part(text=enhancement.text[at : addition.start]))
        text, is_kept = enhancement.text[addition.start : addition.end], place in kept
        pieces.append(Part(text=text, place=place, kind=addition.kind.value, kept=is_kept))
        at = addition.end
    return [piece for piece in (*pieces, Part(text=enhancement.text[at:])) if piece.text]
