"""Pooling as modules: the maximum, the mean or the p-norm of sliding windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import functional
from .functional.windows import Sizes
from .module import Module


class _MaxPool(Module):
    """What the three kinds of max pooling share."""

    _settings = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _arguments(self) -> tuple[Any, ...]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices


class MaxPool1d(_MaxPool):
    """The maximum of windows that slide along sequences, each channel by itself.

    ``y[n, c, i] = max(x[n, c, stride * i - padding + dilation * k] for k in 0..kernel_size - 1)``, for i in
    0..(l + 2 * padding - dilation * (kernel_size - 1) - 1) // stride.

    Gradient: to the first maximum of each window.

    Parameters
    ----------
    kernel_size : int
        How many elements a window reads.
    stride : int, optional
        How far apart the windows are; `kernel_size` if None.
    padding : int
        How far the first and the last window may reach beyond the input, where nothing is read; at most half a window.
    dilation : int
        How far apart the elements of a window are.
    return_indices : bool
        Return the places of the maxima too, for `MaxUnpool1d`.
    ceil_mode : bool
        Round the number of windows up: a last one may reach beyond the margin, if it starts in the input.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MaxPool1d(2)(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]))
    Tensor([[5., 3.]])
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if those were asked for.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)"""
        return functional.max_pool1d(input, *self._arguments())


class MaxPool2d(_MaxPool):
    """The maximum of windows that slide over images, each channel by itself.

    ``y[n, c, i, j] = max(x[n, c, s * i - p + d * k, s * j - p + d * l] for k, l in 0..kernel_size - 1)`` with stride s,
    padding p and dilation d.  (h, w) -> ((h + 2p - d * (kernel_size - 1) - 1) // s + 1, the same of w)

    Gradient: to the first maximum of each window, row by row; to the last NaN if there is any.

    Parameters
    ----------
    kernel_size, stride, padding, dilation : int or pair of ints, for height and width
        The size of a window, how far apart the windows are (`kernel_size` if None), how far they may reach beyond the
        image (where nothing is read; at most half a window), and how far apart the elements of a window are.
    return_indices : bool
        Return the places of the maxima too, counted row by row in the plane of each channel: for `MaxUnpool2d`.
    ceil_mode : bool
        Round the number of windows up: a last one may reach beyond the margin, if it starts in the image.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(tg.randn(5, 3, 8, 6)).shape
    (5, 3, 4, 3)
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if asked for.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)"""
        return functional.max_pool2d(input, *self._arguments())


class MaxPool3d(_MaxPool):
    """The maximum of windows that slide over volumes, each channel by itself: `MaxPool2d` with one axis more.

    Parameters
    ----------
    kernel_size, stride, padding, dilation : int or triple of ints, for depth, height and width
    return_indices : bool
    ceil_mode : bool

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.MaxPool3d(2)(tg.randn(5, 3, 8, 6, 4)).shape
    (5, 3, 4, 3, 2)
    """

    def forward(self, input: Any) -> Any:
        """The maxima, and their places if asked for.  (n, c, d, h, w) or without n -> (n, c, i, j, k)"""
        return functional.max_pool3d(input, *self._arguments())


class AvgPool1d(Module):
    """The mean of windows that slide along sequences, each channel by itself.

    ``y[n, c, i] = mean(x[n, c, stride * i - padding + k] for k in 0..kernel_size - 1)``, where the margin is 0.

    Parameters
    ----------
    kernel_size : int
        How many elements a window reads.
    stride : int, optional
        How far apart the windows are; `kernel_size` if None.
    padding : int
        How many zeros are thought of at both ends; at most half a window.
    ceil_mode : bool
        Round the number of windows up: a last one may reach beyond the margin, if it starts in the input.
    count_include_pad : bool
        Whether the zeros of the margin count in the mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AvgPool1d(2)(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]))
    Tensor([[3. , 2.5]])
    """

    _settings = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        stride = kernel_size if stride is None else stride
        self.kernel_size, self.stride, self.padding = (
            tuple(size) if isinstance(size, Sequence) else (size,) for size in (kernel_size, stride, padding)
        )
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)"""
        return functional.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )


class _AvgPool(Module):
    """What average pooling of images and of volumes share."""

    _settings = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding
        self.ceil_mode, self.count_include_pad, self.divisor_override = ceil_mode, count_include_pad, divisor_override

    def _arguments(self) -> tuple[Any, ...]:
        windows = self.kernel_size, self.stride, self.padding, self.ceil_mode
        return *windows, self.count_include_pad, self.divisor_override


