"""ComfyUI's settings: the graph of nodes in `prompt`, walked backwards from the picture.

Where a picture went through several samplers, the first is meant: it got the seed, the size and all of the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from generations.reading.found import Draft, Found
from generations.reading.graph import Graph, Node
from generations.reading.records import Records, object_in

MOST_ENDS = 20
MOST_PASSES = 10
MOST_CONDITIONS = 200
NOTHING = "ComfyUI's workflow is in the file, but no sampler in it that is known here."
SEVERAL_PROMPTS = "The workflow joins several prompts. The first one is taken."
FIRST_PASS = "The workflow has several passes. Settings of the first one are taken."

_SAMPLERS = ("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
_PICTURES = ("latent_image", "samples", "latent", "image", "pixels", "optional_latent")
"""Inputs through which a sampler gets the picture it starts from."""
_TEXTS = ("t5xxl", "text", "text_g", "clip_l", "text_l", "prompt")
"""Inputs for the words, what the model reads best first."""
_NOT_CONDITIONING = ("clip", "model", "vae", "image", "pixels", "mask", "control_net", "style_model", "clip_vision", "samples")
_QUIET = (
    *(
        "SaveImage",
        "PreviewImage",
        "VAEDecode",
        "VAEDecodeTiled",
        "VAELoader",
        "VAEEncode",
        "LoadImage",
        "CheckpointLoaderSimple",
    ),
    *(
        "UNETLoader",
        "DualCLIPLoader",
        "CLIPLoader",
        "CLIPTextEncode",
        "CLIPTextEncodeFlux",
        "FluxGuidance",
        "ConditioningZeroOut",
    ),
    *("EmptyLatentImage", "EmptySD3LatentImage", "BasicGuider", "CFGGuider", "RandomNoise", "KSamplerSelect", "BasicScheduler"),
    *("LoraLoader", "LoraLoaderModelOnly", "ModelSamplingFlux", "PrimitiveNode", "Reroute", "Note", "MarkdownNote"),
    *("PrimitiveInt", "PrimitiveFloat", "PrimitiveString", "PrimitiveStringMultiline", "StringConcatenate"),
)
"""Kinds of nodes that are read, or that need no word."""


def read(records: Records) -> Found | None:
    """Return the settings in ComfyUI's record; without any value where its graph has no sampler that is known."""
    graph = Graph(object_in(records.get("prompt", "")))
    if not graph.nodes:
        return None
    draft = Draft("ComfyUI")
    last = _last_pass(graph)
    if last is None:
        draft.note(NOTHING)
        return draft.found()
    first = _first_pass(graph, last)
    if first is not last:
        draft.note(FIRST_PASS)
    _fill(draft, graph, first)
    draft.rest(node.kind for node in graph.nodes.values() if node.kind not in _QUIET and not _is_sampler(node))
    return draft.found()


def _is_sampler(node: Node) -> bool:
    names = node.inputs.keys()
    unknown = "steps" in names and names & {"seed", "noise_seed"} and names & {"positive", "conditioning"}
    return node.kind in _SAMPLERS or bool(unknown)


def _last_pass(graph: Graph) -> Node | None:
    """Return the sampler that is nearest to a picture's end; in a graph without an end, any."""
    walks = [graph.upstream([end]) for end in graph.ends()[:MOST_ENDS]]
    return next(filter(_is_sampler, chain(*walks, graph.nodes.values())), None)


def _first_pass(graph: Graph, sampler: Node) -> Node:
    """Return the sampler that began the picture which `sampler` went on with."""
    seen = {sampler.id}
    for _ in range(MOST_PASSES):
        behind = graph.upstream(graph.linked(sampler, *_PICTURES))
        earlier = next((node for node in behind if _is_sampler(node) and node.id not in seen), None)
        if earlier is None:
            break
        seen.add(earlier.id)
        sampler = earlier
    return sampler


