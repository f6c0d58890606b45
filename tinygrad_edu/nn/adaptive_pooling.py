"""Pooling to a given size, whatever the size of the input, as modules."""

from __future__ import annotations

from typing import Any

from . import functional
from .functional.adaptive_pooling import OutputSize
from .module import Module


class _AdaptiveAvgPool(Module):
    """What the three kinds of adaptive average pooling share."""

    _settings = ("output_size",)

    def __init__(self, output_size: OutputSize) -> None:
        self.output_size = output_size


class _AdaptiveMaxPool(Module):
    """What the three kinds of adaptive max pooling share."""

    _settings = ("output_size",)

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        self.output_size, self.return_indices = output_size, return_indices


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of so many windows that together read the whole of sequences, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Parameters
    ----------
    output_size : int, or None for that of the input
        How many windows there are.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveAvgPool1d(5)(tg.randn(4, 3, 12)).shape
    (4, 3, 5)
    """

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)"""
        return functional.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of so many windows that together read the whole of images, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Parameters
    ----------
    output_size : int or pair of ints, for height and width; None for that of the input
        How many windows there are.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveAvgPool2d((5, None))(tg.randn(4, 3, 12, 7)).shape
    (4, 3, 5, 7)
    """

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)"""
        return functional.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of so many windows that together read the whole of volumes, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Parameters
    ----------
    output_size : int or triple of ints, for depth, height and width; None for that of the input
        How many windows there are.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveAvgPool3d(1)(tg.randn(4, 3, 6, 5, 7)).shape
    (4, 3, 1, 1, 1)
    """

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) or (c, i, j, k)"""
        return functional.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The maximum of so many windows that together read the whole of sequences, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Gradient: to the first maximum of each window.

    Parameters
    ----------
    output_size : int, or None for that of the input
        How many windows there are.
    return_indices : bool
        Return the places of the maxima too, counted row by row in the plane of each channel.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveMaxPool1d(5)(tg.randn(4, 3, 12)).shape
    (4, 3, 5)
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if asked for.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)"""
        return functional.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The maximum of so many windows that together read the whole of images, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Gradient: to the first maximum of each window.

    Parameters
    ----------
    output_size : int or pair of ints, for height and width; None for that of the input
        How many windows there are.
    return_indices : bool
        Return the places of the maxima too, counted row by row in the plane of each channel.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveMaxPool2d((5, None))(tg.randn(4, 3, 12, 7)).shape
    (4, 3, 5, 7)
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if asked for.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)"""
        return functional.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The maximum of so many windows that together read the whole of volumes, each channel by itself.

    Along each axis, window i of m reads the elements ``floor(i * n / m)`` to ``ceil((i + 1) * n / m) - 1`` of n: where
    m divides n they are alike and side by side, else they overlap.

    Gradient: to the first maximum of each window.

    Parameters
    ----------
    output_size : int or triple of ints, for depth, height and width; None for that of the input
        How many windows there are.
    return_indices : bool
        Return the places of the maxima too, counted row by row in the plane of each channel.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AdaptiveMaxPool3d(1)(tg.randn(4, 3, 6, 5, 7)).shape
    (4, 3, 1, 1, 1)
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if asked for.  (n, c, d, h, w) or without n -> (n, c, i, j, k)"""
        return functional.adaptive_max_pool3d(input, self.output_size, self.return_indices)
