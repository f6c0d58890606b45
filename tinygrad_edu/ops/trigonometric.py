"""Angles: trigonometric and hyperbolic functions, their inverses, and degrees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine import differentiable
from .elementwise import absolute, sqrt
from .selection import over, where

Operand = Any


@differentiable(lambda g, y, x: g * cos(x), kind="elementwise")
def sin(x: Operand) -> Any:
    """The sine of x, an angle in radians.

    Gradient: ``g * cos(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sin(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.8415])
    """
    return np.sin(x)


@differentiable(lambda g, y, x: -g * sin(x), kind="elementwise")
def cos(x: Operand) -> Any:
    """The cosine of x, an angle in radians.

    Gradient: ``-g * sin(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cos(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([1.    , 0.5403])
    """
    return np.cos(x)


@differentiable(lambda g, y, x: g * (1 + y * y), kind="elementwise")
def tan(x: Operand) -> Any:
    """The tangent of x, an angle in radians.

    Gradient: ``g * (1 + tan(x)**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tan(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 1.5574])
    """
    return np.tan(x)


@differentiable(lambda g, y, x: g / sqrt(1 - x * x), kind="elementwise")
def arcsin(x: Operand) -> Any:
    """The angle in -π/2..π/2 whose sine is x; NaN outside -1..1.

    Gradient: ``g / sqrt(1 - x**2)``, infinite at -1 and 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arcsin(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 1.5708])
    """
    return np.arcsin(x)


@differentiable(lambda g, y, x: -g / sqrt(1 - x * x), kind="elementwise")
def arccos(x: Operand) -> Any:
    """The angle in 0..π whose cosine is x; NaN outside -1..1.

    Gradient: ``-g / sqrt(1 - x**2)``, infinite at -1 and 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arccos(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([1.5708, 0.    ])
    """
    return np.arccos(x)


@differentiable(lambda g, y, x: g / (1 + x * x), kind="elementwise")
def arctan(x: Operand) -> Any:
    """The angle in -π/2..π/2 whose tangent is x.

    Gradient: ``g / (1 + x**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arctan(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.7854])
    """
    return np.arctan(x)


@differentiable(
    lambda g, y, a, b: over(g * b, a * a + b * b),
    lambda g, y, a, b: over(-g * a, a * a + b * b),
    kind="elementwise",
)
def arctan2(a: Operand, b: Operand) -> Any:
    """The angle of the point (b, a), in -π..π.

    Gradient: ``g * b / (a**2 + b**2)`` for a and ``-g * a / (a**2 + b**2)`` for b; 0 at the origin.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arctan2(tg.Tensor([1.0, -1.0]), tg.Tensor([1.0, -1.0])).round(4)
    Tensor([ 0.7854, -2.3562])
    """
    return np.arctan2(a, b)


@differentiable(
    lambda g, y, a, b: over(g * a, y),
    lambda g, y, a, b: over(g * b, y),
    kind="elementwise",
)
def hypot(a: Operand, b: Operand) -> Any:
    """The length ``sqrt(a**2 + b**2)`` of the hypotenuse, without overflow in the squares.

    Gradient: ``g * a / y`` for a and ``g * b / y`` for b; 0 at the origin.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hypot(tg.Tensor([3.0, 5.0]), tg.Tensor([4.0, 12.0]))
    Tensor([ 5., 13.])
    """
    return np.hypot(a, b)


# ---- hyperbolic ----


@differentiable(lambda g, y, x: g * cosh(x), kind="elementwise")
def sinh(x: Operand) -> Any:
    """The hyperbolic sine, ``(exp(x) - exp(-x)) / 2``.

    Gradient: ``g * cosh(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sinh(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 1.1752])
    """
    return np.sinh(x)


@differentiable(lambda g, y, x: g * sinh(x), kind="elementwise")
def cosh(x: Operand) -> Any:
    """The hyperbolic cosine, ``(exp(x) + exp(-x)) / 2``.

    Gradient: ``g * sinh(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cosh(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([1.    , 1.5431])
    """
    return np.cosh(x)


@differentiable(lambda g, y, x: g * (1 - y * y), kind="elementwise")
def tanh(x: Operand) -> Any:
    """The hyperbolic tangent, ``sinh(x) / cosh(x)``, in -1..1.

    Gradient: ``g * (1 - tanh(x)**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tanh(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.7616])
    """
    return np.tanh(x)


@differentiable(lambda g, y, x: g / sqrt(x * x + 1), kind="elementwise")
def arcsinh(x: Operand) -> Any:
    """The number whose hyperbolic sine is x.

    Gradient: ``g / sqrt(x**2 + 1)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arcsinh(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([0.    , 0.8814])
    """
    return np.arcsinh(x)


@differentiable(lambda g, y, x: g / sqrt(x * x - 1), kind="elementwise")
def arccosh(x: Operand) -> Any:
    """The number, at least 0, whose hyperbolic cosine is x; NaN below 1.

    Gradient: ``g / sqrt(x**2 - 1)``, infinite at 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arccosh(tg.Tensor([1.0, 2.0])).round(4)
    Tensor([0.   , 1.317])
    """
    return np.arccosh(x)


@differentiable(lambda g, y, x: g / (1 - x * x), kind="elementwise")
def arctanh(x: Operand) -> Any:
    """The number whose hyperbolic tangent is x; infinite at -1 and 1, NaN outside.

    Gradient: ``g / (1 - x**2)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.arctanh(tg.Tensor([0.0, 0.5])).round(4)
    Tensor([0.    , 0.5493])
    """
    return np.arctanh(x)


# ---- degrees, and waves ----


@differentiable(lambda g, y, x: g * (math.pi / 180), kind="elementwise")
def deg2rad(x: Operand) -> Any:
    """Degrees to radians, ``x * π / 180``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.deg2rad(tg.Tensor([0.0, 180.0])).round(4)
    Tensor([0.    , 3.1416])
    """
    return np.deg2rad(x)


@differentiable(lambda g, y, x: g * (180 / math.pi), kind="elementwise")
def rad2deg(x: Operand) -> Any:
    """Radians to degrees, ``x * 180 / π``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.rad2deg(tg.Tensor([0.0, 1.0])).round(4)
    Tensor([ 0.    , 57.2958])
    """
    return np.rad2deg(x)


def sinc_slope(y: Any, x: Any) -> Any:
    """``(cos(π x) - sinc(x)) / x``, by its series near 0, where that is 0 / 0."""
    near = absolute(x) < 0.1
    square = (math.pi * x) ** 2
    series: Any = 0.0
    for k in range(7, 0, -1):  # sinc(x) = Σ (-1)^k (π x)^(2k) / (2k + 1)!
        series = series * square + (-1) ** k * 2 * k / math.factorial(2 * k + 1)
    return where(near, series * x * math.pi**2, (cos(math.pi * x) - y) / where(near, 1.0, x))


@differentiable(lambda g, y, x: g * sinc_slope(y, x), kind="elementwise")
def sinc(x: Operand) -> Any:
    """``sin(π x) / (π x)``, and 1 at 0.

    Gradient: ``g * (cos(π x) - y) / x``, and 0 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sinc(tg.Tensor([0.0, 0.5])).round(4)
    Tensor([1.    , 0.6366])
    """
    return np.sinc(x)
