"""Recipes in templates."""

from __future__ import annotations

from django import template

from generations.models import Generation
from generations.uses import Use, uses_of

register = template.Library()


@register.simple_tag
def uses(generation: Generation) -> list[Use]:
    """Return the ways to use a picture's settings again."""
    return uses_of(generation.recipe, **{"from": str(generation.public_id)})
