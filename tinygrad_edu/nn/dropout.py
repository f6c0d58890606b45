"""Layers that drop elements in training."""

from __future__ import annotations

from typing import Any

from . import functional
from .checks import check_probability
from .module import Module


class Dropout(Module):
    """In training each element is 0 with probability p, and the others are divided by ``1 - p``.

    So the expected value of each element stays what it was ("inverted" dropout), and in eval nothing is to be done.

    Parameters
    ----------
    p : float
        The probability that an element is dropped.
    inplace : bool
        PyTorch's argument: taken, and without effect.
    keep_prob : float, optional
        The probability that it is kept, ``1 - p``, as courses write it: instead of p.

    Raises
    ------
    ValueError
        For a probability outside 0..1.
    TypeError
        If both are given.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Dropout(keep_prob=0.8)
    >>> layer
    Dropout(keep_prob=0.8)
    >>> layer(tg.ones(8))
    Tensor([1.25, 1.25, 1.25, 1.25, 1.25, 0.  , 0.  , 0.  ])
    >>> layer.eval()(tg.ones(3))
    Tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, keep_prob: float | None = None) -> None:
        if keep_prob is not None and p != 0.5:
            raise TypeError(f"Dropout: expected p or keep_prob, but got p={p!r} and keep_prob={keep_prob!r}. Give one.")
        self._settings = ("p", "inplace") if keep_prob is None else ("keep_prob",)
        what, given = ("a probability p", p) if keep_prob is None else ("a probability keep_prob", keep_prob)
        check_probability("Dropout", what, given)
        self.p, self.inplace = (p if keep_prob is None else 1 - keep_prob), inplace

    @property
    def keep_prob(self) -> float:
        """The probability that an element is kept, ``1 - p``."""
        return 1 - self.p

    def forward(self, input: Any) -> Any:
        """`input` with elements dropped in training; `input` itself in eval."""
        return functional.dropout(input, self.p, self.training)
