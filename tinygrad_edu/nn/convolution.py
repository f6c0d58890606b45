"""Convolution layers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from .. import dtypes
from ..ops.convolution import Sizes, geometry, per_axis
from ..shapes import Shape
from . import init
from .checks import check_size, shape_of
from .functional.convolution import AXES, convolved
from .functional.padding import MODES, padded
from .module import Module
from .parameter import Parameter

PADDING_MODES = ("zeros", *(mode for mode in MODES if mode != "constant"))


class ConvolutionBase(Module):
    """What all convolution layers share: arguments, parameters, and how they are shown."""

    axes: ClassVar[int]  # of the image

    def _settle(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: Any,
        dilation: Sizes,
        groups: int,
        padding_mode: str,
    ) -> None:
        """Keep the arguments, checked, and written out for each axis."""
        name = type(self).__name__
        check_size(name, "in_channels", in_channels, least=1)
        check_size(name, "out_channels", out_channels, least=1)
        kernel = per_axis(name, "kernel_size", kernel_size, self.axes, 1)
        how = geometry(name, kernel, stride, padding, dilation, groups)
        for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % how.groups:
                raise ValueError(f"{name}: expected {what} that groups={groups} divides, but got {channels}.")
        if padding_mode not in PADDING_MODES:
            raise ValueError(f"{name}: expected padding_mode one of {PADDING_MODES}, but got {padding_mode!r}.")
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel
        self.stride, self.dilation, self.groups, self.padding_mode = how.stride, how.dilation, how.groups, padding_mode
        self.padding: Any = padding if isinstance(padding, str) else tuple(before for before, _ in how.padding)

    def _make_parameters(self, channels: Shape, bias: bool, dtype: DTypeLike | None) -> None:
        """A weight of shape (*channels, *kernel), and a bias."""
        dtype = dtype or dtypes.get_default_dtype()
        self.weight = Parameter(np.zeros((*channels, *self.kernel_size), dtype))
        self.bias = Parameter(np.zeros(self.out_channels, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew: uniform between ``± 1 / sqrt(fan_in)``, as in PyTorch."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(init.fans(self.weight)[0])
            init.uniform_(self.bias, -bound, bound)

    def _check_channels(self, input: Any) -> None:
        """Raise unless `input` has the channels of this layer."""
        name, c, size = type(self).__name__, self.in_channels, AXES[self.axes - 1]
        shape = shape_of(name, input)
        if len(shape) not in (self.axes + 1, self.axes + 2) or shape[-self.axes - 1] != c:
            raise ValueError(
                f"{name}: expected an input of shape (n, {c}, {size}) or ({c}, {size}), with in_channels={c}, but got "
                f"shape {shape}."
            )

    def extra_repr(self) -> str:
        """The settings, as PyTorch writes them: those that are not what is usual."""
        shown = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = getattr(self, name, (usual,) * self.axes)
            shown += [f"{name}={value}"] if value != (usual,) * self.axes else []
        shown += [f"groups={self.groups}"] if self.groups != 1 else []
        shown += ["bias=False"] if self.bias is None else []
        shown += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(shown)


class _Conv(ConvolutionBase):
    """A convolution layer over so many axes."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: DTypeLike | None = None,
    ) -> None:
        self._settle(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self._make_parameters((out_channels, in_channels // self.groups), bias, dtype)

    def forward(self, input: Any) -> Any:
        """Lay the kernel over the input in every place.  (n, c, *size) -> (n, o, *places), or without n

        Raises
        ------
        ValueError
            If the input has other channels, or is smaller than the kernel.
        """
        self._check_channels(input)
        name, padding = type(self).__name__, self.padding
        if self.padding_mode != "zeros":
            pairs = geometry(name, self.kernel_size, self.stride, padding, self.dilation).padding
            widths = [width for pair in reversed(pairs) for width in pair]
            input = padded(name, input, widths, self.padding_mode, None)
            padding = 0
        how = self.stride, padding, self.dilation, self.groups
        return convolved(name, self.axes, input, self.weight, self.bias, *how)


class Conv1d(_Conv):
    """A convolution over one axis, as time: `Conv2d`, with one axis.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype
        As in `Conv2d`.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, k)
    bias : Parameter of shape (out_channels,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Conv1d(4, 8, 3, padding="same")(tg.randn(5, 4, 20)).shape
    (5, 8, 20)
    """

    axes = 1


class Conv2d(_Conv):
    """A convolution: the same small kernel laid over an image in every place.

    ``y[n, o, p] = bias[o] + sum(x[n, c, stride * p + dilation * k - padding] * weight[o, c, k] over c and k)``

    Both parameters start uniform between ``± 1 / sqrt(in_channels / groups * kernel)``, as in PyTorch. The size of the
    result is ``(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1``.

    Parameters
    ----------
    in_channels, out_channels : int
        How many numbers stand for one place, in the input and in the output.
    kernel_size : int or one for each axis
    stride : int or one for each axis
        How far it is from one place to the next.
    padding : int, one for each axis, "valid" or "same"
        How many elements are put around the image; "valid" is none, "same" so many that the size stays.
    dilation : int or one for each axis
        How far the kernel's elements are apart.
    groups : int
        Into how many groups, that do not meet, the channels are divided; with in_channels of them it is depthwise.
    bias : bool
        Whether a number is added for each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What is put around the image: see `functional.pad`.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, k, l)
    bias : Parameter of shape (out_channels,), or None

    References
    ----------
    LeCun et al., Gradient-based learning applied to document recognition, 1998.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.Conv2d(3, 16, 5, stride=2, padding=2)
    >>> layer
    Conv2d(3, 16, kernel_size=(5, 5), stride=(2, 2), padding=(2, 2))
    >>> layer(tg.randn(8, 3, 32, 32)).shape
    (8, 16, 16, 16)
    """

    axes = 2


class Conv3d(_Conv):
    """A convolution over three axes, as a volume, or images in time: `Conv2d`, with three axes.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype
        As in `Conv2d`.

    Attributes
    ----------
    weight : Parameter of shape (out_channels, in_channels / groups, *kernel)
    bias : Parameter of shape (out_channels,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.Conv3d(2, 4, 3)(tg.randn(1, 2, 5, 6, 7)).shape
    (1, 4, 3, 4, 5)
    """

    axes = 3
