"""Ops that arrange: the same numbers in another shape or order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable

Operand = Any


@differentiable(lambda g, y, a, shape: reshape(g, a.shape))
def reshape(a: Operand, shape: int | Sequence[int]) -> Any:
    """The same numbers, row by row, in another shape.

    Parameters
    ----------
    a : Tensor or array
    shape : int or sequence of ints
        One of them may be -1: what is left over.

    Raises
    ------
    ValueError
        If the number of elements differs.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.reshape(tg.arange(6), (2, -1))
    Tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return np.reshape(a, shape)


@differentiable(lambda g, y, a, shape: g)  # the engine sums over what was stretched
def broadcast_to(a: Operand, shape: int | Sequence[int]) -> Any:
    """Repeat along new and length-1 axes, without a copy.

    Gradient: the sum over the repeated axes.

    Raises
    ------
    ValueError
        If `a` cannot be stretched to `shape`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.broadcast_to(tg.Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    return np.broadcast_to(a, shape)


def _undone(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if axes is None else shapes.inverse_permutation(axes)


@differentiable(lambda g, y, a, axes: transpose(g, _undone(axes)))
def transpose(a: Operand, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if `axes` is None.

    Parameters
    ----------
    a : Tensor or array
    axes : sequence of ints, optional
        Axis i of the result is axis ``axes[i]`` of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.transpose(tg.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return np.transpose(a, axes)


@differentiable(lambda g, y, x: matrix_transpose(g), symbol="ᵀ")
def matrix_transpose(x: Operand) -> Any:
    """The last two axes swapped.  (..., n, m) -> (..., m, n)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.matrix_transpose(tg.zeros((5, 2, 3))).shape
    (5, 3, 2)
    """
    return np.matrix_transpose(x)
