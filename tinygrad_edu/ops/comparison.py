"""Comparisons and logic: boolean results, which have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import nondifferentiable

Operand = Any


@nondifferentiable("==")
def equal(a: Operand, b: Operand) -> Any:
    """Whether ``a == b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.equal(tg.Tensor([1.0, 2.0]), 2)
    Tensor([False,  True])
    """
    return np.equal(a, b)


@nondifferentiable("≠")
def not_equal(a: Operand, b: Operand) -> Any:
    """Whether ``a != b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.not_equal(tg.Tensor([1.0, 2.0]), 2)
    Tensor([ True, False])
    """
    return np.not_equal(a, b)


@nondifferentiable("<")
def less(a: Operand, b: Operand) -> Any:
    """Whether ``a < b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.less(tg.Tensor([1.0, 2.0]), 2)
    Tensor([ True, False])
    """
    return np.less(a, b)


@nondifferentiable("≤")
def less_equal(a: Operand, b: Operand) -> Any:
    """Whether ``a <= b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.less_equal(tg.Tensor([1.0, 3.0]), 2)
    Tensor([ True, False])
    """
    return np.less_equal(a, b)


@nondifferentiable(">")
def greater(a: Operand, b: Operand) -> Any:
    """Whether ``a > b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.greater(tg.Tensor([1.0, 3.0]), 2)
    Tensor([False,  True])
    """
    return np.greater(a, b)


@nondifferentiable("≥")
def greater_equal(a: Operand, b: Operand) -> Any:
    """Whether ``a >= b``, elementwise.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.greater_equal(tg.Tensor([1.0, 3.0]), 2)
    Tensor([False,  True])
    """
    return np.greater_equal(a, b)
