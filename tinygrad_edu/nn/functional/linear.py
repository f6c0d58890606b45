"""The affine map, and joining axes."""

from __future__ import annotations

import math
from typing import Any

from ...ops import layer
from ...ops.shape import reshape
from ..checks import shape_of

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
    return layer.linear(input, weight, bias)


def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes start_dim..end_dim laid out as one.

    Raises
    ------
    IndexError
        If `input` has no such axis.
    ValueError
        If `start_dim` comes after `end_dim`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.flatten(tg.zeros((2, 3, 4)), 1).shape
    (2, 12)
    """
    shape = shape_of("flatten", input) or (1,)
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
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))
