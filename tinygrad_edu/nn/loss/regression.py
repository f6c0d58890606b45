"""Losses between an output and the number it should be."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from ..checks import check_numbers
from ..functional.loss.arguments import check_above
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

    def forward(self, input: Any, target: Any) -> Any:
        """``mean(abs(input - target))``; both of one shape."""
        return functional.l1_loss(input, target, reduction=self.reduction)


class HuberLoss(Loss):
    """A square for errors e up to `delta`, ``e**2 / 2``, and a straight line beyond, ``delta * (abs(e) - delta / 2)``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
    delta : float above 0
        Where the line begins.

    References
    ----------
    Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.HuberLoss(reduction="none")(tg.Tensor([0.5, 3.0]), tg.Tensor([0.0, 0.0]))
    Tensor([0.125, 2.5  ])
    """

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        check_above("HuberLoss", "delta", delta)
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of `input` against `target`, both of one shape."""
        return functional.huber_loss(input, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """`L1Loss` with the tip of its angle rounded off: ``e**2 / (2 * beta)`` for errors e up to `beta`.

    Beyond it is ``abs(e) - beta / 2``: `HuberLoss` divided by beta.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
    beta : float of at least 0
        Where the line begins; at 0 it is `L1Loss`.

    References
    ----------
    Girshick, Fast R-CNN, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SmoothL1Loss(reduction="none", beta=0.5)(tg.Tensor([0.5, 3.0]), tg.Tensor([0.0, 0.0]))
    Tensor([0.25, 2.75])
    """

    def __init__(
        self,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        check_numbers("SmoothL1Loss", beta=beta)
        if not beta >= 0:
            raise ValueError(f"SmoothL1Loss: expected beta of at least 0, but got {beta!r}.")
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of `input` against `target`, both of one shape."""
        return functional.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)
