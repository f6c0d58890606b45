"""Exponentials, logarithms, powers and absolute values, element by element."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine import differentiable, nondifferentiable

Operand = Any

# ---- exponentials and logarithms ----


@differentiable(lambda g, y, x: g * y, kind="elementwise")
def exp(x: Operand) -> Any:
    """e to the power x.

    Gradient: ``g * exp(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.exp(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([1.    , 2.7183])
    """
    return np.exp(x)


@differentiable(lambda g, y, x: g * y * math.log(2), kind="elementwise")
def exp2(x: Operand) -> Any:
    """2 to the power x.

    Gradient: ``g * 2**x * log(2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.exp2(tg.Tensor([0.0, 3.0]))
    Tensor([1., 8.])
    """
    return np.exp2(x)


@differentiable(lambda g, y, x: g * (y + 1), kind="elementwise")
def expm1(x: Operand) -> Any:
    """``exp(x) - 1``, exact also for a small x.

    Gradient: ``g * exp(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.expm1(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 1.7183])
    """
    return np.expm1(x)


@differentiable(lambda g, y, x: g / x, kind="elementwise")
def log(x: Operand) -> Any:
    """The natural logarithm of x; minus infinity at 0, NaN below.

    Gradient: ``g / x``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log(tg.Tensor([1.0, 10.0])).round(4)
    Tensor([0.    , 2.3026])
    """
    return np.log(x)


@differentiable(lambda g, y, x: g / (x * math.log(2)), kind="elementwise")
def log2(x: Operand) -> Any:
    """The logarithm of x to base 2; minus infinity at 0, NaN below.

    Gradient: ``g / (x * log(2))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log2(tg.Tensor([1.0, 8.0])).round(4)
    Tensor([0., 3.])
    """
    return np.log2(x)


@differentiable(lambda g, y, x: g / (x * math.log(10)), kind="elementwise")
def log10(x: Operand) -> Any:
    """The logarithm of x to base 10; minus infinity at 0, NaN below.

    Gradient: ``g / (x * log(10))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log10(tg.Tensor([1.0, 1000.0])).round(4)
    Tensor([0., 3.])
    """
    return np.log10(x)


@differentiable(lambda g, y, x: g / (1 + x), kind="elementwise")
def log1p(x: Operand) -> Any:
    """``log(1 + x)``, exact also for a small x.

    Gradient: ``g / (1 + x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log1p(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.6931])
    """
    return np.log1p(x)


@differentiable(
    lambda g, y, a, b: g * exp(a - y),
    lambda g, y, a, b: g * exp(b - y),
    kind="elementwise",
)
def logaddexp(a: Operand, b: Operand) -> Any:
    """``log(exp(a) + exp(b))``, without overflow.

    Gradient: ``g * exp(a) / (exp(a) + exp(b))`` for a, and likewise for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logaddexp(tg.Tensor([0.0, 100.0]), 0.0).round(4)
    Tensor([  0.6931, 100.    ])
    """
    return np.logaddexp(a, b)


@differentiable(
    lambda g, y, a, b: g * exp2(a - y),
    lambda g, y, a, b: g * exp2(b - y),
    kind="elementwise",
)
def logaddexp2(a: Operand, b: Operand) -> Any:
    """``log2(2**a + 2**b)``, without overflow.

    Gradient: ``g * 2**a / (2**a + 2**b)`` for a, and likewise for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logaddexp2(tg.Tensor([0.0, 3.0]), tg.Tensor([0.0, 3.0]))
    Tensor([1., 4.])
    """
    return np.logaddexp2(a, b)


# ---- powers and roots ----


@differentiable(lambda g, y, x: g / (2 * y), kind="elementwise")
def sqrt(x: Operand) -> Any:
    """The square root of x; NaN below 0.

    Gradient: ``g / (2 * sqrt(x))``, infinite at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sqrt(tg.Tensor([4.0, 9.0]))
    Tensor([2., 3.])
    """
    return np.sqrt(x)


@differentiable(lambda g, y, x: g / (3 * y * y), kind="elementwise")
def cbrt(x: Operand) -> Any:
    """The cube root of x, which a negative x has too.

    Gradient: ``g / (3 * cbrt(x)**2)``, infinite at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cbrt(tg.Tensor([-8.0, 27.0])).round(4)
    Tensor([-2.,  3.])
    """
    return np.cbrt(x)


@differentiable(lambda g, y, x: g * 2 * x, symbol="²", kind="elementwise")
def square(x: Operand) -> Any:
    """``x * x``.

    Gradient: ``g * 2 * x``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.square(tg.Tensor([-2.0, 3.0]))
    Tensor([4., 9.])
    """
    return np.square(x)


@differentiable(lambda g, y, x: -g * y * y, symbol="1/", kind="elementwise")
def reciprocal(x: Operand) -> Any:
    """``1 / x``; of integers the integer part, as in NumPy.

    Gradient: ``-g / x**2``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.reciprocal(tg.Tensor([2.0, -4.0]))
    Tensor([ 0.5 , -0.25])
    """
    return np.reciprocal(x)


# ---- signs ----


@nondifferentiable()
def sign(x: Operand) -> Any:
    """-1, 0 or 1 by the sign of x.

    Gradient: none; the function is constant but for the jump at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sign(tg.Tensor([-2.0, 0.0, 3.0]))
    Tensor([-1.,  0.,  1.])
    """
    return np.sign(x)


@nondifferentiable()
def signbit(x: Operand) -> Any:
    """Whether x has a minus sign, which -0.0 has too.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.signbit(tg.Tensor([-2.0, -0.0, 3.0]))
    Tensor([ True,  True, False])
    """
    return np.signbit(x)


@differentiable(lambda g, y, x: g * sign(x), symbol="|·|", kind="elementwise")
def absolute(x: Operand) -> Any:
    """The absolute value of x.

    Gradient: ``g * sign(x)``, and 0 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.absolute(tg.Tensor([-2.0, 3.0]))
    Tensor([2., 3.])
    """
    return np.absolute(x)


@differentiable(lambda g, y, x: g * sign(x), symbol="|·|", kind="elementwise")
def fabs(x: Operand) -> Any:
    """The absolute value of x, as a floating number also for integers.

    Gradient: ``g * sign(x)``, and 0 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.fabs(tg.Tensor([-2, 3]))
    Tensor([2., 3.])
    """
    return np.fabs(x)


@differentiable(lambda g, y, a, b: g * sign(a) * copysign(1.0, b), None, kind="elementwise")
def copysign(a: Operand, b: Operand) -> Any:
    """The size of a with the sign of b; -0.0 counts as negative.

    Gradient: ``g``, or ``-g`` where the sign changed, for a, and 0 where a is 0; none for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.copysign(tg.Tensor([2.0, -3.0]), tg.Tensor([-1.0, -0.0]))
    Tensor([-2., -3.])
    """
    return np.copysign(a, b)
