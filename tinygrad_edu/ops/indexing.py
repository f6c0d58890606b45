"""Ops that read and write parts of an array, as pairs of adjoints: what one reads, the other adds in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable, is_tensor

Operand = Any

_BASIC = (int, slice, type(None), type(Ellipsis))

# A pair of real numbers is one complex number to NumPy's indexed addition, which costs the same for both.
_PAIRS = {np.dtype(np.float32): np.complex64, np.dtype(np.float64): np.complex128}


def plain_index(index: Any) -> Any:
    """`index` with arrays in place of Tensors and lists, also inside a tuple."""
    if type(index) in _BASIC:
        return index
    if isinstance(index, tuple):
        return tuple(map(plain_index, index))
    if is_tensor(index):
        return index._data
    return np.asarray(index, dtype=None if len(index) else np.intp) if isinstance(index, list) else index


def add_at(buffer: np.ndarray, g: Any, index: Any) -> None:
    """``buffer[index] += g``, where an element that is named several times gets every share."""
    if type(index) is int and buffer.ndim > 1:
        row = buffer[index]  # a view: adding to it is all there is to do
        row += g
        return
    if names_once(index):
        buffer[index] += g
    elif np.size(g) < 1000 or not buffer.flags.c_contiguous:
        np.add.at(buffer, index, g)
    else:
        _add_rows(buffer, g, index)


def names_once(index: Any) -> bool:
    """Whether `index` holds numbers, slices, None, Ellipsis and masks only, and so names each element once at most."""
    for part in index if type(index) is tuple else (index,):
        basic = type(part) in _BASIC or getattr(part, "dtype", None) == np.bool_
        if not basic:
            return False
    return True


def _add_rows(buffer: np.ndarray, g: Any, index: Any) -> None:
    """`add_at` for many numbers: all places as one flat list of integers, the only kind that `np.add.at` is fast for.

    100,000 rows of 64 float32 took 56 ms by ``np.add.at(buffer, index, g)``, 18 ms flat, 9 ms flat and in pairs.
    """
    rows, width = _rows(buffer.shape, index)
    flat, g = buffer.reshape(-1), np.ascontiguousarray(g, buffer.dtype).reshape(-1)
    if width % 2 == 0 and buffer.dtype in _PAIRS:
        pair = _PAIRS[buffer.dtype]
        flat, g, width = flat.view(pair), g.view(pair), width // 2
    places = rows if width == 1 else (rows[:, None] * width + np.arange(width)).reshape(-1)
    np.add.at(flat, places, g)


def _rows(shape: shapes.Shape, index: Any) -> tuple[np.ndarray, int]:
    """The rows that `index` names, one after the other, and their width: how many numbers follow the indexed axes."""
    parts = index if isinstance(index, tuple) else (index,)
    whole = 0
    while whole < len(parts) and isinstance(parts[whole], slice) and parts[whole] == slice(None):
        whole += 1
    if all(isinstance(part, np.ndarray) and part.dtype.kind in "iu" for part in parts[whole:]):
        return _numbered(shape, parts[whole:], whole), shapes.count(shape[len(parts) :])
    depth = len(shape) if any(part is Ellipsis for part in parts) else sum(_depth(part) for part in parts)
    numbers = np.arange(shapes.count(shape[:depth])).reshape(shape[:depth])
    return numbers[index].reshape(-1), shapes.count(shape[depth:])


def _numbered(shape: shapes.Shape, parts: Sequence[np.ndarray], whole: int) -> np.ndarray:
    """`_rows` for whole axes followed by arrays of integers: place times length plus place, axis after axis."""
    ndim = max(part.ndim for part in parts)
    rows: Any = np.intp(0)
    for k, n in enumerate(shape[: whole + len(parts)]):
        if k < whole:
            place = np.arange(n).reshape((n,) + (1,) * (whole - k - 1 + ndim))
        else:
            place = parts[k - whole].astype(np.intp, copy=False)  # in a narrow dtype these numbers would overflow
            place = np.where(place < 0, place + n, place)
        rows = rows * n + place
    return np.asarray(rows).reshape(-1)


def _depth(part: Any) -> int:
    """How many axes a part of an index goes through."""
    if part is None:
        return 0
    return int(np.ndim(part)) if getattr(part, "dtype", None) == np.bool_ else 1


def _index_error(name: str, _: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    """What to say when an index does not fit."""
    index, shape = params["index"], found[0]
    parts = index if isinstance(index, tuple) else (index,)
    depth = sum(_depth(part) for part in parts if part is not Ellipsis)
    if depth > len(shape):
        return (
            f"{name}: expected at most {len(shape)} indices for a tensor of shape {shape}, but got {depth}: "
            f"{_shown(parts)}. Leave out {depth - len(shape)}."
        )
    axis = 0
    for i, part in enumerate(parts):
        if isinstance(part, (str, bytes, float, np.ndarray, np.generic)) and np.asarray(part).dtype.kind not in "iub":
            return (
                f"{name}: expected integers, slices, ..., None or arrays of integers or bools as indices, but "
                f"got {part!r} for shape {shape}. Round floats and convert: i.astype(int)."
            )
        if part is Ellipsis:
            axis = len(shape) - sum(_depth(later) for later in parts[i + 1 :])
            continue
        if isinstance(part, np.ndarray) and part.dtype == np.bool_ and part.shape != shape[axis : axis + part.ndim]:
            return (
                f"{name}: expected a mask of the shape it is applied to, {shape[axis : axis + part.ndim]}, "
                f"but got {part.shape}. A mask says yes or no for each element."
            )
        if isinstance(part, (int, np.integer, np.ndarray)) and np.size(part) and part is not True and part is not False:
            n, wrong = shape[axis], np.asarray(part)
            if wrong.dtype.kind in "iu":
                out = wrong[(wrong < -n) | (wrong >= n)]
                if out.size:
                    return (
                        f"{name}: expected an index in {-n}..{n - 1} for axis {axis} of shape {shape}, but got "
                        f"{out.flat[0]}. Negative indices count from the last."
                    )
        axis += _depth(part)
    return None


def _no_rule(*_: Any) -> None:
    """For ops whose arrays need not broadcast: the text is NumPy's."""


