"""Settings that a picture file carries, whatever tool wrote it.

Our own record comes first, as it is complete. Then the readers are asked from the strictest format to the loosest.
Nothing here raises: a file from outside may hold anything, and every step has a limit.
"""

from __future__ import annotations

from generations import metadata
from generations.reading import a1111, comfyui, fooocus, invokeai, swarmui
from generations.reading.found import Draft, Found
from generations.reading.records import MALFORMED, Records, records_in

__all__ = ["ENHANCED", "Found", "found_in"]

ENHANCED = "The prompt is the enhanced one. The words before that are not taken over."

_READERS = (invokeai.read, comfyui.read, swarmui.read, fooocus.read, a1111.read)


def found_in(data: bytes) -> Found | None:
    """Return the settings in a PNG, JPEG or WebP file, None where there are none; never raises.

    Found without any value means that a tool's record is there, and that nothing of it can be used.
    """
    if (settings := metadata.read(data)) is not None:
        return _ours(settings)
    try:
        records = records_in(data)
    except MALFORMED:
        return None
    return _first(records)


def _first(records: Records) -> Found | None:
    """Return what the first reader finds that finds a value, else the first that knows the format."""
    useless: Found | None = None
    for read in _READERS:
        try:
            found = read(records)
        except MALFORMED:
            continue
        if found is not None and found.raw:
            return found
        useless = useless or found
    return useless


def _ours(settings: metadata.Settings) -> Found:
    draft = Draft("this playground", maker=settings.backend)
    draft.prompt(settings.prompt)
    draft.size(settings.width, settings.height)
    draft.seed(settings.seed)
    draft.steps(settings.num_inference_steps)
    draft.guidance(settings.guidance_scale)
    draft.strength(settings.strength)
    draft.raw["output_format"] = settings.output_format
    if settings.original_prompt not in (None, settings.prompt):
        draft.note(ENHANCED)
    return draft.found()
