"""SwarmUI's settings: JSON with `sui_image_params`."""

from __future__ import annotations

from generations.reading.found import Draft, Found
from generations.reading.records import Records, list_of, object_in, object_of

_TAKEN = {
    *("prompt", "negativeprompt", "width", "height", "seed", "steps", "cfgscale", "fluxguidancescale"),
    *("initimagecreativity", "sampler", "scheduler", "model", "loras", "loraweights"),
}
_NO_MATTER = {"aspectratio", "swarm_version", "images", "automaticvae", "batchsize", "loratencweights", "lorasectionconfinement"}


def read(records: Records) -> Found | None:
    """Return the settings in SwarmUI's JSON."""
    values = object_of(object_in(records.get("parameters", "")).get("sui_image_params"))
    if not values:
        return None
    draft = Draft("SwarmUI")
    draft.prompt(values.get("prompt"))
    draft.size(values.get("width"), values.get("height"))
    draft.seed(values.get("seed"))
    draft.steps(values.get("steps"))
    draft.guidance(values.get("fluxguidancescale"), values.get("cfgscale"))
    draft.strength(values.get("initimagecreativity"))
    draft.negative(values.get("negativeprompt"))
    draft.sampler(values.get("sampler"), values.get("scheduler"))
    draft.model(values.get("model"))
    draft.loras(list_of(values.get("loras")))
    draft.rest(name for name, value in values.items() if name not in _TAKEN | _NO_MATTER and value not in (None, "", False))
    return draft.found()
