"""Reading and writing along an axis by index, with PyTorch's names and arguments.

Nothing is written in place: each returns a new tensor. `dim` is the axis; along all others, the index expression names
each line by its number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .assignment import setitem
from .axes import flip, roll
from .indexing import getitem, put, take
from .joining import concatenate
from .operands import alike, checked_axis, detached, operand
from .scan import recurrence
from .selection import where

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _lines(name: str, index: Any, dim: int, shape: shapes.Shape, upto: shapes.Shape | None = None) -> tuple[Any, ...]:
    """The index expression that names, in each line along `dim`, the elements `index` of that line."""
    index = np.asarray(detached(index))
    place = checked_axis(name, dim, shape, "input")
    longest = shape if upto is None else upto
    fits = index.ndim == len(shape) and all(
        n <= m for k, (n, m) in enumerate(zip(index.shape, longest, strict=True)) if k != place or upto is not None
    )
    if not fits:
        what = "input" if upto is None else "src"
        raise ValueError(
            f"{name}: expected an index with as many axes as {what}, and nowhere longer"
            f"{f' except along dim={dim}' if upto is None else ''}, but got index {index.shape} and {what} {longest}."
        )
    if index.dtype.kind not in "iu" and index.size:
        raise TypeError(f"{name}: expected integers as index, but got {index.dtype}. Convert them with .astype(int).")
    wrong = index[(index < -shape[place]) | (index >= shape[place])]
    if wrong.size:
        raise IndexError(
            f"{name}: expected indices in {-shape[place]}..{shape[place] - 1} along dim={dim} of input {shape}, but "
            f"got {wrong.flat[0]}."
        )
    return tuple(
        index if k == place else np.arange(n).reshape((-1,) + (1,) * (len(shape) - k - 1))
        for k, n in enumerate(index.shape)
    )


def gather(input: Operand, dim: int, index: Operand) -> Tensor:
    """In each line along `dim`, the elements of that line with the numbers `index`.

    ``y[i, j] = input[index[i, j], j]`` for dim 0. As `take_along_axis`, where the index may be shorter on other axes.

    Gradient: ``g`` at the elements that were read, added up where one was read several times, and 0 elsewhere: the
    adjoint is `scatter_add`.

    Raises
    ------
    ValueError, IndexError
        If the index has another number of axes, is longer than the input on another axis, or out of range.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.gather(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [[1], [0]])
    Tensor([[2.],
            [3.]])
    """
    input = operand(input)
    return getitem(input, _lines("gather", index, dim, input.shape))


def _part(src: Any, index: Any) -> Any:
    """The part of `src` that an index of its shape or a smaller one speaks of."""
    shape = np.shape(detached(index))
    return src if src.shape == shape else getitem(src, tuple(slice(n) for n in shape))


def scatter(input: Operand, dim: int, index: Operand, src: Operand) -> Tensor:
    """`input` with `src` written, in each line along `dim`, at the places `index` of that line.

    ``y[index[i, j], j] = src[i, j]`` for dim 0. Of several numbers for one place the last one stays.

    Gradient: to `src` at the numbers that stayed, to `input` everywhere else.

    Parameters
    ----------
    input : Tensor or array
    dim : int
    index : array of ints
    src : Tensor, array or number
        At least as long as the index on every axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.scatter(tg.zeros((2, 3)), 1, [[2], [0]], tg.Tensor([[5.0], [6.0]]))
    Tensor([[0., 0., 5.],
            [6., 0., 0.]])
    """
    input, src = alike(input, src)
    places = _lines("scatter", index, dim, input.shape)
    if src.ndim:
        _lines("scatter", index, dim, input.shape, src.shape)
        src = _part(src, index)
    return setitem(input, src, places)


def put_along_axis(arr: Operand, indices: Operand, values: Operand, axis: int | None) -> Tensor:
    """`arr` with `values` written where `take_along_axis` would read: a new tensor, where NumPy's writes into `arr`.

    Gradient: to `values` at the numbers that stayed, to `arr` everywhere else.

    Parameters
    ----------
    arr : Tensor or array
    indices : array of ints
        With as many axes as `arr`; the axes other than `axis` broadcast.
    values : Tensor, array or number
        Broadcasts to the shape of `indices`.
    axis : int or None
        None takes `arr` raveled.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.put_along_axis(tg.zeros((2, 2)), [[1], [0]], 7.0, axis=1)
    Tensor([[0., 7.],
            [7., 0.]])
    """
    arr = operand(arr)
    indices = np.asarray(detached(indices))
    if axis is None:
        return setitem(arr.reshape(-1), values, indices).reshape(arr.shape)
    place = checked_axis("put_along_axis", axis, arr.shape, "arr")
    wide = tuple(indices.shape[k] if k == place else n for k, n in enumerate(arr.shape))
    try:
        indices = np.broadcast_to(indices, wide)
    except ValueError:
        raise ValueError(
            f"put_along_axis: expected indices that broadcast to arr on every axis but {axis}, but got arr {arr.shape} "
            f"and indices {indices.shape}."
        ) from None
    return setitem(arr, values, _lines("put_along_axis", indices, axis, arr.shape))


def scatter_add(input: Operand, dim: int, index: Operand, src: Operand) -> Tensor:
    """`input` with `src` added, in each line along `dim`, at the places `index` of that line.

    Gradient: ``g`` for `input`; for `src` the ``g`` of its places: the adjoint is `gather`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.scatter_add(tg.zeros(3), 0, [0, 2, 2], tg.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.])
    """
    input, src = alike(input, src)
    places = _lines("scatter_add", index, dim, input.shape)
    _lines("scatter_add", index, dim, input.shape, src.shape)
    return input + put(_part(src, index), places, input.shape)


def index_add(input: Operand, dim: int, index: Operand, source: Operand, *, alpha: float = 1) -> Tensor:
    """`input` with the slices of ``alpha * source`` along `dim` added to its slices with the numbers `index`.

    Gradient: ``g`` for `input`; for `source` alpha times the ``g`` of its places: the adjoint is `index_select`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.index_add(tg.zeros((2, 2)), 0, [1, 1], tg.ones((2, 2)))
    Tensor([[0., 0.],
            [2., 2.]])
    """
    input, source = alike(input, source)
    place = checked_axis("index_add", dim, input.shape, "input")
    index, n = np.asarray(detached(index)).reshape(-1), input.shape[place]
    wrong = index[(index < -n) | (index >= n)]
    if wrong.size:
        raise IndexError(
            f"index_add: expected indices in {-n}..{n - 1} along dim={dim} of input {input.shape}, but got {wrong[0]}."
        )
    wanted = (*input.shape[:place], index.size, *input.shape[place + 1 :])
    if source.shape != wanted:
        raise ValueError(
            f"index_add: expected a source of shape {wanted}, one slice for each index, but got {source.shape} for "
            f"input {input.shape} and index {index.shape}."
        )
    return input + put(source if alpha == 1 else source * alpha, (slice(None),) * place + (index,), input.shape)


def index_select(input: Operand, dim: int, index: Operand) -> Tensor:
    """The slices along `dim` with the numbers `index`: `take` by PyTorch's name.

    Gradient: ``g`` at the slices that were taken, added up where one was taken several times: the adjoint is
    `index_add`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.index_select(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), 1, [1])
    Tensor([[2.],
            [4.]])
    """
    return take(input, np.asarray(detached(index)).reshape(-1), dim)


def masked_fill(input: Operand, mask: Operand, value: Operand) -> Tensor:
    """`value`, a number, where `mask` is true, `input` elsewhere.

    Gradient: ``g`` to the one that was taken, 0 to the other.

    Raises
    ------
    TypeError, ValueError
        If the mask is not boolean, or `value` has axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, -2.0])
    >>> tg.masked_fill(x, x < 0, 0.0)
    Tensor([1., 0.])
    """
    kind = np.asarray(detached(mask)).dtype
    if kind != np.bool_:
        raise TypeError(f"masked_fill: expected a boolean mask, but got {kind}. Compare: mask != 0.")
    if np.ndim(detached(value)):
        raise ValueError(f"masked_fill: expected a number, but got value {np.shape(detached(value))}. Use where.")
    return where(mask, value, input)


def _shared(g: Any, y: Any, a: Any, src: Any, index: Any) -> Any:
    """``g`` divided by how many numbers are the extreme one at their place."""
    ties = (a == y) + put((src == getitem(y, index)) * 1.0, index, y.shape)
    return g / where(ties == 0, 1.0, ties).astype(g.dtype)


@differentiable(
    lambda g, y, a, src, index, largest: where(a == y, _shared(g, y, a, src, index), 0.0),
    lambda g, y, a, src, index, largest: where(
        src == getitem(y, index), getitem(_shared(g, y, a, src, index), index), 0.0
    ),
    kind="selection",
)
def extreme_at(a: Operand, src: Operand, index: Any, largest: bool) -> Any:
    """The greatest, or the smallest, of ``a[index]`` and all of `src` that go there.

    Gradient: to the extreme one; equal ones share it.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.scattering import extreme_at
    >>> extreme_at(np.zeros(2), np.array([3.0, 5.0]), np.array([1, 1]), True)
    array([0., 5.])
    """
    out = np.array(a)
    (np.maximum if largest else np.minimum).at(out, index, src)
    return out


def _others(y: Any, a: Any, src: Any, index: Any) -> tuple[Any, Any]:
    """For each number of `a` and of `src` the product of all others that met at its place."""
    if not ((a == 0).any() or (src == 0).any()):
        return y / a, getitem(y, index) / src
    numbers = np.arange(shapes.count(a.shape))
    places = np.concatenate([numbers, numbers.reshape(a.shape)[index].ravel()])
    order = np.argsort(places, kind="stable")  # now those of one place stand side by side
    row = take(concatenate([a.ravel(), src.ravel()]), order)
    first = np.diff(places[order], prepend=-1) > 0
    before = recurrence(where(first, 0.0, roll(row, 1)), first.astype(row.dtype))
    last = np.roll(first, -1)
    after = flip(recurrence(flip(where(last, 0.0, roll(row, -1))), flip(last).astype(row.dtype)))
    found = take(before * after, np.argsort(order))
    return found[: numbers.size].reshape(a.shape), found[numbers.size :].reshape(src.shape)


@differentiable(
    lambda g, y, a, src, index: g * _others(y, a, src, index)[0],
    lambda g, y, a, src, index: getitem(g, index) * _others(y, a, src, index)[1],
)
def product_at(a: Operand, src: Operand, index: Any) -> Any:
    """The product of ``a[index]`` and all of `src` that go there.

    Gradient: ``g`` times the product of the others, also where there are zeros.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.scattering import product_at
    >>> product_at(np.ones(2), np.array([3.0, 5.0]), np.array([1, 1]))
    array([ 1., 15.])
    """
    out = np.array(a)
    np.multiply.at(out, index, src)
    return out


# What a place holds that is not to count itself.
_NEUTRAL = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "amax": -math.inf, "amin": math.inf}


def scatter_reduce(
    input: Operand, dim: int, index: Operand, src: Operand, reduce: str, *, include_self: bool = True
) -> Tensor:
    """`input` reduced with all of `src` that go, in each line along `dim`, to the places `index` of that line.

    Gradient: that of the sum, product, mean or extreme of what met at a place; equal extremes share it.

    Parameters
    ----------
    input, src : Tensor or array
    dim : int
    index : array of ints
        Nowhere longer than `src`.
    reduce : {"sum", "prod", "mean", "amax", "amin"}
    include_self : bool
        Whether the number of `input` at a place counts, if others go there.

    Raises
    ------
    ValueError, IndexError
        If `reduce` is unknown, or the index does not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.scatter_reduce(tg.ones(2), 0, [0, 0, 1], tg.Tensor([3.0, 5.0, 7.0]), "mean")
    Tensor([3., 4.])
    """
    if reduce not in _NEUTRAL:
        raise ValueError(f"scatter_reduce: expected one of {', '.join(_NEUTRAL)} as reduce, but got {reduce!r}.")
    input, src = alike(input, src)
    places = _lines("scatter_reduce", index, dim, input.shape)
    _lines("scatter_reduce", index, dim, input.shape, src.shape)
    src = _part(src, index)
    base = input if include_self else setitem(input, _NEUTRAL[reduce], places)
    if reduce in ("amax", "amin"):
        return extreme_at(base, src, places, reduce == "amax")
    if reduce == "prod":
        return product_at(base, src, places)
    total = base + put(src, places, input.shape)
    if reduce == "sum":
        return total
    met = put(np.ones(src.shape), places, input.shape)
    count = met + 1 if include_self else np.maximum(met, 1)
    return total / count.astype(total.dtype)
