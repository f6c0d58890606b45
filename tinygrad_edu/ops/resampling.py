"""Weighted elements of an axis, and the adjoint: what all interpolation on a grid stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine import differentiable
from .indexing import add_at
from .operands import detached

Operand = Any


def _taps(x: Any, places: Operand, weights: Operand, axis: int) -> Iterator[tuple[Any, Any]]:
    """For each row of `places` it and its weights, in a shape and dtype that go with `x`."""
    places, weights = np.asarray(detached(places)), np.asarray(detached(weights))
    if x.dtype.kind == "f":
        weights = weights.astype(x.dtype, copy=False)
    across = (-1,) + (1,) * (x.ndim - 1 - axis % x.ndim)
    for at, w in zip(places, weights, strict=True):
        yield at, w.reshape(across)


@differentiable(lambda g, y, x, places, weights, axis: blend_back(g, places, weights, axis, x.shape[axis]), None, None)
def blend(x: Operand, places: Operand, weights: Operand, axis: int) -> Any:
    """Along `axis`, sums of weighted elements: ``y[i] = sum(weights[t, i] * x[places[t, i]] over t)``.

    Gradient: ``g`` times the weight for each element, added up; the adjoint is `blend_back`.

    Parameters
    ----------
    x : Tensor or array
    places, weights : arrays of ints and of numbers, (t, m)
        Which t elements each of the m results is made of, and their weights.
    axis : int
        The axis, n long, that becomes m long.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.resampling import blend
    >>> blend(tg.Tensor([1.0, 2.0, 5.0]), np.array([[0, 1], [1, 2]]), np.array([[0.5, 0.5], [0.5, 0.5]]), 0)
    Tensor([1.5, 3.5])
    """
    x = np.asarray(x)
    terms = (np.take(x, at, axis) * w for at, w in _taps(x, places, weights, axis))
    y = next(terms)
    for term in terms:
        y += term
    return y


@differentiable(lambda g, y, a, places, weights, axis, n: blend(g, places, weights, axis))
def blend_back(a: Operand, places: Operand, weights: Operand, axis: int, n: int) -> Any:
    """Along `axis`, weighted elements added in where `blend` reads: ``y[places[t, i]] += weights[t, i] * a[i]``.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.resampling import blend_back
    >>> blend_back(tg.Tensor([2.0, 4.0]), np.array([[0, 1], [1, 2]]), np.array([[0.5, 0.5], [0.5, 0.5]]), 0, 3)
    Tensor([1., 3., 2.])
    """
    a = np.asarray(a)
    axis %= a.ndim
    y = np.zeros((*a.shape[:axis], n, *a.shape[axis + 1 :]), a.dtype)
    for at, w in _taps(a, places, weights, axis):
        add_at(y, a * w, (slice(None),) * axis + (at,))
    return y
