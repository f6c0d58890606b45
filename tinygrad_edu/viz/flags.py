"""What a picture should point out: the first value and gradient that are not finite, dead units, zero gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..memory import owner
from . import numbers
from .ghosts import Ghost
from .graph import Edge, Node

_RECTIFIERS = ("relu", "maximum", "clip")


def flagged(nodes: Sequence[Node], edges: Sequence[Edge], ghosts: Sequence[Ghost] = ()) -> list[Node]:
    """The nodes with their flags."""
    sources: dict[str, list[str]] = {}
    users: dict[str, list[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
        users.setdefault(edge.source, []).append(edge.target)
    broken: set[str] = set()  # not finite any more
    given: set[str] = set()  # infinite, as a leaf was given, and may have been on purpose
    backward = {node.id for node in nodes if node.gradient is not None and numbers.nonfinite(node.gradient)}
    cut = _cut(nodes, ghosts)
    found = []
    for node in nodes:
        flags = []
        if numbers.nonfinite(node.value):
            inputs, sign = sources.get(node.id, ()), "NaN" if _has_nan(node.value) else "∞"
            if not broken.intersection(inputs) and (sign == "NaN" or not given.intersection(inputs)):
                flags.append(f"{sign} starts here")
            is_given = sign == "∞" and not broken.intersection(inputs) and (node.op is None or not flags)
            (given if is_given else broken).add(node.id)
        flags += _flags(node)
        if node.id in backward and node.id not in broken and not backward.intersection(users.get(node.id, ())):
            flags.append(f"∇ {'NaN' if _has_nan(node.gradient) else '∞'} starts here")  # type: ignore[arg-type]
        found.append(replace(node, flags=(*flags, *cut.get(node.id, ()))))
    return found


def _cut(nodes: Sequence[Node], ghosts: Sequence[Ghost]) -> dict[str, tuple[str, ...]]:
    """What was cut off from its history: by the ghost edges, or as it shares the memory of a tracked value."""
    tracked = {id(owner(node.value)) for node in nodes if node.tracked}
    found: dict[str, tuple[str, ...]] = {
        node.id: ("detached",) for node in nodes if not node.tracked and id(owner(node.value)) in tracked
    }
    for ghost in ghosts:
        if ghost.target is not None:
            flag = "detached" if ghost.op == "detach" else f"detached by {ghost.op}"
            found[ghost.target] = tuple(dict.fromkeys((*found.get(ghost.target, ()), flag)))
    return found


def _has_nan(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def _flags(node: Node) -> Iterator[str]:
    if node.op in _RECTIFIERS and node.value.ndim == 2 and len(node.value) > 1:
        dead = int(np.count_nonzero((node.value <= 0).all(axis=0)))
        if dead:
            yield f"{dead} of {node.value.shape[1]} units dead"
    if node.gradient is not None and node.gradient.size and not node.gradient.any():
        yield "zero gradient"
