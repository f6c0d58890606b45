"""The affine map, and joining axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...ops import layer
from ...ops.contraction import einsum
from ...ops.shape import reshape
from ..checks import check_size, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def linear(input: Operand, weight: Operand, bias: Operand = None) -> Tensor:
    """``input @ weight.T + bias``.  (..., in), (out, in), (out,) -> (..., out)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.linear(tg.Tensor([1.0, 2.0]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([0.5]))
    Tensor([11.5])
    """
    return layer.linear(input, weight, bias)


def bilinear(input1: Operand, input2: Operand, weight: Operand, bias: Operand = None) -> Tensor:
    """``x1.T @ weight[k] @ x2 + bias[k]`` for each k.  (..., i), (..., j), (o, i, j), (o,) -> (..., o)

    Parameters
    ----------
    input1 : Tensor or array, (..., in1_features)
    input2 : Tensor or array, (..., in2_features)
    weight : Tensor or array, (out_features, in1_features, in2_features)
    bias : Tensor or array, (out_features,), optional

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.bilinear(tg.Tensor([1.0, 2.0]), tg.Tensor([3.0]), tg.Tensor([[[10.0], [1.0]]]))
    Tensor([36.])
    """
    a, b, w = shape_of("bilinear", input1), shape_of("bilinear", input2), shape_of("bilinear", weight)
    if len(w) != 3 or (*a[:-1], w[1]) != a or (*b[:-1], w[2]) != b or a[:-1] != b[:-1]:
        raise ValueError(
            f"bilinear: expected inputs of shapes (..., in1) and (..., in2), alike but for the last axis, and a weight "
            f"of shape (out, in1, in2), but got {a}, {b} and {w}."
        )
    if bias is not None and shape_of("bilinear", bias) != w[:1]:
        raise ValueError(f"bilinear: expected a bias of shape {w[:1]}, but got shape {bias.shape}.")
    y = einsum(
        "ni,oij,nj->no", reshape(input1, (math.prod(a[:-1]), w[1])), weight, reshape(input2, (math.prod(b[:-1]), w[2]))
    )
    y = reshape(y, (*a[:-1], w[0]))
    return y if bias is None else y + bias


def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Tensor:
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
        check_size("flatten", name, axis, least=None)
        if not -n <= axis < n:
            raise IndexError(f"flatten: expected {name} in {-n}..{n - 1}, but got {axis} for shape {input.shape}.")
    first, last = start_dim % n, end_dim % n
    if first > last:
        raise ValueError(
            f"flatten: expected a start_dim that is not after end_dim, but got {start_dim} and {end_dim} "
            f"for shape {input.shape}."
        )
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))
