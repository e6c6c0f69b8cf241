"""What the page with the form needs to be shown, whatever was done on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generations.access import Right, may
from generations.forms import GenerationForm
from generations.models import Member
from playground.code import code_context
from playground.enhancer import desk_of
from playground.makers import makers_for
from playground.presets import panel_context
from playground.stage import stage_of

RATIOS = (
    ("1:1", 1024, 1024),
    ("3:2", 1216, 832),
    ("2:3", 832, 1216),
    ("4:3", 1152, 864),
    ("3:4", 864, 1152),
    ("16:9", 1344, 768),
    ("9:16", 768, 1344),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    label: str
    width: int
    height: int
    checked: bool


def page_context(member: Member, form: GenerationForm) -> dict[str, Any]:
    """Return the context of the whole page."""
    return {**form_context(member, form), **stage_of(member), **panel_context(member)}


def form_context(member: Member, form: GenerationForm) -> dict[str, Any]:
    """Return the context of the form alone."""
    size = (str(form["width"].value()), str(form["height"].value()))
    makers = makers_for(member.team, str(form["backend"].value() or ""))
    return {
        "form": form,
        "desk": desk_of(member),
        **code_context({name: form[name].value() for name in form.fields}),
        "ratios": [Ratio(label=label, width=w, height=h, checked=(str(w), str(h)) == size) for label, w, h in RATIOS],
        "makers": makers,
        "connection": next((maker for maker in makers if maker.paused_because), None),
        "chosen": next((maker for maker in makers if maker.checked), None),
        "may_make": may(member, Right.MAKE),
        "may_manage": may(member, Right.MANAGE),
    }
