"""A layer that adds noise in training."""

from __future__ import annotations

from typing import Any

from . import functional
from .functional.noise import check_std
from .module import Module


class GaussianNoise(Module):
    """In training, a random number from the normal distribution is added to each element; in eval, nothing is done.

    Not in PyTorch. On the inputs of a network it is a slight regularization, much like L2. Put it in front.

    Parameters
    ----------
    std : float of at least 0
        The standard deviation of the noise, in the units of the input.

    Raises
    ------
    ValueError
        For a negative standard deviation.

    References
    ----------
    Bishop, Training with noise is equivalent to Tikhonov regularization, 1995.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.GaussianNoise(0.1)
    >>> layer
    GaussianNoise(std=0.1)
    >>> layer(tg.zeros(3)).round(3)
    Tensor([ 0.112, -0.139, -0.043])
    >>> layer.eval()(tg.zeros(3))
    Tensor([0., 0., 0.])
    """

    _settings = ("std",)

    def __init__(self, std: float = 0.1) -> None:
        check_std("GaussianNoise", std)
        self.std = std

    def forward(self, input: Any) -> Any:
        """`input` with noise in training; `input` itself in eval."""
        return functional.gaussian_noise(input, self.std, self.training)
