"""Functions of one array, element by element: exponentials, roots, trigonometry, signs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import differentiable, nondifferentiable

Operand = Any


@differentiable(lambda g, y, x: g * y, kind="elementwise")
def exp(x: Operand) -> Any:
    """e to the power x.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.exp(tg.Tensor([0.0, 1.0]))
    Tensor([1.      , 2.718282])
    """
    return np.exp(x)


@differentiable(lambda g, y, x: g / x, kind="elementwise")
def log(x: Operand) -> Any:
    """The natural logarithm of x; minus infinity at 0, NaN below.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.log(tg.Tensor([1.0, 10.0]))
    Tensor([0.       , 2.3025851])
    """
    return np.log(x)


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


@differentiable(lambda g, y, x: g * (1 - y * y), kind="elementwise")
def tanh(x: Operand) -> Any:
    """The hyperbolic tangent of x.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tanh(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """
    return np.tanh(x)


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
