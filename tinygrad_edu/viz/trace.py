"""`trace`: forward and backward pass of a recorded graph as one list of ops, in the order of execution.

The formulas of a backward pass are ops on tensors, so running them while somebody watches gives the backward pass in
the same form as the forward pass. Texts and derivations are printed from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..context import no_grad
from ..engine import is_tensor, untracked
from ..observe import Event, observe
from ..sweep import fitted, history


class Step(NamedTuple):
    """One op: what it was given, and the tensor it made."""

    op: Any
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    output: Any


@dataclass(eq=False)
class Program:
    """A forward and a backward pass.

    Attributes
    ----------
    forward, backward : list of Step
        The backward pass starts from `seed`, the gradient of the loss.
    gradients : dict
        The gradient tensor of each tensor of the forward pass; two may share one.
    arrays : dict
        By the id of a tensor that stands for an array of the user: that array.
    """

    loss: Any
    seed: Any
    forward: list[Step]
    backward: list[Step]
    gradients: dict[Any, Any]
    arrays: dict[int, np.ndarray]

    def needed(self, outputs: Sequence[Any]) -> tuple[list[Step], list[Step]]:
        """The steps of both passes that these outputs depend on."""
        wanted = {id(t) for t in outputs}
        kept = []
        for step in reversed(self.forward + self.backward):
            if id(step.output) in wanted:
                wanted |= {id(x) for x in _parts(step)}
                kept.append(step)
        kept.reverse()
        forward = {id(step) for step in self.forward}
        return [s for s in kept if id(s) in forward], [s for s in kept if id(s) not in forward]


def _parts(step: Step) -> list[Any]:
    """Everything that a step reads, also in a sequence."""
    found = []
    for x in (*step.inputs, *step.params.values()):
        found += list(x) if isinstance(x, (tuple, list)) else [x]
    return found


def trace(loss: Any, seed: Any = None) -> Program:
    """The forward pass under `loss` and its backward pass, op by op.

    Parameters
    ----------
    loss : Tensor
        Its history is read; nothing is computed again but the backward pass, and no `grad` is touched.
    seed : ndarray, optional
        The gradient that arrives at the loss; 1 by default.
    """
    nodes = history(loss)
    arrays: dict[int, np.ndarray] = {}
    stand_ins: dict[int, Any] = {}

    def tensor(x: Any) -> Any:
        """`x`, or a tensor that stands for an array, so that ops on it are noted too."""
        if not isinstance(x, np.ndarray) or not x.ndim:
            return x
        if id(x) not in stand_ins:
            stand_ins[id(x)] = untracked(x)
            arrays[id(stand_ins[id(x)])] = x
        return stand_ins[id(x)]

    inputs = {node: tuple(map(tensor, node.inputs)) for node in nodes}
    forward = [Step(node.op, inputs[node], node.params, node) for node in reversed(nodes) if node.op is not None]
    start = untracked(loss._seed(seed, "trace"))
    backward: list[Step] = []

    def note(event: Event) -> None:
        backward.append(Step(event.op, event.inputs, event.params, event.output))

    with no_grad(), observe(note), np.errstate(all="ignore"):
        gradients = _pull_back(nodes, inputs, start)
    return Program(loss, start, forward, backward, gradients, arrays)


def _pull_back(nodes: Sequence[Any], inputs: Mapping[Any, tuple[Any, ...]], start: Any) -> dict[Any, Any]:
    """The gradients as tensors: the sweep, with stand-ins for arrays."""
    gradients = {nodes[0]: start}
    for node in nodes:
        g = gradients.get(node)
        if g is None or node.op is None:
            continue
        for i, x in enumerate(node.inputs):
            if not (is_tensor(x) and x.requires_grad):
                continue
            if node.op.each is not None:
                gx = node.op.each(g, node, i, inputs[node], **node.params)
            elif node.op.vjps[i] is not None:
                gx = node.op.vjps[i](g, node, *inputs[node], **node.params)
            else:
                continue
            gx = fitted(gx, x, node.op)
            gradients[x] = gradients[x] + gx if x in gradients else gx
    return gradients
