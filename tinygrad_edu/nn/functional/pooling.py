"""Pooling: the maximum, the mean or the p-norm of windows that slide over images."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops import pooling
from ...ops.arithmetic import power
from ...ops.selection import where
from ...ops.sliding import counts, window_sum
from ..checks import check_numbers
from .windows import Sizes, each, pooling_windows

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _max_pool(name: str, axes: int, input: Operand, return_indices: bool, *geometry: Any) -> Any:
    windows = pooling_windows(name, input, axes, *geometry)
    y = pooling.max_pool(input, windows)
    return (y, pooling.max_indices(input, y, windows)) if return_indices else y


def max_pool1d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The maximum of each window.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)

    `nn.MaxPool1d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool1d(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]), 2)
    Tensor([[5., 3.]])
    """
    return _max_pool("max_pool1d", 1, input, return_indices, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The maximum of each window.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)

    `nn.MaxPool2d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool2d(tg.Tensor([[[1.0, 5.0], [3.0, 2.0]]]), 2, return_indices=True)
    (Tensor([[[5.]]]), Tensor([[[1]]]))
    """
    return _max_pool("max_pool2d", 2, input, return_indices, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool3d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The maximum of each window.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) or (c, i, j, k)

    `nn.MaxPool3d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool3d(tg.zeros((1, 4, 6, 8)), 2).shape
    (1, 2, 3, 4)
    """
    return _max_pool("max_pool3d", 3, input, return_indices, kernel_size, stride, padding, dilation, ceil_mode)


def _avg_pool(
    name: str,
    axes: int,
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
) -> Any:
    windows = pooling_windows(name, input, axes, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override is not None:
        check_numbers(name, divisor_override=divisor_override)
        if not divisor_override:
            raise ValueError(f"{name}: expected a divisor_override other than 0, but got {divisor_override!r}.")
        return window_sum(input, windows) / divisor_override
    read = [counts(w) for w in windows]
    if count_include_pad:  # but what ceil_mode lets a window read beyond the margin does not count
        margins = each(name, "padding", padding, axes)
        read = [
            tuple(min(width, w.size + p - start) for start, width in zip(w.starts, w.widths, strict=True))
            for w, p in zip(windows, margins, strict=True)
        ]
    return window_sum(input, windows) / outer(read, input.dtype)


def outer(numbers: list[tuple[int, ...]], dtype: Any) -> Any:
    """The products of one count of each axis: a number where they are all alike, else an array of a floating dtype."""
    product = functools.reduce(np.multiply.outer, map(np.array, numbers))
    if product.size and (product == product.flat[0]).all():
        return int(product.flat[0])
    return product.astype(dtype if dtype.kind == "f" else np.float64)


def avg_pool1d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)

    `nn.AvgPool1d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.avg_pool1d(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]), 2)
    Tensor([[3. , 2.5]])
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)

    `nn.AvgPool2d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.avg_pool2d(tg.Tensor([[[1.0, 5.0], [3.0, 2.0]]]), 2)
    Tensor([[[2.75]]])
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) or (c, i, j, k)

    `nn.AvgPool3d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.avg_pool3d(tg.ones((1, 2, 2, 2)), 2)
    Tensor([[[[1.]]]])
    """
    return _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def _lp_pool(
    name: str, axes: int, input: Operand, norm_type: float, kernel_size: Sizes, stride: Sizes | None, ceil_mode: bool
) -> Any:
    check_numbers(name, norm_type=norm_type)
    if not norm_type or not math.isfinite(norm_type):
        raise ValueError(
            f"{name}: expected a finite norm_type other than 0, but got {norm_type!r}. "
            f"For infinity there is max_pool{axes}d of the absolute values."
        )
    mean = _avg_pool(name, axes, power(input, norm_type), kernel_size, stride, 0, ceil_mode, True)
    total = mean * math.prod(each(name, "kernel_size", kernel_size, axes, 1))
    empty = total == 0
    return where(empty, 0.0, where(empty, 1.0, total) ** (1 / norm_type))


def lp_pool1d(
    input: Operand, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window, ``sum(x ** p) ** (1 / p)``.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)

    `nn.LPPool1d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.lp_pool1d(tg.Tensor([[3.0, 4.0, 0.0, 2.0]]), 2, 2)
    Tensor([[5., 2.]])
    """
    return _lp_pool("lp_pool1d", 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Operand, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window, ``sum(x ** p) ** (1 / p)``.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) or (c, i, j)

    `nn.LPPool2d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.lp_pool2d(tg.Tensor([[[1.0, 1.0], [1.0, 1.0]]]), 2, 2)
    Tensor([[[2.]]])
    """
    return _lp_pool("lp_pool2d", 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Operand, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window, ``sum(x ** p) ** (1 / p)``.  (n, c, d, h, w) or (c, d, h, w) -> (n, c, i, j, k) ...

    `nn.LPPool3d` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.lp_pool3d(tg.ones((1, 2, 2, 2)), 1, 2)
    Tensor([[[[8.]]]])
    """
    return _lp_pool("lp_pool3d", 3, input, norm_type, kernel_size, stride, ceil_mode)
