"""Transposed convolution layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import DTypeLike

from ..ops.convolution import Sizes, per_axis
from ..shapes import Shape
from .checks import shape_of
from .convolution import ConvolutionBase
from .functional.conv_transpose import transposed


class _ConvTranspose(ConvolutionBase):
    """A transposed convolution layer over so many axes."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        dtype: DTypeLike | None = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: expected padding_mode='zeros', but got {padding_mode!r}. There is no other.")
        if isinstance(padding, str):
            raise ValueError(f"{name}: expected padding as numbers, but got {padding!r}. See also output_padding.")
        self._settle(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode)
        self.output_padding = per_axis(name, "output_padding", output_padding, self.axes, 0)
        self._make_parameters((in_channels, out_channels // self.groups), bias, dtype)

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        """Put the kernel on the output once for every element.  (n, c, *size) -> (n, o, *size), or without n

        Parameters
        ----------
        input : Tensor or array
        output_size : sequence of ints, optional
            The size of the result, or its whole shape, in place of `output_padding`: one of those that a convolution
            with this stride makes as small as the input.

        Raises
        ------
        ValueError
            If the input has other channels, or there is no result of that size.
        """
        self._check_channels(input)
        more = self.output_padding if output_size is None else self._padding_for(shape_of("", input), output_size)
        return transposed(
            type(self).__name__,
            self.axes,
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            more,
            self.groups,
            self.dilation,
        )

    def _padding_for(self, shape: Shape, output_size: Sequence[int]) -> Shape:
        """The output_padding that gives a result of `output_size`."""
        name, axes, wanted = type(self).__name__, self.axes, tuple(output_size)
        if len(wanted) not in (axes, len(shape)):
            raise ValueError(
                f"{name}: expected an output_size of {axes} or {len(shape)} numbers, for an input of shape {shape}, "
                f"but got {output_size}."
            )
        wanted = wanted[-axes:]
        sides = zip(shape[-axes:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = tuple((n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in sides)
        most = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
        if not all(a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise ValueError(
                f"{name}: expected an output_size between {least} and {most}, for an input of shape {shape}, but got "
                f"{output_size}."
            )
        return tuple(n - a for n, a in zip(wanted, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """A transposed convolution over one axis: `ConvTranspose2d`, with one axis.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, dtype
        As in `ConvTranspose2d`.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, k)
    bias : Parameter of shape (out_channels,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ConvTranspose1d(4, 2, 3, stride=2)(tg.randn(5, 4, 10)).shape
    (5, 2, 21)
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    """A transposed convolution: each element of the input puts the kernel, times itself, on the output.

    The adjoint of the `Conv2d` with the same weight and arguments: it makes images larger where that makes them
    smaller, to ``(size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1``. Both parameters
    start uniform between ``± 1 / sqrt(out_channels / groups * kernel)``, as in PyTorch.

    Parameters
    ----------
    in_channels, out_channels : int
        How many numbers stand for one place, in the input and in the output.
    kernel_size : int or one for each axis
    stride : int or one for each axis
        How far it is from one kernel to the next.
    padding : int or one for each axis
        How many elements are cut off on each side.
    output_padding : int or one for each axis
        How many more the result has at its end, fewer than stride or dilation; see also `forward`.
    groups : int
        Into how many groups, that do not meet, the channels are divided.
    bias : bool
        Whether a number is added for each output channel.
    dilation : int or one for each axis
        How far the kernel's elements are apart.
    padding_mode : "zeros"
        There is no other.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, k, l)
    bias : Parameter of shape (out_channels,), or None

    References
    ----------
    Zeiler, Krishnan, Taylor, Fergus: Deconvolutional networks, 2010.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1)
    >>> layer
    ConvTranspose2d(16, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    >>> x = tg.randn(4, 16, 7, 7)
    >>> layer(x).shape, layer(x, output_size=(14, 14)).shape
    ((4, 8, 13, 13), (4, 8, 14, 14))
    """

    axes = 2


class ConvTranspose3d(_ConvTranspose):
    """A transposed convolution over three axes: `ConvTranspose2d`, with three axes.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode, dtype
        As in `ConvTranspose2d`.

    Attributes
    ----------
    weight : Parameter of shape (in_channels, out_channels / groups, *kernel)
    bias : Parameter of shape (out_channels,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.ConvTranspose3d(2, 4, 2, stride=2)(tg.randn(1, 2, 3, 3, 3)).shape
    (1, 4, 6, 6, 6)
    """

    axes = 3
