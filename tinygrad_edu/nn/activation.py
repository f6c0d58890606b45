"""Activation functions as modules."""

from __future__ import annotations

from typing import Any

from . import functional
from .module import Module


class ReLU(Module):
    """The positive part, ``max(x, 0)``; its slope at 0 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ReLU()(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """

    def forward(self, input: Any) -> Any:
        """``max(input, 0)``."""
        return functional.relu(input)


class Tanh(Module):
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Tanh()(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """

    def forward(self, input: Any) -> Any:
        """``tanh(input)``."""
        return functional.tanh(input)
