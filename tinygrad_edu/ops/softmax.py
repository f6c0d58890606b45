"""The softmax family: scores to probabilities and their logarithms, and the hard choices beside them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..engine import differentiable, nondifferentiable
from ..shapes import Axes
from .elementwise import exp
from .normalizing import LONGEST
from .reduction import restored
from .selection import where

Operand = Any


def kept(ufunc: np.ufunc, x: Any, axis: Axes, **how: Any) -> Any:
    """The maximum or sum over `axis`, which stays. Short rows, if many, take a transposed copy a sixth of the time."""
    if x.ndim == 2 and axis in (-1, 1) and x.shape[1] <= 32 <= x.shape[0]:
        return ufunc.reduce(np.ascontiguousarray(x.T), axis=0, **how)[:, None]
    return ufunc.reduce(x, axis=axis, keepdims=True, **how)


def _lowered(x: Any, axis: Axes) -> tuple[Any, Any]:
    """`x` less its maximum over `axis`, so that exp cannot overflow, and that maximum; 0 for an infinite one."""
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    m = kept(np.maximum, x, axis, initial=-np.inf)
    m = np.where(np.isfinite(m), m, 0.0).astype(m.dtype, copy=False)
    return np.subtract(x, m), m


def _log_sum_exp(z: Any, axis: Axes) -> Any:
    with np.errstate(divide="ignore"):  # an empty sum, or one of exp(-inf), has the logarithm minus infinity
        return np.log(_total(np.asarray(np.exp(z)), axis))


@functools.cache
def _harmless_size(dtype: np.dtype[Any]) -> float:
    return float(np.log(np.finfo(dtype).max) / 2)


def harmless(x: np.ndarray) -> bool:
    """Whether no exponential of a number in `x`, nor a sum of them, can overflow or vanish, whatever is added up.

    To ask this takes a tenth of the time of finding the maximum of each row and of taking it away.
    """
    most = _harmless_size(x.dtype)  # False for NaN
    return bool(x.size and np.maximum.reduce(x, axis=None) <= most and np.minimum.reduce(x, axis=None) >= -most)


def _in_rows(x: Any, axis: Axes) -> bool:
    """Whether the sums over `axis` are over the last axis, and not so long that BLAS would add them up badly."""
    return bool(x.ndim) and axis in (-1, x.ndim - 1) and x.shape[-1] <= LONGEST


def _total(x: Any, axis: Axes) -> Any:
    """The sum over `axis`, which stays; over rows by BLAS, which takes a quarter of the time."""
    return x @ np.ones((x.shape[-1], 1), x.dtype) if _in_rows(x, axis) else kept(np.add, x, axis)


def _softmax_gradient(g: Any, y: Any, axis: Axes) -> np.ndarray:
    """The formula of `softmax`, in one array."""
    along = np.vecdot(g, y)[..., None] if _in_rows(y, axis) else (g * y).sum(axis, keepdims=True)
    gx = np.asarray(g - along)
    gx *= y
    return gx


def _log_softmax_gradient(g: Any, y: Any, axis: Axes) -> np.ndarray:
    """The formula of `log_softmax`, in one array."""
    gx = np.asarray(np.exp(y))
    gx *= _total(g, axis)
    return np.subtract(g, gx, out=gx)


@differentiable(
    lambda g, y, x, axis: y * (g - (g * y).sum(axis, keepdims=True)),
    joint=lambda g, y, saved, x, axis: (_softmax_gradient(g, y, axis),),
)
def softmax(x: Operand, axis: Axes = -1) -> Any:
    """Positive numbers that add up to 1 over `axis`: ``exp(x) / sum(exp(x))``, without overflow.

    Gradient: ``y * (g - sum(g * y))``.

    Parameters
    ----------
    x : Tensor or array
        Scores of any size; the result does not change when the same number is added to all of them.
    axis : int, tuple of ints or None
        Over what they add up to 1; None for all elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.softmax(tg.Tensor([1000.0, 1000.0, -1000.0]))
    Tensor([0.5, 0.5, 0. ])
    """
    x = np.asarray(x)
    y = np.asarray(np.exp(x if x.dtype.kind == "f" and harmless(x) else _lowered(x, axis)[0]))
    y /= _total(y, axis)
    return y


@differentiable(
    lambda g, y, x, axis: g - exp(y) * g.sum(axis, keepdims=True),
    joint=lambda g, y, saved, x, axis: (_log_softmax_gradient(g, y, axis),),
)
def log_softmax(x: Operand, axis: Axes = -1) -> Any:
    """The logarithm of `softmax`, ``x - log(sum(exp(x)))``, exact also where the probability rounds to 0.

    Gradient: ``g - softmax(x) * sum(g)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log_softmax(tg.Tensor([1000.0, 1000.0, 900.0])).round(2)
    Tensor([  -0.69,   -0.69, -100.69])
    """
    z = np.asarray(_lowered(x, axis)[0])
    z -= _log_sum_exp(z, axis)
    return z


def floored(y: Any) -> Any:
    """`y`, and 0 for minus infinity, the logarithm of an empty sum: each ``exp(a - y)`` of it is then 0, not NaN."""
    return where(y == -math.inf, 0.0, y)


@differentiable(
    lambda g, y, a, axis, keepdims: restored(g, a.shape, axis) * exp(a - restored(floored(y), a.shape, axis))
)
def logsumexp(a: Operand, axis: Axes = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials, ``log(sum(exp(a)))``, without overflow: a smooth maximum.

    Minus infinity if there are no elements, or all of them are minus infinity.

    Gradient: ``g * softmax(a)``, and 0 where all of them are minus infinity.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logsumexp(tg.Tensor([1000.0, 1000.0])).round(2)
    Tensor(1000.69)
    """
    z, m = _lowered(a, axis)
    y = _log_sum_exp(z, axis) + m
    return y if keepdims else np.squeeze(y, axis=axis if np.ndim(a) else None)


