"""From scores to probabilities."""

from __future__ import annotations

from typing import Any

from .. import functional
from ..checks import shape_of
from .base import Activation


class Softmax(Activation):
    """Positive numbers that add up to 1: ``exp(x) / sum(exp(x))``, the probabilities of classes.

    Parameters
    ----------
    dim : int, optional
        The axis of the classes; may be left out for a vector, and for a batch of them (the last axis).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmax(dim=1)(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]))
    Tensor([[0.5, 0.5],
            [0. , 1. ]])
    """

    _function = staticmethod(functional.softmax)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim


class Softmin(Activation):
    """`Softmax` of the negative: the smallest number gets the largest probability.

    Parameters
    ----------
    dim : int, optional
        As for `Softmax`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmin(dim=0)(tg.Tensor([0.0, 0.0, 1000.0]))
    Tensor([0.5, 0.5, 0. ])
    """

    _function = staticmethod(functional.softmin)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim


class LogSoftmax(Activation):
    """The logarithm of `Softmax`, exact also where the probability rounds to 0.

    Parameters
    ----------
    dim : int, optional
        As for `Softmax`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LogSoftmax(dim=0)(tg.Tensor([0.0, 1000.0]))
    Tensor([-1000.,     0.])
    """

    _function = staticmethod(functional.log_softmax)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim


class Hardmax(Activation):
    """1 at the largest number, 0 elsewhere: what softmax is the soft form of. No gradient; not in PyTorch.

    Parameters
    ----------
    dim : int
        The axis of the classes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Hardmax()(tg.Tensor([5.0, 2.0, -1.0, 3.0]))
    Tensor([1., 0., 0., 0.])
    """

    _function = staticmethod(functional.hardmax)
    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim


class Softmax2d(Activation):
    """`Softmax` over the channels, at each place of an image.  (n, c, h, w) or (c, h, w), of the same shape out

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Softmax2d()(tg.zeros((1, 2, 1, 1))).ravel()
    Tensor([0.5, 0.5])
    """

    def forward(self, input: Any) -> Any:
        """``exp(input) / sum(exp(input))`` over the axis -3.

        Raises
        ------
        ValueError
            Unless `input` has three or four axes.
        """
        shape = shape_of("Softmax2d", input)
        if len(shape) not in (3, 4):
            raise ValueError(f"Softmax2d: expected an input of shape (c, h, w) or (n, c, h, w), but got shape {shape}.")
        return functional.softmax(input, -3)
