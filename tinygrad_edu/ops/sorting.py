"""Order and search: indices have no derivative; what they choose is read by `take_along_axis`, and has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine import nondifferentiable
from .indexing import take, take_along_axis
from .operands import checked_axis, detached, operand
from .shape import ravel

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _check_kind(name: str, kind: str | None) -> None:
    """Raise for a way of sorting that NumPy does not know: all those it knows come to the same here."""
    if kind not in (None, "quicksort", "mergesort", "heapsort", "stable"):
        raise ValueError(f"{name}: expected kind 'quicksort', 'mergesort', 'heapsort' or 'stable', but got {kind!r}.")


@nondifferentiable()
def argsort(
    a: Operand,
    axis: int | None = -1,
    kind: str | None = None,
    *,
    stable: bool | None = None,  # noqa: ARG001 - NumPy's argument
) -> Any:
    """The numbers of the elements along `axis`, from the smallest to the greatest; None takes them raveled.

    Equal ones stay in their order, whatever `kind` or `stable` say.

    Gradient: none; the numbers are constant but for the jumps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.argsort(tg.Tensor([3.0, 1.0, 2.0]))
    Tensor([1, 2, 0])
    """
    _check_kind("argsort", kind)
    return np.argsort(a, axis, kind="stable")


def sort(
    a: Operand,
    axis: int | None = -1,
    kind: str | None = None,
    *,
    stable: bool | None = None,  # noqa: ARG001 - NumPy's argument
) -> Tensor:
    """The elements along `axis`, from the smallest to the greatest; None sorts them raveled.

    Gradient: ``g``, put back in the old order; of equal elements the first one gets the first share.

    Parameters
    ----------
    a : Tensor or array
    axis : int, optional
    kind, stable
        As in NumPy; equal elements stay in their order in any case.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.sort(tg.Tensor([3.0, 1.0, 2.0]))
    Tensor([1., 2., 3.])
    """
    _check_kind("sort", kind)
    a = ravel(a) if axis is None else operand(a)
    axis = -1 if axis is None else axis
    checked_axis("sort", axis, a.shape)
    return take_along_axis(a, detached(argsort(a, axis)), axis)


@nondifferentiable()
def argpartition(a: Operand, kth: int | Sequence[int], axis: int | None = -1, kind: str = "introselect") -> Any:
    """Numbers of the elements along `axis`, so that those at the places `kth` are as if they were sorted.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> int(tg.argpartition(tg.Tensor([3.0, 1.0, 2.0]), 0)[0])
    1
    """
    return np.argpartition(a, kth, axis, kind)  # type: ignore[arg-type]


def partition(a: Operand, kth: int | Sequence[int], axis: int | None = -1, kind: str = "introselect") -> Tensor:
    """The elements along `axis`, so that those at the places `kth` are where sorting would put them, all smaller ones
    before them, all greater ones after.

    Gradient: ``g``, put back in the old order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.partition(tg.Tensor([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1.)
    """
    a = ravel(a) if axis is None else operand(a)
    axis = -1 if axis is None else axis
    checked_axis("partition", axis, a.shape)
    return take_along_axis(a, detached(argpartition(a, kth, axis, kind)), axis)


class TopkResult(NamedTuple):
    """The greatest elements, and where they are.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.topk(tg.Tensor([3.0, 1.0, 2.0]), 2).indices
    Tensor([0, 2])
    """

    values: Tensor
    indices: Tensor


@nondifferentiable()
def _greatest(a: Operand, k: int, axis: int, largest: bool) -> Any:
    a = np.moveaxis(np.asarray(a), axis, -1)
    falling = a if not largest else -a if a.dtype.kind == "f" else ~a  # ~ turns the order of all integers round
    lost = np.isnan(a).sum(-1, keepdims=True) if largest and a.dtype.kind == "f" else np.zeros(())
    if lost.any():  # NaN, which sorting puts last, are the greatest
        order = np.argsort(falling, kind="stable")
        return np.moveaxis(np.take_along_axis(order, (np.arange(k) - lost) % a.shape[-1], -1), -1, axis)
    found = _smallest(falling, k) if 0 < k < a.shape[-1] // 4 else np.argsort(falling, kind="stable")[..., :k]
    return np.moveaxis(found, -1, axis)


def _smallest(a: np.ndarray, k: int) -> np.ndarray:
    """The places of the `k` smallest along the last axis, sorted; of equal ones the first.

    The 10 smallest of 1000, a thousand times: 16 ms, where to sort all takes 95 ms.
    """
    bound = np.partition(a, k - 1)[..., k - 1 : k]
    if (bound != bound).any():  # fewer than k are numbers
        return np.argsort(a, kind="stable")[..., :k]
    below, equal = a < bound, a == bound
    room = k - below.sum(-1, keepdims=True)
    chosen = below | (equal & (np.cumsum(equal, -1) <= room))  # k in each line
    places = np.nonzero(chosen)[-1].reshape(*a.shape[:-1], k)
    order = np.argsort(np.take_along_axis(a, places, -1), kind="stable")
    return np.take_along_axis(places, order, -1)


def topk(
    input: Operand,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,  # noqa: ARG001 - PyTorch's argument
) -> TopkResult:
    """The `k` greatest elements along `dim`, or smallest, and their numbers, the most extreme first.

    NaN is greater than all numbers, as in `max`.

    Gradient: ``g`` at these elements, 0 elsewhere; of equal ones the first are taken.

    Parameters
    ----------
    input : Tensor or array
    k : int
        At most the length of the axis.
    dim : int
    largest : bool
        Whether to take the greatest, not the smallest.
    sorted : bool
        As in PyTorch; they are sorted in any case.

    Raises
    ------
    ValueError
        If k is negative, or more than there are.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.topk(tg.Tensor([3.0, 1.0, 2.0]), 2).values
    Tensor([3., 2.])
    """
    input = operand(input)
    place = checked_axis("topk", dim, input.shape, "input")
    if not 0 <= k <= input.shape[place]:
        raise ValueError(
            f"topk: expected k in 0..{input.shape[place]} for dim={dim} of input {input.shape}, but got {k}."
        )
    indices = _greatest(input, k, place, largest)
    return TopkResult(take_along_axis(input, detached(indices), place), indices)


@nondifferentiable()
def searchsorted(a: Operand, v: Operand, side: str = "left", sorter: Any = None) -> Any:
    """Where in the sorted vector `a` to put `v` in so that it stays sorted.

    Gradient: none; the places are constant but for the jumps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.searchsorted(tg.Tensor([1.0, 2.0, 4.0]), [3.0, 0.5])
    Tensor([2, 0])
    """
    return np.searchsorted(a, v, side, sorter)  # type: ignore[call-overload]


@nondifferentiable()
def nonzero(a: Operand) -> Any:
    """Where the elements are not 0: an array of places for each axis.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.nonzero(tg.Tensor([[0.0, 2.0], [3.0, 0.0]]))
    (Tensor([0, 1]), Tensor([1, 0]))
    """
    return np.nonzero(a)


@nondifferentiable()
def flatnonzero(a: Operand) -> Any:
    """Where the raveled elements are not 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.flatnonzero(tg.Tensor([[0.0, 2.0], [3.0, 0.0]]))
    Tensor([1, 2])
    """
    return np.flatnonzero(a)


@nondifferentiable()
def argwhere(a: Operand) -> Any:
    """Where the elements are not 0, one row for each.  (count, ndim)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.argwhere(tg.Tensor([[0.0, 2.0], [3.0, 0.0]]))
    Tensor([[0, 1],
            [1, 0]])
    """
    return np.argwhere(a)


@nondifferentiable()
def count_nonzero(a: Operand, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Any:
    """How many elements are not 0, in all or over `axis`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.count_nonzero(tg.Tensor([[0.0, 2.0], [3.0, 4.0]]), axis=1)
    Tensor([1, 2])
    """
    return np.asarray(np.count_nonzero(a, axis, keepdims=keepdims))


@nondifferentiable()
def _firsts(a: Operand, axis: int | None, equal_nan: bool) -> Any:
    """Where each of the different elements comes first, to which of them each belongs, and how often it comes."""
    return np.unique(a, return_index=True, return_inverse=True, return_counts=True, axis=axis, equal_nan=equal_nan)[1:]


def unique(
    ar: Operand,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,  # noqa: ARG001 - NumPy's argument
) -> Any:
    """The different elements, sorted; with `axis`, the different slices.

    Gradient: ``g`` to the first of those that are equal.

    Parameters
    ----------
    ar : Tensor or array
    return_index, return_inverse, return_counts : bool
        Whether to return also where each comes first, to which of them each element belongs, and how often it comes.
    axis : int, optional
    equal_nan : bool
        Whether all NaN count as one; not with `axis`.
    sorted : bool
        As in NumPy; here they are sorted in any case.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.unique(tg.Tensor([3.0, 1.0, 3.0]), return_counts=True)
    (Tensor([1., 3.]), Tensor([1, 2]))
    """
    ar = operand(ar)
    if axis is not None:
        checked_axis("unique", axis, ar.shape, "ar")
    first, inverse, counts = _firsts(ar, axis, equal_nan)
    values = take(ar, detached(first), axis)
    wanted = ((return_index, first), (return_inverse, inverse), (return_counts, counts))
    more = tuple(x for asked, x in wanted if asked)
    return (values, *more) if more else values


def compress(condition: Operand, a: Operand, axis: int | None = None) -> Tensor:
    """The elements, or slices along `axis`, for which the vector `condition` is true.

    Gradient: ``g`` at what was taken, 0 elsewhere.

    Raises
    ------
    ValueError
        If `condition` is no vector.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.compress([True, False, True], tg.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3.])
    """
    chosen = np.asarray(detached(condition))
    if chosen.ndim != 1:
        raise ValueError(f"compress: expected a vector as condition, but got shape {chosen.shape}. Use a[mask].")
    return take(a, np.flatnonzero(chosen), axis)


def extract(condition: Operand, arr: Operand) -> Tensor:
    """The raveled elements for which `condition` is true.

    Gradient: ``g`` at what was taken, 0 elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([[1.0, -2.0], [3.0, -4.0]])
    >>> tg.extract(x > 0, x)
    Tensor([1., 3.])
    """
    return take(arr, np.flatnonzero(np.asarray(detached(condition))))
