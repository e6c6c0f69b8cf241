"""Keep tests away from a real installation; loaded with `-p`, before anything reads Django's settings."""

from __future__ import annotations

import os
import tempfile

import pytest
import redis

# Always, even where the variable is set: tests empty the data folder and the broker that they use.
os.environ["PLAYGROUND_DATA"] = tempfile.mkdtemp(prefix="playground-tests-")


def pytest_sessionstart() -> None:
    """Refuse a Redis server that holds anything, because tests empty it."""
    url = os.environ.get("REDIS_URL", "").strip()
    if url and redis.Redis.from_url(url, socket_timeout=5).dbsize():
        pytest.exit(
            "The server at REDIS_URL is not empty, and tests would empty it. Name one that is made for tests.", returncode=4
        )
