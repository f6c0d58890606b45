"""Numbers as the machine holds them: their parts, their neighbours, and the arithmetic of whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine import differentiable, nondifferentiable

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


@differentiable(lambda g, y, a, b: ldexp(g, b), None, kind="elementwise")
def ldexp(a: Operand, b: Operand) -> Any:
    """``a * 2**b`` for whole numbers b.

    Gradient: ``g * 2**b`` for a; none for b.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.ldexp(tg.Tensor([1.5, 2.0]), np.array([1, -1]))
    Tensor([3., 1.])
    """
    whole = np.asarray(b).astype(np.intc)  # b comes in the dtype of a
    if not np.array_equal(whole, b):
        raise TypeError(f"ldexp: expected whole numbers as exponents, but got {b!r}. Use a * 2.0**b.")
    return np.ldexp(a, whole)


@nondifferentiable()
def _exponent(x: Operand) -> Any:
    return np.frexp(x)[1]


def frexp(x: Operand) -> tuple[Tensor, Tensor]:
    """The parts m, of a size in 0.5..1, and e, a whole number, of ``x = m * 2**e``.

    Gradient: ``g * 2**-e`` of m; none of e.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> m, e = tg.frexp(tg.Tensor([3.0, -0.25]))
    >>> m, e.tolist()
    (Tensor([ 0.75, -0.5 ]), [2, -1])
    """
    e = _exponent(x)
    return ldexp(x, -e), e


@nondifferentiable()
def nextafter(a: Operand, b: Operand) -> Any:
    """The next floating number after a on the way to b.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> (tg.nextafter(tg.Tensor([1.0]), 2.0) > 1.0).tolist()
    [True]
    """
    return np.nextafter(a, b)


@nondifferentiable()
def spacing(x: Operand) -> Any:
    """How far the next floating number is.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.spacing(tg.Tensor([1.0])).tolist() == [2.0**-23]
    True
    """
    return np.spacing(x)


@nondifferentiable()
def gcd(a: Operand, b: Operand) -> Any:
    """The greatest whole number that divides both.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.gcd(tg.Tensor([12, 7]), 8)
    Tensor([4, 1])
    """
    return np.gcd(a, b)


@nondifferentiable()
def lcm(a: Operand, b: Operand) -> Any:
    """The smallest whole number that both divide.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.lcm(tg.Tensor([12, 7]), 8)
    Tensor([24, 56])
    """
    return np.lcm(a, b)


@nondifferentiable()
def bitwise_count(x: Operand) -> Any:
    """How many bits of the size of x are set.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.bitwise_count(tg.Tensor([7, 8])).tolist()
    [3, 1]
    """
    return np.bitwise_count(x)
