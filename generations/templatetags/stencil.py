"""Many rows of one template, which is rendered once for each kind of them and then filled in: a tenth of the time."""

from __future__ import annotations

import re
from dataclasses import fields
from types import SimpleNamespace
from typing import Protocol, cast
from uuid import UUID, uuid4

from django import template
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class Row(Protocol):
    """A dataclass: what its template asks for in conditions is in its kind; texts and ids it only says."""

    @property
    def kind(self) -> object: ...


@register.simple_tag(takes_context=True)
def stencil(context: Context, template_name: str, row: Row) -> SafeString:
    """Include a template with `row`, in a loop over rows: `{% stencil "gallery/_tile.html" tile %}`.

    Of the row's texts and ids it may do nothing but say them, the ids in {% url %}, too: no filters, no conditions.
    """
    stencils = cast(dict[str, dict[object, list[str]]], context.render_context).setdefault(f"stencils of {template_name}", {})
    if row.kind not in stencils:
        stencils[row.kind] = _cut(context, template_name, row)
    parts = stencils[row.kind]
    filled = "".join(conditional_escape(getattr(row, part)) if i % 2 else part for i, part in enumerate(parts))
    return mark_safe(filled)  # nosec B308 B703: a rendered template's own text, and texts that were escaped just now


def _cut(context: Context, template_name: str, row: Row) -> list[str]:
    """Render the template with marks for texts and ids; return what stands between them, and the fields' names in turn."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}  # type: ignore[arg-type]
    # Ids, as {% url %} takes them; random, as nothing that the template says of other things, such as the address, may be one.
    marks = {name: uuid4() for name, value in values.items() if isinstance(value, str | UUID)}
    assert context.template is not None
    with context.push(row=SimpleNamespace(**values | marks)):
        rendered = context.template.engine.get_template(template_name).render(context)
    names = {str(mark): name for name, mark in marks.items()}
    parts = re.split(f"({'|'.join(names)})", rendered)
    return [names[part] if i % 2 else part for i, part in enumerate(parts)]
