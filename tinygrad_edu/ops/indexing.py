"""Ops that read and write parts of an array, as pairs of adjoints: what one reads, the other adds in."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable, is_tensor

Operand = Any


def plain_index(index: Any) -> Any:
    """`index` with arrays in place of Tensors and lists, also inside a tuple."""
    if isinstance(index, tuple):
        return tuple(map(plain_index, index))
    if is_tensor(index):
        return index._data
    return np.asarray(index, dtype=None if len(index) else np.intp) if isinstance(index, list) else index


def add_at(buffer: np.ndarray, g: np.ndarray, index: Any) -> None:
    """``buffer[index] += g``, where an element that is named several times gets every share."""
    if is_basic(index):
        buffer[index] += g
    else:
        np.add.at(buffer, index, g)


def is_basic(index: Any) -> bool:
    """Whether `index` holds numbers, slices, None and Ellipsis only, and so names each element once at the most."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or type(part) in (int, slice) for part in parts)


@differentiable(
    lambda g, y, a, index: put(g, index, a.shape),
    into=lambda buffer, g, a, index: add_at(buffer, g, index),
    symbol="[ ]",
)
def getitem(a: Operand, index: Any) -> Any:
    """``a[index]`` with every kind of index that NumPy knows.

    Gradient: ``g`` at the elements that were read, added up where one was read several times, and 0 elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.getitem(tg.arange(5), [0, 2, 2])
    Tensor([0, 2, 2])
    """
    return a[index]


@differentiable(lambda g, y, a, index, shape: getitem(g, index))
def put(a: Operand, index: Any, shape: shapes.Shape) -> Any:
    """Zeros of `shape` with `a` added in at `index`: the adjoint of `getitem`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.indexing import put
    >>> put(np.ones(3), [0, 2, 2], (4,))
    array([1., 0., 2., 0.])
    """
    out = np.zeros(shape, np.asarray(a).dtype)
    add_at(out, a, index)
    return out
