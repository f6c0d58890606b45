"""Transposed convolution over one, two and three axes: the adjoint of convolution for its image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ops.columns import Geometry
from ...ops.convolution import Sizes, conv_image, geometry, per_axis
from ...ops.padding import pad_constant
from ...ops.shape import reshape
from ...shapes import Shape
from ..checks import shape_of
from .convolution import AXES, batched

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def transposed(
    name: str,
    axes: int,
    input: Operand,
    weight: Operand,
    bias: Operand,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Any:
    """`conv_image` under the name, and with the number of axes, that its caller has."""
    shape = shape_of(name, weight)
    if len(shape) != axes + 2:
        raise ValueError(
            f"{name}: expected a weight of shape (c, o / groups, {AXES[axes - 1]}), but got shape {shape}."
        )
    if isinstance(padding, str):
        raise ValueError(f"{name}: expected padding as numbers, but got {padding!r}. Give output_padding for the rest.")
    x, is_batch = batched(name, input, axes)
    how = geometry(name, shape[2:], stride, padding, dilation, groups)
    more = per_axis(name, "output_padding", output_padding, axes, 0)
    if any(m >= max(s, d) for m, s, d in zip(more, how.stride, how.dilation, strict=True)):
        raise ValueError(
            f"{name}: expected an output_padding smaller than stride or dilation, but got output_padding={more}, "
            f"stride={how.stride}, dilation={how.dilation}."
        )
    if x.shape[1] != shape[0] or shape[0] % how.groups:
        raise ValueError(
            f"{name}: expected an input of {shape[0]} channels, as the weight has shape {shape}, and groups that "
            f"divide them, but got shape {x.shape} and groups={how.groups}."
        )
    if bias is not None and shape_of(name, bias) != (shape[1] * how.groups,):
        raise ValueError(
            f"{name}: expected a bias of shape ({shape[1] * how.groups},), one number for each output, but got shape "
            f"{bias.shape}."
        )
    y = _spread(name, x, weight, how, more)
    if bias is not None:
        y = y + reshape(bias, (1, -1, *[1] * axes))
    return y if is_batch else reshape(y, y.shape[1:])


def _spread(name: str, x: Any, weight: Any, how: Geometry, more: Shape) -> Any:
    """`conv_image` with so many elements `more` at the end of each axis, which padding had cut off, or which are 0."""
    padding = tuple((before, max(after - m, 0)) for (before, after), m in zip(how.padding, more, strict=True))
    zeros = [max(m - after, 0) for (_, after), m in zip(how.padding, more, strict=True)]
    size = tuple(
        (places - 1) * s + reach + 1 - before - after
        for places, s, reach, (before, after) in zip(x.shape[2:], how.stride, how.reach(), padding, strict=True)
    )
    if min(size) < 0 or 0 in [n + z for n, z in zip(size, zeros, strict=True)] or 0 in x.shape[2:]:
        raise ValueError(
            f"{name}: expected an input whose result has at least one element on each axis, but got shape {x.shape} "
            f"and a result of size {size}. Use less padding."
        )
    y = conv_image(x, weight, size, how.stride, padding, how.dilation, how.groups)
    return pad_constant(y, [(0, 0), (0, 0), *((0, z) for z in zeros)]) if any(zeros) else y


def conv_transpose1d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The adjoint of `conv1d`: every element puts the kernel, times itself, on a line.  (n, c, l) -> (n, o, places)

    The arguments are those of `conv_transpose2d`, with one axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv_transpose1d(tg.Tensor([[1.0, 2.0]]), tg.Tensor([[[1.0, 10.0]]]))
    Tensor([[ 1., 12., 20.]])
    """
    return transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The adjoint of `conv2d`: every element puts the kernel, times itself, on an image.  (n, c, h, w) -> (n, o, i, j)

    It is what `conv2d` with the same weight does to a gradient, also called deconvolution. It makes images
    larger where that makes them smaller, to
    ``(size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1``.

    Parameters
    ----------
    input : Tensor or array, (n, c, h, w), or (c, h, w) for a single sample
    weight : Tensor or array, (c, o / groups, k, l)
    bias : Tensor or array, (o,), optional
    stride : int or one for each axis
        How far it is from one kernel to the next.
    padding : int or one for each axis
        How many elements are cut off on each side.
    output_padding : int or one for each axis
        How many more the result has at its end: with a stride, images of several sizes are convolved to one size, and
        this tells which it shall be. Smaller than stride or dilation.
    groups : int
        Into how many groups, that do not meet, the channels are divided.
    dilation : int or one for each axis
        How far the kernel's elements are apart.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    References
    ----------
    Zeiler, Krishnan, Taylor, Fergus: Deconvolutional networks, 2010.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv_transpose2d(tg.ones((1, 1, 2, 2)), tg.ones((1, 1, 2, 2)))
    Tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """
    return transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The adjoint of `conv3d`: every element puts the kernel, times itself, in a volume.

    The arguments are those of `conv_transpose2d`, with three axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv_transpose3d(tg.ones((1, 2, 3, 3, 3)), tg.ones((2, 4, 2, 2, 2)), stride=2).shape
    (1, 4, 6, 6, 6)
    """
    return transposed("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)
