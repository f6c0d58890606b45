"""Layers that move numbers without computing with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops.shape import reshape
from . import functional
from .checks import check_size, shape_of
from .module import Module


class PixelShuffle(Module):
    """Channels laid out as pixels: (..., c * r**2, h, w) -> (..., c, h * r, w * r).

    What comes before computes r**2 channels for each channel of a larger image: a convolution on the small one that
    does the work of a transposed convolution on the large one.

    Parameters
    ----------
    upscale_factor : int
        The factor r.

    References
    ----------
    Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel network, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PixelShuffle(3)(tg.randn(1, 9, 4, 4)).shape
    (1, 1, 12, 12)
    """

    _settings = ("upscale_factor",)

    def __init__(self, upscale_factor: int) -> None:
        check_size("PixelShuffle", "upscale_factor", upscale_factor, 1)
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        """The larger image.  (..., c * r**2, h, w) -> (..., c, h * r, w * r)"""
        return functional.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    """Pixels laid out as channels: (..., c, h * r, w * r) -> (..., c * r**2, h, w); `PixelShuffle` undone.

    Parameters
    ----------
    downscale_factor : int
        The factor r.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.PixelUnshuffle(3)(tg.randn(1, 1, 12, 12)).shape
    (1, 9, 4, 4)
    """

    _settings = ("downscale_factor",)

    def __init__(self, downscale_factor: int) -> None:
        check_size("PixelUnshuffle", "downscale_factor", downscale_factor, 1)
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        """The smaller image.  (..., c, h * r, w * r) -> (..., c * r**2, h, w)"""
        return functional.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    """Channels taken by turns from each group, so that the next grouped convolution mixes them.

    Parameters
    ----------
    groups : int

    References
    ----------
    Zhang et al., ShuffleNet, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ChannelShuffle(2)(tg.arange(4).reshape(1, 4, 1)).reshape(-1)
    Tensor([0, 2, 1, 3])
    """

    _settings = ("groups",)

    def __init__(self, groups: int) -> None:
        check_size("ChannelShuffle", "groups", groups, 1)
        self.groups = groups

    def forward(self, input: Any) -> Any:
        """The shuffled channels.  (n, g * c, ...) -> (n, c * g, ...)"""
        return functional.channel_shuffle(input, self.groups)


class Unflatten(Module):
    """One axis laid out as several: (n, c * h * w) -> (n, c, h, w); `Flatten` undone.

    Parameters
    ----------
    dim : int
        The axis.
    unflattened_size : tuple of ints
        The sizes that it becomes; one of them may be -1, and follows from the others.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Unflatten(1, (2, 5, -1))(tg.randn(3, 50)).shape
    (3, 2, 5, 5)
    """

    _settings = ("dim", "unflattened_size")

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        sizes = unflattened_size if isinstance(unflattened_size, Sequence) else ()
        if not sizes or not all(isinstance(n, (int, np.integer)) for n in (dim, *sizes)):
            raise TypeError(
                f"Unflatten: expected dim as a number and unflattened_size as a tuple of whole numbers, but got "
                f"{dim!r} and {unflattened_size!r}. Named axes are not supported."
            )
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        """`input` with the axis `dim` as several."""
        shape = shape_of("Unflatten", input)
        n = len(shape)
        if not -n <= self.dim < n:
            raise IndexError(f"Unflatten: expected dim in {-n}..{n - 1}, but got {self.dim} for shape {shape}.")
        axis = self.dim % n
        open_sizes = self.unflattened_size.count(-1)
        product = int(np.prod([size for size in self.unflattened_size if size != -1]))
        fits = shape[axis] == product if not open_sizes else product and shape[axis] % product == 0
        if open_sizes > 1 or not fits or min(self.unflattened_size) < -1:
            raise ValueError(
                f"Unflatten: expected sizes whose product is {shape[axis]}, the size of axis {self.dim} of shape "
                f"{shape}, but got unflattened_size={self.unflattened_size}. One of them may be -1."
            )
        sizes = tuple(shape[axis] // product if size == -1 else size for size in self.unflattened_size)
        return reshape(input, (*shape[:axis], *sizes, *shape[axis + 1 :]))
