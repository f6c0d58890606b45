"""Max pooling undone, as far as it can be, as modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import functional
from .functional.windows import Sizes, each
from .module import Module


class _MaxUnpool(Module):
    """What the three kinds of unpooling share."""

    _settings = ("kernel_size", "stride", "padding")
    _axes: int

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        name = type(self).__name__
        self.kernel_size = each(name, "kernel_size", kernel_size, self._axes, 1)
        self.stride = self.kernel_size if stride is None else each(name, "stride", stride, self._axes, 1)
        self.padding = each(name, "padding", padding, self._axes)


class MaxUnpool1d(_MaxUnpool):
    """Zeros, with the maxima put where `MaxPool1d` has found them: its inverse, but for what was not a maximum.

    (n, c, i) -> (n, c, (i - 1) * stride - 2 * padding + kernel_size), or as `output_size` says: inputs of several sizes
    are pooled to the same one.

    Gradient: the ``g`` of its place for each number, also where overlapping windows put several to one place.

    Parameters
    ----------
    kernel_size, stride, padding : int
        Those of the pooling.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> y, indices = nn.MaxPool1d(2, return_indices=True)(tg.Tensor([[1.0, 5.0, 3.0, 2.0, 9.0]]))
    >>> nn.MaxUnpool1d(2)(y, indices, output_size=(1, 5))
    Tensor([[0., 5., 3., 0., 0.]])
    """

    _axes = 1

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        """The `input` at the places `indices`.  (n, c, i) or (c, i) -> (n, c, l) or (c, l)"""
        return functional.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_MaxUnpool):
    """Zeros, with the maxima put where `MaxPool2d` has found them: its inverse, but for what was not a maximum.

    (n, c, i, j) -> (n, c, (i - 1) * stride - 2 * padding + kernel_size, the same of j), or as `output_size` says:
    images of several sizes are pooled to the same one.

    Gradient: the ``g`` of its place for each number, also where overlapping windows put several to one place.

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of ints
        Those of the pooling.

    References
    ----------
    Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> y, indices = nn.MaxPool2d(2, return_indices=True)(tg.Tensor([[[1.0, 5.0], [3.0, 2.0]]]))
    >>> nn.MaxUnpool2d(2)(y, indices)
    Tensor([[[0., 5.],
             [0., 0.]]])
    """

    _axes = 2

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        """The `input` at the places `indices`.  (n, c, i, j) or (c, i, j) -> (n, c, h, w) or (c, h, w)"""
        return functional.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_MaxUnpool):
    """Zeros, with the maxima put where `MaxPool3d` has found them: `MaxUnpool2d` with one axis more.

    Parameters
    ----------
    kernel_size, stride, padding : int or triple of ints
        Those of the pooling.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> y, indices = nn.MaxPool3d(2, return_indices=True)(tg.randn(5, 3, 8, 6, 4))
    >>> nn.MaxUnpool3d(2)(y, indices).shape
    (5, 3, 8, 6, 4)
    """

    _axes = 3

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        """The `input` at the places `indices`.  (n, c, i, j, k) or without n -> (n, c, d, h, w)"""
        return functional.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)
