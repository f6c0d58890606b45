"""Ops that give the same numbers another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .. import shapes
from ..engine import differentiable
from .operands import operand

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any
Order = Literal["C", "F"]


def _check_order(name: str, order: str) -> None:
    if order not in ("C", "F"):
        raise ValueError(
            f"{name}: expected order 'C', the last index fastest, or 'F', the first index fastest, but got {order!r}. "
            f"Other orders go by memory, of which a Tensor does not tell."
        )


def _reshape_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str:
    n = shapes.count(found[0])
    return (
        f"{name}: expected a shape of {n} elements, but got {params['shape']} for {shapes.listed(names, found)}. "
        f"One axis may be -1: what is left over."
    )


@differentiable(lambda g, y, a, shape, order: reshape(g, a.shape, order), explain=_reshape_error, kind="rearrangement")
def reshape(a: Operand, shape: int | Sequence[int], order: Order = "C") -> Any:
    """The same numbers, row by row, in another shape.

    Gradient: ``g`` in the shape of `a`.

    Parameters
    ----------
    a : Tensor or array
    shape : int or sequence of ints
        One of them may be -1: what is left over.
    order : {"C", "F"}
        Which index of `a` and of the result is counted fastest: "C" the last one, "F" the first.

    Returns
    -------
    Tensor or array of shape `shape`

    Raises
    ------
    ValueError
        If the number of elements differs.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.reshape(tg.arange(6), (2, -1))
    Tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    _check_order("reshape", order)
    return np.reshape(a, shape, order)


def ravel(a: Operand, order: Order = "C") -> Tensor:
    """The same numbers, row by row, along one axis; with order "F" column by column.  (...) -> (size)

    Gradient: ``g`` in the shape of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ravel(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 2., 3., 4.])
    """
    return reshape(a, -1, order)


@differentiable(lambda g, y, a, order: reshape(g, a.shape, order), kind="rearrangement")
def flatten(a: Operand, order: Order = "C") -> Any:
    """The same numbers along one axis, as `ravel`, in memory of their own.  (...) -> (size)

    Gradient: ``g`` in the shape of `a`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.flatten(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 2., 3., 4.])
    """
    _check_order("flatten", order)
    return np.reshape(a, -1, order, copy=True)


@differentiable(lambda g, y, a, axis: squeeze(g, axis), kind="rearrangement")
def expand_dims(a: Operand, axis: int | Sequence[int]) -> Any:
    """New axes of length 1 at the places `axis` of the result.

    Gradient: ``g`` without these axes: the adjoint is `squeeze`.

    Raises
    ------
    AxisError, ValueError
        If an axis is out of range or named twice.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.expand_dims(tg.zeros((2, 3)), (0, -1)).shape
    (1, 2, 3, 1)
    """
    return np.expand_dims(a, _several(axis))


def _squeeze_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    wrong = [k for k in shapes.normal_axes(params["axis"], len(found[0])) if found[0][k] != 1]
    return (
        f"{name}: expected axes of length 1, but got axis {wrong[0]} of length {found[0][wrong[0]]} for "
        f"{shapes.listed(names, found)}. Leave it out; axis=None squeezes those that can be."
    )


@differentiable(lambda g, y, a, axis: reshape(g, a.shape), explain=_squeeze_error, kind="rearrangement")
def squeeze(a: Operand, axis: shapes.Axes = None) -> Any:
    """Without axes of length 1: all of them, or those that `axis` names.

    Gradient: ``g`` in the shape of `a`: the adjoint is `expand_dims`.

    Raises
    ------
    AxisError, ValueError
        If an axis is out of range, or is not of length 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.squeeze(tg.zeros((1, 3, 1)), axis=0).shape
    (3, 1)
    """
    return np.squeeze(a, _several(axis))


def _several(axis: shapes.Axes) -> Any:
    """`axis` with a tuple for a list, as NumPy wants it."""
    return tuple(axis) if isinstance(axis, Sequence) else axis


