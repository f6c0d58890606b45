"""Derivatives by differences: what a derivative is before there is any rule for it.

The error of the one-sided differences shrinks with h, that of the central one with h squared. Below some h rounding
takes over: the difference of two nearly equal numbers has few digits left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import engine


def numerical_diff_front(f: Callable[[Any], Any], x: Any, h: float = 1e-4) -> Any:
    """The forward difference ``(f(x + h) - f(x)) / h``, with an error of order h.

    Parameters
    ----------
    f : callable
        A function of one number; of an array or Tensor, if it works element by element.
    x : float, array or Tensor
        Where.
    h : float
        The step.

    Examples
    --------
    >>> from tinygrad_edu.testing import numerical_diff_front
    >>> round(numerical_diff_front(lambda x: x**3, 1.0), 6)
    3.0003
    """
    return (f(x + h) - f(x)) / h


def numerical_diff_mid(f: Callable[[Any], Any], x: Any, h: float = 1e-4) -> Any:
    """The central difference ``(f(x + h) - f(x - h)) / (2 h)``, with an error of order h squared.

    Parameters
    ----------
    f : callable
        A function of one number; of an array or Tensor, if it works element by element.
    x : float, array or Tensor
        Where.
    h : float
        The step.

    Examples
    --------
    >>> from tinygrad_edu.testing import numerical_diff_mid
    >>> round(numerical_diff_mid(lambda x: x**3, 1.0, h=0.01), 6)
    3.0001
    """
    return (f(x + h) - f(x - h)) / (2 * h)


def numerical_diff_back(f: Callable[[Any], Any], x: Any, h: float = 1e-4) -> Any:
    """The backward difference ``(f(x) - f(x - h)) / h``, with an error of order h.

    Parameters
    ----------
    f : callable
        A function of one number; of an array or Tensor, if it works element by element.
    x : float, array or Tensor
        Where.
    h : float
        The step.

    Examples
    --------
    >>> from tinygrad_edu.testing import numerical_diff_back
    >>> round(numerical_diff_back(lambda x: x**3, 1.0), 6)
    2.9997
    """
    return (f(x) - f(x - h)) / h


def numerical_gradient(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> np.ndarray:
    """The gradient of a scalar function of an array, by one central difference for each element.

    Parameters
    ----------
    f : callable
        Takes what `x` is, an array or a Tensor, and returns one number.
    x : array_like or Tensor
        Where; the numbers are taken in float64.
    h : float
        The step.

    Returns
    -------
    ndarray
        The gradient, of the shape of `x`, in float64.

    Raises
    ------
    ValueError
        If `f` returns more than one number.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.testing import numerical_gradient
    >>> numerical_gradient(lambda x: (x * x).sum(), tg.Tensor([1.0, 2.0])).round(6)
    array([2., 4.])
    """
    start = np.array(x._data if engine.is_tensor(x) else x, np.float64)
    wrapped: Callable[[np.ndarray], Any] = engine.untracked if engine.is_tensor(x) else np.array

    def value(index: tuple[int, ...], step: float) -> float:
        moved = start.copy()
        moved[index] += step
        y = f(wrapped(moved))
        y = y._data if engine.is_tensor(y) else np.asarray(y)
        if y.size != 1:
            raise ValueError(
                f"numerical_gradient: expected a function that returns one number, but got shape {y.shape}. "
                f"Reduce its result, e.g. with .sum()."
            )
        return float(y.item())

    gradient = np.zeros(start.shape)
    for index in np.ndindex(start.shape):
        gradient[index] = (value(index, h) - value(index, -h)) / (2 * h)
    return gradient
