"""Which team a form was shown for, said by the form itself."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

OPENED_IN = "opened_in"
"""Name of the field."""


@register.simple_tag(takes_context=True)
def opened_in(context: Context) -> SafeString:
    """Write the field beside `{% csrf_token %}` in what makes, changes or pays something of the team.

    A person goes over to another team in a tab, and sends the form in one that stayed open: then nothing is done.
    """
    member = context.get("member")
    return format_html('<input type="hidden" name="{}" value="{}">', OPENED_IN, member.team.public_id) if member else SafeString()