def undone(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    """The order of axes that undoes `axes`; None, all reversed, undoes itself."""
    return None if axes is None else shapes.inverse_permutation(axes)


def _transpose_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str:
    n = len(found[0])
    return (
        f"{name}: expected each of the {n} axes once, but got axes {params['axes']} for {shapes.listed(names, found)}. "
        f"Axis i of the result is axis axes[i]."
    )


@differentiable(lambda g, y, a, axes: transpose(g, undone(axes)), explain=_transpose_error, kind="rearrangement")
def transpose(a: Operand, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if `axes` is None.

    Gradient: ``g`` with its axes put back.

    Parameters
    ----------
    a : Tensor or array
    axes : sequence of ints, optional
        Axis i of the result is axis ``axes[i]`` of `a`.

    Raises
    ------
    ValueError
        If `axes` does not name every axis once.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.transpose(tg.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return np.transpose(a, axes)


def permute(a: Operand, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in the order `axes`: PyTorch's name for `transpose`, which is `permute_dims` in the array standard.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.permute(tg.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return transpose(a, axes)


permute_dims = permute


@differentiable(lambda g, y, x: matrix_transpose(g), symbol="ᵀ", explain=shapes.at_least(2), kind="rearrangement")
def matrix_transpose(x: Operand) -> Any:
    """The last two axes swapped.  (..., n, m) -> (..., m, n)

    Gradient: ``g`` with its last two axes swapped.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.matrix_transpose(tg.zeros((5, 2, 3))).shape
    (5, 3, 2)
    """
    return np.matrix_transpose(x)


def _broadcast_to_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str | None:
    shape = params["shape"] if isinstance(params["shape"], Sequence) else (params["shape"],)
    if len(shape) < len(found[0]) or min(shape, default=0) < 0:
        return (
            f"{name}: expected a shape of at least {len(found[0])} axes and no negative sizes, but got {tuple(shape)} "
            f"for {shapes.listed(names, found)}. Axes are only added in front and stretched."
        )
    return shapes.broadcast_error(name, [*names, "shape"], [*found, tuple(shape)], params)


@differentiable(
    lambda g, y, a, shape: g, explain=_broadcast_to_error, kind="rearrangement"
)  # the engine sums over what was stretched
def broadcast_to(a: Operand, shape: int | Sequence[int]) -> Any:
    """Repeat along new and length-1 axes, without a copy.

    Gradient: the sum of ``g`` over the repeated axes: the adjoint is `sum`.

    Raises
    ------
    ValueError
        If `a` cannot be stretched to `shape`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.broadcast_to(tg.Tensor([1.0, 2.0]), (2, 2))
    Tensor([[1., 2.],
            [1., 2.]])
    """
    return np.broadcast_to(a, shape)


def broadcast_arrays(*args: Operand) -> tuple[Tensor, ...]:
    """All of `args` in the one shape that they broadcast to.

    Gradient: to each the sum of its ``g`` over the axes that were repeated for it.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> column, row = tg.broadcast_arrays(tg.zeros((2, 1)), tg.zeros(3))
    >>> column.shape, row.shape
    ((2, 3), (2, 3))
    """
    arrays = [operand(x) for x in args]
    found = [x.shape for x in arrays]
    error = shapes.broadcast_error("broadcast_arrays", [f"args[{i}]" for i in range(len(args))], found, {})
    if error is not None:
        raise ValueError(error)
    return tuple(broadcast_to(x, np.broadcast_shapes(*found)) for x in arrays)


def _each(function: Any, arrays: tuple[Operand, ...]) -> Any:
    """`function` of every array: a tuple for several, as in NumPy."""
    results = tuple(function(operand(x)) for x in arrays)
    return results[0] if len(results) == 1 else results


def atleast_1d(*arys: Operand) -> Tensor:
    """With one axis put in where there is none; several arrays give a tuple.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.atleast_1d(tg.Tensor(3.0))
    Tensor([3.])
    """
    return _each(lambda x: x if x.ndim else reshape(x, 1), arys)


def atleast_2d(*arys: Operand) -> Tensor:
    """With axes put in front until there are two: a vector becomes a row; several arrays give a tuple.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.atleast_2d(tg.Tensor([3.0, 4.0]))
    Tensor([[3., 4.]])
    """
    return _each(lambda x: x if x.ndim > 1 else reshape(x, (1, -1)), arys)


def atleast_3d(*arys: Operand) -> Tensor:
    """With axes put in until there are three.  (n) -> (1, n, 1); (n, m) -> (n, m, 1)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.atleast_3d(tg.zeros(4)).shape, tg.atleast_3d(tg.zeros((4, 5))).shape
    ((1, 4, 1), (4, 5, 1))
    """

    def three(x: Any) -> Any:
        if x.ndim > 2:
            return x
        return expand_dims(x, 2) if x.ndim == 2 else reshape(x, (1, -1, 1))

    return _each(three, arys)
