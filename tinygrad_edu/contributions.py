"""What each use of a tensor adds to its gradient: the sweep in the long form, where nothing is summed up and forgotten.

Pictures, explanations and the search for the first NaN stand on it. It touches no `grad`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import memory
from .context import get_mode
from .engine import is_tensor
from .marks import marked_sweep
from .sweep import fitted, history

if TYPE_CHECKING:
    from .tensor import Tensor

Gradients = dict[Any, Any]  # of each tensor
Parts = dict[tuple[Any, int], Any]  # of each use: what input i of a node gets through that node


def contribution(node: Tensor, i: int, g: Any) -> Any:
    """The gradient for input `i` that comes through `node`, in the shape and dtype of that input; None if none."""
    op = node.op
    arrays = [x._data if is_tensor(x) else x for x in node.inputs]
    if op.each is not None:
        part = op.each(g, node._data, i, arrays, **node.params)
    elif op.vjps[i] is not None:
        part = op.vjps[i](g, node._data, *arrays, **node.params)
    else:
        return None
    return fitted(part, node.inputs[i], op)


def contributions(y: Tensor, seed: Any) -> tuple[Gradients, Parts]:
    """The gradient of every tensor under `y`, and what each use adds to it, in the order of the backward pass.

    Raises
    ------
    RuntimeError
        If an array that a formula needs was changed in place, or the history was let go.
    """
    nodes = history(y)
    with np.errstate(all="ignore"):
        gradients, parts = _added_up(nodes, seed, {})
        selects = any(node.op is not None and node.op.kind == "selection" for node in nodes)
        if selects and get_mode().marks and not all(np.isfinite(g).all() for g in gradients.values()):
            gradients, parts = _added_up(nodes, seed, dict(marked_sweep(y, seed)))  # as `backward` does it
    return gradients, parts


def _added_up(nodes: list[Any], seed: Any, marked: Mapping[Any, Any]) -> tuple[Gradients, Parts]:
    """Every contribution, and their sums; 0 for what is finite in `marked`, as a selecting op has left it out."""
    gradients: Gradients = {nodes[0]: seed}
    parts: Parts = {}
    for node in nodes:
        g = gradients.get(node)
        if g is None or node.op is None:
            continue
        memory.check(node)
        for i, x in enumerate(node.inputs):
            if is_tensor(x) and x.requires_grad:
                part = contribution(node, i, g)
                if part is not None:
                    if x in marked:
                        part = np.where(np.isfinite(part) | ~np.isfinite(marked[x]), part, part.dtype.type(0))
                    parts[node, i] = part
                    gradients[x] = part if x not in gradients else gradients[x] + part
    return gradients, parts
