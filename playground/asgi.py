"""The ASGI entry point: `uvicorn playground.asgi:application`."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from playground.body_limit import limit_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

application = limit_bodies(get_asgi_application())