@nondifferentiable()
def one_hot(labels: Operand, num_classes: int = -1, dtype: DTypeLike = np.int64) -> Any:
    """Each label as a row of zeros with a one at the label's place.  (...) -> (..., num_classes)

    Parameters
    ----------
    labels : Tensor or array of ints
    num_classes : int
        -1 takes the largest label plus one.
    dtype : dtype
        Of the result.

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If a label is negative or too large.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.one_hot([2, 0], 3)
    array([[0, 0, 1],
           [1, 0, 0]])
    """
    labels = check_integers("one_hot", np.asarray(labels))
    if num_classes == -1:
        if not labels.size:
            raise ValueError(
                "one_hot: expected a label to tell the number of classes from, but got none. Pass num_classes."
            )
        num_classes = int(labels.max()) + 1
    check_labels("one_hot", labels, num_classes)
    return (labels[..., None] == np.arange(num_classes)).astype(dtype)


@nondifferentiable()
def hardmax(x: Operand, axis: int = -1) -> Any:
    """1 at the maximum over `axis`, 0 elsewhere; at a tie the first is taken.

    Gradient: none; the function is constant but for its jumps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hardmax(tg.Tensor([1.0, 5.0, 3.0]))
    Tensor([0., 1., 0.])
    """
    x = np.asarray(x)
    if not x.size or not x.ndim:
        return np.ones_like(x)
    y = np.zeros_like(x)
    np.put_along_axis(y, np.expand_dims(np.argmax(x, axis=axis), axis), 1, axis)
    return y


def check_integers(name: str, labels: np.ndarray) -> np.ndarray:
    """`labels`, if they are integers; an empty list has no type and passes."""
    if labels.dtype.kind not in "iu" and (labels.size or labels.dtype.kind != "f"):
        raise TypeError(
            f"{name}: expected integer labels, but got {labels.dtype} of shape {labels.shape}. "
            f"Convert class numbers: labels.astype('int64')."
        )
    return labels if labels.size else labels.astype(np.int64)


def check_labels(name: str, labels: np.ndarray, classes: int) -> None:
    """Raise unless every label is one of ``0..classes - 1``."""
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        place = np.unravel_index(int(np.argmax((labels < 0) | (labels >= classes))), labels.shape)
        shown = int(place[0]) if len(place) == 1 else tuple(map(int, place))
        raise ValueError(
            f"{name}: expected labels in 0..{classes - 1} ({classes} classes), but got {labels[place]} at index "
            f"{shown}. Number the classes from 0."
        )
