"""Medians, quantiles and percentiles: elements, or mixtures of two, of the sorted array."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..shapes import Axes
from .axes import moveaxis
from .indexing import take_along_axis
from .operands import checked_axes, constant, detached, operand
from .selection import where
from .sorting import sort

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _rows(a: Any, axes: tuple[int, ...]) -> Any:
    """The elements over `axes` as the last axis.  (..., n)"""
    kept = [n for i, n in enumerate(a.shape) if i not in axes]
    rows: Any = moveaxis(a, axes, tuple(range(a.ndim - len(axes), a.ndim))) if axes else a
    return rows.reshape((*kept, shapes.count(a.shape, axes)))


_METHODS = (
    *("linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf", "averaged_inverted_cdf", "hazen", "weibull"),
    *("closest_observation", "interpolated_inverted_cdf", "median_unbiased", "normal_unbiased"),
)


def _positions(counts: np.ndarray, q: np.ndarray, method: str) -> np.ndarray:
    """Where the quantiles stand in sorted rows of so many elements, as NumPy's own of 0, 1, 2 ...  (..., q)"""
    found = np.zeros((*counts.shape, q.size))
    for n in np.unique(counts):
        found[counts == n] = np.quantile(np.arange(max(float(n), 1.0)), q.ravel(), method=method)  # type: ignore[call-overload]
    return found


def _weighted_positions(
    name: str, a: Any, axes: tuple[int, ...], q: np.ndarray, method: str, weights: Any
) -> np.ndarray:
    """Where in the sorted rows the weights so far first reach the part q of all weights.  (..., q)"""
    weights = np.asarray(constant(name, "weights", weights), np.float64)
    if method != "inverted_cdf":
        raise ValueError(f"{name}: expected method='inverted_cdf' with weights, but got {method!r}.")
    if weights.shape != a.shape and len(axes) == 1 and weights.shape == (a.shape[axes[0]],):
        weights = weights.reshape([-1 if k == axes[0] else 1 for k in range(a.ndim)])
        weights = np.broadcast_to(weights, a.shape)
    if weights.shape != a.shape or not (weights >= 0).all() or not weights.sum():
        raise ValueError(
            f"{name}: expected weights of at least 0, not all 0, of the shape of a {a.shape}, but got shape "
            f"{weights.shape}{'' if weights.shape != a.shape else f' and {weights.tolist()}'}."
        )
    rows, of_rows = _rows(detached(a), axes), _rows(weights, axes)
    reached = np.take_along_axis(of_rows, np.argsort(rows, axis=-1, kind="stable"), -1).cumsum(-1)
    reached /= reached[..., -1:]
    reached[reached == 0] = -1  # what weighs nothing is not taken, also for q = 0
    found: np.ndarray = (reached[..., None, :] < q.reshape(-1, 1)).sum(-1)
    return np.asarray(np.minimum(found, rows.shape[-1] - 1), np.float64)


