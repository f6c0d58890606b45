"""Covariance and correlation, and counts by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..engine import differentiable, nondifferentiable
from .indexing import take
from .joining import concatenate
from .missing import average
from .operands import constant, operand, operands, required
from .selection import clip

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _samples(x: Any, rowvar: bool) -> Any:
    """One row for each variable, one column for each sample."""
    if x.ndim > 2:
        raise ValueError(f"cov: expected at most two axes, variables and samples, but got shape {x.shape}.")
    return x.reshape((1, x.size)) if x.ndim < 2 else x if rowvar else x.T


def _per_sample(what: str, given: ArrayLike | None, n: int) -> np.ndarray:
    """One weight for each of `n` samples; 1 if not given."""
    weights = np.ones(n) if given is None else np.asarray(constant("cov", what, given), np.float64)
    whole = what == "aweights" or not (weights % 1).any()
    if weights.shape != (n,) or not (weights >= 0).all() or not whole:
        raise ValueError(
            f"cov: expected {n} {'numbers' if what == 'aweights' else 'whole numbers'} of at least 0 as {what}, one a "
            f"sample, but got {weights.tolist()}."
        )
    return weights


def cov(
    m: Operand,
    y: Operand = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: ArrayLike | None = None,
    aweights: ArrayLike | None = None,
) -> Tensor:
    """The covariance of each pair of variables, ``sum((x - mean(x)) * (z - mean(z))) / (n - ddof)``.

    Gradient: ``(g + g.T) @ (m - mean(m)) / (n - ddof)``.

    Parameters
    ----------
    m : Tensor or array, (variables, samples) or (samples,)
    y : Tensor or array, optional
        More variables.
    rowvar : bool
        Whether each row is a variable; else each column is.
    bias : bool
        Whether to divide by n, not n - 1.
    ddof : int, optional
        What is taken off n instead.
    fweights : array of ints, optional
        How often each sample counts.
    aweights : array, optional
        How much each sample weighs.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cov(tg.Tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    required("cov", m=m)
    m, y = operands(m, y)
    x = _samples(m, rowvar)
    if y is not None:
        x = concatenate([x, _samples(y, rowvar)])
    n = x.shape[-1]
    counts, part = _per_sample("fweights", fweights, n), _per_sample("aweights", aweights, n)
    weights = counts * part
    off = (0 if bias else 1) if ddof is None else ddof
    total = float(weights.sum())
    divisor = total - off * float((weights * part).sum()) / total
    weights = weights.astype(x.dtype if x.dtype.kind == "f" else np.float64)
    x = x - average(x, axis=1, weights=weights, keepdims=True)
    c = (x * weights) @ x.mT / divisor
    return c.reshape(()) if c.shape == (1, 1) else c


def corrcoef(x: Operand, y: Operand = None, rowvar: bool = True) -> Tensor:
    """The correlation of each pair of variables: their covariance over both deviations, in -1..1.

    Gradient: that of the quotient; NaN for a constant variable.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.corrcoef(tg.Tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])).round(4)
    Tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    required("corrcoef", x=x)
    c = cov(x, y, rowvar)
    if not c.ndim:
        return c / c
    deviations = c.diagonal() ** 0.5
    return clip(c / deviations[:, None] / deviations, -1, 1)


@differentiable(None, lambda g, y, x, weights, minlength: take(g, x))
def _weighted_count(x: Operand, weights: Operand, minlength: int) -> Any:
    return np.bincount(x, weights, minlength).astype(np.asarray(weights).dtype, copy=False)


@nondifferentiable()
def _count(x: Operand, minlength: int) -> Any:
    return np.bincount(x, minlength=minlength)


def bincount(x: Operand, weights: Operand = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2 ... occurs in `x`, or the sum of the weights of those.

    Gradient: for the weights ``g[x]``; none for x.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.bincount(tg.Tensor([0, 2, 2]), weights=tg.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.])
    """
    if weights is None:
        return _count(x, minlength)
    (weights,) = operands(weights)
    return _weighted_count(operand(x), weights if weights.dtype.kind == "f" else weights * 1.0, minlength)


@nondifferentiable()
def histogram(
    a: Operand, bins: Any = 10, range: tuple[float, float] | None = None, density: bool = False, weights: Any = None
) -> Any:
    """How many elements lie in each bin, and the edges of the bins.

    Gradient: none; counts jump.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.histogram(tg.Tensor([0.0, 0.5, 2.0]), bins=2)
    (Tensor([2, 1]), Tensor([0., 1., 2.]))
    """
    return np.histogram(a, bins, range, density, weights)


@nondifferentiable()
def digitize(x: Operand, bins: Operand, right: bool = False) -> Any:
    """The number of the bin that each element lies in.

    Gradient: none; the result is a whole number.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.digitize(tg.Tensor([0.5, 2.5]), [0.0, 1.0, 2.0])
    Tensor([1, 3])
    """
    return np.digitize(x, bins, right)
