"""Layers that drop elements, or whole channels, in training."""

from __future__ import annotations

from typing import Any

from . import functional
from .checks import check_probability
from .module import Module


class _Dropping(Module):
    """Abstract: a probability, given as p or as keep_prob."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, keep_prob: float | None = None) -> None:
        name = type(self).__name__
        if keep_prob is not None and p != 0.5:
            raise TypeError(f"{name}: expected p or keep_prob, but got p={p!r} and keep_prob={keep_prob!r}. Give one.")
        self._settings = ("p", "inplace") if keep_prob is None else ("keep_prob",)
        what, given = ("a probability p", p) if keep_prob is None else ("a probability keep_prob", keep_prob)
        check_probability(name, what, given)
        self.p, self.inplace = (p if keep_prob is None else 1 - keep_prob), inplace

    @property
    def keep_prob(self) -> float:
        """The probability that an element is kept, ``1 - p``."""
        return 1 - self.p


class Dropout(_Dropping):
    """In training each element is 0 with probability p, and the others are divided by ``1 - p``.

    So the expected value of each element stays what it was ("inverted" dropout), and in eval nothing is to be done.

    Parameters
    ----------
    p : float
        The probability that an element is dropped; kept to within 2**-53.
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
    Tensor([1.25, 1.25, 1.25, 0.  , 0.  , 0.  , 1.25, 1.25])
    >>> layer.eval()(tg.ones(3))
    Tensor([1., 1., 1.])
    """

    def forward(self, input: Any) -> Any:
        """`input` with elements dropped in training; `input` itself in eval."""
        return functional.dropout(input, self.p, self.training)


class Dropout1d(_Dropping):
    """In training each channel, as a whole, is 0 with probability p, and the others are divided by ``1 - p``.

    Neighbours in a channel are alike, so that dropping single elements would take little away. The parameters are those
    of `Dropout`.

    References
    ----------
    Tompson et al., Efficient object localization using convolutional networks, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Dropout1d(0.5)(tg.ones((4, 2)))
    Tensor([[2., 2.],
            [0., 0.],
            [0., 0.],
            [0., 0.]])
    """

    def forward(self, input: Any) -> Any:
        """`input` with channels dropped in training.  (n, c, l) or (c, l)"""
        return functional.dropout1d(input, self.p, self.training)


class Dropout2d(_Dropping):
    """`Dropout1d` for images, (n, c, h, w): whole channels are dropped. The parameters are those of `Dropout`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Dropout2d(0.2)
    Dropout2d(p=0.2, inplace=False)
    >>> nn.Dropout2d(0.2)(tg.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def forward(self, input: Any) -> Any:
        """`input` with channels dropped in training.  (n, c, h, w)"""
        return functional.dropout2d(input, self.p, self.training)


class Dropout3d(_Dropping):
    """`Dropout1d` for volumes, (n, c, d, h, w): whole channels are dropped. The parameters are those of `Dropout`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Dropout3d(0.2)(tg.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    def forward(self, input: Any) -> Any:
        """`input` with channels dropped in training.  (n, c, d, h, w) or (c, d, h, w)"""
        return functional.dropout3d(input, self.p, self.training)


class AlphaDropout(_Dropping):
    """Dropout for networks of SELU, that keeps mean 0 and variance 1: dropped is not 0 but SELU's lowest value.

    ``a * (x where kept, else alpha) + b``, where a and b restore mean and variance: see
    `tinygrad_edu.nn.functional.alpha_dropout`. The parameters are those of `Dropout`.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> y = nn.AlphaDropout(0.3)(tg.randn(1000, 100))
    >>> bool(abs(y.mean()) < 0.01 and abs(y.std() - 1) < 0.01)
    True
    """

    def forward(self, input: Any) -> Any:
        """`input` with elements dropped in training; `input` itself in eval."""
        return functional.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropping):
    """`AlphaDropout` of whole channels, (n, c, ...). The parameters are those of `Dropout`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.FeatureAlphaDropout(0.3)(tg.randn(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    def forward(self, input: Any) -> Any:
        """`input` with channels dropped in training; `input` itself in eval."""
        return functional.feature_alpha_dropout(input, self.p, self.training)
