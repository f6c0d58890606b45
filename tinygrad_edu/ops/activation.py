"""Activation functions: what a neuron makes of its weighted sum, element by element."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..engine import differentiable
from .selection import where
from .special import ndtr, normal_density
from .trigonometric import tanh

Operand = Any

GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


@differentiable(lambda g, y, x: g * (y > 0), kind="elementwise")
def relu(x: Operand) -> Any:
    """The positive part, ``max(x, 0)``.

    Gradient: ``g`` where x is positive, else 0; 0 at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.relu(tg.Tensor([-1.0, 0.0, 2.0]))
    Tensor([0., 0., 2.])
    """
    return np.maximum(x, 0)


@differentiable(lambda g, y, x, negative_slope: g * (x > 0) + negative_slope * g * (x <= 0), kind="elementwise")
def leaky_relu(x: Operand, negative_slope: float = 0.01) -> Any:
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Gradient: ``g`` where x is positive, else ``negative_slope * g``, also at 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.leaky_relu(tg.Tensor([-1.0, 0.0, 2.0]), 0.1)
    Tensor([-0.1,  0. ,  2. ])
    """
    return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)


@differentiable(
    lambda g, y, x, w: where(x > 0, g, g * w), lambda g, y, x, w: where(x > 0, 0.0, g * x), kind="elementwise"
)
def prelu(x: Operand, w: Operand) -> Any:
    """``x`` where it is positive, ``w * x`` elsewhere, with slopes ``w`` that may be learned.

    Gradient: for x ``g`` where x is positive, else ``g * w``, also at 0; for w ``g * x`` where x is not positive.

    References
    ----------
    He, Zhang, Ren, Sun: Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ops.activation.prelu(tg.Tensor([-1.0, 2.0]), tg.Tensor(0.25))
    Tensor([-0.25,  2.  ])
    """
    return np.where(x > 0, x, np.multiply(x, w))


@differentiable(lambda g, y, x, low, high: g * (x > low) * (x < high), kind="elementwise")
def hardtanh(x: Operand, low: float = -1.0, high: float = 1.0) -> Any:
    """``x``, or the bound that it is beyond: ``min(max(x, low), high)``.

    Gradient: ``g`` between the bounds, else 0; 0 at the bounds, where `clip` has ``g``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ops.activation.hardtanh(tg.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ])
    """
    return np.minimum(np.maximum(x, low), high)


@differentiable(lambda g, y, x, alpha: where(x > 0, g, g * (y + alpha)), kind="elementwise")
def elu(x: Operand, alpha: float = 1.0) -> Any:
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Gradient: ``g`` where x is positive, else ``g * alpha * exp(x)``, also at 0.

    References
    ----------
    Clevert, Unterthiner, Hochreiter: Fast and accurate deep network learning by exponential linear units, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.elu(tg.Tensor([-1.0, 0.0, 2.0])).round(4)
    Tensor([-0.6321,  0.    ,  2.    ])
    """
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


@differentiable(lambda g, y, x, alpha: where(x > 0, g, g * (y / alpha + 1)), kind="elementwise")
def celu(x: Operand, alpha: float = 1.0) -> Any:
    """``x`` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere: its slope is 1 on both sides of 0.

    Gradient: ``g`` where x is positive, else ``g * exp(x / alpha)``.

    References
    ----------
    Barron: Continuously differentiable exponential linear units, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ops.activation.celu(tg.Tensor([-1.0, 0.0, 2.0]), 2.0).round(4)
    Tensor([-0.7869,  0.    ,  2.    ])
    """
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


@differentiable(lambda g, y, x: g * y * (1 - y), symbol="σ", kind="elementwise")
def sigmoid(x: Operand) -> Any:
    """The logistic function, ``1 / (1 + exp(-x))``, without overflow on either side.

    Gradient: ``g * y * (1 - y)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sigmoid(tg.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([0. , 0.5, 1. ])
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.absolute(x)))  # exp of nothing above 0


