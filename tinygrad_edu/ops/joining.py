"""Ops that join arrays to one and cut one into several: what one does forwards, the other does to the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from ..signature import sequence
from .indexing import getitem
from .operands import alike, checked_axis, operand
from .shape import atleast_1d, atleast_2d, atleast_3d, ravel, reshape

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _along(axis: int, ndim: int, part: slice | int) -> tuple[slice | int, ...]:
    """The index that takes `part` of one axis."""
    return (slice(None),) * (axis % ndim) + (part,) if axis else (part,)


def _joined(g: Any, i: int, arrays: Sequence[Any], axis: int | None) -> Any:
    """The part of `g` that belongs to ``arrays[i]``, in its shape."""
    if axis is None:
        start = sum(x.size for x in arrays[:i])
        return reshape(g[start : start + arrays[i].size], arrays[i].shape)
    start = sum(x.shape[axis] for x in arrays[:i])
    return g[_along(axis, g.ndim, slice(start, start + arrays[i].shape[axis]))]


def _join_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    """What to say when arrays do not stand in one line along the axis."""
    axis = params["axis"]
    if not names:
        return f"{name}: expected at least one array, but got an empty sequence. Give it what shall be joined."
    if name != "stack" and not found[0]:
        return f"{name}: expected arrays of at least one axis, but got {names[0]} (). Use stack for numbers."
    for other, shape in zip(names, found, strict=True):
        place = f"{names[0]} {found[0]} and {other} {shape}"
        if len(shape) != len(found[0]):
            return (
                f"{name}: expected arrays with equally many axes, but got {place}. Put axes in, e.g. with t[None], "
                f"or join along a new axis with stack."
            )
        for k, (n, m) in enumerate(zip(found[0], shape, strict=True)):
            if n != m and (name == "stack" or k != axis % len(shape)):
                but = "" if name == "stack" else f" on every axis but {axis}"
                return (
                    f"{name}: expected arrays of equal sizes{but}, but got {place}: {n} != {m} on axis {k}. "
                    f"Cut or pad one of them."
                )
    return None


def _split_again(g: Any, axis: int | None, arrays: Sequence[Any]) -> Sequence[Any]:
    """All parts of `g` at once: one pass over the sizes, where one for each part would be quadratic."""
    if axis is None:
        ends = list(accumulate((np.size(x) for x in arrays), initial=0))
        return [g[start:stop].reshape(np.shape(x)) for x, (start, stop) in zip(arrays, pairwise(ends), strict=True)]
    ends = list(accumulate((np.shape(x)[axis] for x in arrays), initial=0))
    return [g[_along(axis, g.ndim, slice(start, stop))] for start, stop in pairwise(ends)]


@differentiable(
    each=lambda g, y, i, arrays, axis, dtype: _joined(g, i, arrays, axis),
    joint=lambda g, y, saved, *arrays, axis, dtype: _split_again(g, axis, arrays),
    explain=_join_error,
    kind="rearrangement",
)
def concatenate(arrays: Sequence[Operand], axis: int | None = 0, dtype: Any = None) -> Any:
    """The arrays one after the other along `axis`.  (..., n, ...), (..., m, ...) -> (..., n + m, ...)

    Gradient: to each array the part of ``g`` that it became: the adjoint is `split`.

    Parameters
    ----------
    arrays : sequence of Tensors or arrays
        Of equal shapes, except along `axis`.
    axis : int, optional
        None joins the raveled arrays.
    dtype : dtype, optional
        Of the result.

    Raises
    ------
    ValueError
        If the sizes differ on another axis, or there are no arrays.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.concatenate([tg.zeros(2), tg.ones(3)])
    Tensor([0., 0., 1., 1., 1.])
    """
    return np.concatenate(arrays, axis=axis, dtype=dtype)


@differentiable(
    each=lambda g, y, i, arrays, axis, dtype: g[_along(axis, g.ndim, i)],
    joint=lambda g, y, saved, *arrays, axis, dtype: np.moveaxis(g, axis, 0),  # which yields slice after slice
    explain=_join_error,
    kind="rearrangement",
)
def stack(arrays: Sequence[Operand], axis: int = 0, dtype: Any = None) -> Any:
    """The arrays side by side along a new axis at the place `axis`.  t times (n, m) -> (t, n, m)

    Gradient: to each array its slice of ``g``: the adjoint is `unstack`.

    Raises
    ------
    ValueError
        If the shapes differ, or there are no arrays.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.stack([tg.zeros(2), tg.ones(2)], axis=1)
    Tensor([[0., 1.],
            [0., 1.]])
    """
    return np.stack(arrays, axis=axis, dtype=dtype)


def unstack(x: Operand, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along `axis`, without it.  (t, n, m) -> t times (n, m)

    Gradient: the gradients of the slices, stacked.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.unstack(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    (Tensor([1., 2.]), Tensor([3., 4.]))
    """
    x = operand(x)
    place = checked_axis("unstack", axis, x.shape)
    return tuple(getitem(x, _along(place, x.ndim, i)) for i in range(x.shape[place]))


