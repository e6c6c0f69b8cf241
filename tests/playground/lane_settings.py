"""The playground's settings with a few addresses more, at which the tests see what runs where."""

from __future__ import annotations

from playground.settings import *  # noqa: F403

ROOT_URLCONF = "tests.playground.lane_urls"
# Pages name their files without a manifest, which `up` makes.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
