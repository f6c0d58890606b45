"""Arithmetic of two arrays.

g is the gradient that arrives at the output y; each formula gives the gradient for one input. Where an input was
broadcast, the engine sums over what was stretched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable
from .elementwise import log
from .operands import operands
from .selection import where

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any  # a Tensor, an array, or a number


@differentiable(lambda g, y, a, b: g, lambda g, y, a, b: g, symbol="+", kind="elementwise")
def add(a: Operand, b: Operand) -> Any:
    """The sum ``a + b``, elementwise.

    Gradient: ``g`` for both.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.add(tg.Tensor([1.0, 2.0]), 3)
    Tensor([4., 5.])
    """
    return np.add(a, b)


@differentiable(lambda g, y, a, b: g, lambda g, y, a, b: -g, symbol="-", kind="elementwise")
def subtract(a: Operand, b: Operand) -> Any:
    """The difference ``a - b``, elementwise.

    Gradient: ``g`` for a and ``-g`` for b.

    Raises
    ------
    TypeError
        For two boolean arrays, as in NumPy.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.subtract(tg.Tensor([1.0, 2.0]), 3)
    Tensor([-2., -1.])
    """
    return np.subtract(a, b)


@differentiable(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a, symbol="×", kind="elementwise")
def multiply(a: Operand, b: Operand) -> Any:
    """The product ``a * b``, elementwise.

    Gradient: ``g * b`` for a and ``g * a`` for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.multiply(tg.Tensor([1.0, 2.0]), 3)
    Tensor([3., 6.])
    """
    return np.multiply(a, b)


@differentiable(lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b, symbol="÷", kind="elementwise")
def divide(a: Operand, b: Operand) -> Any:
    """The quotient ``a / b``, elementwise.

    Gradient: ``g / b`` for a and ``-g * a / b**2`` for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.divide(tg.Tensor([1.0, 2.0]), 4)
    Tensor([0.25, 0.5 ])
    """
    return np.divide(a, b)


@differentiable(lambda g, y, x: -g, symbol="−", kind="elementwise")
def negative(x: Operand) -> Any:
    """The number with the other sign, ``-x``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.negative(tg.Tensor([1.0, -2.0]))
    Tensor([-1.,  2.])
    """
    return np.negative(x)


@differentiable(lambda g, y, x: g, symbol="+", kind="elementwise")
def positive(x: Operand) -> Any:
    """The number itself, ``+x``, as a new tensor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.positive(tg.Tensor([1.0, -2.0]))
    Tensor([ 1., -2.])
    """
    return np.positive(x)


def _power_slope(a: Any, b: Any) -> Any:
    """``b * a**(b - 1)``, and 0 where the exponent has reached 0 and the power is constant."""
    if isinstance(b, (int, float)):
        return b * a ** (b - 1) if b else 0.0
    return where(b == 0, 0.0, b * a ** where(b == 0, 1.0, b - 1))


def _power_growth(y: Any, a: Any) -> Any:
    """``a**b * log(a)``, and 0 where a is 0 and the power stays 0."""
    return where(a == 0, 0.0, y * log(where(a == 0, 1.0, a)))


@differentiable(
    lambda g, y, a, b: g * _power_slope(a, b),
    lambda g, y, a, b: g * _power_growth(y, a),
    symbol="^",
    kind="elementwise",
)
def power(a: Operand, b: Operand) -> Any:
    """The power ``a ** b``, elementwise.

    Gradient: ``g * b * a**(b - 1)`` for a, and 0 where b is 0: a power whose exponent has reached 0 is constant, also
    at a = 0. ``g * a**b * log(a)`` for b, and 0 where a is 0; NaN where a is negative, as the power is real for whole
    exponents only.

    Raises
    ------
    ValueError
        For integers to negative integer powers, as in NumPy.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.power(tg.Tensor([1.0, 2.0, 3.0]), 2)
    Tensor([1., 4., 9.])
    """
    return a**b if isinstance(a, np.ndarray) else np.power(a, b)  # the operator knows squares and roots


def float_power(a: Operand, b: Operand) -> Tensor:
    """The power ``a ** b`` as a floating number, also of integers.

    Gradient: that of `power`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.float_power(tg.Tensor([2, 4]), -1)
    Tensor([0.5 , 0.25])
    """
    a, b = operands(a, b)
    return power(a if a.dtype.kind == "f" else a * 1.0, b)
