"""Local response normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...ops.axes import moveaxis
from ...ops.sliding import Windows, window_sum
from ..checks import check_numbers, check_size, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def local_response_norm(input: Operand, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """``x / (k + alpha * mean(x**2))**beta``, the mean over `size` channels around each.  (n, c, ...) -> (n, c, ...)

    `nn.LocalResponseNorm` says what the arguments mean.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.local_response_norm(tg.Tensor([[[1.0], [2.0]]]), 2, alpha=2.0, beta=1.0)
    Tensor([[[0.5       ],
             [0.33333334]]])
    """
    shape = shape_of("local_response_norm", input)
    check_size("local_response_norm", "size", size, 1)
    check_numbers("local_response_norm", alpha=alpha, beta=beta, k=k)
    if len(shape) < 3:
        raise ValueError(
            f"local_response_norm: expected an input of shape (n, c, ...) with at least three axes, but got shape "
            f"{shape}. Add the missing axes with reshape."
        )
    c = shape[1]
    around = Windows(c, tuple(range(-(size // 2), c - size // 2)), (size,) * c)
    squares = moveaxis(input * input, 1, -1)  # (n, c, ...) -> (n, ..., c)
    mean = moveaxis(window_sum(squares, (around,)), -1, 1) / size
    return input / (mean * alpha + k) ** beta
