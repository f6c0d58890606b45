"""Max pooling that always returns the places of the maxima too, under the names that PyTorch has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .adaptive_pooling import OutputSize, adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d
from .pooling import max_pool1d, max_pool2d, max_pool3d
from .windows import Sizes

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def max_pool1d_with_indices(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`max_pool1d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool1d_with_indices(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]), 2)
    (Tensor([[5., 3.]]), Tensor([[1, 2]]))
    """
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`max_pool2d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool2d_with_indices(tg.Tensor([[[1.0, 5.0], [3.0, 2.0]]]), 2)
    (Tensor([[[5.]]]), Tensor([[[1]]]))
    """
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool3d_with_indices(
    input: Operand,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`max_pool3d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.max_pool3d_with_indices(tg.ones((1, 2, 2, 2)), 2)
    (Tensor([[[[1.]]]]), Tensor([[[[0]]]]))
    """
    return max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def adaptive_max_pool1d_with_indices(
    input: Operand,
    output_size: OutputSize,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`adaptive_max_pool1d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool1d_with_indices(tg.Tensor([[1.0, 5.0, 3.0, 2.0]]), 2)
    (Tensor([[5., 3.]]), Tensor([[1, 2]]))
    """
    return adaptive_max_pool1d(input, output_size, True)


def adaptive_max_pool2d_with_indices(
    input: Operand,
    output_size: OutputSize,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`adaptive_max_pool2d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool2d_with_indices(tg.Tensor([[[1.0, 5.0], [3.0, 2.0]]]), 1)
    (Tensor([[[5.]]]), Tensor([[[1]]]))
    """
    return adaptive_max_pool2d(input, output_size, True)


def adaptive_max_pool3d_with_indices(
    input: Operand,
    output_size: OutputSize,
    return_indices: bool = False,  # noqa: ARG001 - PyTorch's argument
) -> tuple[Tensor, Tensor]:
    """`adaptive_max_pool3d` and the places of the maxima, whatever `return_indices` says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.adaptive_max_pool3d_with_indices(tg.ones((1, 2, 2, 2)), 1)
    (Tensor([[[[1.]]]]), Tensor([[[[0]]]]))
    """
    return adaptive_max_pool3d(input, output_size, True)
