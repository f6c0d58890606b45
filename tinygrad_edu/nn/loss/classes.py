"""Losses of choosing one class of several."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from ..checks import check_probability
from .base import Loss


class NLLLoss(Loss):
    """The negative log-likelihood of the right class, ``-mean(input[label])``, of log-probabilities.

    Parameters
    ----------
    weight : array_like, (c,), optional
        A factor for each class. The mean is then weighted, ``sum(w * loss) / sum(w)``.
    ignore_index : int
        Samples with this label are left out.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.NLLLoss()(tg.Tensor([[-1.0, -2.0]]), tg.Tensor([1]))
    Tensor(2.)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction, weight=weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of log-probabilities against class numbers.  (n, c), (n,) or (n, c, ...), (n, ...)"""
        return functional.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class CrossEntropyLoss(Loss):
    """The cross-entropy of scores: minus the log-probability of the right class, ``log(sum(exp(x))) - x[label]``.

    Softmax, logarithm and choice in one stable step; so the network ends with scores, not with a softmax.

    Parameters
    ----------
    weight : array_like, (c,), optional
        A factor for each class. The mean over labels is then weighted, ``sum(w * loss) / sum(w)``.
    ignore_index : int
        Samples with this label are left out.
    reduction : {"mean", "sum", "none"}
    label_smoothing : float
        The part of the probability, 0..1, that is spread evenly over all classes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CrossEntropyLoss()(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), tg.Tensor([0, 1]))
    Tensor(0.3465736)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        check_probability("CrossEntropyLoss", "label_smoothing", label_smoothing)
        super().__init__(size_average, reduce, reduction, weight=weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores against class numbers, (n, c), (n,), or against probabilities of the scores' shape."""
        return functional.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
