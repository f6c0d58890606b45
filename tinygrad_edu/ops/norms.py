"""Norms of vectors and matrices, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .axes import moveaxis
from .decompositions import svdvals
from .elementwise import absolute, sign
from .extreme import max, min
from .operands import checked_axes, detached, operand
from .reduction import restored
from .selection import where
from .shape import reshape
from .solving import inv

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _length_slope(g: Any, y: Any, x: Any, axis: shapes.Axes) -> Any:
    """``g * x / y``, and 0 where y is 0."""
    g, y = restored(g, x.shape, axis), restored(y, x.shape, axis)
    return g * where(y == 0, 0.0, x / where(y == 0, 1.0, y))


@differentiable(lambda g, y, x, axis, keepdims: _length_slope(g, y, x, axis), symbol="‖·‖")
def length(x: Operand, axis: shapes.Axes = None, keepdims: bool = False) -> Any:
    """The Euclidean length, ``sqrt(sum(x**2))``.

    Gradient: ``g * x / y``; 0 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.norms import length
    >>> length(tg.Tensor([3.0, 4.0]))
    Tensor(5.)
    """
    x = np.asarray(x, np.float64 if np.asarray(x).dtype.kind in "iub" else None)
    return np.asarray(np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)))


def _p_slope(g: Any, y: Any, x: Any, p: float, axis: shapes.Axes) -> Any:
    """``g * sign(x) * (|x| / y)**(p - 1)``, and 0 where y is 0."""
    g, y = restored(g, x.shape, axis), restored(y, x.shape, axis)
    ratio = absolute(x) / where(y == 0, 1.0, y)
    return g * sign(x) * where(x == 0, 0.0, where(x == 0, 1.0, ratio) ** (p - 1))


@differentiable(lambda g, y, x, p, axis, keepdims: _p_slope(g, y, x, p, axis))
def p_norm(x: Operand, p: float, axis: shapes.Axes = None, keepdims: bool = False) -> Any:
    """``sum(|x|**p)**(1 / p)``.

    Gradient: ``g * sign(x) * (|x| / y)**(p - 1)``; 0 where x is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.norms import p_norm
    >>> p_norm(tg.Tensor([1.0, 2.0, 2.0]), 3)
    Tensor(2.5712817)
    """
    x = np.abs(np.asarray(x, np.float64 if np.asarray(x).dtype.kind in "iub" else None))
    return np.asarray(np.sum(x**p, axis=axis, keepdims=keepdims) ** (1 / p))


def vector_norm(x: Operand, *, axis: shapes.Axes = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """The norm of vectors: of all elements together, or along `axis`.

    Gradient: ``g * x / y`` for ord 2, ``g * sign(x)`` for 1, to the greatest for infinity, which share where several
    are; none for 0. At 0 it is 0.

    Parameters
    ----------
    x : Tensor or array
    axis : int or sequence of ints, optional
    keepdims : bool
    ord : float
        ``sum(|x|**ord)**(1 / ord)``; infinity takes the greatest absolute value, minus infinity the smallest, 0 counts
        what is not 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.vector_norm(tg.Tensor([3.0, -4.0]))
    Tensor(5.)
    """
    x = operand(x)
    axis = checked_axes("vector_norm", axis, x.shape, "x")
    if ord == 2:
        return length(x, axis, keepdims)
    if ord == math.inf:
        return max(absolute(x), axis, keepdims=keepdims)
    if ord == -math.inf:
        return min(absolute(x), axis, keepdims=keepdims)
    if ord == 1:
        return absolute(x).sum(axis, keepdims=keepdims)
    if ord == 0:
        return (x != 0).astype(x.dtype if x.dtype.kind == "f" else np.float32).sum(axis, keepdims=keepdims)
    if not isinstance(ord, (int, float, np.number)):
        raise ValueError(f"vector_norm: expected a number as ord of a vector, but got ord={ord!r}. Use 1, 2 or inf.")
    return p_norm(x, float(ord), axis, keepdims)


_OF_SINGULAR_VALUES = {"nuc": lambda s: s.sum(-1), 2: lambda s: s[..., 0], -2: lambda s: s[..., -1]}
# The sums of absolute values over one axis, the greatest or smallest along the other: (summed, over, which)
_OF_SUMS = {1: (-2, -1, max), -1: (-2, -1, min), math.inf: (-1, -2, max), -math.inf: (-1, -2, min)}


def matrix_norm(x: Operand, *, keepdims: bool = False, ord: float | str | None = "fro") -> Tensor:
    """The norm of matrices, over the last two axes.  (..., m, n) -> (...)

    Gradient: that of what the norm is made of; for "fro" ``g * x / y``, and 0 at 0.

    Parameters
    ----------
    x : Tensor or array
    keepdims : bool
    ord : {"fro", "nuc", 1, -1, 2, -2, inf, -inf}
        The Euclidean length of all elements; the sum of the singular values; the greatest (smallest) sum of absolute
        values of a column; the greatest (smallest) singular value; the greatest (smallest) sum of a row.

    Raises
    ------
    ValueError
        If x has fewer than two axes, or ord is none of these.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.matrix_norm(tg.Tensor([[1.0, -2.0], [3.0, 4.0]]), ord=1)
    Tensor(6.)
    """
    x = operand(x)
    if x.ndim < 2:
        raise ValueError(f"matrix_norm: expected matrices, (..., m, n), but got x {x.shape}. Use vector_norm.")
    if ord in ("fro", None, "f"):
        return length(x, (-2, -1), keepdims)
    if ord in _OF_SINGULAR_VALUES:
        y = _OF_SINGULAR_VALUES[ord](svdvals(x))
    elif ord in _OF_SUMS:
        summed, over, extreme = _OF_SUMS[ord]
        y = extreme(absolute(x).sum(summed, keepdims=True), over, keepdims=True)[..., 0, 0]
    else:
        raise ValueError(
            f"matrix_norm: expected ord 'fro', 'nuc', 1, -1, 2, -2, inf or -inf of a matrix, but got ord={ord!r}."
        )
    return y[..., None, None] if keepdims else y


def norm(
    x: Operand, ord: float | str | None = None, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """The norm of a vector or matrix: of all of x, or over one axis or two.

    Gradient: that of `vector_norm` or `matrix_norm`; 0 at 0.

    Parameters
    ----------
    x : Tensor or array
    ord : float or str, optional
        Which one; the Euclidean length of all elements if not given.
    axis : int, or pair of ints, optional
        An int for vectors, a pair for matrices. None: all of x, which has one or two axes if `ord` is given.
    keepdims : bool

    Raises
    ------
    ValueError
        If `ord` is not one for vectors or matrices, or `axis` names more than two.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.norm(tg.Tensor([[3.0, 4.0], [0.0, 0.0]]), axis=1)
    Tensor([5., 0.])
    """
    x = operand(x)
    if axis is None and ord is None:
        return length(x, None, keepdims)
    axes = checked_axes("norm", axis, x.shape, "x")
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ValueError(f"norm: expected a number as ord of a vector, but got ord={ord!r}. 'fro' is for matrices.")
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ValueError(
            f"norm: expected one axis, for vectors, or two, for matrices, but got axis={axis} for x {x.shape}."
        )
    matrices = x if axes == (x.ndim - 2, x.ndim - 1) else moveaxis(x, axes, (-2, -1))
    y = matrix_norm(matrices, ord="fro" if ord is None else ord)
    return reshape(y, shapes.kept_shape(x.shape, axes)) if keepdims else y


def cond(x: Operand, p: float | str | None = None) -> Tensor:
    """The condition number: how much a matrix may enlarge a relative error.  (..., n, n) -> (...)

    ``norm(x, p) * norm(inv(x), p)``; for 2 and -2 the quotient of the greatest and the smallest singular value.

    Gradient: that of this formula.

    Parameters
    ----------
    x : Tensor or array
    p : float or str, optional
        Which norm, as in `matrix_norm`; 2 if not given.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.cond(tg.Tensor([[4.0, 0.0], [0.0, 2.0]]))
    Tensor(2.)
    """
    x = operand(x)
    if p in (None, 2, -2):
        s = svdvals(x)
        top, bottom = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
        if np.all(detached(bottom) != 0):
            return top / bottom
        with np.errstate(divide="ignore", invalid="ignore"):
            return top / bottom  # a singular matrix has condition infinity
    return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
