"""Losses between an output and the number it should be."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from .base import Loss


class MSELoss(Loss):
    """The mean squared error, ``mean((input - target)**2)``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        The mean over all elements, their sum, or each by itself. Courses often write half of it: ``loss / 2``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MSELoss()(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(2.)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Any, target: Any) -> Any:
        """``mean((input - target)**2)``; both of one shape."""
        return functional.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """The mean absolute error, ``mean(abs(input - target))``; its slope is 0 where they are equal.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.L1Loss()(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 4.0]))
    Tensor(1.)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Any, target: Any) -> Any:
        """``mean(abs(input - target))``; both of one shape."""
        return functional.l1_loss(input, target, reduction=self.reduction)
