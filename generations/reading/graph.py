"""A ComfyUI graph: nodes that name in their inputs the nodes they take something from.

It comes from outside, so it may have circles, loose ends and inputs of any type; every walk sees a node at most once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from generations.reading.found import number_of
from generations.reading.records import list_of, object_of

MOST_NODES = 2_000
MOST_LINKS = 50_000
"""Followed in one walk."""
MOST_HOPS = 20
"""Nodes that are looked at for one value."""
MOST_JOINTS = 4
LONGEST_PART = 20_000
"""Characters of a text that is joined with others."""

_JOINED = ("string_a", "string_b")
_NUMBERS = ("value", "seed", "noise_seed", "int", "float", "number", "Value")
_WORDS = ("value", "text", "string", "prompt", "positive", "Text")
"""Inputs in which nodes that hold a single value keep it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of a workflow."""

    id: str
    kind: str
    inputs: Mapping[str, object] = field(repr=False)


class Graph:
    """The nodes of a workflow, as its `prompt` record lists them."""

    def __init__(self, record: Mapping[str, object]) -> None:
        self.nodes: dict[str, Node] = {}
        for id, raw in record.items():
            kind, inputs = object_of(raw).get("class_type"), object_of(object_of(raw).get("inputs"))
            if isinstance(kind, str) and len(self.nodes) < MOST_NODES:
                self.nodes[id] = Node(id=id, kind=kind, inputs=inputs)

    def linked(self, node: Node, *names: str) -> list[Node]:
        """Return the nodes behind those of the inputs that are links."""
        found = (self._target(node.inputs.get(name)) for name in names)
        return [target for target in found if target is not None]

    def upstream(self, starts: Iterable[Node], onward: Callable[[Node], Iterable[Node]] | None = None) -> Iterator[Node]:
        """Yield the starts and all that lies behind them, nearest first, each once; `onward` may choose the ways."""
        seen: set[str] = set()
        queue = deque(starts)
        left = MOST_LINKS
        while queue:
            node = queue.popleft()
            if node.id in seen:
                continue
            seen.add(node.id)
            yield node
            behind = list(onward(node) if onward else self.linked(node, *node.inputs))[: max(left, 0)]
            left -= len(behind)
            queue.extend(behind)

    def ends(self) -> list[Node]:
        """Return the nodes that no other takes anything from: those that save a picture, then those that show one, first."""
        used = {target.id for node in self.nodes.values() for target in self.linked(node, *node.inputs)}
        ends = [node for node in self.nodes.values() if node.id not in used]
        return sorted(ends, key=lambda node: (not node.kind.startswith("SaveImage"), "images" not in node.inputs))

    def number(self, node: Node, name: str) -> int | float | None:
        """Return a number that stands in an input, or in the node that it is linked to."""
        return next((found for given in self._given(node, name, _NUMBERS) if (found := number_of(given)) is not None), None)

    def text(self, node: Node, name: str) -> str:
        """Return a text that stands in an input, or in the node that it is linked to; empty where there is none."""
        return next((given for given in self._given(node, name, _WORDS) if isinstance(given, str) and given.strip()), "")

    def _given(self, node: Node, name: str, names: tuple[str, ...]) -> Iterator[object]:
        """Yield what stands in the input, or else in those of `names` in the nodes behind it, nearest first."""
        start = self.linked(node, name)
        if not start:
            yield node.inputs.get(name)
        for behind in islice(self.upstream(start, lambda behind: self.linked(behind, name, *names)), MOST_HOPS):
            if all(part in behind.inputs for part in _JOINED):
                yield self._joined(behind, MOST_JOINTS)
            yield from (behind.inputs[key] for key in (name, *names) if key in behind.inputs)

    def _joined(self, node: Node, joints: int) -> str:
        """Return two texts as the node joins them; each may come from a node that joins two."""
        delimiter = node.inputs.get("delimiter")
        return (delimiter if isinstance(delimiter, str) else "").join(self._part(node, part, joints) for part in _JOINED)

    def _part(self, node: Node, part: str, joints: int) -> str:
        if isinstance(given := node.inputs[part], str):
            return given[:LONGEST_PART]
        for behind in self.linked(node, part):
            if joints and all(part in behind.inputs for part in _JOINED):
                return self._joined(behind, joints - 1)
            texts = (behind.inputs.get(key) for key in _WORDS)
            return next((text[:LONGEST_PART] for text in texts if isinstance(text, str)), "")
        return ""

    def _target(self, given: object) -> Node | None:
        """Return the node that a link, a list of a node's id and the number of its output, points to."""
        match list_of(given):
            case [str() | int() as id, int()]:
                return self.nodes.get(str(id))
        return None
