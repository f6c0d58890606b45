"""Module boxes: which call of a module each value belongs to.

A call notes its class, its path and the serial numbers on entry and exit on its output; an op whose serial lies between
belongs to the box, and a leaf belongs where all of its uses are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .graph import Call, Edge, Node


@dataclass(frozen=True)
class Interval:
    """A call and the serial numbers between which it ran."""

    public: Call
    entry: int
    exit: int


def find_calls(results: Sequence[Any]) -> list[Interval]:
    """The calls noted on these tensors, in the order of entry; an outer one comes before the inner ones."""
    notes = {note for tensor in results for note in getattr(tensor, "_calls", ())}
    found: list[Interval] = []
    around: list[Interval] = []
    for class_name, path, entry, leave in sorted(notes, key=lambda note: (note[2], -note[3])):
        while around and around[-1].exit < leave:
            around.pop()
        parent = around[-1].public.id if around else None
        found.append(Interval(Call(f"m{len(found)}", path, class_name, parent), entry, leave))
        around.append(found[-1])
    return found


def assign_calls(
    nodes: Sequence[Node], edges: Sequence[Edge], calls: Sequence[Interval], serials: Mapping[str, int]
) -> list[Node]:
    """The nodes with their calls; `serials` are those of tensors."""
    if not calls:
        return list(nodes)
    belongs = _of_results(serials, calls)
    parents = {c.public.id: c.public.parent for c in calls}
    users: dict[str, list[str]] = {}
    for edge in edges:
        users.setdefault(edge.source, []).append(edge.target)
    for node in nodes:
        made_inside = belongs.get(node.id) is not None or (node.id not in serials and node.name is None)
        if node.op is None and (node.role in ("parameter", "constant") or made_inside):
            belongs[node.id] = _common([belongs[u] for u in users.get(node.id, [])], parents)
    return [replace(node, call=belongs.get(node.id)) for node in nodes]


def _of_results(serials: Mapping[str, int], calls: Sequence[Interval]) -> dict[str, str | None]:
    """The innermost call around each op."""
    found: dict[str, str | None] = {}
    waiting = list(calls)[::-1]
    around: list[Interval] = []
    for node, serial in sorted(serials.items(), key=lambda item: item[1]):
        while waiting and waiting[-1].entry <= serial:
            around.append(waiting.pop())
        around = [call for call in around if call.exit >= serial]
        found[node] = around[-1].public.id if around else None
    return found


def _common(found: Sequence[str | None], parents: Mapping[str, str | None]) -> str | None:
    """The innermost call that is around all of these."""
    paths = []
    for call in found:
        path: list[str] = []
        while call is not None:
            path.append(call)
            call = parents[call]
        paths.append(path[::-1])
    common: str | None = None
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        common = level[0]
    return common
