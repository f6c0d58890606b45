"""Rounding and whole quotients: steps, which have no derivative, and the remainders that they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable, nondifferentiable

if TYPE_CHECKING:
    from ..tensor import Tensor
from .operands import operand

Operand = Any


@nondifferentiable("⌊·⌋")
def floor(x: Operand) -> Any:
    """The largest whole number that is not above x.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.floor(tg.Tensor([-1.5, 1.5]))
    Tensor([-2.,  1.])
    """
    return np.floor(x)


@nondifferentiable("⌈·⌉")
def ceil(x: Operand) -> Any:
    """The smallest whole number that is not below x.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ceil(tg.Tensor([-1.5, 1.5]))
    Tensor([-1.,  2.])
    """
    return np.ceil(x)


@nondifferentiable()
def trunc(x: Operand) -> Any:
    """The whole number next to x on the way to 0.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.trunc(tg.Tensor([-1.5, 1.5]))
    Tensor([-1.,  1.])
    """
    return np.trunc(x)


@nondifferentiable()
def fix(x: Operand) -> Any:
    """The whole number next to x on the way to 0; NumPy's other name for `trunc`.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.fix(tg.Tensor([-1.5, 1.5]))
    Tensor([-1.,  1.])
    """
    return np.trunc(x)


@nondifferentiable()
def rint(x: Operand) -> Any:
    """The nearest whole number; from the middle to the even one.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.rint(tg.Tensor([0.5, 1.5, 1.6]))
    Tensor([0., 2., 2.])
    """
    return np.rint(x)


@nondifferentiable()
def round(a: Operand, decimals: int = 0) -> Any:
    """The nearest number of `decimals` digits after the point; from the middle to the even one, as in NumPy.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.round(tg.Tensor([0.5, 1.5, 2.345]), 1)
    Tensor([0.5, 1.5, 2.3])
    """
    return np.round(a, decimals)


# ---- quotients and what they leave ----


@nondifferentiable("//")
def floor_divide(a: Operand, b: Operand) -> Any:
    """The quotient rounded down, ``floor(a / b)``.

    Gradient: none; the function is constant but for its steps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.floor_divide(tg.Tensor([7.0, -7.0]), 2)
    Tensor([ 3., -4.])
    """
    return np.floor_divide(a, b)


@differentiable(
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * floor_divide(a, b),
    symbol="%",
    kind="elementwise",
)
def remainder(a: Operand, b: Operand) -> Any:
    """What division rounded down leaves, ``a - b * floor(a / b)``; it has the sign of b.

    Gradient: ``g`` for a, ``-g * floor(a / b)`` for b; between the jumps, and the same on them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.remainder(tg.Tensor([7.0, -7.0]), 4)
    Tensor([3., 1.])
    """
    return np.remainder(a, b)


@differentiable(
    lambda g, y, a, b: g,
    lambda g, y, a, b: -g * trunc(a / b),
    kind="elementwise",
)
def fmod(a: Operand, b: Operand) -> Any:
    """What division rounded to 0 leaves, ``a - b * trunc(a / b)``; it has the sign of a.

    Gradient: ``g`` for a, ``-g * trunc(a / b)`` for b; between the jumps, and the same on them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.fmod(tg.Tensor([7.0, -7.0]), 4)
    Tensor([ 3., -3.])
    """
    return np.fmod(a, b)


def divmod(a: Operand, b: Operand) -> tuple[Tensor, Tensor]:
    """The quotient rounded down and what it leaves: ``(floor_divide(a, b), remainder(a, b))``.

    Gradient: that of `remainder`; none of the quotient.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.divmod(tg.Tensor([7.0, -7.0]), 4)
    (Tensor([ 1., -2.]), Tensor([3., 1.]))
    """
    return floor_divide(a, b), remainder(a, b)


def modf(x: Operand) -> tuple[Tensor, Tensor]:
    """The part of x behind the point and the whole part, both with the sign of x.

    Gradient: ``g`` of the first part; none of the whole one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.modf(tg.Tensor([1.5, -2.25]))
    (Tensor([ 0.5 , -0.25]), Tensor([ 1., -2.]))
    """
    x = operand(x)
    x = x if x.dtype.kind == "f" else x * 1.0
    return fmod(x, 1.0), trunc(x)