def _shown(parts: tuple[Any, ...]) -> str:
    text = ", ".join("..." if p is Ellipsis else repr(p) for p in parts)
    return text if len(text) < 60 else text[:57] + "..."


@differentiable(
    lambda g, y, a, index: put(g, index, a.shape),
    into=lambda buffer, g, a, index: add_at(buffer, g, index),
    gathered=lambda gs, a, params: put_all(gs, [p["index"] for p in params], a.shape),
    symbol="[ ]",
    explain=_index_error,
    kind="selection",
)
def getitem(a: Operand, index: Any) -> Any:
    """``a[index]`` with every kind of index that NumPy knows.

    Gradient: ``g`` at the elements that were read, added up where one was read several times, and 0 elsewhere.

    Raises
    ------
    IndexError
        If an index is out of range, there are too many, or a mask has another shape.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.getitem(tg.arange(5), [0, 2, 2])
    Tensor([0, 2, 2])
    """
    return a[index]


@differentiable(lambda g, y, a, index, shape: getitem(g, index), kind="rearrangement")
def put(a: Operand, index: Any, shape: shapes.Shape) -> Any:
    """Zeros of `shape` with `a` added in at `index`: the adjoint of `getitem`.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.indexing import put
    >>> put(np.ones(3), np.array([0, 2, 2]), (4,))
    array([1., 0., 2., 0.])
    """
    out = np.zeros(shape, np.asarray(a).dtype)
    add_at(out, a, index)
    return out


@differentiable(each=lambda g, y, i, arrays, indices, shape: getitem(g, indices[i]), kind="rearrangement")
def put_all(arrays: Sequence[Operand], indices: Sequence[Any], shape: shapes.Shape) -> Any:
    """Zeros of `shape` with each of `arrays` added in at its own index: the sum of as many `put`.

    Gradient: to each array, ``g`` at its index.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.indexing import put_all
    >>> put_all([np.array(1.0), np.ones(2)], [3, slice(2)], (4,))
    array([1., 1., 0., 1.])
    """
    out = np.zeros(shape, np.result_type(*arrays))
    for a, index in zip(arrays, indices, strict=True):
        add_at(out, a, index)
    return out


def _misread(name: str, indices: Any, axis: int | None, shape: shapes.Shape) -> str:
    """What to say of the first of `indices` that is not there."""
    indices, n = np.asarray(indices), shapes.count(shape, axis)
    if indices.dtype.kind not in "iu":
        return f"{name}: expected integer indices, but got {indices.dtype}. Convert them with .astype(int)."
    got = indices[(indices < -n) | (indices >= n)].flat[0]
    place = f"the {n} elements" if axis is None else f"axis {axis}"
    return (
        f"{name}: expected indices in {-n}..{n - 1} for {place} of shape {shape}, but got {got}. "
        f"Negative indices count from the last."
    )


def _places(indices: Any, axis: int | None, mode: str, shape: shapes.Shape) -> Any:
    """The index expression of ``take(a, indices, axis, mode)``, for `a` raveled where axis is None."""
    indices, n = np.asarray(plain_index(indices)).astype(np.intp, copy=False), shapes.count(shape, axis)
    if mode != "raise":
        indices = indices % n if mode == "wrap" else np.clip(indices, 0, n - 1)
    return indices if axis is None else (slice(None),) * (axis % len(shape)) + (indices,)


