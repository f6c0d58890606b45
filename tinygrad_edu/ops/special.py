"""Special functions. The values are SciPy's where it is installed: ``pip install 'tinygrad-edu[special]'``."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable
from ..shapes import Axes
from .elementwise import absolute, exp, log, sign
from .operands import checked_axes, detached, operands
from .reduction import sum as summed
from .selection import where
from .shape import squeeze
from .softmax import logsumexp as unweighted

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


@functools.cache
def _scipy(name: str) -> Callable[..., Any] | None:
    """SciPy's function of this name, or None without SciPy, which is imported on the first use only."""
    try:
        special = importlib.import_module("scipy.special")
    except ImportError:
        return None
    found: Callable[..., Any] = getattr(special, name)
    return found


def _values(name: str, x: Any, slowly: Callable[[float], float] | None = None, *before: Any) -> Any:
    """SciPy's function `name` of `x`, in the dtype of `x`; without SciPy `slowly` of every element."""
    known = _scipy(name)
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    if known is not None:
        return np.asarray(known(*before, x)).astype(dtype, copy=False)
    if slowly is None:
        raise ImportError(
            f"{name}: expected SciPy, whose values it takes, but it is not installed. "
            f"Install it: pip install 'tinygrad-edu[special]'."
        )
    return np.array([slowly(v) for v in x.ravel().tolist()], dtype).reshape(x.shape)


# ---- the error function and the normal distribution ----


@differentiable(lambda g, y, x: g * (2 / math.sqrt(math.pi)) * exp(-x * x), kind="elementwise")
def erf(x: Operand) -> Any:
    """The error function, ``2 / sqrt(π)`` times the integral of ``exp(-t**2)`` for t from 0 to x.

    Without SciPy its values are Python's, one by one: slow, and as exact.

    Gradient: ``g * 2 / sqrt(π) * exp(-x**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.erf(tg.Tensor([-1.0, 0.0, 1.0])).round(4)
    Tensor([-0.8427,  0.    ,  0.8427])
    """
    return _values("erf", x, math.erf)


@differentiable(lambda g, y, x: -g * (2 / math.sqrt(math.pi)) * exp(-x * x), kind="elementwise")
def erfc(x: Operand) -> Any:
    """``1 - erf(x)``, exact also where that is small.

    Gradient: ``-g * 2 / sqrt(π) * exp(-x**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.erfc(tg.Tensor([-1.0, 0.0, 1.0])).round(4)
    Tensor([1.8427, 1.    , 0.1573])
    """
    return _values("erfc", x, math.erfc)


@differentiable(lambda g, y, x: g * (math.sqrt(math.pi) / 2) * exp(y * y), kind="elementwise")
def erfinv(x: Operand) -> Any:
    """The number whose error function is x; infinite at -1 and 1, NaN outside. Needs SciPy.

    Gradient: ``g * sqrt(π) / 2 * exp(y**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.erfinv(tg.Tensor([-0.5, 0.0, 0.5])).round(4)
    Tensor([-0.4769,  0.    ,  0.4769])
    """
    return _values("erfinv", x)


def normal_density(x: Any) -> Any:
    """The density of the standard normal distribution, ``φ(x) = exp(-x**2 / 2) / sqrt(2 π)``; made of ops."""
    return exp(-x * x / 2) / math.sqrt(2 * math.pi)


_FEW = 2_048  # elements, for which the many steps of a formula take longer than a loop
_BLOCK = 32_768

# erfc(z) = t * exp(-z**2 + P(t)) with t = 1 / (1 + z / 2), where P has these coefficients, highest power first.
_ERFC = (
    *(0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807),
    *(-0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223),
)


def _in_blocks(f: Callable[[Any], Any], x: Any) -> Any:
    """`f` of so few elements at a time that what it computes in between stays in the cache."""
    x = np.asarray(x)
    flat, y = x.ravel(), np.empty(x.size, x.dtype)
    for i in range(0, x.size, _BLOCK):
        y[i : i + _BLOCK] = f(flat[i : i + _BLOCK])
    return y.reshape(x.shape)


def _ndtr_of_float32(x: Any) -> Any:
    """Φ of all elements at once, as exact as float32 are."""
    z = np.minimum(np.absolute(x) / math.sqrt(2), 20)  # beyond, nothing is left of exp(-z**2)
    t = 1 / (1 + z / 2)
    p = _ERFC[0] * t
    for c in _ERFC[1:-1]:  # by Horner's rule
        p += c
        p *= t
    tail = t * np.exp(p + _ERFC[-1] - z * z) / 2
    return where(np.greater(x, 0), 1 - tail, tail)


@differentiable(lambda g, y, x: g * normal_density(x), kind="elementwise")
def ndtr(x: Operand) -> Any:
    """The distribution function of the standard normal, ``Φ(x)``: how likely a sample is at most x.

    Gradient: ``g * exp(-x**2 / 2) / sqrt(2 π)``.

    References
    ----------
    For float32: Press, Teukolsky, Vetterling, Flannery: Numerical Recipes, 2nd edition, 1992, section 6.2 (erfcc).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.ndtr(tg.Tensor([-1.0, 0.0, 1.0])).round(4)
    Tensor([0.1587, 0.5   , 0.8413])
    """
    if np.size(x) > _FEW and np.asarray(x).dtype == np.float32:
        return _in_blocks(_ndtr_of_float32, x)  # half of SciPy's time for 1e6
    return _values("ndtr", x, lambda v: math.erfc(-v / math.sqrt(2)) / 2)