@differentiable(lambda g, y, x, beta: g * sigmoid(beta * x), kind="elementwise")
def softplus(x: Operand, beta: float = 1.0) -> Any:
    """The smooth positive part, ``log(1 + exp(beta * x)) / beta``, without overflow.

    Gradient: ``g * sigmoid(beta * x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.softplus(tg.Tensor([-1000.0, 0.0, 10.0])).round(4)
    Tensor([ 0.    ,  0.6931, 10.    ])
    """
    z = np.multiply(x, beta)
    return (np.maximum(z, 0) + np.log1p(np.exp(-np.absolute(z)))) / beta


@differentiable(lambda g, y, x: g / (1 + abs(x)) ** 2, kind="elementwise")
def softsign(x: Operand) -> Any:
    """``x / (1 + |x|)``: like tanh, but it nears its limits slowly.

    Gradient: ``g / (1 + |x|)**2``.

    References
    ----------
    Turian, Bergstra, Bengio: Quadratic features and deep architectures for chunking, 2009.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ops.activation.softsign(tg.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75])
    """
    return x / (1 + np.absolute(x))


def _silu_and_sigmoid(x: Any) -> tuple[Any, Any]:
    """The result, and the sigmoid for the way back."""
    s = sigmoid(x)
    return x * s, s


@differentiable(
    lambda g, y, x: g * (y + sigmoid(x) * (1 - y)),
    saving=_silu_and_sigmoid,
    joint=lambda g, y, s, x: (g * (s + y * (1 - s)),),
    kind="elementwise",
)
def silu(x: Operand) -> Any:
    """``x * sigmoid(x)``, also called swish.

    Gradient: ``g * (s + x * s * (1 - s))`` for ``s = sigmoid(x)``.

    References
    ----------
    Elfwing, Uchibe, Doya: Sigmoid-weighted linear units for neural network function approximation, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.silu(tg.Tensor([-1.0, 0.0, 2.0])).round(4)
    Tensor([-0.2689,  0.    ,  1.7616])
    """
    return x * sigmoid(x)


def _bent(x: Any) -> Any:
    """What the tanh of the approximate gelu is taken of."""
    return GELU_SCALE * (x + GELU_CUBIC * x * x * x)


def part_kept(x: Any, approximate: str) -> Any:
    """``Φ(x)``, the part of x that gelu keeps, or its approximation."""
    if approximate == "none":
        return ndtr(x)
    if approximate == "tanh":
        return (1 + tanh(_bent(x))) / 2
    raise ValueError(f"gelu: expected approximate='none' or 'tanh', but got {approximate!r}.")


def gelu_slope(kept: Any, x: Any, approximate: str) -> Any:
    """``Φ(x) + x φ(x)``, or the derivative of the tanh formula."""
    if approximate == "none":
        return kept + x * normal_density(x)
    return kept + x * 2 * kept * (1 - kept) * (GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x))


def _gelu_and_part(x: Any, approximate: str) -> tuple[Any, Any]:
    """The result, and the part kept for the way back: the error function takes most of the time."""
    kept = part_kept(x, approximate)
    return x * kept, kept


@differentiable(
    lambda g, y, x, approximate: g * gelu_slope(part_kept(x, approximate), x, approximate),
    saving=_gelu_and_part,
    joint=lambda g, y, kept, x, approximate: (g * gelu_slope(kept, x, approximate),),
    kind="elementwise",
)
def gelu(x: Operand, approximate: Literal["none", "tanh"] = "none") -> Any:
    """``x * Φ(x)``, where Φ is the distribution function of the standard normal.

    With ``approximate="tanh"`` it is ``x / 2 * (1 + tanh(sqrt(2 / π) * (x + 0.044715 * x**3)))``.

    Gradient: ``g * (Φ(x) + x * φ(x))`` with the density φ of the normal, or the derivative of the tanh formula.

    Raises
    ------
    ValueError
        If `approximate` is neither "none" nor "tanh".

    References
    ----------
    Hendrycks, Gimpel: Gaussian error linear units, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.gelu(tg.Tensor([-1.0, 0.0, 2.0])).round(4)
    Tensor([-0.1587,  0.    ,  1.9545])
    """
    return x * part_kept(x, approximate)
