"""Putting maxima back to where they were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops.operands import detached
from ...ops.pooling import plane_put
from .windows import Sizes, each, image_sizes

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _max_unpool(
    name: str,
    axes: int,
    input: Operand,
    indices: Operand,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    output_size: Sequence[int] | None,
) -> Any:
    sizes = image_sizes(name, input, axes)
    kernel = each(name, "kernel_size", kernel_size, axes, 1)
    strides = kernel if stride is None else each(name, "stride", stride, axes, 1)
    margins = each(name, "padding", padding, axes)
    usual = tuple((n - 1) * s - 2 * p + k for n, k, s, p in zip(sizes, kernel, strides, margins, strict=True))
    wanted = usual if output_size is None else _output_sizes(name, tuple(output_size), usual, strides)
    places = np.asarray(detached(indices))
    if places.shape != input.shape or places.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: expected as indices one whole number for each of the input {input.shape}, but got {places.dtype} "
            f"of shape {places.shape}. Take those that max_pool{axes}d returns with return_indices=True."
        )
    elements = int(np.prod(wanted))
    wrong = places[(places < 0) | (places >= elements)]
    if wrong.size:
        raise ValueError(
            f"{name}: expected indices in 0..{elements - 1} for planes of {wanted}, but got {wrong[0]}. "
            f"Give the shape that was pooled as output_size."
        )
    return plane_put(input, places, (*input.shape[:-axes], *wanted), axes, add=False)


def _output_sizes(
    name: str, given: tuple[int, ...], usual: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[int, ...]:
    axes = len(usual)
    wanted = given[-axes:]
    fits = len(given) in (axes, axes + 1, axes + 2) and all(
        abs(n - m) < s for n, m, s in zip(wanted, usual, strides, strict=True)
    )
    if not fits:
        raise ValueError(
            f"{name}: expected an output_size that is less than a stride away from {usual}, but got {given} with "
            f"stride {strides}. Give the shape that was pooled."
        )
    return wanted


def max_unpool1d(
    input: Operand,
    indices: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Zeros, and the `input` at the places `indices` that `max_pool1d` returned.  (n, c, i) -> (n, c, l)

    `nn.MaxUnpool1d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_unpool1d(*F.max_pool1d(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]), 2, return_indices=True), 2)
    Tensor([[0., 5., 3., 0.]])
    """
    return _max_unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Operand,
    indices: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Zeros, and the `input` at the places `indices` that `max_pool2d` returned.  (n, c, i, j) -> (n, c, h, w)

    `nn.MaxUnpool2d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_unpool2d(tg.Tensor([[[5.0]]]), tg.Tensor([[[1]]]), 2)
    Tensor([[[0., 5.],
             [0., 0.]]])
    """
    return _max_unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Operand,
    indices: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Zeros, and the `input` at the places `indices` that `max_pool3d` returned.  (n, c, i, j, k) -> (n, c, d, h, w)

    `nn.MaxUnpool3d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_unpool3d(tg.ones((1, 1, 1, 1)), tg.Tensor([[[[7]]]]), 2).sum()
    Tensor(1.)
    """
    return _max_unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)
