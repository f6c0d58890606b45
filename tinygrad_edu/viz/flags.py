"""What a picture should point out: the first value and gradient that are not finite, dead units, zero gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from . import numbers
from .graph import Edge, Node

_RECTIFIERS = ("relu", "maximum", "clip")


def flagged(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Node]:
    """The nodes with their flags."""
    sources: dict[str, list[str]] = {}
    users: dict[str, list[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
        users.setdefault(edge.source, []).append(edge.target)
    broken: set[str] = set()
    backward = {node.id for node in nodes if node.gradient is not None and numbers.nonfinite(node.gradient)}
    found = []
    for node in nodes:
        if numbers.nonfinite(node.value):
            broken.add(node.id)
        flags = [*_flags(node, broken.intersection(sources.get(node.id, ())))]
        if node.id in backward and node.id not in broken and not backward.intersection(users.get(node.id, ())):
            flags.append(f"∇ {'NaN' if np.isnan(node.gradient).any() else '∞'} starts here")  # type: ignore[arg-type]
        found.append(replace(node, flags=tuple(flags)))
    return found


def _flags(node: Node, broken_inputs: set[str]) -> Iterator[str]:
    if numbers.nonfinite(node.value) and not broken_inputs:
        yield f"{'NaN' if np.isnan(node.value).any() else '∞'} starts here"
    if node.op in _RECTIFIERS and node.value.ndim == 2 and len(node.value) > 1:
        dead = int(np.count_nonzero((node.value <= 0).all(axis=0)))
        if dead:
            yield f"{dead} of {node.value.shape[1]} units dead"
    if node.gradient is not None and node.gradient.size and not node.gradient.any():
        yield "zero gradient"
