"""Convolution and correlation of two vectors. The gradient of a convolution is a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable
from .axes import flip
from .operands import alike
from .shape import reshape

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


@differentiable(
    lambda g, y, a, v: convolve_full(g, flip(v))[v.size - 1 : v.size - 1 + a.size],
    lambda g, y, a, v: convolve_full(g, flip(a))[a.size - 1 : a.size - 1 + v.size],
    symbol="*",
)
def convolve_full(a: Operand, v: Operand) -> Any:
    """``y[k] = sum(a[i] * v[k - i] over i)``, wherever the two overlap.  (n), (m) -> (n + m - 1)

    Gradient: ``g`` convolved with the other vector turned round, where they overlap in full.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.correlation import convolve_full
    >>> convolve_full(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, 10.0]))
    Tensor([ 1., 12., 20.])
    """
    return np.convolve(a, v)


def _checked(name: str, a: Operand, v: Operand, mode: str) -> list[Any]:
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"{name}: expected mode 'full', 'same' or 'valid', but got {mode!r}.")
    a, v = (x if x.ndim else reshape(x, 1) for x in alike(a, v))  # a number is a vector of one, as in NumPy
    if a.ndim != 1 or v.ndim != 1 or not a.size or not v.size:
        raise ValueError(
            f"{name}: expected two vectors with elements, but got a {a.shape} and v {v.shape}. "
            f"For images there is nn.functional.conv2d."
        )
    return [a, v]


def convolve(a: Operand, v: Operand, mode: str = "full") -> Tensor:
    """The convolution of two vectors: ``y[k] = sum(a[i] * v[k - i] over i)``.

    Gradient: ``g`` correlated with the other vector.

    Parameters
    ----------
    a, v : vectors, (n) and (m)
    mode : {"full", "same", "valid"}
        All n + m - 1 places where they overlap; the max(n, m) in the middle; those where they overlap in full.

    Raises
    ------
    ValueError
        If one is no vector or empty, or the mode is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.convolve(tg.Tensor([1.0, 2.0, 3.0]), [1.0, 1.0], mode="valid")
    Tensor([3., 5.])
    """
    a, v = _checked("convolve", a, v, mode)
    y = convolve_full(a, v)
    short, long = sorted((a.size, v.size))
    if mode == "full":
        return y
    return y[(short - 1) // 2 :][:long] if mode == "same" else y[short - 1 : long]


def correlate(a: Operand, v: Operand, mode: str = "valid") -> Tensor:
    """The correlation of two vectors: ``y[k] = sum(a[i + k] * v[i] over i)``.

    Gradient: for a, ``g`` convolved with v; for v, a correlated with ``g``.

    Parameters
    ----------
    a, v : vectors, (n) and (m)
    mode : {"valid", "same", "full"}
        As in `convolve`.

    Raises
    ------
    ValueError
        If one is no vector or empty, or the mode is unknown.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.correlate(tg.Tensor([1.0, 2.0, 3.0]), [0.0, 1.0])
    Tensor([2., 3.])
    """
    a, v = _checked("correlate", a, v, mode)
    y = convolve_full(a, flip(v))
    short, long = sorted((a.size, v.size))
    if mode == "full":
        return y
    start = short // 2 if v.size > a.size else (short - 1) // 2  # NumPy exchanges them, and turns the result round
    return y[start:][:long] if mode == "same" else y[short - 1 : long]
