"""What the API is measured beside: the least that Django can answer, an async JSON view without middleware or database."""

from __future__ import annotations

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, MIDDLEWARE=[])


async def bare(request: HttpRequest) -> JsonResponse:
    response = JsonResponse({"code": 200, "message": "success"})
    response.headers["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("bare", bare)]
application = get_asgi_application()
