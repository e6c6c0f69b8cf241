"""The site's settings for servers and workers of tests, with the enhancers of tests/enhancers.py."""

from playground.settings import *  # noqa: F403

PROMPT_ENHANCERS = {
    "local": {"BACKEND": "tests.enhancers.Wise", "OPTIONS": {}},
    "sorry": {"BACKEND": "tests.enhancers.Sorry", "OPTIONS": {}},
}
