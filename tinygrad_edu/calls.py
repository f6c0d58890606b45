"""What all derivatives stand on: the gradients of one output, and one call of a function at leaves of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes
from .context import enable_grad, is_grad_enabled
from .engine import differentiable, untracked
from .marks import collect
from .ops.arithmetic import positive
from .sweep import history
from .tensor import Tensor
from .trees import flatten, rebuild

Function = Callable[..., Any]
Positions = int | Sequence[int]


@differentiable(lambda g, y, value, _source: g, None)
def _without_path(value: Any, _source: Any) -> Any:
    """`value`, and a history that says: this does not depend on the source, its derivative is zero."""
    return value


def gradients(output: Tensor, inputs: Sequence[Tensor], grad_output: Any, create_graph: bool) -> list[Tensor]:
    """One gradient for each of `inputs`, zeros where there is no path."""
    wanted = set(inputs)
    if not create_graph:
        seed = output._seed(grad_output, "grad")
        found = {x: g if x.op is None else np.array(g) for x, g in collect(output, seed, wanted)}
        return [untracked(found[x]) if x in found else untracked(np.zeros(x.shape, x.dtype)) for x in inputs]
    with enable_grad():
        given = isinstance(grad_output, Tensor) and grad_output.shape == output.shape
        start = grad_output if given else untracked(output._seed(grad_output, "grad"))
        recorded = dict(collect(output, start, wanted, record=True))
        zeros = {x: untracked(np.zeros(x.shape, x.dtype)) for x in inputs if x not in recorded}
        gradients = [(recorded | zeros)[x] for x in inputs]
        return [g if g.requires_grad else _without_path(g, x) for g, x in zip(gradients, inputs, strict=True)]


class Call:
    """One call of a function whose chosen arguments became leaves: tensors of this call's own, in one flat list."""

    def __init__(self, caller: str, function: Function, args: Sequence[Any], argnums: Positions, **kwargs: Any):
        self.caller = caller
        self.single = not isinstance(argnums, Sequence)
        positions = checked_positions(caller, args, argnums)
        self.chosen = tuple(args[i] for i in positions)
        self.arguments = [_leaf(caller, x) for x in flatten(self.chosen)]
        full = list(args)
        for i, x in zip(positions, rebuild(self.chosen, self.arguments), strict=True):
            full[i] = x
        recording = is_grad_enabled()
        with enable_grad():
            self.output = function(*full, **kwargs)
        # A derivative of a derivative, or of a function that uses other tensors with a history, keeps that history.
        self.nested = recording and self._has_other_leaves()

    def _has_other_leaves(self) -> bool:
        if not isinstance(self.output, Tensor) or not self.output.requires_grad:
            return False
        own = set(self.arguments)
        return any(x.op is None and x not in own for x in history(self.output))

    def scalar(self) -> Tensor:
        """The output, which must be one element."""
        y = self.output
        if not isinstance(y, Tensor) or y.size != 1:
            shown = f"shape {y.shape}" if isinstance(y, Tensor) else type(y).__name__
            raise ValueError(
                f"{self.caller}: expected a function that returns a Tensor of one element, but got {shown}. "
                f"Reduce it, e.g. with .sum(), or use jacobian."
            )
        return y

    def tensor(self) -> Tensor:
        """The output, which must be a Tensor."""
        if not isinstance(self.output, Tensor):
            raise TypeError(
                f"{self.caller}: expected a function that returns a Tensor, but got {type(self.output).__name__}."
            )
        return self.output

    def value(self) -> Tensor:
        """The output, without a history unless an outer derivative needs it."""
        return self.tensor() if self.nested else self.tensor().detach()

    def pull_back(self, g: Any = None, y: Tensor | None = None, create_graph: bool = True) -> list[Tensor]:
        """The gradient for every leaf."""
        y = self.tensor() if y is None else y
        if y.requires_grad:
            return gradients(y, self.arguments, g, create_graph)
        return [_without_path(untracked(np.zeros(x.shape, x.dtype)), x) for x in self.arguments]

    def in_form(self, leaves: Sequence[Any]) -> Any:
        """`leaves` in the form of the chosen arguments."""
        found = rebuild(self.chosen, leaves)
        return found[0] if self.single else found


def checked_positions(caller: str, args: Sequence[Any], argnums: Positions) -> list[int]:
    """`argnums` as a list of places in `args`, counted from the front."""
    positions: list[Any] = list(argnums) if isinstance(argnums, Sequence) else [argnums]
    for i in positions:
        if not isinstance(i, (int, np.integer)):
            raise TypeError(
                f"{caller}: expected whole numbers as argnums, but got {argnums!r}. Arguments count from 0."
            )
        if not -len(args) <= i < len(args):
            raise ValueError(f"{caller}: expected argnums among the {len(args)} arguments, but got {i}.")
    found = [int(i) % len(args) for i in positions]
    if len(set(found)) < len(found):
        raise ValueError(f"{caller}: expected each argument once, but got argnums={argnums!r}. Leave out the second.")
    return found


def _leaf(caller: str, x: Any) -> Tensor:
    """A tensor that requires grad and depends on `x`, so that a derivative of the derivative passes through."""
    if isinstance(x, Tensor) and x.requires_grad:
        return positive(x)
    array = dtypes.as_array(x._data if isinstance(x, Tensor) else x)
    if array.dtype.kind != "f":
        raise TypeError(
            f"{caller}: expected floating arguments, but got {array.dtype} of shape {array.shape}. "
            f"Write 2.0 for 2, or leave the argument out of argnums."
        )
    leaf: Tensor = untracked(array)
    return leaf.requires_grad_()


def directions(call: Call, v: Any) -> list[Tensor]:
    """`v` as one tensor for each leaf of `call`, of the same shape."""
    given = flatten(tuple(v))
    shapes = [np.shape(x._data if isinstance(x, Tensor) else x) for x in given]
    expected = [x.shape for x in call.arguments]
    if shapes != expected:
        raise ValueError(
            f"{call.caller}: expected a direction of the inputs' shapes {expected}, but got {shapes}. "
            f"Give one number for each element of the inputs."
        )
    return [
        x if isinstance(x, Tensor) else untracked(np.asarray(x, leaf.dtype))
        for x, leaf in zip(given, call.arguments, strict=True)
    ]


def outside(results: Any, nested: bool) -> Any:
    """Without a history, unless an outer derivative needs it."""
    return results if nested else [r.detach() for r in results]
