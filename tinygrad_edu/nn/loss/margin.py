"""Losses that ask for a margin: what is right by more than it costs nothing."""

from __future__ import annotations

from typing import Any, Literal

from ...ops.loss import Reduction
from .. import functional
from .base import Loss


class MarginRankingLoss(Loss):
    """The cost of a wrong order, ``mean(max(0, margin - t * (input1 - input2)))``.

    Parameters
    ----------
    margin : float
        By how much the greater one shall be greater.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MarginRankingLoss()(tg.Tensor([3.0, 1.0]), tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 1.0]))
    Tensor(0.5)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """The cost where `target` is 1 if input1 shall be the greater, -1 if input2 shall; all of one shape."""
        return functional.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class HingeEmbeddingLoss(Loss):
    """The mean of distances x: x itself for what is alike (1), ``max(0, margin - x)`` for what is not (-1).

    Parameters
    ----------
    margin : float
        How far apart shall be what is not alike.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.HingeEmbeddingLoss(reduction="none")(tg.Tensor([0.5, 0.25, 2.0]), tg.Tensor([1, -1, -1]))
    Tensor([0.5 , 0.75, 0.  ])
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of distances against 1 and -1, both of one shape."""
        return functional.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MultiMarginLoss(Loss):
    """The hinge loss of several classes: the mean over classes of ``max(0, margin - x[label] + x[other])**p``.

    Parameters
    ----------
    p : {1, 2}
    margin : float
        By how much the right class shall be ahead.
    weight : array_like, (c,), optional
        A factor for the samples of each class.
    reduction : {"mean", "sum", "none"}

    References
    ----------
    Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MultiMarginLoss()(tg.Tensor([[0.1, 0.2, 0.4, 0.8]]), tg.Tensor([3])).round(4)
    Tensor(0.325)
    """

    def __init__(
        self,
        p: Literal[1, 2] = 1,
        margin: float = 1.0,
        weight: Any = None,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: expected p of 1 or 2, but got {p!r}.")
        super().__init__(size_average, reduce, reduction, weight=weight)
        self.p: Literal[1, 2] = p
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores against class numbers.  (n, c), (n,) or (c,), ()"""
        return functional.multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class MultiLabelMarginLoss(Loss):
    """The hinge loss of several right classes: the sum of ``max(0, 1 - x[right] + x[wrong])`` over all pairs, over c.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MultiLabelMarginLoss()(tg.Tensor([[0.1, 0.2, 0.4, 0.8]]), tg.Tensor([[3, 0, -1, 1]])).round(4)
    Tensor(0.85)
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of scores against rows of the right class numbers, ended by -1, both (n, c) or (c,)."""
        return functional.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """The mean over classes of `BCEWithLogitsLoss`: each class is a question of yes or no.

    Parameters
    ----------
    weight : array_like, optional
        A factor for each class, of a shape that broadcasts.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MultiLabelSoftMarginLoss()(tg.Tensor([[0.0, 1000.0]]), tg.Tensor([[1.0, 1.0]])).round(4)
    Tensor(0.3466)
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
        """The loss of scores against 0 and 1, both (..., c)."""
        return functional.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)
