"""Logic, bits and questions about numbers: booleans and integers, which have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import nondifferentiable
from ..shapes import Axes
from .reduction import Mask

Operand = Any

# ---- logic ----


@nondifferentiable("∧")
def logical_and(a: Operand, b: Operand) -> Any:
    """Whether both are true, or not 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logical_and(tg.Tensor([True, False]), True)
    Tensor([ True, False])
    """
    return np.logical_and(a, b)


@nondifferentiable("∨")
def logical_or(a: Operand, b: Operand) -> Any:
    """Whether one of them is true, or not 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logical_or(tg.Tensor([True, False]), False)
    Tensor([ True, False])
    """
    return np.logical_or(a, b)


@nondifferentiable("⊕")
def logical_xor(a: Operand, b: Operand) -> Any:
    """Whether just one of them is true, or not 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logical_xor(tg.Tensor([True, False]), True)
    Tensor([False,  True])
    """
    return np.logical_xor(a, b)


@nondifferentiable("¬")
def logical_not(x: Operand) -> Any:
    """Whether it is false, or 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.logical_not(tg.Tensor([True, False]))
    Tensor([False,  True])
    """
    return np.logical_not(x)


@nondifferentiable()
def any(a: Operand, axis: Axes = None, *, keepdims: bool = False, where: Mask = True) -> Any:
    """Whether an element over `axis` is true, or not 0; False if there are none.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.any(tg.Tensor([[1.0, 0.0], [0.0, 0.0]]), axis=1)
    Tensor([ True, False])
    """
    return np.any(a, axis=axis, keepdims=keepdims, where=where)  # type: ignore[arg-type]


@nondifferentiable()
def all(a: Operand, axis: Axes = None, *, keepdims: bool = False, where: Mask = True) -> Any:
    """Whether every element over `axis` is true, or not 0; True if there are none.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.all(tg.Tensor([[1.0, 0.0], [1.0, 2.0]]), axis=1)
    Tensor([False,  True])
    """
    return np.all(a, axis=axis, keepdims=keepdims, where=where)  # type: ignore[arg-type]


# ---- questions ----


@nondifferentiable()
def isnan(x: Operand) -> Any:
    """Whether it is not a number.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isnan(tg.Tensor([1.0, float("nan")]))
    Tensor([False,  True])
    """
    return np.isnan(x)


@nondifferentiable()
def isfinite(x: Operand) -> Any:
    """Whether it is neither infinite nor NaN.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isfinite(tg.Tensor([1.0, float("inf")]))
    Tensor([ True, False])
    """
    return np.isfinite(x)


@nondifferentiable()
def isinf(x: Operand) -> Any:
    """Whether it is infinite, on either side.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isinf(tg.Tensor([1.0, float("-inf")]))
    Tensor([False,  True])
    """
    return np.isinf(x)


@nondifferentiable()
def isposinf(x: Operand) -> Any:
    """Whether it is plus infinity.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isposinf(tg.Tensor([float("inf"), float("-inf")]))
    Tensor([ True, False])
    """
    return np.isposinf(x)


@nondifferentiable()
def isneginf(x: Operand) -> Any:
    """Whether it is minus infinity.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isneginf(tg.Tensor([float("inf"), float("-inf")]))
    Tensor([False,  True])
    """
    return np.isneginf(x)


@nondifferentiable("≈")
def isclose(a: Operand, b: Operand, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether they differ by little, ``abs(a - b) <= atol + rtol * abs(b)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isclose(tg.Tensor([1.0, 2.0]), tg.Tensor([1.000001, 2.1]))
    Tensor([ True, False])
    """
    return np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@nondifferentiable("≈")
def allclose(a: Operand, b: Operand, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all elements differ by little: see `isclose`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.allclose(tg.Tensor([1.0, 2.0]), tg.Tensor([1.000001, 2.0]))
    Tensor(True)
    """
    return np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@nondifferentiable()
def array_equal(a1: Operand, a2: Operand, equal_nan: bool = False) -> Any:
    """Whether shape and elements are the same.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.array_equal(tg.Tensor([1.0, 2.0]), tg.Tensor([1.0]))
    Tensor(False)
    """
    return np.array_equal(a1, a2, equal_nan=equal_nan)


@nondifferentiable("∈")
def isin(element: Operand, test_elements: Operand, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each element is one of `test_elements`; with `invert` whether it is none of them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.isin(tg.Tensor([1, 2, 3]), [1, 3])
    Tensor([ True, False,  True])
    """
    return np.isin(element, test_elements, assume_unique, invert)


# ---- bits of integers ----


@nondifferentiable("&")
def bitwise_and(a: Operand, b: Operand) -> Any:
    """The bits that both have; for booleans whether both are true.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.bitwise_and(tg.Tensor([6, 5]), 3)
    Tensor([2, 1])
    """
    return np.bitwise_and(a, b)


@nondifferentiable("|")
def bitwise_or(a: Operand, b: Operand) -> Any:
    """The bits that one of them has; for booleans whether one of them is true.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.bitwise_or(tg.Tensor([6, 5]), 3)
    Tensor([7, 7])
    """
    return np.bitwise_or(a, b)


@nondifferentiable("^")
def bitwise_xor(a: Operand, b: Operand) -> Any:
    """The bits that just one of them has; for booleans whether just one of them is true.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.bitwise_xor(tg.Tensor([6, 5]), 3)
    Tensor([5, 6])
    """
    return np.bitwise_xor(a, b)


@nondifferentiable("~")
def invert(x: Operand) -> Any:
    """Every bit turned round, ``-x - 1``; for booleans the opposite.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.invert(tg.Tensor([True, False]))
    Tensor([False,  True])
    """
    return np.invert(x)


@nondifferentiable("<<")
def left_shift(a: Operand, b: Operand) -> Any:
    """The bits moved up by b places, ``a * 2**b``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.left_shift(tg.Tensor([1, 3]), 2)
    Tensor([ 4, 12])
    """
    return np.left_shift(a, b)


@nondifferentiable(">>")
def right_shift(a: Operand, b: Operand) -> Any:
    """The bits moved down by b places, ``a // 2**b``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.right_shift(tg.Tensor([4, 13]), 2)
    Tensor([1, 3])
    """
    return np.right_shift(a, b)