class AvgPool2d(_AvgPool):
    """The mean of windows that slide over images, each channel by itself.

    ``y[n, c, i, j] = mean(x[n, c, s * i - p + k, s * j - p + l] for k, l in 0..kernel_size - 1)`` with stride s and
    padding p, where the margin is 0.  (h, w) -> ((h + 2p - kernel_size) // s + 1, the same of w)

    Parameters
    ----------
    kernel_size, stride, padding : int or pair of ints, for height and width
        The size of a window, how far apart the windows are (`kernel_size` if None), and how many zeros are thought of
        on each side (at most half a window).
    ceil_mode : bool
        Round the number of windows up: a last one may reach beyond the margin, if it starts in the image; what lies
        beyond the margin does not count in the mean.
    count_include_pad : bool
        Whether the zeros of the margin count in the mean.
    divisor_override : int, optional
        What the sum of each window is divided by, instead of how many numbers count.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.AvgPool2d(3, stride=2, padding=1)
    >>> layer
    AvgPool2d(kernel_size=3, stride=2, padding=1)
    >>> layer(tg.randn(5, 3, 8, 6)).shape
    (5, 3, 4, 3)
    """

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)"""
        return functional.avg_pool2d(input, *self._arguments())


class AvgPool3d(_AvgPool):
    """The mean of windows that slide over volumes, each channel by itself: `AvgPool2d` with one axis more.

    Parameters
    ----------
    kernel_size, stride, padding : int or triple of ints, for depth, height and width
    ceil_mode : bool
    count_include_pad : bool
    divisor_override : int, optional

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.AvgPool3d(2)(tg.randn(5, 3, 8, 6, 4)).shape
    (5, 3, 4, 3, 2)
    """

    def forward(self, input: Any) -> Any:
        """The means.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) or (c, i, j, k)"""
        return functional.avg_pool3d(input, *self._arguments())


class _LPPool(Module):
    """What the three kinds of p-norm pooling share."""

    _settings = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def _arguments(self) -> tuple[Any, ...]:
        return self.norm_type, self.kernel_size, self.stride, self.ceil_mode


class LPPool1d(_LPPool):
    """The p-norm of windows that slide along sequences: ``sum(x ** p) ** (1 / p)``.

    The sum for p = 1, close to the maximum for a large p. As in PyTorch x is not made positive first: with an odd p,
    or a fractional one, give it numbers of at least 0.

    Gradient: 0 where the sum is 0.

    Parameters
    ----------
    norm_type : float
        The exponent p.
    kernel_size : int
        How many elements a window reads.
    stride : int, optional
        How far apart the windows are; `kernel_size` if None.
    ceil_mode : bool
        Let a last window reach beyond the end; what it reads counts as more then, as if it were a whole window.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LPPool1d(2, 2)(tg.Tensor([[3.0, 4.0, 0.0, 2.0]]))
    Tensor([[5., 2.]])
    """

    def forward(self, input: Any) -> Any:
        """The norms.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)"""
        return functional.lp_pool1d(input, *self._arguments())


class LPPool2d(_LPPool):
    """The p-norm of windows that slide over images: `LPPool1d` with one axis more.

    Parameters
    ----------
    norm_type : float
    kernel_size, stride : int or pair of ints, for height and width
    ceil_mode : bool

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.LPPool2d(2, 3)
    >>> layer
    LPPool2d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)
    >>> layer(tg.randn(5, 3, 9, 6)).shape
    (5, 3, 3, 2)
    """

    def forward(self, input: Any) -> Any:
        """The norms.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)"""
        return functional.lp_pool2d(input, *self._arguments())


class LPPool3d(_LPPool):
    """The p-norm of windows that slide over volumes: `LPPool1d` with two axes more.

    Parameters
    ----------
    norm_type : float
    kernel_size, stride : int or triple of ints, for depth, height and width
    ceil_mode : bool

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.LPPool3d(2, 3)(tg.randn(5, 3, 9, 6, 4)).shape
    (5, 3, 3, 2, 1)
    """

    def forward(self, input: Any) -> Any:
        """The norms.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) or (c, i, j, k)"""
        return functional.lp_pool3d(input, *self._arguments())
