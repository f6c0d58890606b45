"""Ops that reduce axes: sums, means, extremes.

An axis is None (all axes), an int or a tuple of ints; negative ones count from the last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from ..shapes import Axes
from .shape import broadcast_to, reshape

Operand = Any


def restored(g: Any, shape: shapes.Shape, axis: Axes) -> Any:
    """`g`, whose axes `axis` were reduced, with these axes of length 1 again, so that it broadcasts to `shape`."""
    return reshape(g, shapes.kept_shape(shape, axis))


def spread(g: Any, shape: shapes.Shape, axis: Axes) -> Any:
    """`g`, whose axes `axis` were reduced, repeated to `shape`: the adjoint of `sum`."""
    return broadcast_to(restored(g, shape, axis), shape)


@differentiable(lambda g, y, a, axis, keepdims: spread(g, a.shape, axis), symbol="Σ")
def sum(a: Operand, axis: Axes = None, keepdims: bool = False) -> Any:
    """The sum of the elements over `axis`; 0 if there are none.

    Gradient: ``g``, repeated to the shape of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sum(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([4., 6.])
    """
    return np.sum(a, axis=axis, keepdims=keepdims)


@differentiable(lambda g, y, a, axis, keepdims: spread(g / float(shapes.count(a.shape, axis)), a.shape, axis))
def mean(a: Operand, axis: Axes = None, keepdims: bool = False) -> Any:
    """The arithmetic mean over `axis`.

    Gradient: ``g / n``, repeated to the shape of `a`, for n elements in each mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.mean(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    Tensor([1.5, 3.5])
    """
    return np.mean(a, axis=axis, keepdims=keepdims)
