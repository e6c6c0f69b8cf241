"""The site's settings for a worker whose card is cramped."""

from playground.settings import *  # noqa: F403
from playground.settings import IMAGE_BACKENDS

IMAGE_BACKENDS["flux"]["BACKEND"] = "tests.gpu.engines.Cramped"
