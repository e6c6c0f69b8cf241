"""The door for vendors' webhooks: open to everybody who knows an order's secret address, and always quick to answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations.webhooks import attempt_of, take

MOST_BYTES = 1_000_000


@csrf_exempt
@login_not_required
@require_POST
def wavespeed(request: HttpRequest, nonce: UUID) -> HttpResponse:
    """Take WaveSpeed's word about an order as a hint: 204, 404 for an unknown address, 403 for a forged or huge body."""
    attempt = attempt_of(nonce)
    if attempt is None:
        return HttpResponse(status=404)
    body = request.read(MOST_BYTES + 1)
    taken = len(body) <= MOST_BYTES and take(attempt, request.headers, body)
    return HttpResponse(status=204 if taken else 403)
