"""Ops that reorder: axes by name, elements along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..engine import differentiable
from .shape import transpose, undone

Operand = Any


@differentiable(lambda g, y, a, axis1, axis2: swapaxes(g, axis1, axis2), kind="rearrangement")
def swapaxes(a: Operand, axis1: int, axis2: int) -> Any:
    """Two axes swapped.

    Gradient: ``g`` with the same two axes swapped.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.swapaxes(tg.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    return np.swapaxes(a, axis1, axis2)


def _move_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str:
    return (
        f"{name}: expected as many axes as source as destination, each once, but got source={params['source']} and "
        f"destination={params['destination']} for {shapes.listed(names, found)}. Give each source its destination."
    )


@differentiable(
    lambda g, y, a, source, destination: moveaxis(g, destination, source), explain=_move_error, kind="rearrangement"
)
def moveaxis(a: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """The axes `source` moved to the places `destination`; the others stay in their order.

    Gradient: ``g`` with the axes moved back.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.moveaxis(tg.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return np.moveaxis(a, source, destination)


def _rolled(ndim: int, axis: int, start: int) -> tuple[int, ...]:
    """Where `rollaxis` takes each axis from: an array of shape (0, 1, 2, ...) tells by its sizes."""
    return np.rollaxis(np.empty(range(ndim)), axis, start).shape


@differentiable(lambda g, y, a, axis, start: transpose(g, undone(_rolled(a.ndim, axis, start))), kind="rearrangement")
def rollaxis(a: Operand, axis: int, start: int = 0) -> Any:
    """One axis moved until it stands before the axis `start`; `moveaxis` is easier to read.

    Gradient: ``g`` with the axis moved back.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.rollaxis(tg.zeros((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    return np.rollaxis(a, axis, start)


@differentiable(lambda g, y, m, axis: flip(g, axis), kind="rearrangement")
def flip(m: Operand, axis: shapes.Axes = None) -> Any:
    """The elements in reverse order along `axis`: None for all axes, an int, or several.

    Gradient: ``g`` in reverse order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.flip(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([[3., 4.],
            [1., 2.]])
    """
    return np.flip(m, tuple(axis) if isinstance(axis, Sequence) else axis)


@differentiable(lambda g, y, m: fliplr(g), explain=shapes.at_least(2), kind="rearrangement")
def fliplr(m: Operand) -> Any:
    """The elements in reverse order along axis 1: left becomes right.

    Gradient: ``g`` in reverse order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.fliplr(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 1.],
            [4., 3.]])
    """
    return np.fliplr(m)


@differentiable(lambda g, y, m: flipud(g), explain=shapes.at_least(1), kind="rearrangement")
def flipud(m: Operand) -> Any:
    """The elements in reverse order along axis 0: up becomes down.

    Gradient: ``g`` in reverse order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.flipud(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[3., 4.],
            [1., 2.]])
    """
    return np.flipud(m)


@differentiable(lambda g, y, m, k, axes: rot90(g, -k, axes), kind="rearrangement")
def rot90(m: Operand, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """Turned by 90 degrees `k` times in the plane of two axes, from the first towards the second.

    Gradient: ``g`` turned back.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.rot90(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 4.],
            [1., 3.]])
    """
    return np.rot90(m, k, tuple(axes))  # type: ignore[arg-type]


def _back(shift: int | Sequence[int]) -> int | tuple[int, ...]:
    return tuple(-s for s in shift) if isinstance(shift, Sequence) else -shift


def _roll_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], params: Any) -> str:
    return (
        f"{name}: expected one shift for all axes, or one for each, but got shift={params['shift']} and "
        f"axis={params['axis']} for {shapes.listed(names, found)}. Give each axis its shift."
    )


@differentiable(lambda g, y, a, shift, axis: roll(g, _back(shift), axis), explain=_roll_error, kind="rearrangement")
def roll(a: Operand, shift: int | Sequence[int], axis: shapes.Axes = None) -> Any:
    """The elements moved on by `shift` places along `axis`; what leaves at the end comes in at the front.

    Gradient: ``g`` moved back by `shift`.

    Parameters
    ----------
    a : Tensor or array
    shift : int or sequence of ints
        Places, one number for each axis; negative ones move towards the front.
    axis : int or sequence of ints, optional
        None rolls the raveled elements and gives them their shape back.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.roll(tg.arange(5), 2)
    Tensor([3, 4, 0, 1, 2])
    """
    return np.roll(a, shift, axis)
