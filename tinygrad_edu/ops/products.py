"""Products of arrays over chosen axes: dot, inner, outer, tensordot, kron, cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .linalg import matmul
from .operands import alike
from .shape import transpose

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any
Summed = int | Sequence[Any]  # how many axes tensordot sums over, or which of a and which of b


@differentiable(
    lambda g, y, a, b: (g @ b.reshape(-1)).reshape(a.shape),
    lambda g, y, a, b: (a.reshape(-1) @ g).reshape(b.shape),
    symbol="⊗",
)
def outer(a: Operand, b: Operand) -> Any:
    """Every element of a times every element of b.  (n), (m) -> (n, m); more axes are raveled.

    Gradient: ``g @ b`` for a and ``a @ g`` for b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.outer(tg.Tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    return np.outer(a, b)


def _summed(axes: Summed, a: int, b: int) -> tuple[list[int], list[int]]:
    """Which axes of a and of b tensordot sums over, for arrays of so many axes."""
    if isinstance(axes, (int, np.integer)):
        return list(range(a - int(axes), a)), list(range(int(axes)))
    first, second = ([int(x)] if isinstance(x, (int, np.integer)) else [*map(int, x)] for x in axes)
    return [x % a for x in first], [x % b for x in second]


def _others(axes: Sequence[int], ndim: int) -> list[int]:
    return [x for x in range(ndim) if x not in axes]


def _tensordot_a(g: Any, a: Any, b: Any, axes: Summed) -> Any:
    """``g`` times b over the axes that g has from b."""
    of_a, of_b = _summed(axes, a.ndim, b.ndim)
    rest_a, rest_b = _others(of_a, a.ndim), _others(of_b, b.ndim)
    # (rest_a, rest_b), b -> (rest_a, the summed axes in the order of b)
    ga = tensordot(g, b, (range(len(rest_a), g.ndim), rest_b))
    return transpose(ga, shapes.inverse_permutation(rest_a + [of_a[i] for i in np.argsort(of_b)]))


def _tensordot_b(g: Any, a: Any, b: Any, axes: Summed) -> Any:
    """a times ``g`` over the axes that g has from a."""
    of_a, of_b = _summed(axes, a.ndim, b.ndim)
    rest_a, rest_b = _others(of_a, a.ndim), _others(of_b, b.ndim)
    # a, (rest_a, rest_b) -> (the summed axes in the order of a, rest_b)
    gb = tensordot(a, g, (rest_a, range(len(rest_a))))
    return transpose(gb, shapes.inverse_permutation([of_b[i] for i in np.argsort(of_a)] + rest_b))


def _tensordot_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    axes, (a, b) = params["axes"], found
    if isinstance(axes, (int, np.integer)) and not 0 <= axes <= min(len(a), len(b)):
        most = min(len(a), len(b))
        return f"{name}: expected axes in 0..{most} for {shapes.listed(names, found)}, but got {axes}."
    of_a, of_b = _summed(axes, len(a), len(b))
    named = [] if isinstance(axes, (int, np.integer)) else np.atleast_1d(axes[0]).tolist()
    if any(not -len(a) <= x < len(a) for x in named) or any(
        not -len(b) <= x < len(b) for x in (np.atleast_1d(axes[1]).tolist() if named else [])
    ):
        return f"{name}: expected axes that are there, but got axes={axes} for {shapes.listed(names, found)}."
    if len(of_a) != len(of_b):
        return f"{name}: expected as many axes of a as of b, but got axes={axes}. They are summed in pairs."
    for i, k in zip(of_a, of_b, strict=True):
        if a[i] != b[k]:
            return (
                f"{name}: expected axes of equal sizes, but got {shapes.listed(names, found)}: {a[i]} != {b[k]} on "
                f"axis {i} of a and axis {k} of b. Name other axes."
            )
    return None


@differentiable(
    lambda g, y, a, b, axes: _tensordot_a(g, a, b, axes),
    lambda g, y, a, b, axes: _tensordot_b(g, a, b, axes),
    symbol="⊗",
    explain=_tensordot_error,
)
def tensordot(a: Operand, b: Operand, axes: Summed = 2) -> Any:
    """The product of a and b, summed over pairs of axes: (rest of a, rest of b).

    Gradient: ``g`` and the other array, multiplied and summed over the axes that g has from it.

    Parameters
    ----------
    a, b : Tensor or array
    axes : int, or pair of ints or of sequences of ints
        How many: the last of a with the first of b. Or which: ``(axes of a, axes of b)``.

    Raises
    ------
    ValueError
        If the sizes of a pair differ, or an axis is missing.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.tensordot(tg.ones((2, 3, 4)), tg.ones((4, 3, 5)), axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    return np.tensordot(a, b, axes)  # type: ignore[arg-type]


def dot(a: Operand, b: Operand) -> Tensor:
    """The product of two vectors, of two matrices, or of a number and an array.

    ``sum(a[..., k] * b[k])`` over the last axis of a and the second-to-last of b; `matmul` and ``a * b`` say which.

    Gradient: that of `multiply`, `matmul` or `tensordot`, whichever it is.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.dot(tg.Tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor(11.)
    """
    a, b = alike(a, b)
    if not (a.ndim and b.ndim):
        return a * b
    return matmul(a, b) if a.ndim < 3 and b.ndim < 3 else tensordot(a, b, (-1, -2 if b.ndim > 1 else -1))


def inner(a: Operand, b: Operand) -> Tensor:
    """The product summed over the last axes.  (..., k), (..., k) -> (... of a, ... of b)

    Gradient: that of `tensordot`; ``g * b`` and ``g * a`` for vectors.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.inner(tg.Tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor(11.)
    """
    a, b = alike(a, b)
    return tensordot(a, b, (-1, -1)) if a.ndim and b.ndim else a * b
