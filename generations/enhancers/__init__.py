"""The registry of enhancers: PROMPT_ENHANCERS in the settings, in the manner of IMAGE_BACKENDS."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from generations.enhancers.base import Enhancer
from generations.errors import InvalidInputs

__all__ = ["enhancer_for", "enhancer_title", "enhancers_on_offer"]


@cache
def enhancer_for(alias: str) -> Enhancer:
    """Return the enhancer of that name, made once a process; InvalidInputs when there is none."""
    entry = settings.PROMPT_ENHANCERS.get(alias)
    if entry is None:
        known = ", ".join(sorted(settings.PROMPT_ENHANCERS))
        raise InvalidInputs({"enhancer": f"There is no enhancer of this name. Choose one of: {known}."})
    enhancer: Enhancer = import_string(entry["BACKEND"])(**entry["OPTIONS"])
    enhancer.alias = alias
    return enhancer


def enhancer_title(alias: str) -> str:
    """Return what people call an enhancer; its bare name when it is no longer set up."""
    return enhancer_for(alias).title if alias in settings.PROMPT_ENHANCERS else alias


def enhancers_on_offer() -> list[Enhancer]:
    """Return every enhancer, in the settings' order; the first is the default one."""
    return [enhancer_for(alias) for alias in settings.PROMPT_ENHANCERS]
