"""Ops that change what a tensor is, not its numbers: dtype, copy, history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from ..engine import differentiable, nondifferentiable

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


@differentiable(lambda g, y, x: g, kind="elementwise")
def copy(x: Operand) -> Any:
    """The same numbers in memory of their own.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.copy(tg.Tensor([1.0, 2.0]))
    Tensor([1., 2.])
    """
    return np.array(x)


@nondifferentiable()
def detach(x: Operand) -> Any:
    """The same array without the history: shared memory, no gradient.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.detach(tg.Tensor([1.0], requires_grad=True) * 2).requires_grad
    False
    """
    return x


@differentiable(lambda g, y, x, dtype: g, kind="elementwise")  # the engine casts a gradient to the dtype of its input
def _cast(x: Operand, dtype: DTypeLike) -> Any:
    return np.asarray(x).astype(dtype)


@nondifferentiable()
def _convert(x: Operand, dtype: DTypeLike) -> Any:
    return np.asarray(x).astype(dtype)


def astype(x: Operand, dtype: DTypeLike) -> Tensor:
    """The numbers in another dtype, in memory of their own; differentiable between floating dtypes.

    Raises
    ------
    TypeError
        For a dtype that holds no real numbers.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.astype(tg.Tensor([1.5, 2.5]), "int64")
    Tensor([1, 2])
    """
    if np.dtype(dtype).kind not in "fiub":
        raise TypeError(
            f"astype: expected a floating, integer or boolean dtype, but got {np.dtype(dtype)}. "
            f"Use float32, for example."
        )
    return (_cast if np.dtype(dtype).kind == "f" else _convert)(x, dtype)
