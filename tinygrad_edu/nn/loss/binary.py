"""Losses of answers of yes or no."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from .base import Loss


class BCELoss(Loss):
    """The cross-entropy of probabilities of "yes", ``-mean(t * log(p) + (1 - t) * log(1 - p))``.

    On scores `BCEWithLogitsLoss` is exact where this is not: logarithms are taken to be at least -100.

    Parameters
    ----------
    weight : array_like, optional
        A factor for each loss, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.BCELoss()(tg.Tensor([0.9, 0.2, 0.6]), tg.Tensor([1.0, 0.0, 0.0]))
    Tensor(0.41493163)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction, weight=weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of probabilities `input` against targets in 0..1, both of one shape."""
        return functional.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Loss):
    """`BCELoss` of ``sigmoid(input)`` in one stable step, ``mean(log(1 + exp(x)) - x * t)``.

    Parameters
    ----------
    weight : array_like, optional
        A factor for each loss, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}
    pos_weight : array_like, optional
        A factor for the losses of targets 1: above 1 where "yes" is rare.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.BCEWithLogitsLoss(reduction="none")(tg.Tensor([0.0, -1000.0]), tg.Tensor([1.0, 1.0]))
    Tensor([6.931472e-01, 1.000000e+03])
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction, weight=weight, pos_weight=pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores `input` against targets in 0..1, both of one shape."""
        return functional.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(Loss):
    """The cross-entropy of scores x with targets t of 1 and -1, ``mean(log(1 + exp(-t * x)))``.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.SoftMarginLoss()(tg.Tensor([0.0, 0.0]), tg.Tensor([1.0, -1.0])).round(4)
    Tensor(0.6931)
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores `input` against targets of 1 and -1, both of one shape."""
        return functional.soft_margin_loss(input, target, reduction=self.reduction)
