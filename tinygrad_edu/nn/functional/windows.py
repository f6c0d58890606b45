"""What layers with windows are told, as one number for each axis, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...ops.sliding import Windows, counts, sliding
from ..checks import check_flags, check_size, shape_of

Sizes = int | Sequence[int]

LETTERS = {1: "l", 2: "h, w", 3: "d, h, w"}


def each(name: str, what: str, value: Any, axes: int, least: int = 0) -> tuple[int, ...]:
    """`value`, a number for all axes or one for each, as a tuple of whole numbers of at least `least`."""
    given = (value,) * axes if isinstance(value, (int, np.integer)) or not isinstance(value, Sequence) else tuple(value)
    if len(given) == 1:
        given *= axes
    if len(given) != axes:
        raise ValueError(
            f"{name}: expected {what} to be a number, or a tuple of {axes}, one for each of ({LETTERS[axes]}), "
            f"but got {value!r}."
        )
    for size in given:
        check_size(name, what, size, least)
    return tuple(map(int, given))


def image_sizes(name: str, input: Any, axes: int) -> tuple[int, ...]:
    """The sizes of the last `axes` of an input with channels and perhaps a batch."""
    shape = shape_of(name, input)
    if len(shape) not in (axes + 1, axes + 2):
        letters = LETTERS[axes]
        raise ValueError(
            f"{name}: expected an input of shape (n, c, {letters}) or (c, {letters}), but got shape {shape}. "
            f"Add the missing axes with reshape."
        )
    return shape[-axes:]


def pooling_windows(
    name: str,
    input: Any,
    axes: int,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> tuple[Windows, ...]:
    """The windows of pooling along each of the last `axes`, with all that PyTorch checks."""
    sizes = image_sizes(name, input, axes)
    check_flags(name, ceil_mode=ceil_mode)
    kernel = each(name, "kernel_size", kernel_size, axes, 1)
    strides = kernel if stride is None or stride == () or stride == [] else each(name, "stride", stride, axes, 1)
    margins, dilations = each(name, "padding", padding, axes), each(name, "dilation", dilation, axes, 1)
    found = []
    for size, k, s, p, d in zip(sizes, kernel, strides, margins, dilations, strict=True):
        if 2 * p > d * (k - 1) + 1:
            raise ValueError(
                f"{name}: expected a padding of at most half the window, but got padding={padding} with "
                f"kernel_size={kernel_size}{f' and dilation={dilation}' if d > 1 else ''}. Pad the input first."
            )
        windows = sliding(size, k, s, p, d, ceil_mode)
        if not windows.starts or not all(counts(windows)):
            raise ValueError(
                f"{name}: expected an input that the windows fit into, but got shape {input.shape} with "
                f"kernel_size={kernel_size}, stride={stride}, padding={padding}"
                f"{f', dilation={dilation}' if d > 1 else ''}. Make the window smaller, or the input larger."
            )
        found.append(windows)
    return tuple(found)
