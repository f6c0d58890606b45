"""Max pooling: the index of the first maximum of each window, and reading and writing planes by such an index.

A plane is what the last axes hold: an image of one sample and channel. An index counts its elements row by row.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable, nondifferentiable
from .sliding import Windows, boxes, combined

Operand = Any


@nondifferentiable()
def max_indices(x: Operand, y: Operand, windows: Sequence[Windows]) -> Any:
    """For each window the index, in its plane, of the first element that equals the window's maximum `y`.

    In a window with NaN, whose maximum is NaN, the last NaN, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.pooling import max_indices
    >>> from tinygrad_edu.ops.sliding import sliding
    >>> max_indices(np.array([1.0, 5.0, 5.0, 2.0]), np.array([5.0, 5.0]), (sliding(4, 2, 2, 0, 1, False),))
    array([1, 2])
    """
    windows = tuple(windows)
    steps, corners = _layout(windows)
    places = np.take(steps, _worths(np.asarray(x), np.asarray(y), boxes(windows)))
    rows = places.reshape(places.size // max(corners.size, 1), corners.size)
    rows += corners
    return places


def _worths(x: np.ndarray, y: np.ndarray, found: Sequence[Any]) -> Any:
    """Which number of each window is its maximum: the first of m is worth m, the last 1, so the greatest counts."""
    worths = np.zeros(y.shape, np.min_scalar_type(len(found)))
    ranks = range(len(found), 0, -1)
    for rank, (_, to, at) in zip(ranks, found, strict=True):
        worths[to] = np.maximum(worths[to], np.equal(x[at], y[to]) * worths.dtype.type(rank))
    if not worths.all():  # nothing equals NaN
        for rank, (_, to, at) in zip(ranks, found, strict=True):
            worths[to] = np.where(np.isnan(x[at]), worths.dtype.type(rank), worths[to])
    return worths


@functools.lru_cache(32)
def _layout(windows: tuple[Windows, ...]) -> tuple[Any, Any]:
    """How far into the plane each worth is from the corner of its window, and where the corners are, row by row."""
    strides = [math.prod(w.size for w in windows[axis + 1 :]) for axis in range(len(windows))]
    steps = [sum(k * w.step * n for k, w, n in zip(ks, windows, strides, strict=True)) for ks, _, _ in boxes(windows)]
    starts = (np.array(w.starts, np.intp) * n for w, n in zip(windows, strides, strict=True))
    return np.array([0, *reversed(steps)], np.intp), functools.reduce(np.add.outer, starts).reshape(-1)


def _flat(index: np.ndarray, axes: int, shape: shapes.Shape) -> Any:
    """Places in an array of `shape` laid out flat, of places in its planes."""
    lead, plane = shape[: len(shape) - axes], shape[len(shape) - axes :]
    return index + (np.arange(shapes.count(lead)) * shapes.count(plane)).reshape(lead + (1,) * axes)


@differentiable(lambda g, y, x, index, axes: plane_put(g, index, x.shape, axes), None, kind="selection")
def plane_take(x: Operand, index: Operand, axes: int) -> Any:
    """In each plane, the elements with the numbers `index`.  (..., h, w), (..., i, j) -> (..., i, j)

    Gradient: ``g`` at the elements that were read, added up; the adjoint is `plane_put`.

    Parameters
    ----------
    x : Tensor or array
    index : array of ints, as many axes as x
    axes : int
        How many of the last axes are a plane.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.pooling import plane_take
    >>> plane_take(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), np.array([[3, 0]]), 2)
    Tensor([[4., 1.]])
    """
    x, index = np.asarray(x), np.asarray(index)
    return np.take(x, _flat(index, axes, x.shape))


@differentiable(lambda g, y, a, index, shape, axes, add: plane_take(g, index, axes), None, kind="rearrangement")
def plane_put(a: Operand, index: Operand, shape: shapes.Shape, axes: int, add: bool = True) -> Any:
    """Zeros of `shape` with, in each plane, `a` at the places `index`.  (..., i, j), (..., i, j) -> (..., h, w)

    Gradient: the ``g`` of its place for each number, also for one that another was written over, as in PyTorch; the
    adjoint is `plane_take`.

    Parameters
    ----------
    a : Tensor or array
    index : array of ints, of the shape of a
    shape : tuple of ints
    axes : int
        How many of the last axes are a plane.
    add : bool
        Whether numbers for one place are added up; else the last one stays.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.pooling import plane_put
    >>> plane_put(tg.Tensor([[4.0, 1.0]]), np.array([[3, 0]]), (2, 2), 2)
    Tensor([[1., 0.],
            [0., 4.]])
    """
    a, index = np.asarray(a), np.asarray(index)
    out = np.zeros(shape, a.dtype)
    places = _flat(index, axes, shape).reshape(-1)
    if add:
        np.add.at(out.reshape(-1), places, a.reshape(-1))  # flat: the only form that is fast
    else:
        out.reshape(-1)[places] = a.reshape(-1)
    return out


# It selects, but is not of that kind: a sweep under a selection keeps every array to its end (see marks.py), which
# would double the memory of training a convolutional network.
@differentiable(lambda g, y, x, windows: plane_put(g, max_indices(x, y, windows), x.shape, len(windows)))
def max_pool(x: Operand, windows: Sequence[Windows]) -> Any:
    """The maximum of each window, over as many of the last axes as there are `windows`.

    Gradient: ``g`` to the first maximum of its window; NaN, if there is one, is the maximum.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.pooling import max_pool
    >>> from tinygrad_edu.ops.sliding import sliding
    >>> max_pool(tg.Tensor([1.0, 5.0, 3.0, 2.0]), (sliding(4, 2, 2, 0, 1, False),))
    Tensor([5., 3.])
    """
    x = np.asarray(x)
    return combined(x, windows, np.maximum, -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min)
