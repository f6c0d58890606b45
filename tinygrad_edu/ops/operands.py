"""What functions that are made of ops are called with: Tensors, arrays, and what becomes an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import agree, as_array, get_default_dtype
from ..engine import is_tensor
from ..shapes import Axes, Shape
from .casting import astype


def operand(x: Any) -> Any:
    """A Tensor as it is, anything else as an array."""
    return x if is_tensor(x) else as_array(x)


def required(name: str, **arrays: Any) -> None:
    """Raise if one of them is None, for a function made of ops, which may look at a shape before an op does."""
    for what, x in arrays.items():
        if x is None:
            raise TypeError(f"{name}: expected a Tensor, an array or a number as {what}, but got None.")


def constant(name: str, what: str, x: Any) -> Any:
    """The array of an argument that gets no gradient; an error if it is a Tensor that waits for one."""
    if getattr(x, "requires_grad", False):
        raise ValueError(
            f"{name}: expected {what} without a gradient, as there is no derivative for them, but got a Tensor that "
            f"requires grad, shape {x.shape}. Detach it: t.detach()."
        )
    return detached(x)


def operands(*inputs: Any) -> list[Any]:
    """All of them in the floating dtype that one op of them would have, so that several have it too; None stays."""
    given = [x if x is None else operand(x) for x in inputs]
    if not any(map(is_tensor, given)):
        return given
    dtypes = {x.dtype for x in given if x is not None}
    if len(dtypes) == 1 and dtypes.pop().kind == "f" and all(x is None or is_tensor(x) for x in given):
        return given  # the usual case: they agree already
    agreed = agree([detached(x) for x in given], [is_tensor(x) for x in given])
    dtype = next((x.dtype for x in agreed if x is not None and x.dtype.kind == "f"), get_default_dtype())
    return [x if x is None or x.dtype == dtype else astype(x, dtype) for x in given]


def alike(*inputs: Any) -> list[Any]:
    """All of them as what has a shape and methods; numbers and 0-d arrays follow the Tensors, integers stay.

    An op sees to that by itself; a function made of ops may give a number an axis before an op sees it.
    """
    tensors = [is_tensor(x) for x in inputs]
    if True not in tensors:
        return [operand(x) for x in inputs]
    agreed = agree([detached(x) for x in inputs], tensors)
    dtype = agreed[tensors.index(True)].dtype
    return [
        x if is_tensor(x) else np.asarray(a, dtype if isinstance(a, float) else None)
        for x, a in zip(inputs, agreed, strict=True)
    ]


def detached(x: Any) -> Any:
    """The array of a Tensor, to look at its numbers; anything else as it is."""
    return x._data if is_tensor(x) else x


def checked_axes(name: str, axis: Axes, shape: Shape, what: str = "a") -> tuple[int, ...]:
    """`axis` as indices from the front; an error if one is no whole number, does not exist or is named twice."""
    n = len(shape)
    axes: Any = range(n) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    for k in axes:
        if not isinstance(k, (int, np.integer)):
            raise TypeError(
                f"{name}: expected whole numbers as axis, but got {axis!r} for {what} {shape}. "
                f"Negative axes count from the last."
            )
        if not -n <= k < n:
            valid = f"an axis in {-n}..{n - 1}" if n else "no axis, as a 0-d array has none"
            raise np.exceptions.AxisError(
                f"{name}: expected {valid}, but got axis {k} for {what} {shape}. Negative axes count from the last."
            )
    found = tuple(int(k) % n for k in axes)
    if len(set(found)) < len(found):
        raise ValueError(
            f"{name}: expected each axis once, but got axis {axis} for {what} {shape}. Leave out the second."
        )
    return found


def checked_axis(name: str, axis: int, shape: Shape, what: str = "a") -> int:
    """The one axis as an index from the front."""
    if not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number as axis, but got {axis!r} for {what} {shape}. Name one axis.")
    return checked_axes(name, axis, shape, what)[0]
