"""Grids, and arrays with parts put in or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .axes import moveaxis
from .indexing import take
from .joining import concatenate
from .operands import alike, checked_axis, detached, operand
from .shape import broadcast_arrays, broadcast_to, ravel, reshape

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def meshgrid(
    *xi: Operand,
    copy: bool = True,  # noqa: ARG001 - NumPy's argument
    sparse: bool = False,
    indexing: str = "xy",
) -> tuple[Tensor, ...]:
    """The coordinates of all points of a grid, from the coordinates along each axis.

    Gradient: to each coordinate the sum of ``g`` over the points that have it.

    Parameters
    ----------
    *xi : vectors
    copy : bool
        Without a meaning here: results are views where they can be.
    sparse : bool
        Whether each result has length 1 along the axes of the others, for broadcasting.
    indexing : {"xy", "ij"}
        Whether the first vector runs along axis 1, as x in a picture, or along axis 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x, y = tg.meshgrid(tg.arange(3), tg.arange(2))
    >>> x
    Tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: expected indexing 'xy' or 'ij', but got {indexing!r}.")
    count = len(xi)
    places = list(range(count))
    if indexing == "xy" and count > 1:
        places[:2] = [1, 0]
    grids = tuple(
        reshape(operand(x), [-1 if k == place else 1 for k in range(count)])
        for x, place in zip(xi, places, strict=True)
    )
    return grids if sparse or not grids else broadcast_arrays(*grids)


def delete(arr: Operand, obj: Any, axis: int | None = None) -> Tensor:
    """The array without the elements, or slices along `axis`, that `obj` names.

    Gradient: ``g`` at what is left, 0 at what was left out.

    Parameters
    ----------
    arr : Tensor or array
    obj : int, slice or array of ints or bools
    axis : int, optional
        None takes them from the raveled array.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.delete(tg.Tensor([1.0, 2.0, 3.0]), 1)
    Tensor([1., 3.])
    """
    arr, axis = (ravel(arr), 0) if axis is None else (operand(arr), axis)
    place = checked_axis("delete", axis, arr.shape, "arr")
    n = arr.shape[place]
    try:
        left = np.delete(np.arange(n), detached(obj))
    except (IndexError, ValueError) as error:
        raise IndexError(
            f"delete: expected places in {-n}..{n - 1} along axis {axis} of arr {arr.shape}: {error}."
        ) from None
    return take(arr, left, place)


def insert(arr: Operand, obj: Any, values: Operand, axis: int | None = None) -> Tensor:
    """The array with `values` put in before the places `obj` along `axis`.

    Gradient: to each of the two the part of ``g`` that it became.

    Parameters
    ----------
    arr : Tensor or array
    obj : int, slice or sequence of ints
        Places in the old array.
    values : Tensor, array or number
        What to put in; it broadcasts.
    axis : int, optional
        None takes the raveled array.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.insert(tg.Tensor([1.0, 2.0]), 1, 9.0)
    Tensor([1., 9., 2.])
    """
    arr, values = alike(arr, values)
    arr, axis = (ravel(arr), 0) if axis is None else (arr, axis)
    place = checked_axis("insert", axis, arr.shape, "arr")
    n, obj = arr.shape[place], detached(obj)
    if not isinstance(obj, slice) and np.size(obj) and np.asarray(obj).dtype.kind not in "iub":
        raise TypeError(f"insert: expected whole numbers or a mask as obj, but got {obj!r}. Round them.")
    values = reshape(values, (1,) * (arr.ndim - values.ndim) + values.shape) if values.ndim < arr.ndim else values
    if isinstance(obj, (int, np.integer)) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        values, obj = moveaxis(values, 0, place), int(obj)  # NumPy's rule for a single place
        count = values.shape[place]
    else:
        count = len(range(*obj.indices(n))) if isinstance(obj, slice) else np.size(obj)
        if np.asarray(obj).dtype == np.bool_:
            count = int(np.sum(obj))
        count = values.shape[place] if count == 1 else count
    try:
        order = np.insert(np.arange(n), obj, n + np.arange(count))
        values = broadcast_to(values, (*arr.shape[:place], count, *arr.shape[place + 1 :]))
    except (IndexError, ValueError) as error:
        kind = IndexError if isinstance(error, IndexError) else ValueError
        raise kind(
            f"insert: expected places in {-n}..{n} along axis {axis} and values that broadcast, but got obj={obj!r} "
            f"and values {values.shape} for arr {arr.shape}: {error}."
        ) from None
    return take(concatenate([arr, values], place), order, place)
