"""Backward hooks of modules: called with the gradients of the outputs and of the inputs of one call.

What goes into the module, and what comes out of it, passes through a node that changes nothing. Its formula is where
the hooks run: all gradients of the outputs arrive there at once, and later all of the inputs, as several tensors are
packed into one on the way.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable, is_tensor
from ..hooks import given, replaced
from ..ops.casting import astype
from ..ops.joining import concatenate
from ..ops.shape import reshape
from .hooks import Hooks


def _ran(g: Any, run: Callable[[Any], Any]) -> Any:
    return run(g)


@differentiable(lambda g, y, x, run: _ran(g, run))
def passed(x: Any, run: Callable[[Any], Any]) -> Any:  # noqa: ARG001
    """`x` itself; on the way back `run` is called with the gradient, and what it returns goes on.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> passed(x, run=lambda g: -g).sum().backward()
    >>> x.grad
    array([-1., -1.], dtype=float32)
    """
    return np.asarray(x)[...]


def _through(tensors: Sequence[Any], run: Callable[[list[Any]], list[Any]]) -> list[Any]:
    """The same tensors, behind a node where `run` is called with all of their gradients."""
    if len(tensors) == 1:
        return [passed(tensors[0], run=lambda g: run([g])[0])]
    ends = list(itertools.accumulate((t.size for t in tensors), initial=0))
    parts = [(slice(a, b), t.shape) for (a, b), t in zip(itertools.pairwise(ends), tensors, strict=True)]

    def unpack(flat: Any) -> list[Any]:
        return [flat[place].reshape(shape) for place, shape in parts]

    def packed(g: Any) -> Any:
        return concatenate([part.reshape(shapes.count(part.shape)) for part in run(unpack(g))])

    through = unpack(passed(concatenate([reshape(t, t.size) for t in tensors]), run=packed))
    return [x if x.dtype == t.dtype else astype(x, t.dtype) for x, t in zip(through, tensors, strict=True)]


class Call:
    """One call of a module with backward hooks."""

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.places: list[int] = []  # of the arguments that get a gradient
        self.number = 0  # how many arguments there are
        self.tracked: list[int] = []  # the places of the outputs that have one
        self.returned = 0  # how many outputs there are
        self.gradients: tuple[Any, ...] = ()  # of the outputs

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, behind the node where the hooks get their gradients."""
        self.number = len(args)
        self.places = [i for i, x in enumerate(args) if is_tensor(x) and x.requires_grad]
        if not self.places:
            return args
        new = list(args)
        for i, x in zip(self.places, _through([args[i] for i in self.places], self._inputs), strict=True):
            new[i] = x
        return tuple(new)

    def leave(self, output: Any) -> Any:
        """The output, a Tensor or a tuple or list of them, behind the node where its gradients are noted."""
        several = isinstance(output, (tuple, list))
        outputs = list(output) if several else [output]
        self.returned = len(outputs)
        self.tracked = [i for i, x in enumerate(outputs) if is_tensor(x) and x.requires_grad]
        if not self.tracked:
            if not any(map(is_tensor, outputs)):
                warnings.warn(
                    f"register_full_backward_hook: expected a Tensor, or several, as output of "
                    f"{type(self.module).__name__}, but got {type(output).__name__}: its backward hooks will not run.",
                    stacklevel=4,
                )
            return output
        for i, x in zip(self.tracked, _through([outputs[i] for i in self.tracked], self._outputs), strict=True):
            outputs[i] = x
        return type(output)(outputs) if several else outputs[0]

    def _run(self, first: bool, gradients: tuple[Any, ...], *others: Any) -> tuple[Any, ...]:
        """`gradients` after the hooks, those that run first or those that run last, have seen and replaced them."""
        name = "register_full_backward_pre_hook" if first else "register_full_backward_hook"
        for hook, is_first in tuple(self.hooks.values()):
            if is_first is not first:
                continue
            new = hook(self.module, gradients, *others)
            if new is None:
                continue
            new = new if isinstance(new, (tuple, list)) else (new,)
            if len(new) != len(gradients):
                raise ValueError(f"{name}: expected {len(gradients)} gradients from the hook, but got {len(new)}.")
            gradients = tuple(
                g if g is None else replaced(name, g, part) for g, part in zip(gradients, new, strict=True)
            )
        return gradients

    def _outputs(self, gradients: list[Any]) -> list[Any]:
        wanted: list[Any] = [None] * self.returned
        for i, g in zip(self.tracked, gradients, strict=True):
            wanted[i] = given(g)
        seen = self._run(True, tuple(wanted))
        self.gradients = seen
        if not self.places:
            self._run(False, (None,) * self.number, seen)
        return [_like(g, seen[i]) for i, g in zip(self.tracked, gradients, strict=True)]

    def _inputs(self, gradients: list[Any]) -> list[Any]:
        wanted: list[Any] = [None] * self.number
        for i, g in zip(self.places, gradients, strict=True):
            wanted[i] = given(g)
        seen = self._run(False, tuple(wanted), self.gradients)
        return [_like(g, seen[i]) for i, g in zip(self.places, gradients, strict=True)]


def _like(g: Any, tensor: Any) -> Any:
    """`tensor` as what `g` is, an array or a Tensor."""
    return tensor if is_tensor(g) else tensor._data