def _fill(draft: Draft, graph: Graph, sampler: Node) -> None:
    guiders = graph.linked(sampler, "guider")
    conditions = _conditions(graph, [sampler, *guiders], "positive")
    prompts = [text for node in conditions if (text := _text(graph, node, "positive"))]
    if len(set(prompts)) > 1:
        draft.note(SEVERAL_PROMPTS)
    draft.prompt(next(iter(prompts), None))
    draft.guidance(_number(graph, conditions, "guidance"), _number(graph, [sampler, *guiders], "cfg"))
    draft.seed(_number(graph, [sampler, *graph.linked(sampler, "noise")], "noise_seed", "seed"))
    schedule = [sampler, *graph.upstream(graph.linked(sampler, "sigmas"))]
    draft.steps(_number(graph, schedule, "steps"))
    _picture(draft, graph, sampler, schedule)
    for node in _conditions(graph, [sampler, *guiders], "negative"):
        draft.negative(_text(graph, node, "negative"))
    _names(draft, graph, [*schedule, *graph.linked(sampler, "sampler")])
    _model(draft, graph, [sampler, *guiders])


def _conditions(graph: Graph, starts: list[Node], side: str) -> list[Node]:
    """Return the nodes that say what to paint, or what to avoid: text encoders, and all that changes their words."""
    names = ("positive", "conditioning") if side == "positive" else ("negative", "neg_conditioning")

    def onward(node: Node) -> list[Node]:
        if node.kind == "ConditioningZeroOut" or _text(graph, node, side):
            return []
        if "positive" in node.inputs and "negative" in node.inputs:
            return graph.linked(node, side)
        return graph.linked(node, *(name for name in node.inputs if name not in _NOT_CONDITIONING))

    begin = [node for start in starts for node in graph.linked(start, *names)]
    found = islice(graph.upstream(begin, onward), MOST_CONDITIONS)
    return [node for node in found if node.kind != "ConditioningZeroOut"]


def _text(graph: Graph, node: Node, side: str) -> str:
    """Return the words in a text encoder."""
    given = node.inputs.get(side)
    names = (name for name in _TEXTS if name in node.inputs)
    return next(filter(None, (graph.text(node, name) for name in names)), given if isinstance(given, str) else "")


def _number(graph: Graph, nodes: list[Node], *names: str) -> int | float | None:
    found = (graph.number(node, name) for node in nodes for name in names if name in node.inputs)
    return next((number for number in found if number is not None), None)


def _word(graph: Graph, nodes: list[Node], *names: str) -> str:
    return next(filter(None, (graph.text(node, name) for node in nodes for name in names if name in node.inputs)), "")


def _picture(draft: Draft, graph: Graph, sampler: Node, schedule: list[Node]) -> None:
    """Take the size of the empty picture, or the strength where the sampler began with a picture."""
    behind = list(graph.upstream(graph.linked(sampler, *_PICTURES)))
    for node in behind:
        for width, height in (("width", "height"), ("empty_latent_width", "empty_latent_height")):
            if "size" not in draft.raw and width in node.inputs:
                draft.size(graph.number(node, width), graph.number(node, height))
    denoise = _number(graph, schedule, "denoise")
    if any("VAEEncode" in node.kind for node in behind):
        draft.strength(denoise)
    elif denoise not in (None, 1):
        draft.rest(["denoise"])


def _names(draft: Draft, graph: Graph, nodes: list[Node]) -> None:
    draft.sampler(_word(graph, nodes, "sampler_name"), _word(graph, nodes, "scheduler"))


def _model(draft: Draft, graph: Graph, starts: list[Node]) -> None:
    behind = list(graph.upstream(node for start in starts for node in graph.linked(start, "model")))
    draft.model(_word(graph, behind, "ckpt_name", "unet_name"))
    draft.loras(_loras(behind))


def _loras(nodes: list[Node]) -> Iterator[object]:
    for node in nodes:
        yield node.inputs.get("lora_name")
