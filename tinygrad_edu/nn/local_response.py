"""Local response normalization as a module."""

from __future__ import annotations

from typing import Any

from . import functional
from .module import Module


class LocalResponseNorm(Module):
    """Each number is divided by the size of its neighbours in other channels: ``x / (k + alpha * mean(x**2))**beta``.

    The mean is over `size` channels, from ``size // 2`` before to ``(size - 1) // 2`` after, where channels beyond the
    first and the last count as 0. The paper has the sum in place of the mean: its alpha is ``alpha / size`` here.

    Parameters
    ----------
    size : int
        Over how many channels.
    alpha, beta, k : float

    References
    ----------
    Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, 2012.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.LocalResponseNorm(2)
    >>> layer
    LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)
    >>> layer(tg.randn(5, 3, 8, 6)).shape
    (5, 3, 8, 6)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        """`input`, normalized.  (n, c, ...) -> (n, c, ...)"""
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The size and the constants."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
