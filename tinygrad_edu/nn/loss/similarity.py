"""Losses of pairs and triplets: what is alike shall be near, what is not shall be far."""

from __future__ import annotations

from typing import Any

from ...ops.loss import Reduction
from .. import functional
from ..distance import PairwiseDistance
from ..functional.loss.arguments import check_above
from ..functional.loss.similarity import Distance
from .base import Loss


class TripletMarginLoss(Loss):
    """The mean of ``max(0, margin + d(anchor, positive) - d(anchor, negative))``, with d a distance of vectors.

    Parameters
    ----------
    margin : float above 0
        By how much the positive shall be nearer to the anchor than the negative.
    p : float
        The distance is ``sum(abs(a - b + eps)**p)**(1 / p)``.
    eps : float
    swap : bool
        Whether d(positive, negative) takes the place of d(anchor, negative) where it is smaller.
    reduction : {"mean", "sum", "none"}

    References
    ----------
    Balntas et al., Learning local feature descriptors with triplets and shallow convolutional neural networks, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.TripletMarginLoss()(tg.Tensor([[0.0, 0.0]]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([[0.0, 2.0]])).round(4)
    Tensor(4.)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: None = None,
        reduce: None = None,
        reduction: Reduction = "mean",
    ) -> None:
        check_above("TripletMarginLoss", "a margin", margin)
        super().__init__(size_average, reduce, reduction)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """The loss of vectors, all (..., d)."""
        return functional.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )


class TripletMarginWithDistanceLoss(Loss):
    """`TripletMarginLoss` with a distance of your own.

    Parameters
    ----------
    distance_function : callable, optional
        ``distance_function(a, b)`` of two batches is a distance for each pair, made of ops; a Module will do. Without
        it `PairwiseDistance`.
    margin : float above 0
    swap : bool
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: abs(a - b).sum(-1))
    >>> loss(tg.Tensor([[0.0, 0.0]]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([[0.0, 2.0]]))
    Tensor(6.)
    """

    def __init__(
        self,
        *,
        distance_function: Distance | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        check_above("TripletMarginWithDistanceLoss", "a margin", margin)
        super().__init__(reduction=reduction)
        self.distance_function: Distance = distance_function or PairwiseDistance()
        self.margin, self.swap = margin, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """The loss of whatever the distance takes, all of one shape."""
        return functional.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class CosineEmbeddingLoss(Loss):
    """The mean of ``1 - cos`` for vectors that are alike (1), and ``max(0, cos - margin)`` for others (-1).

    Parameters
    ----------
    margin : float in -1..1
        How small the cosine of the others shall be.
    reduction : {"mean", "sum", "none"}

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> a, b = tg.Tensor([[1.0, 0.0], [1.0, 0.0]]), tg.Tensor([[3.0, 4.0], [3.0, 4.0]])
    >>> nn.CosineEmbeddingLoss(reduction="none")(a, b, tg.Tensor([1, -1])).round(4)
    Tensor([0.4, 0.6])
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
        """The loss of vectors against 1 and -1.  (n, d), (n, d), (n,) or (d,), (d,), ()"""
        return functional.cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)
