"""What Django's system check says of wrong settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

CANNOT_IMPORT = "See IMAGE_BACKENDS. If it says libGL or libEGL, on Debian or Ubuntu: apt install libegl1 libgl1 libexpat1"


@register
def check_backends(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Every backend can be imported, and the default is one of them."""
    found: list[CheckMessage] = []
    known = ", ".join(sorted(settings.IMAGE_BACKENDS))
    if settings.DEFAULT_BACKEND not in settings.IMAGE_BACKENDS:
        found.append(
            Error(f"DEFAULT_BACKEND is {settings.DEFAULT_BACKEND!r}.", hint=f"Set it to one of: {known}.", id="generations.E001")
        )
    for alias, entry in settings.IMAGE_BACKENDS.items():
        try:
            import_string(entry["BACKEND"])
        except ImportError as error:
            found.append(Error(f"The backend {alias!r} cannot be imported: {error}.", hint=CANNOT_IMPORT, id="generations.E002"))
    return found
