"""Ops that use numbers several times: repeat and tile. The gradients of all uses of a number add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .indexing import put

Operand = Any


def _gathered(g: Any, shape: shapes.Shape, repeats: Any, axis: int | None) -> Any:
    """`g` summed over the repetitions of each element: the adjoint of `repeat`."""
    if axis is None:
        return _gathered(g, (shapes.count(shape),), repeats, 0).reshape(shape)
    axis %= len(shape)
    n = shape[axis]
    if np.size(repeats) == 1:
        # (..., n * r, ...) -> (..., n, r, ...) -> (..., n, ...)
        r = int(np.asarray(repeats).reshape(()))
        g = g.reshape((*shape[:axis], n, r, *shape[axis + 1 :]))
        # A sum over a short last axis takes NumPy 27 ms for 3 million numbers, the same product 0.3 ms.
        return g.sum(axis + 1) if axis + 1 < len(shape) else g @ np.ones(r, g.dtype)
    return put(g, (slice(None),) * axis + (np.repeat(np.arange(n), repeats),), shape)


def _count_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    what = next(what for what in ("repeats", "reps") if what in params)
    counts = np.asarray(params[what])
    if counts.dtype.kind in "iu" and counts.size and counts.min() < 0:
        return f"{name}: expected {what} of at least 0, but got {params[what]} for {shapes.listed(names, found)}."
    if what == "repeats":
        n = shapes.count(found[0], params["axis"])
        return (
            f"{name}: expected one number as repeats, or {n} of them, one for each, but got {params[what]} for "
            f"{shapes.listed(names, found)} and axis={params['axis']}."
        )
    return None


@differentiable(
    lambda g, y, a, repeats, axis: _gathered(g, a.shape, repeats, axis), explain=_count_error, kind="rearrangement"
)
def repeat(a: Operand, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element several times in a row.

    Gradient: ``g``, summed over the repetitions of each element.

    Parameters
    ----------
    a : Tensor or array
    repeats : int or sequence of ints
        How often: one number for all, or one for each element along `axis`.
    axis : int, optional
        None repeats the elements of the raveled array.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.repeat(tg.Tensor([1.0, 2.0]), 2)
    Tensor([1., 1., 2., 2.])
    """
    return np.repeat(a, repeats, axis)


def _untiled(g: Any, shape: shapes.Shape, reps: int | Sequence[int]) -> Any:
    """`g` summed over the copies: the adjoint of `tile`."""
    reps = (reps,) if isinstance(reps, (int, np.integer)) else tuple(reps)
    n = max(len(reps), len(shape))
    shape, reps = (1,) * (n - len(shape)) + shape, (1,) * (n - len(reps)) + reps
    # (r0 * n0, r1 * n1, ...) -> (r0, n0, r1, n1, ...) -> (n0, n1, ...)
    split = [size for pair in zip(reps, shape, strict=True) for size in pair]
    return g.reshape(split).sum(tuple(range(0, 2 * n, 2)))


@differentiable(
    lambda g, y, A, reps: _untiled(g, A.shape, reps).reshape(A.shape), explain=_count_error, kind="rearrangement"
)
def tile(A: Operand, reps: int | Sequence[int]) -> Any:
    """The whole array several times, ``reps[i]`` times along axis i.

    Gradient: ``g``, summed over the copies.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tile(tg.Tensor([1.0, 2.0]), 2)
    Tensor([1., 2., 1., 2.])
    """
    return np.tile(A, reps)
