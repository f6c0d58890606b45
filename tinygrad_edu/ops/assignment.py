"""Assignment to a part of an array, as a function: the array afterwards, and who its elements came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .indexing import getitem, names_once, plain_index

Operand = Any


def _written(index: Any, shape: shapes.Shape) -> Any:
    """Which of the elements that ``a[index] = v`` writes are still there afterwards: the last at each place."""
    if names_once(index):
        return 1.0
    place = np.zeros(shape, np.intp)
    order = np.arange(place[index].size).reshape(place[index].shape)
    place[index] = order
    return place[index] == order


@differentiable(
    lambda g, y, a, v, index: setitem(g, 0.0, index),
    lambda g, y, a, v, index: getitem(g, index) * _written(index, y.shape),
    symbol="[ ]=",
    kind="selection",
)
def setitem(a: Operand, v: Operand, index: Any) -> Any:
    """`a` with ``a[index] = v`` done, in memory of its own.

    Gradient: to `v` at the elements that were written, the last one where `index` names an element several times; to
    `a` everywhere else.

    Raises
    ------
    IndexError
        If `index` lies outside of `a`.
    ValueError
        If `v` does not broadcast to the part that `index` names.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.setitem(tg.zeros(3), 5.0, slice(1, None))
    Tensor([0., 5., 5.])
    """
    out = np.array(a)
    out[plain_index(index)] = v
    return out
