"""Activations as functions."""

from __future__ import annotations

from typing import Any, Literal

from ...ops import activation, trigonometric
from ...ops.selection import where

Operand = Any  # a Tensor or an array


def relu(input: Operand, inplace: bool = False) -> Any:  # noqa: ARG001 - PyTorch's argument
    """The positive part, ``max(x, 0)``; its slope at 0 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.relu(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """
    return activation.relu(input)


def leaky_relu(input: Operand, negative_slope: float = 0.01, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x`` where it is positive, ``negative_slope * x`` elsewhere; its slope at 0 is `negative_slope`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.leaky_relu(tg.Tensor([-1.0, 2.0]), 0.1)
    Tensor([-0.1,  2. ])
    """
    return activation.leaky_relu(input, negative_slope)


def elu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.elu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.63212055,  2.        ])
    """
    return activation.elu(input, alpha)


def gelu(input: Operand, approximate: Literal["none", "tanh"] = "none") -> Any:
    """``x * Φ(x)``, where Φ is the distribution function of the normal, or its approximation by a tanh.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gelu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.15865526,  1.9544997 ])
    """
    return activation.gelu(input, approximate)


def silu(input: Operand, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x * sigmoid(x)``, also called swish.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.silu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.2689414,  1.761594 ])
    """
    return activation.silu(input)


def softplus(input: Operand, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta * x)) / beta``, the smooth positive part.

    Where ``beta * x`` is above a `threshold` of less than 20 it is x itself. For 20 and more that would change the
    result by less than 2.1e-9 / beta and is not done: PyTorch needs it against overflow, this softplus does not.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softplus(tg.Tensor([0.0, 1000.0]))
    Tensor([6.931472e-01, 1.000000e+03])
    """
    y = activation.softplus(input, beta)
    return y if threshold >= 20 else where(input * beta > threshold, input, y)


def sigmoid(input: Operand) -> Any:
    """The logistic function, ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.sigmoid(tg.Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """
    return activation.sigmoid(input)


def tanh(input: Operand) -> Any:
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.tanh(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """
    return trigonometric.tanh(input)
