"""What somebody asked for before, for the arrow keys in the prompt."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generations.access import member_for_look
from generations.models import Generation
from generations.requests import SignedInRequest

MOST = 50
LOOKED_THROUGH = 400
"""Pictures, newest first: 50 presses of the button, each for eight."""


@never_cache
@require_GET
def earlier(request: SignedInRequest) -> JsonResponse:
    """List this person's own prompts in this team, each once, newest first."""
    member = member_for_look(request.user)
    mine = Generation.objects.filter(team=member.team, author=member.user, purged_at__isnull=True).newest_first()
    prompts = (prompt.replace("\r\n", "\n") for prompt in mine.values_list("prompt", flat=True)[:LOOKED_THROUGH])
    return JsonResponse(list(dict.fromkeys(prompts))[:MOST], safe=False)
