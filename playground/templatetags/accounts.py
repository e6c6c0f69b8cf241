"""What the pages around signing in need in templates."""

from __future__ import annotations

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """Write a value for an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)