@differentiable(lambda g, y, x: g * exp(-x * x / 2 - y) / math.sqrt(2 * math.pi), kind="elementwise")
def log_ndtr(x: Operand) -> Any:
    """The logarithm of `ndtr`, exact also where that rounds to 0. Needs SciPy.

    Gradient: ``g * φ(x) / Φ(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.log_ndtr(tg.Tensor([-1.0, 0.0, 1.0])).round(4)
    Tensor([-1.841 , -0.6931, -0.1728])
    """
    return _values("log_ndtr", x)


# ---- the gamma function ----


@differentiable(lambda g, y, x, n: g * _polygamma(x, n + 1), kind="elementwise")
def _polygamma(x: Operand, n: int) -> Any:
    return _values("polygamma", x, None, n)


def polygamma(n: int, x: Operand) -> Tensor:
    """The derivative of order n of `digamma`. Needs SciPy.

    Gradient: ``g * polygamma(n + 1, x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.polygamma(1, tg.Tensor([1.0, 2.0])).round(4)
    Tensor([1.6449, 0.6449])
    """
    return _polygamma(x, n)


@differentiable(lambda g, y, x: g * _polygamma(x, 1), kind="elementwise")
def digamma(x: Operand) -> Any:
    """The derivative of `gammaln`; infinite at 0 and the negative whole numbers. Needs SciPy.

    Gradient: ``g * polygamma(1, x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.digamma(tg.Tensor([1.0, 2.0])).round(4)
    Tensor([-0.5772,  0.4228])
    """
    return _values("digamma", x)


@differentiable(lambda g, y, x: g * digamma(x), kind="elementwise")
def gammaln(x: Operand) -> Any:
    """The logarithm of the absolute value of the gamma function, which is ``(x - 1)!`` at whole numbers.

    Gradient: ``g * digamma(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.gammaln(tg.Tensor([1.0, 5.0])).round(4)
    Tensor([0.    , 3.1781])
    """
    return _values("gammaln", x, lambda v: math.inf if v <= 0 and v == int(v) else math.lgamma(v))


# ---- Bessel functions ----


@differentiable(lambda g, y, x: g * i1(x), kind="elementwise")
def i0(x: Operand) -> Any:
    """The modified Bessel function of the first kind, of order 0.

    Gradient: ``g * i1(x)``, which needs SciPy.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.i0(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([1.    , 1.2661])
    """
    return _values("i0", x, lambda v: float(np.i0(v)))


def i1_slope(y: Any, x: Any) -> Any:
    """``i0(x) - i1(x) / x``, and 1 / 2 at 0."""
    zero = x == 0
    return where(zero, 0.5, i0(x) - y / where(zero, 1.0, x))


@differentiable(lambda g, y, x: g * i1_slope(y, x), kind="elementwise")
def i1(x: Operand) -> Any:
    """The modified Bessel function of the first kind, of order 1. Needs SciPy.

    Gradient: ``g * (i0(x) - i1(x) / x)``, and ``g / 2`` at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.i1(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.5652])
    """
    return _values("i1", x)


# ---- logarithms ----


@differentiable(lambda g, y, x: g / (x * (1 - x)), kind="elementwise")
def logit(x: Operand) -> Any:
    """The inverse of `expit`, ``log(x / (1 - x))``; infinite at 0 and 1, NaN outside.

    Gradient: ``g / (x * (1 - x))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.logit(tg.Tensor([0.25, 0.5])).round(4)
    Tensor([-1.0986,  0.    ])
    """
    return np.log(x) - np.log1p(np.negative(x))


@differentiable(
    lambda g, y, a, b: g * where((a == 0) & (b <= 0), 0.0, log(where((a == 0) & (b <= 0), 1.0, b))),
    lambda g, y, a, b: g * where(a == 0, 0.0, a / where(a == 0, 1.0, b)),
    kind="elementwise",
)
def xlogy(a: Operand, b: Operand) -> Any:
    """``a * log(b)``, and 0 where a is 0.

    Gradient: ``g * log(b)`` for a, and 0 where the value is 0 by this rule; ``g * a / b`` for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.xlogy(tg.Tensor([0.0, 2.0]), tg.Tensor([0.0, 3.0])).round(4)
    Tensor([0.    , 2.1972])
    """
    zero = np.equal(a, 0) & ~np.isnan(b)
    return np.where(zero, 0.0, a * np.log(np.where(zero, 1.0, b)))


def logsumexp(
    a: Operand, axis: Axes = None, b: Operand = None, keepdims: bool = False, return_sign: bool = False
) -> Any:
    """The logarithm of a weighted sum of exponentials, ``log(sum(b * exp(a)))``, without overflow.

    Gradient: ``g * b * exp(a - y)`` for a, ``g * exp(a - y)`` for b.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    b : Tensor or array, optional
        The weights; 1 if left out.
    keepdims : bool
        Whether reduced axes stay, with length 1.
    return_sign : bool
        Whether to return the logarithm of the size of the sum, and its sign; else that of a negative sum is NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.special.logsumexp(tg.Tensor([1000.0, 1000.0]), b=[0.25, 0.75]).round(4)
    Tensor(1000.)
    """
    if b is None:
        y = unweighted(a, axis, keepdims)
        return (y, sign(exp(y))) if return_sign else y
    a, b = operands(a, b)
    checked_axes("logsumexp", axis, a.shape)
    top = np.max(detached(a), axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(a.dtype)
    total = summed(b * exp(a - top), axis, keepdims=True)
    with np.errstate(divide="ignore"):  # minus infinity of no elements, or of weights that add up to 0
        y = log(absolute(total) if return_sign else total) + top
    results = [x if keepdims else squeeze(x, axis if a.ndim else None) for x in (y, sign(total))]
    return tuple(results) if return_sign else results[0]
