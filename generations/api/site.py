"""The API as one object, and its addresses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.urls import URLPattern, URLResolver
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

from generations.api import intake, nothing, offer, openapi, predictions, runs
from generations.api.auth import Bearer
from generations.api.docs import Docs
from generations.api.refusals import refuse
from generations.errors import PlaygroundError

ERRORS = (
    PlaygroundError,
    AuthenticationError,
    ValidationError,
    HttpError,
    Http404,
    PermissionDenied,
    RequestDataTooBig,
    Exception,
)


class Site(NinjaAPI):
    """The API with the models' own schemas in its document."""

    def get_openapi_schema(self, **options: Any) -> Any:
        return openapi.completed(super().get_openapi_schema(**options))

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation as its route is named: once in the whole document."""
        return getattr(operation, "url_name", None) or operation.view_func.__name__


site = Site(
    title="FLUX SRPO Playground",
    version="3",
    description="The WaveSpeed v3 API, served by this playground: the vendor's own clients work against it.",
    auth=Bearer(),
    docs=Docs(),
    docs_url="/docs",
    docs_decorator=require_safe,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
for kind in ERRORS:
    site.add_exception_handler(kind, refuse)
for router in (predictions.router, offer.router, intake.router, runs.router, nothing.router):
    site.add_router("", router)


def patterns() -> tuple[list[URLResolver | URLPattern], str]:
    """Return all routes of the API and its name; keys open them, so that nobody has to be signed in."""
    found, _, name = site.urls
    for pattern in found:
        if pattern.callback is not None:
            login_not_required(pattern.callback)
    return found, name
