"""The site's settings for a server that clients are tried against: engines that fail or never begin, a quick enhancer."""

from playground.settings import *  # noqa: F403
from playground.settings import IMAGE_BACKENDS as BUILT_IN

IMAGE_BACKENDS = {
    **BUILT_IN,
    "sorry": {"BACKEND": "tests.painters.Sorry", "OPTIONS": {}},
    "absent": {"BACKEND": "tests.clients.painters.Absent", "OPTIONS": {}},
}
PROMPT_ENHANCERS = {"local": {"BACKEND": "tests.enhancers.Wise", "OPTIONS": {}}}
