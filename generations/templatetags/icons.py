"""Icons from the one SVG sprite."""

from __future__ import annotations

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw the sprite's symbol of that name, silent to screen readers."""
    return _drawn(static("icons.svg"), name)


@cache
def _drawn(sprite: str, name: str) -> SafeString:
    """Keep what was written once: a page of the gallery has more than a hundred icons."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)