def array_split(ary: Operand, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """`ary` cut along `axis` into parts, as equal as can be.

    Gradient: the gradients of the parts, one after the other.

    Parameters
    ----------
    ary : Tensor or array
    indices_or_sections : int or sequence of ints
        How many parts, or where to cut.
    axis : int

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.array_split(tg.arange(5), 2)
    [Tensor([0, 1, 2]), Tensor([3, 4])]
    """
    return _cut("array_split", operand(ary), indices_or_sections, axis)


def _cut(name: str, ary: Any, where: int | Sequence[int], axis: int) -> list[Any]:
    """The parts of `ary` between the places `where`, each a slice: nothing is copied."""
    place = checked_axis(name, axis, ary.shape, "ary")
    n = ary.shape[place]
    if isinstance(where, (int, np.integer)):
        if where < 1:
            raise ValueError(f"{name}: expected at least one section, but got {where}. Give how many parts to make.")
        each, more = divmod(n, int(where))  # the first `more` parts are longer by one
        cuts = list(accumulate([each + 1] * more + [each] * (int(where) - more), initial=0))
    else:
        places = np.asarray(where)
        if places.ndim != 1 or (places.size and places.dtype.kind not in "iu"):
            raise TypeError(f"{name}: expected a whole number or a list of them, but got {where!r}. Write e.g. [1, 3].")
        cuts = [0, *places.tolist(), n]
    return [getitem(ary, _along(place, ary.ndim, slice(start, stop))) for start, stop in pairwise(cuts)]


def split(ary: Operand, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """`ary` cut along `axis` into equal parts, or at the given places.

    Gradient: the gradients of the parts, one after the other: the adjoint is `concatenate`.

    Parameters
    ----------
    ary : Tensor or array
    indices_or_sections : int or sequence of ints
        How many equal parts, or where to cut.
    axis : int

    Raises
    ------
    ValueError
        If the axis cannot be cut into that many equal parts.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.split(tg.arange(5), [1, 3])
    [Tensor([0]), Tensor([1, 2]), Tensor([3, 4])]
    """
    ary = operand(ary)
    return _even("split", ary, indices_or_sections, axis)


def _even(name: str, ary: Any, where: int | Sequence[int], axis: int) -> list[Any]:
    """As `_cut`, for parts that must be equal."""
    place = checked_axis(name, axis, ary.shape, "ary")
    if isinstance(where, (int, np.integer)) and where > 0 and ary.shape[place] % where:
        raise ValueError(
            f"{name}: expected a number of sections that divides axis {axis}, but got {where} for ary {ary.shape}: "
            f"{ary.shape[place]} % {where} != 0. Use array_split for parts that differ by one."
        )
    return _cut(name, ary, where, axis)


def hsplit(ary: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along axis 1, or axis 0 of a vector.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> [part.shape for part in tg.hsplit(tg.zeros((2, 4)), 2)]
    [(2, 2), (2, 2)]
    """
    ary = operand(ary)
    return _even("hsplit", ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


def vsplit(ary: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along axis 0 of an array with at least two axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> [part.shape for part in tg.vsplit(tg.zeros((2, 4)), 2)]
    [(1, 4), (1, 4)]
    """
    return _even("vsplit", _with_axes("vsplit", ary, 2), indices_or_sections, 0)


def dsplit(ary: Operand, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along axis 2 of an array with at least three axes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> [part.shape for part in tg.dsplit(tg.zeros((2, 3, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return _even("dsplit", _with_axes("dsplit", ary, 3), indices_or_sections, 2)


def _with_axes(name: str, ary: Operand, least: int) -> Any:
    ary = operand(ary)
    if ary.ndim < least:
        raise ValueError(
            f"{name}: expected an array of at least {least} axes, but got ary {ary.shape}. Use split with an axis."
        )
    return ary


def hstack(tup: Sequence[Operand], dtype: Any = None) -> Tensor:
    """The arrays one after the other along axis 1, or axis 0 for vectors.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.hstack([tg.zeros((2, 1)), tg.ones((2, 2))])
    Tensor([[0., 1., 1.],
            [0., 1., 1.]])
    """
    arrays = [atleast_1d(x) for x in alike(*sequence("hstack", tup))]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1, dtype)


def vstack(tup: Sequence[Operand], dtype: Any = None) -> Tensor:
    """The arrays below each other: along axis 0, where a vector counts as a row.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vstack([tg.zeros(2), tg.ones((1, 2))])
    Tensor([[0., 0.],
            [1., 1.]])
    """
    return concatenate([atleast_2d(x) for x in alike(*sequence("vstack", tup))], 0, dtype)


def dstack(tup: Sequence[Operand]) -> Tensor:
    """The arrays behind each other: along axis 2, where a matrix is one deep.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.dstack([tg.zeros(2), tg.ones(2)])
    Tensor([[[0., 1.],
             [0., 1.]]])
    """
    return concatenate([atleast_3d(x) for x in alike(*sequence("dstack", tup))], 2)


def column_stack(tup: Sequence[Operand]) -> Tensor:
    """The arrays side by side, where a vector counts as a column.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.column_stack([tg.zeros(2), tg.ones(2)])
    Tensor([[0., 1.],
            [0., 1.]])
    """
    return concatenate([reshape(x, (-1, 1)) if x.ndim < 2 else x for x in alike(*sequence("column_stack", tup))], 1)


def append(arr: Operand, values: Operand, axis: int | None = None) -> Tensor:
    """`values` after the end of `arr`: `concatenate` of the two.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.append(tg.Tensor([1.0, 2.0]), 3.0)
    Tensor([1., 2., 3.])
    """
    if axis is None:
        return concatenate([ravel(x) for x in alike(arr, values)])
    return concatenate([arr, values], axis)
