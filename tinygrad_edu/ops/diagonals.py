"""Diagonals and triangles of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from .. import shapes
from ..engine import differentiable
from .operands import operand
from .shape import ravel

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _diagonal_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    return shapes.at_least(2)(name, names, found, params) or (
        f"{name}: expected two different axes, but got axis1={params['axis1']} and axis2={params['axis2']} for "
        f"{shapes.listed(names, found)}. A matrix lies in two axes."
    )


@differentiable(
    lambda g, y, a, offset, axis1, axis2: put_diagonal(g, a.shape, offset, axis1, axis2),
    explain=_diagonal_error,
    kind="selection",
)
def diagonal(a: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements ``a[i, i + offset]`` of each matrix over two axes.  (n, m, ...) -> (..., min(n, m))

    Gradient: ``g`` on the diagonal, 0 elsewhere: the adjoint is `put_diagonal`.

    Raises
    ------
    ValueError
        If `a` has fewer than two axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.diagonal(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.])
    """
    return np.diagonal(a, offset, axis1, axis2)


@differentiable(lambda g, y, a, shape, offset, axis1, axis2: diagonal(g, offset, axis1, axis2), kind="rearrangement")
def put_diagonal(a: Operand, shape: shapes.Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros of `shape` with `a` on the diagonals over two axes: the adjoint of `diagonal`.

    Gradient: the diagonals of ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.put_diagonal(tg.Tensor([1.0, 4.0]), (2, 3), offset=1)
    Tensor([[0., 1., 0.],
            [0., 0., 4.]])
    """
    out = np.zeros(shape, np.asarray(a).dtype)
    diagonals = np.diagonal(out, offset, axis1, axis2)
    diagonals.flags.writeable = True
    diagonals[...] = a
    return out


def trace(a: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: DTypeLike | None = None) -> Tensor:
    """The sum of the diagonal of each matrix over two axes.

    Gradient: ``g`` on the diagonal, 0 elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.trace(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor(5.)
    """
    return diagonal(a, offset, axis1, axis2).sum(-1, dtype)


def diag(v: Operand, k: int = 0) -> Tensor:
    """A matrix with the vector `v` on its diagonal k, or the diagonal k of a matrix `v`.

    Gradient: the diagonal of ``g``, or ``g`` on the diagonal.

    Raises
    ------
    ValueError
        If `v` has neither one nor two axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.diag(tg.Tensor([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    v = operand(v)
    if v.ndim == 1:
        n = v.size + abs(k)
        return put_diagonal(v, (n, n), k)
    if v.ndim != 2:
        raise ValueError(f"diag: expected a vector or a matrix, but got v {v.shape}. Use diagonal for more axes.")
    return diagonal(v, k)


def diagflat(v: Operand, k: int = 0) -> Tensor:
    """A matrix with the raveled `v` on its diagonal k.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.diagflat(tg.Tensor([[1.0], [2.0]]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    return diag(ravel(v), k)


@differentiable(lambda g, y, m, k: tril(g, k), explain=shapes.at_least(1), kind="selection")
def tril(m: Operand, k: int = 0) -> Any:
    """The lower triangle: 0 above the diagonal k of the last two axes.

    Gradient: the lower triangle of ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tril(tg.ones((2, 2)))
    Tensor([[1., 0.],
            [1., 1.]])
    """
    return np.tril(m, k)


@differentiable(lambda g, y, m, k: triu(g, k), explain=shapes.at_least(1), kind="selection")
def triu(m: Operand, k: int = 0) -> Any:
    """The upper triangle: 0 below the diagonal k of the last two axes.

    Gradient: the upper triangle of ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.triu(tg.ones((2, 2)))
    Tensor([[1., 1.],
            [0., 1.]])
    """
    return np.triu(m, k)
