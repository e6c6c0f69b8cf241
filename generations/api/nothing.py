"""Every other address below /api/: a refusal in the API's own shape."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from generations.api.refusals import NOTHING_HERE

router = Router()

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@router.api_operation(METHODS, "/{path:anything}", auth=None, include_in_schema=False)
def nothing(request: HttpRequest, anything: str) -> HttpResponse:
    raise Http404(NOTHING_HERE)
