"""The ASGI entry point: `uvicorn playground.asgi:application`."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

from playground.body_limit import limit_bodies
from playground.orphans import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

# WhiteNoise answers with files as plain iterators. Django reads them in a thread, and says so for each file.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

end_with_parent()
ordinary = get_asgi_application()

# It names models, for which Django must be set up.
from playground.api_lane import with_api_lane  # noqa: E402
from playground.file_lane import with_file_lane  # noqa: E402

application = limit_bodies(with_api_lane(with_file_lane(ordinary)))
