"""What layers do in one step: the affine map, and dropping elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable

Operand = Any


def rows(x: Any) -> Any:
    """`x` as a matrix.  (..., d) -> (n, d)"""
    return x if x.ndim == 2 else x.reshape((shapes.count(x.shape[:-1]), x.shape[-1]))


def row_by_row(g: Any, w: Any) -> Any:
    """``g @ w`` as one product of matrices, half the time of many small ones.  (..., o), (o, i) -> (..., i)"""
    return g @ w if g.ndim < 3 else (rows(g) @ w).reshape((*g.shape[:-1], w.shape[1]))


def _check_linear(x: Any, w: Any, b: Any) -> None:
    if w.ndim != 2:
        raise ValueError(
            f"linear: expected a weight of shape (out_features, in_features), but got shape {w.shape}. "
            f"Reshape a single row to (1, in_features)."
        )
    if not x.ndim or x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"linear: expected an input with in_features={w.shape[1]} as its last axis, but got shape {x.shape}. "
            f"The weight has shape {w.shape}, (out_features, in_features)."
        )
    if b is not None and b.shape not in ((w.shape[0],), ()):
        raise ValueError(
            f"linear: expected a bias of shape ({w.shape[0]},), but got shape {b.shape}. "
            f"It holds one number for each row of the weight, whose shape is {w.shape}."
        )


@differentiable(
    lambda g, y, x, w, b: row_by_row(g, w),
    lambda g, y, x, w, b: rows(g).mT @ rows(x),
    lambda g, y, x, w, b: g,  # the engine sums over the samples
    symbol="xwᵀ+b",
)
def linear(x: Operand, w: Operand, b: Operand = None) -> Any:
    """The affine map ``x @ w.T + b`` of each row.  (..., in), (out, in), (out,) -> (..., out)

    Gradient: ``g @ w`` for x, ``g.T @ x`` for w, and g summed over all rows for b.

    Parameters
    ----------
    x : Tensor or array, (..., in_features)
    w : Tensor or array, (out_features, in_features)
    b : Tensor or array, (out_features,), optional

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linear(tg.Tensor([1.0, 2.0]), tg.Tensor([[3.0, 4.0], [5.0, 6.0]]), tg.Tensor([0.5, 0.0]))
    Tensor([11.5, 17. ])
    """
    x, w = np.asarray(x), np.asarray(w)
    _check_linear(x, w, b if b is None else np.asarray(b))
    y = rows(x) @ w.T  # (n, in) @ (in, out) -> (n, out)
    if b is not None:
        y = np.add(y, b, out=y if y.dtype.kind == "f" else None)
    return y.reshape((*x.shape[:-1], w.shape[0]))


def kept(p: float) -> float:
    """What an element that is kept is multiplied with, so that the expected value stays the same."""
    return 1 / (1 - p) if p < 1 else 0.0


def _dropped(x: Any, mask: Any, p: float) -> tuple[Any, Any]:
    """The result, and what each element was multiplied with."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: expected a probability p in 0..1, but got {p}.")
    x = np.asarray(x)
    factor = np.multiply(mask, kept(p), dtype=x.dtype if x.dtype.kind == "f" else np.float64)
    return x * factor, factor


@differentiable(
    lambda g, y, x, mask, p: g * mask * kept(p),
    None,
    saving=_dropped,
    joint=lambda g, y, factor, x, mask, p: (g * factor, None),
)
def dropout(x: Operand, mask: Operand, p: float = 0.5) -> Any:
    """``x * mask / (1 - p)``: some elements set to 0, the others made larger, so that the expected value stays.

    Gradient: ``g * mask / (1 - p)``.

    Parameters
    ----------
    x : Tensor or array
    mask : array of bools that broadcasts to x
        True where an element is kept; drawn by the caller with probability 1 - p.
    p : float in 0..1
        The probability that an element is dropped.

    Raises
    ------
    ValueError
        If p is outside 0..1, or the mask does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.dropout(tg.Tensor([1.0, 2.0, 3.0]), np.array([True, False, True]))
    Tensor([2., 0., 6.])
    """
    return _dropped(x, mask, p)[0]
