"""Convolution and transposed convolution over one, two and three axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ops.convolution import Sizes, Widths, check_conv, conv, geometry
from ...ops.shape import reshape
from ..checks import shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array
AXES = ("l", "h, w", "d, h, w")  # what the axes of an image are called


def batched(name: str, input: Operand, axes: int) -> tuple[Any, bool]:
    """`input` with an axis of samples, and whether it had one.  (c, *size) -> (1, c, *size)"""
    shape, size = shape_of(name, input), AXES[axes - 1]
    if len(shape) not in (axes + 1, axes + 2):
        raise ValueError(f"{name}: expected an input of shape (n, c, {size}) or (c, {size}), but got shape {shape}.")
    alone = len(shape) == axes + 1
    return (reshape(input, (1, *shape)) if alone else input), not alone


def convolved(
    name: str, axes: int, input: Operand, weight: Operand, bias: Operand, stride: Any, padding: Any, *rest: Any
) -> Any:
    """`conv` under the name, and with the number of axes, that its caller has."""
    shape = shape_of(name, weight)
    if len(shape) != axes + 2:
        raise ValueError(
            f"{name}: expected a weight of shape (o, c / groups, {AXES[axes - 1]}), but got shape {shape}."
        )
    x, is_batch = batched(name, input, axes)
    how = geometry(name, shape[2:], stride, padding, *rest)
    check_conv(name, how, x.shape, shape, None if bias is None else shape_of(name, bias))
    y = conv(x, weight, bias, *how[1:])
    return y if is_batch else reshape(y, y.shape[1:])


def conv1d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A kernel laid over a line in every place, and the products summed.  (n, c, l) -> (n, o, places)

    The arguments are those of `conv2d`, with one axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv1d(tg.Tensor([[1.0, 2.0, 4.0]]), tg.Tensor([[[1.0, 10.0]]]))
    Tensor([[21., 42.]])
    """
    return convolved("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A kernel laid over an image in every place, and the products summed.  (n, c, h, w) -> (n, o, i, j)

    ``y[n, o, p] = bias[o] + sum(x[n, c, stride * p + dilation * k - padding] * weight[o, c, k] over c and k)``.
    Its size is ``(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1``.

    Parameters
    ----------
    input : Tensor or array, (n, c, h, w), or (c, h, w) for a single sample
    weight : Tensor or array, (o, c / groups, k, l)
    bias : Tensor or array, (o,), optional
    stride : int or one for each axis
        How far it is from one place to the next.
    padding : int, one for each axis, "valid" or "same"
        How many zeros are put around the image; "valid" is none, "same" so many that the size stays.
    dilation : int or one for each axis
        How far the kernel's elements are apart.
    groups : int
        Into how many groups, that do not meet, the channels of input and output are divided.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv2d(tg.Tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), tg.Tensor([[[[1.0, 10.0]]]]))
    Tensor([[[[21.],
              [43.]]]])
    >>> F.conv2d(tg.ones((1, 4, 28, 28)), tg.ones((8, 2, 5, 5)), stride=2, padding=2, groups=2).shape
    (1, 8, 14, 14)
    """
    return convolved("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Operand,
    weight: Operand,
    bias: Operand = None,
    stride: Sizes = 1,
    padding: Widths | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A kernel laid over a volume in every place, and the products summed.  (n, c, d, h, w) -> (n, o, ...)

    The arguments are those of `conv2d`, with three axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.conv3d(tg.ones((1, 2, 8, 8, 8)), tg.ones((4, 2, 3, 3, 3)), padding="same").shape
    (1, 4, 8, 8, 8)
    """
    return convolved("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)
