"""The ASGI entry point: `uvicorn playground.asgi:application`."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

from playground.body_limit import limit_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

# WhiteNoise answers with files as plain iterators. Django reads them in a thread, and says so for each file.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

application = limit_bodies(get_asgi_application())
