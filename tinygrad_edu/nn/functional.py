"""Every layer, activation and loss as a function of PyTorch's name and signature."""

from __future__ import annotations

from typing import Any

from ..ops import elementwise
from ..ops.selection import where
from ..ops.shape import matrix_transpose, reshape

Operand = Any  # a Tensor or an array


def linear(input: Operand, weight: Operand, bias: Operand = None) -> Any:
    """``input @ weight.T + bias``.  (..., in), (out, in), (out,) -> (..., out)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.linear(tg.Tensor([1.0, 2.0]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([0.5]))
    Tensor([11.5])
    """
    y = input @ matrix_transpose(weight)
    return y if bias is None else y + bias


def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes start_dim..end_dim laid out as one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.flatten(tg.zeros((2, 3, 4)), 1).shape
    (2, 12)
    """
    shape = input.shape or (1,)
    n = len(shape)
    for name, axis in (("start_dim", start_dim), ("end_dim", end_dim)):
        if not -n <= axis < n:
            raise IndexError(f"flatten: expected {name} in {-n}..{n - 1}, but got {axis} for shape {input.shape}.")
    first, last = start_dim % n, end_dim % n
    if first > last:
        raise ValueError(
            f"flatten: expected a start_dim that is not after end_dim, but got {start_dim} and {end_dim} "
            f"for shape {input.shape}."
        )
    joined = 1
    for size in shape[first : last + 1]:
        joined *= size
    return reshape(input, (*shape[:first], joined, *shape[last + 1 :]))


def relu(input: Operand) -> Any:
    """The positive part, ``max(input, 0)``; its slope at 0 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.relu(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """
    return where(input > 0, input, 0.0)


def tanh(input: Operand) -> Any:
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.tanh(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """
    return elementwise.tanh(input)
