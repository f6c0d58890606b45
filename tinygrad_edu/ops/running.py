"""Running results along an axis that are no sums or products: the greatest, the smallest, and logarithms of sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable, nondifferentiable
from .axes import roll
from .elementwise import exp
from .indexing import take_along_axis
from .operands import checked_axis, operand
from .scan import at_first, backwards, line
from .selection import where
from .softmax import floored

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


@nondifferentiable()
def _places(a: Operand, axis: int, accumulate: np.ufunc) -> Any:
    """Where the running extreme of each element stands; the first of several."""
    a = np.moveaxis(a, axis, -1)
    running = accumulate.accumulate(a, axis=-1)
    before = np.concatenate([running[..., :1], running[..., :-1]], axis=-1)
    new = (running != before) & ~(np.isnan(running) & np.isnan(before))
    places = np.maximum.accumulate(np.where(new, np.arange(a.shape[-1]), 0), axis=-1)
    return np.moveaxis(places, -1, axis)


def _running(name: str, a: Any, axis: int | None, accumulate: np.ufunc) -> Any:
    a, axis = line(operand(a), axis)
    checked_axis(name, axis, a.shape)
    return take_along_axis(a, _places(a, axis, accumulate), axis)


def cummax(a: Operand, axis: int | None = None) -> Tensor:
    """The greatest of each element and all before it along `axis`; None for all elements in a row.

    From the first NaN on it is NaN.

    Gradient: ``g`` to the element that is taken; the first of several equal ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cummax(tg.Tensor([1.0, 3.0, 2.0]))
    Tensor([1., 3., 3.])
    """
    return _running("cummax", a, axis, np.maximum)


def cummin(a: Operand, axis: int | None = None) -> Tensor:
    """The smallest of each element and all before it along `axis`; None for all elements in a row.

    From the first NaN on it is NaN.

    Gradient: ``g`` to the element that is taken; the first of several equal ones.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cummin(tg.Tensor([2.0, 3.0, 1.0]))
    Tensor([2., 2., 1.])
    """
    return _running("cummin", a, axis, np.minimum)


def growth(y: Any, axis: int) -> Any:
    """``exp(y[t - 1] - y[t])``, how much of a running sum was there before; 1 at the first place."""
    return exp(where(at_first(y.shape, axis), 0.0, roll(y, 1, axis) - floored(y)))


@differentiable(lambda g, y, a, axis: exp(a - floored(y)) * backwards(growth(y, axis), g, axis))
def _logcumsumexp(a: Operand, axis: int) -> Any:
    return np.logaddexp.accumulate(a, axis=axis)


def logcumsumexp(a: Operand, axis: int | None = None) -> Tensor:
    """The logarithm of the running sum of exponentials, ``log(cumsum(exp(a)))``, without overflow.

    Gradient: ``exp(a[s])`` times the sum of ``g[t] * exp(-y[t])`` over t from s on, by a recurrence whose factors are
    at most 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logcumsumexp(tg.Tensor([1000.0, 1000.0, 1000.0])).round(2)
    Tensor([1000.  , 1000.69, 1001.1 ])
    """
    return _logcumsumexp(*line(operand(a), axis))
