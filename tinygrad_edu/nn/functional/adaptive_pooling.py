"""Pooling to a given size, whatever the size of the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...ops.pooling import max_indices, max_pool
from ...ops.sliding import Windows, adaptive, window_sum
from .pooling import outer
from .windows import LETTERS, each, image_sizes

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array
OutputSize = int | None | Sequence[int | None]


def _windows(name: str, axes: int, input: Operand, output_size: OutputSize) -> tuple[Windows, ...]:
    sizes = image_sizes(name, input, axes)
    if not all(sizes):
        raise ValueError(
            f"{name}: expected an input with elements on the axes ({LETTERS[axes]}), but got shape {input.shape}."
        )
    given = tuple(output_size) if isinstance(output_size, Sequence) else (output_size,) * axes
    if len(given) == axes:
        given = tuple(n if wanted is None else wanted for n, wanted in zip(sizes, given, strict=True))
    return tuple(adaptive(n, m) for n, m in zip(sizes, each(name, "output_size", given, axes), strict=True))


def _avg_pool(name: str, axes: int, input: Operand, output_size: OutputSize) -> Any:
    windows = _windows(name, axes, input, output_size)
    return window_sum(input, windows) / outer([w.widths for w in windows], input.dtype)


def _max_pool(name: str, axes: int, input: Operand, output_size: OutputSize, return_indices: bool) -> Any:
    windows = _windows(name, axes, input, output_size)
    y = max_pool(input, windows)
    return (y, max_indices(input, y, windows)) if return_indices else y


def adaptive_avg_pool1d(input: Operand, output_size: OutputSize) -> Tensor:
    """The means of so many windows that together read the whole input.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)

    `nn.AdaptiveAvgPool1d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_avg_pool1d(tg.Tensor([[1.0, 3.0, 5.0, 7.0]]), 2)
    Tensor([[2., 6.]])
    """
    return _avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Operand, output_size: OutputSize) -> Tensor:
    """The means of so many windows that together read the whole image.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) ...

    `nn.AdaptiveAvgPool2d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_avg_pool2d(tg.Tensor([[[1.0, 3.0], [5.0, 7.0]]]), (None, 1))
    Tensor([[[2.],
             [6.]]])
    """
    return _avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Operand, output_size: OutputSize) -> Tensor:
    """The means of so many windows that together read the whole volume.  (n, c, d, h, w) -> (n, c, i, j, k)

    `nn.AdaptiveAvgPool3d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_avg_pool3d(tg.ones((1, 4, 6, 5)), (2, 3, 1)).shape
    (1, 2, 3, 1)
    """
    return _avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Operand, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The maxima of so many windows that together read the whole input.  (n, c, l) or (c, l) -> (n, c, i) or (c, i)

    `nn.AdaptiveMaxPool1d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool1d(tg.Tensor([[1.0, 3.0, 5.0, 2.0]]), 3)
    Tensor([[3., 5., 5.]])
    """
    return _max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Operand, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The maxima of so many windows that together read the whole image.  (n, c, h, w) or (c, h, w) -> (n, c, i, j) ...

    `nn.AdaptiveMaxPool2d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool2d(tg.Tensor([[[1.0, 3.0], [5.0, 7.0]]]), 1, return_indices=True)
    (Tensor([[[7.]]]), Tensor([[[3]]]))
    """
    return _max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Operand, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The maxima of so many windows that together read the whole volume.  (n, c, d, h, w) -> (n, c, i, j, k)

    `nn.AdaptiveMaxPool3d` says which windows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool3d(tg.ones((1, 4, 6, 5)), (2, 3, 1)).shape
    (1, 2, 3, 1)
    """
    return _max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)
