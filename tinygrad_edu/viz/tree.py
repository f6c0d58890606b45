"""`tree`: the graph in a terminal, by nothing but text."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..text import Text
from . import numbers
from .graph import Edge, Graph, Node
from .record import graph_of

_LONGEST = 200  # lines


def tree(x: Any, *, grad: Any = None, names: Any = None, lines: int = _LONGEST) -> str:
    """The graph under a tensor as indented text: the output first, what it was made of below it.

    A value with several uses is written out at the first, and named by its id at the others.

    Parameters
    ----------
    x : Tensor or Graph
        The output, or what `graph` returned.
    grad : array_like, optional
        The gradient that arrives at an output of several numbers.
    names : mapping or module, optional
        Names and what they stand for, as for `graph`.
    lines : int, default 200
        After so many lines it says how many values are left.

    Returns
    -------
    str

    Examples
    --------
    >>> from tinygrad_edu import Tensor, viz
    >>> x, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    >>> viz.tree(x * w + x, names={"x": x, "w": w})
    + = 8  ∇ 1
    ├─ × = 6  ∇ 1  (×1)
    │  ├─ x = 2  ∇ 4  (×3)
    │  └─ w = 3  ∇ 2  (×2)
    └─ x: see above  (×1)
    """
    graph = x if isinstance(x, Graph) else graph_of(x, grad, names=names, caller="tree")
    said: list[str] = []
    seen: set[str] = set()
    waiting: list[tuple[str, str, str, Edge | None]] = [(graph.root, "", "", None)]  # id, prefix, branch, how used
    while waiting and len(said) < lines:
        identity, before, branch, edge = waiting.pop()
        node, rule = graph.by_id[identity], f"  ({edge.rule})" if edge is not None and edge.rule else ""
        if identity in seen:
            said.append(f"{before}{branch}{_called(node)}: see above{rule}")
            continue
        seen.add(identity)
        said.append(f"{before}{branch}{_described(node)}{rule}")
        below = before + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        inputs = graph.inputs.get(identity, ())
        branches = ["├─ "] * (len(inputs) - 1) + ["└─ "]
        waiting += [(e.source, below, b, e) for e, b in reversed(list(zip(inputs, branches, strict=False)))]
    if waiting:
        said.append(f"… {len(graph.nodes) - len(seen):,} more values")
    return Text("\n".join([*said, *(f"({note})" for note in graph.notes)]))


def _called(node: Node) -> str:
    """The op and the name, or the id."""
    return " ".join(part for part in (node.symbol, node.name) if part) or node.id


def _described(node: Node) -> str:
    """One line: what it is, its value, its gradient."""
    if node.role == "constant":
        return _shown(node.value)
    about = f" {numbers.shape_text(node.shape)} {numbers.dtype_text(node.dtype)}" if node.shape else ""
    gradient = "" if not node.tracked else f"  ∇ {'–' if node.gradient is None else _shown(node.gradient)}"
    return f"{_called(node)}{about} = {_shown(node.value)}{gradient}"


def _shown(array: np.ndarray) -> str:
    return numbers.number(float(array.reshape(()))) if array.size == 1 else numbers.spread(array)
