"""Losses as modules: each compares an output with a target, and is a scalar to go backward from."""

from __future__ import annotations

from typing import Any

from ..ops.loss import Reduction, check_reduction
from . import functional
from .checks import check_probability
from .module import Module


class _Loss(Module):
    """What losses share: how the losses of all elements become one number."""

    weight: Any  # buffers, where a loss has them
    pos_weight: Any

    def __init__(self, reduction: Reduction = "mean", **weights: Any) -> None:
        check_reduction(type(self).__name__, (1,), reduction)
        self.reduction = reduction
        for name, weight in weights.items():
            self.register_buffer(name, weight)

    def extra_repr(self) -> str:
        """The reduction, unless it is the mean."""
        return "" if self.reduction == "mean" else f"reduction={self.reduction!r}"


class MSELoss(_Loss):
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


class L1Loss(_Loss):
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


class BCELoss(_Loss):
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

    def __init__(self, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction, weight=weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of probabilities `input` against targets in 0..1, both of one shape."""
        return functional.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
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

    def __init__(self, weight: Any = None, reduction: Reduction = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction, weight=weight, pos_weight=pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores `input` against targets in 0..1, both of one shape."""
        return functional.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class NLLLoss(_Loss):
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

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__(reduction, weight=weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of log-probabilities against class numbers.  (n, c), (n,) or (n, c, ...), (n, ...)"""
        return functional.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class CrossEntropyLoss(_Loss):
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
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        check_probability("CrossEntropyLoss", "label_smoothing", label_smoothing)
        super().__init__(reduction, weight=weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores against class numbers, (n, c), (n,), or against probabilities of the scores' shape."""
        return functional.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )
