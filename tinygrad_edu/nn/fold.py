"""Layers that take images apart into columns, and put them together again."""

from __future__ import annotations

from typing import Any

from ..ops.convolution import Sizes
from . import functional
from .module import Module


class Unfold(Module):
    """What a kernel meets in each of its places, as a column.  (n, c, h, w) -> (n, c * kernel, places)

    Parameters
    ----------
    kernel_size, dilation, padding, stride : int or one for each axis
        As in `functional.unfold`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Unfold(3, padding=1)
    Unfold(kernel_size=3, dilation=1, padding=1, stride=1)
    >>> nn.Unfold(3, padding=1)(tg.randn(2, 4, 8, 8)).shape
    (2, 36, 64)
    """

    _settings = ("kernel_size", "dilation", "padding", "stride")

    def __init__(self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> None:
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """The windows of the image `input`."""
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """Columns added up, each in its place of an image.  (n, c * kernel, places) -> (n, c, *output_size)

    Parameters
    ----------
    output_size : int or one for each axis
        The size of the image.
    kernel_size, dilation, padding, stride : int or one for each axis
        As in `functional.unfold`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Fold(8, 3, padding=1)
    Fold(output_size=8, kernel_size=3, dilation=1, padding=1, stride=1)
    >>> nn.Fold(8, 3, padding=1)(tg.randn(2, 36, 64)).shape
    (2, 4, 8, 8)
    """

    _settings = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """The image of the columns `input`."""
        return functional.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
