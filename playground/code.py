"""The settings of the form as code to copy, for this server's own API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from generations import catalog
from generations.recipes import recipe_of
from generations.requests import SignedInRequest
from generations.snippets import call_for, snippets_for


@require_POST
def code(request: SignedInRequest) -> HttpResponse:
    """Write the form's settings as code; nothing is kept, and what cannot be used is left out."""
    return render(request, "playground/_code.html", code_context(request.POST.dict()))


def code_context(values: Mapping[str, object]) -> dict[str, Any]:
    """Return what the tab shows for the form's values, by the names of its fields."""
    recipe = recipe_of(values)
    call = call_for(recipe.values, origin=settings.PUBLIC_URL, with_picture=bool(values.get("image")))
    return {
        "snippets": snippets_for(call),
        "prompt_is_example": "prompt" not in recipe.values,
        "left_out": [recipe.left_out[name] for name in catalog.load().properties if name in recipe.left_out],
    }