def _put_taken(g: Any, shape: shapes.Shape, indices: Any, axis: int | None, mode: str) -> Any:
    """`g` added in where `take` has read."""
    places = _places(indices, axis, mode, shape)
    return put(g, places, shape) if axis is not None else put(g, places, (shapes.count(shape),)).reshape(shape)


def _add_taken(buffer: np.ndarray, g: Any, a: Any, indices: Any, axis: int | None, mode: str) -> None:
    """The same, into a buffer."""
    if axis is not None:
        add_at(buffer, g, _places(indices, axis, mode, a.shape))
    elif buffer.flags.c_contiguous:
        add_at(buffer.reshape(-1), g, _places(indices, axis, mode, a.shape))
    else:
        buffer += _put_taken(g, a.shape, indices, axis, mode)


@differentiable(
    lambda g, y, a, indices, axis, mode: _put_taken(g, a.shape, indices, axis, mode),
    None,
    into=_add_taken,
    explain=_no_rule,
    kind="selection",
)
def take(a: Operand, indices: Operand, axis: int | None = None, mode: str = "raise") -> Any:
    """The elements, or slices along `axis`, with the numbers `indices`.

    Gradient: ``g`` at what was taken, added up where it was taken several times, and 0 elsewhere.

    Parameters
    ----------
    a : Tensor or array
    indices : array of ints
    axis : int, optional
        None takes from the raveled array.
    mode : {"raise", "wrap", "clip"}
        What to do with an index that is out of range.

    Returns
    -------
    Tensor or array
        With the shape of `indices` in place of `axis`.

    Raises
    ------
    IndexError, TypeError
        If an index is out of range and `mode` is "raise", or no integer.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.take(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1, 0, 1], axis=0)
    Tensor([[3., 4.],
            [1., 2.],
            [3., 4.]])
    """
    indices = np.asarray(indices)
    if indices.dtype.kind == "f" and indices.size:  # a list of them NumPy would cut off
        raise TypeError(_misread("take", indices, axis, ()))
    try:
        return np.take(a, indices.astype(np.intp, copy=False), axis, mode=mode)  # type: ignore[call-overload]
    except np.exceptions.AxisError:
        raise
    except IndexError:
        raise IndexError(_misread("take", indices, axis, np.shape(a))) from None


def _unlike(name: str, shape: shapes.Shape, indices: shapes.Shape, axis: int | None) -> str:
    return (
        f"{name}: expected indices that broadcast to arr on every axis but {axis}, but got arr {shape} and indices "
        f"{indices}. Give one index for each line, e.g. with keepdims=True in argmax."
    )


def along(indices: Any, axis: int, shape: shapes.Shape) -> tuple[np.ndarray, ...]:
    """The index expression that names, in each line along `axis`, the elements `indices` of that line."""
    indices = np.asarray(plain_index(indices))
    axis %= len(shape)
    grid = [
        np.arange(n).reshape((1,) * k + (n,) + (1,) * (len(shape) - k - 1)) if k != axis else indices
        for k, n in enumerate(shape)
    ]
    return tuple(grid)


def _put_along(g: Any, shape: shapes.Shape, indices: Any, axis: int | None) -> Any:
    """`g` added in where `take_along_axis` has read."""
    if axis is None:
        return put(g, np.asarray(plain_index(indices)), (shapes.count(shape),)).reshape(shape)
    return put(g, along(indices, axis, shape), shape)


@differentiable(
    lambda g, y, arr, indices, axis: _put_along(g, arr.shape, indices, axis), None, explain=_no_rule, kind="selection"
)
def take_along_axis(arr: Operand, indices: Operand, axis: int | None = -1) -> Any:
    """In each line along `axis`, the elements of that line with the numbers `indices`.

    ``y[i, j] = arr[indices[i, j], j]`` for axis 0; it reads what argmax, argsort and their kin have found.

    Gradient: ``g`` at the elements that were read, added up where one was read several times, and 0 elsewhere.

    Parameters
    ----------
    arr : Tensor or array
    indices : array of ints
        With as many axes as `arr`; the axes other than `axis` broadcast.
    axis : int, optional
        None takes from the raveled array.

    Raises
    ------
    IndexError
        If an index is out of range.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([[1.0, 5.0], [4.0, 3.0]])
    >>> tg.take_along_axis(x, [[1], [0]], axis=1)
    Tensor([[5.],
            [4.]])
    """
    try:
        return np.take_along_axis(arr, np.asarray(indices), axis)
    except np.exceptions.AxisError:
        raise
    except IndexError as error:
        if "broadcast" in str(error):
            raise ValueError(_unlike("take_along_axis", np.shape(arr), np.shape(indices), axis)) from None
        raise IndexError(_misread("take_along_axis", indices, axis, np.shape(arr))) from None