def _of_nothing(name: str, a: Any, q: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> Any:
    """NaN, with NumPy's warning."""
    warnings.warn(f"{name}: of no elements there is none, so the result is NaN.", RuntimeWarning, stacklevel=4)
    y = a.sum(axes, keepdims=keepdims) * 1.0
    return y + np.full((*q.shape, *y.shape), np.nan)


def _quantiles(name: str, a: Any, q: Any, axis: Axes, method: str, keepdims: bool, skip_nan: bool, weights: Any) -> Any:
    """The quantiles over `axis`, and the axes of q first."""
    a, q = operand(a), np.asarray(detached(q), np.float64)
    axes = checked_axes(name, axis, a.shape)
    if method not in _METHODS:
        raise ValueError(f"{name}: expected a method among {', '.join(_METHODS)}, but got {method!r}.")
    if q.size and not (q.min() >= 0 and q.max() <= 1):
        raise ValueError(f"{name}: expected quantiles in 0..1 (percentiles in 0..100), but got {q.tolist()}.")
    if not shapes.count(a.shape, axes):
        if skip_nan or name == "median":
            return _of_nothing(name, a, q, axes, keepdims)
        raise ValueError(f"{name}: expected at least one element over axis {axis}, but got shape {a.shape}.")
    a = a if a.dtype.kind == "f" else a * 1.0
    rows = sort(_rows(a, axes))
    missing = np.isnan(detached(rows)).sum(axis=-1)
    n = rows.shape[-1]
    if weights is None:
        places = _positions(n - missing if skip_nan else np.full(missing.shape, n), q, method)
    else:
        places = _weighted_positions(name, a, axes, q, method, weights)
    below = np.floor(places).astype(np.intp)
    above = np.ceil(places).astype(np.intp)
    low, high = take_along_axis(rows, below, -1), take_along_axis(rows, above, -1)
    share = (places - below).astype(a.dtype)
    y = low + where(above == below, 0.0, high - low) * share
    lost = missing == n if skip_nan else missing > 0
    y = where(lost[..., None], np.nan, y) if lost.any() else y  # (..., q)
    y = moveaxis(y, -1, 0)
    if keepdims:
        return y.reshape((*q.shape, *shapes.kept_shape(a.shape, axes)))
    return y.reshape((*q.shape, *y.shape[1:]))


def quantile(
    a: Operand, q: Any, axis: Axes = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Tensor:
    """The numbers below which the parts `q` of the elements over `axis` lie; NaN if one of them is.

    Gradient: ``g`` to the one or two elements that are taken, in the shares that they are mixed; the first of several
    equal ones. None for q.

    Parameters
    ----------
    a : Tensor or array
    q : float or array of floats in 0..1
        Its axes come first in the result.
    axis : int, tuple of ints or None
    method : str
        How elements are mixed: any of NumPy's, "linear", "lower", "higher", "midpoint", "nearest", "hazen" ...
    keepdims : bool
        Whether reduced axes stay, with length 1.
    weights : array, optional
        How much each element counts, of the shape of `a` or, for one axis, of its length; with the method
        "inverted_cdf" only. They have no gradient.

    Raises
    ------
    ValueError
        If a q lies outside 0..1, there are no elements, or the weights do not fit.

    References
    ----------
    Hyndman, Fan: Sample quantiles in statistical packages, 1996.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.quantile(tg.Tensor([1.0, 2.0, 3.0, 5.0]), [0.25, 0.5])
    Tensor([1.75, 2.5 ])
    """
    return _quantiles("quantile", a, q, axis, method, keepdims, False, weights)


def percentile(
    a: Operand, q: Any, axis: Axes = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Tensor:
    """`quantile` of q in percent, 0..100.

    Gradient: ``g`` to the one or two elements that are taken, in the shares that they are mixed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.percentile(tg.Tensor([1.0, 2.0, 3.0, 5.0]), 50)
    Tensor(2.5)
    """
    return _quantiles(
        "percentile", a, np.true_divide(detached(q), 100), axis, method, keepdims, skip_nan=False, weights=weights
    )


def median(a: Operand, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
    """The middle element over `axis`, or the mean of the middle two; NaN if one of the elements is.

    Gradient: ``g`` to the middle element, half to each of the middle two; the first of several equal ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.median(tg.Tensor([[1.0, 5.0, 2.0], [3.0, 3.0, 0.0]]), axis=1)
    Tensor([2., 3.])
    """
    return _quantiles("median", a, 0.5, axis, "linear", keepdims, skip_nan=False, weights=None)


def nanquantile(
    a: Operand, q: Any, axis: Axes = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Tensor:
    """`quantile` of the elements that are not NaN; NaN if all of them are.

    Gradient: ``g`` to the one or two elements that are taken, in the shares that they are mixed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanquantile(tg.Tensor([1.0, 2.0, float("nan"), 4.0]), 0.5)
    Tensor(2.)
    """
    return _quantiles("nanquantile", a, q, axis, method, keepdims, True, weights)


def nanpercentile(
    a: Operand, q: Any, axis: Axes = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Tensor:
    """`nanquantile` of q in percent, 0..100.

    Gradient: ``g`` to the one or two elements that are taken, in the shares that they are mixed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanpercentile(tg.Tensor([1.0, 2.0, float("nan"), 4.0]), 50)
    Tensor(2.)
    """
    return _quantiles(
        "nanpercentile", a, np.true_divide(detached(q), 100), axis, method, keepdims, skip_nan=True, weights=weights
    )


def nanmedian(a: Operand, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
    """`median` of the elements that are not NaN; NaN if all of them are.

    Gradient: ``g`` to the middle element, half to each of the middle two; the first of several equal ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nanmedian(tg.Tensor([1.0, 2.0, float("nan"), 4.0]))
    Tensor(2.)
    """
    return _quantiles("nanmedian", a, 0.5, axis, "linear", keepdims, skip_nan=True, weights=None)
