"""How alike vectors are and how far apart, as modules."""

from __future__ import annotations

from typing import Any

from . import functional
from .module import Module


class CosineSimilarity(Module):
    """The cosine of the angle between vectors: ``sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps))``.

    Parameters
    ----------
    dim : int
        The axis of the vectors.
    eps : float
        The least length that is divided by.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.CosineSimilarity(dim=0)(tg.Tensor([3.0, 4.0]), tg.Tensor([-4.0, 3.0])).round(4)
    Tensor(0.)
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """The cosines; the axis `dim` is gone."""
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The distance of vectors: the p-norm of ``x1 - x2 + eps`` along the last axis.

    Parameters
    ----------
    p : float
        The exponent of the norm, ``sum(|x|**p)**(1 / p)``.
    eps : float
        What is added to each difference, so that there is a derivative where they are 0.
    keepdim : bool
        Whether the last axis stays, with length 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PairwiseDistance(p=1, eps=0)(tg.Tensor([[1.0, 2.0]]), tg.Tensor([[4.0, 6.0]]))
    Tensor([7.])
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """The distances.  (..., d), (..., d) -> (...)"""
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
