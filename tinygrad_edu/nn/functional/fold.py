"""The windows of an image as columns, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...ops.columns import Geometry
from ...ops.convolution import Sizes, geometry, per_axis
from ...ops.folding import fold_columns, unfold_columns
from ...ops.shape import reshape
from ...shapes import Shape
from ..checks import shape_of
from .convolution import batched

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _windows(name: str, kernel: Any, dilation: Any, padding: Any, stride: Any, size: Shape) -> Geometry:
    """The geometry of these arguments, and an error if the kernel does not fit on an image of `size`."""
    how = geometry(name, per_axis(name, "kernel_size", kernel, 2, 1), stride, padding, dilation)
    if min(how.places(size)) < 1:
        raise ValueError(
            f"{name}: expected an image that the kernel fits on, but got size {size}, with {how.kernel=}, "
            f"{how.dilation=}, {how.padding=}. Use a smaller kernel, or more padding.".replace("how.", "")
        )
    return how


def unfold(input: Operand, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Tensor:
    """What a kernel meets in each of its places, as a column.  (n, c, h, w) -> (n, c * kernel, places)

    A convolution is a matrix product with these columns, which are also called im2col.

    Parameters
    ----------
    input : Tensor or array, (n, c, h, w), or (c, h, w) for a single sample
    kernel_size : int or one for each axis
    dilation : int or one for each axis
        How far the kernel's elements are apart.
    padding : int or one for each axis
        How many zeros are put on each side.
    stride : int or one for each axis
        How far it is from one place to the next.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.unfold(tg.Tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]), 2)
    Tensor([[[1., 2.],
             [2., 3.],
             [4., 5.],
             [5., 6.]]])
    """
    x, is_batch = batched("unfold", input, 2)
    y = unfold_columns(x, _windows("unfold", kernel_size, dilation, padding, stride, x.shape[2:]))
    return y if is_batch else reshape(y, y.shape[1:])


def fold(
    input: Operand,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Columns added up, each in its place of an image.  (n, c * kernel, places) -> (n, c, *output_size)

    The adjoint of `unfold`. ``fold(unfold(x))`` is x, each element times the number of windows it is in.

    Parameters
    ----------
    input : Tensor or array, (n, c * kernel, places), or (c * kernel, places) for a single sample
    output_size : int or one for each axis
        The size of the image.
    kernel_size, dilation, padding, stride
        As in `unfold`.

    Raises
    ------
    ValueError, TypeError
        If shapes or arguments do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.fold(F.unfold(tg.ones((1, 1, 2, 3)), 2), (2, 3), 2)
    Tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """
    shape, size = shape_of("fold", input), per_axis("fold", "output_size", output_size, 2, 1)
    how = _windows("fold", kernel_size, dilation, padding, stride, size)
    rows, places = math.prod(how.kernel), math.prod(how.places(size))
    if len(shape) not in (2, 3) or shape[-2] % rows or shape[-1] != places:
        raise ValueError(
            f"fold: expected an input of shape (n, c * {rows}, {places}) or (c * {rows}, {places}), as there are "
            f"{places} places for a kernel of {rows} elements, but got shape {shape}."
        )
    if len(shape) == 3:
        return fold_columns(input, size, how)
    y = fold_columns(reshape(input, (1, *shape)), size, how)
    return reshape(y, y.shape[1:])
