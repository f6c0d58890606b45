"""Functions made of functions: `vmap`, one example at a time, and `checkpoint`, memory for time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .context import enable_grad, is_grad_enabled
from .engine import differentiable, untracked
from .generator import get_state, replayed
from .marks import collect
from .ops.axes import moveaxis
from .ops.joining import concatenate, stack
from .sweep import history
from .tensor import Tensor
from .trees import flatten, rebuild

Function = Callable[..., Any]
InAxes = int | None | Sequence[int | None]


def vmap(function: Function, in_axes: InAxes = 0, out_axes: int = 0) -> Function:
    """`function`, written for one example, applied to every example of a batch.

    It is a loop, and the results are stacked: as fast as the loop would be, and as differentiable.

    Parameters
    ----------
    function : callable
        Takes and returns tensors, or lists, tuples and dicts of them.
    in_axes : int, None or sequence of these
        The axis of each argument that counts the examples; None for an argument that all examples share.
    out_axes : int
        The axis of the results that counts the examples.

    Raises
    ------
    TypeError
        If `function` is no function.
    ValueError
        If the arguments do not have one number of examples, or there is none at all.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vmap(lambda x, w: (x * w).sum(), in_axes=(0, None))(tg.ones((3, 2)), tg.Tensor([1.0, 2.0]))
    Tensor([3., 3., 3.])
    """
    if not callable(function):
        raise TypeError(
            f"vmap: expected a function, but got {type(function).__name__}. Call what it returns: vmap(f)(x)."
        )

    def mapped(*args: Any) -> Any:
        axes = tuple(in_axes) if isinstance(in_axes, Sequence) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(f"vmap: expected in_axes for {len(args)} arguments, but got {len(axes)}: {in_axes!r}.")
        leaves = [(_indexable(x), axis) for arg, axis in zip(args, axes, strict=True) for x in flatten(arg)]
        for x, axis in leaves:
            if axis is not None and not (isinstance(axis, int) and -x.ndim <= axis < x.ndim):
                raise ValueError(
                    f"vmap: expected an axis of each argument, or None, in in_axes, but got {axis!r} for {x.shape}. "
                    f"Write None in in_axes for an argument that all examples share."
                )
        counts = {x.shape[axis] for x, axis in leaves if axis is not None}
        if len(counts) != 1 or 0 in counts:
            raise ValueError(
                f"vmap: expected one number of examples, at least 1, in all arguments, but got {sorted(counts)}. "
                f"Check in_axes={in_axes!r} against the shapes {[x.shape for x, _ in leaves]}."
            )
        results = [
            function(*rebuild(args, [x if axis is None else _example(x, axis, i) for x, axis in leaves]))
            for i in range(counts.pop())
        ]
        columns = zip(*map(flatten, results), strict=True)
        return rebuild(results[0], [moveaxis(stack(column), 0, out_axes) for column in columns])

    return mapped


def _indexable(x: Any) -> Any:
    return x if isinstance(x, Tensor) else np.asarray(x)


def _example(x: Any, axis: int, i: int) -> Any:
    return x[(slice(None),) * (axis % x.ndim) + (i,)]


def checkpoint(function: Function, *args: Any, **kwargs: Any) -> Any:
    """``function(*args)``, whose inner values are let go of and computed again in the backward pass.

    The memory of a deep network is then that of its longest part between two checkpoints, for one more forward pass.
    The random generator is set back for the second run, so that dropout draws the same masks. Running statistics are
    updated twice. Gradients flow to the arguments and to every tensor that the function uses, such as parameters.

    Parameters
    ----------
    function : callable
        Returns a Tensor, or a list, tuple or dict of Tensors.
    *args, **kwargs
        Its arguments.

    References
    ----------
    T. Chen et al., "Training deep nets with sublinear memory cost", 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> tg.checkpoint(lambda x: tg.exp(x) * x, x).sum().backward()
    >>> x.grad
    array([ 5.436564, 22.167168], dtype=float32)
    """
    if not is_grad_enabled():
        return function(*args, **kwargs)
    segment = _Segment(function, args, kwargs)
    tensors = [x for x in flatten(args) if isinstance(x, Tensor)]
    value = segment.record(tensors)
    flat = _checkpointed(*tensors, *segment.others, value=value, segment=segment)
    parts, start = [], 0
    for shape, dtype in segment.parts:
        size = math.prod(shape)
        parts.append(flat[start : start + size].reshape(shape).astype(dtype))
        start += size
    return rebuild(segment.form, parts)


class _Segment:
    """A call that can be run again: the function, its arguments, and the state of the random generator."""

    def __init__(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs
        self.state = get_state()
        self.others: list[Tensor] = []  # leaves that the function uses beside its arguments
        self.parts: list[tuple[tuple[int, ...], Any]] = []  # shape and dtype of each output
        self.form: Any = None

    def run(self, tensors: Sequence[Tensor]) -> Tensor:
        """All outputs in one flat tensor, for `tensors` in place of those among the arguments."""
        given = iter(tensors)
        leaves = [next(given) if isinstance(x, Tensor) else x for x in flatten(self.args)]
        with enable_grad():
            output = self.function(*rebuild(self.args, leaves), **self.kwargs)
        outputs = flatten(output)
        for y in outputs:
            if not isinstance(y, Tensor) or y.dtype.kind != "f":
                shown = f"a Tensor of {y.dtype}" if isinstance(y, Tensor) else type(y).__name__
                raise TypeError(
                    f"checkpoint: expected a function that returns floating Tensors, but got {shown}. "
                    f"Compute anything else outside of it."
                )
        self.form = rebuild(output, [None] * len(outputs))
        self.parts = [(y.shape, y.dtype) for y in outputs]
        return concatenate([y.reshape((-1,)) for y in outputs])

    def record(self, tensors: Sequence[Tensor]) -> np.ndarray:
        """Run once, note what else the function depends on, and keep nothing but the numbers."""
        leaves = _fresh([x._data for x in tensors], tensors)
        flat = self.run(leaves)
        own = set(leaves)
        self.others = [x for x in history(flat) if x.op is None and x not in own] if flat.requires_grad else []
        return flat._data


def _fresh(arrays: Sequence[np.ndarray], like: Sequence[Any]) -> list[Tensor]:
    """Leaves of their own around `arrays`, so that a sweep ends at them."""
    return [untracked(a).requires_grad_(x.requires_grad) for a, x in zip(arrays, like, strict=True)]


def _no_second_order(*_: Any, **__: Any) -> Any:
    raise RuntimeError(
        "checkpoint: expected a backward pass of first order, but got one that records its own history. "
        "Call the function without checkpoint for second derivatives."
    )


def _replay(g: Any, _: Any, __: Any, *arrays: Any, segment: _Segment, **___: Any) -> list[Any]:
    """All gradients of a segment: its forward again, and the sweep over it."""
    tensors = [x for x in flatten(segment.args) if isinstance(x, Tensor)]
    leaves = _fresh(arrays[: len(tensors)], tensors)
    wanted = [*leaves, *segment.others]
    chosen = set(wanted)
    with replayed(segment.state):
        flat = segment.run(leaves)
    found = dict(collect(flat, g, chosen)) if flat.requires_grad else {}
    return [found.get(x) for x in wanted]


@differentiable(each=_no_second_order, joint=_replay)
def _checkpointed(*_tensors: Any, value: Any, segment: Any) -> Any:  # noqa: ARG001 - for the sweep
    """The flat outputs of a segment, as they were found when it ran first."""
    return value
