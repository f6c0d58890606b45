"""The greatest and the smallest element, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable, nondifferentiable
from ..shapes import Axes
from . import selection
from .reduction import Mask, masked, plain, restored, sum

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def shared(g: Any, y: Any, a: Any, axis: Axes, where: Mask) -> Any:
    """`g`, divided evenly among the elements of `a` that are `y`; a NaN is taken if there is one."""
    taken = masked((a == restored(y, a.shape, axis)) | (a != a), where)
    ties = selection.maximum(sum(taken, axis, keepdims=True), 1)
    return selection.where(taken, restored(g, a.shape, axis) / ties.astype(g.dtype), 0.0)


def check_some(name: str, a: Any, axis: Axes, initial: float | None) -> None:
    """Raise for the extreme of no elements."""
    shape = np.shape(a)
    if initial is None and 0 in shape and not shapes.count(shape, axis):
        raise ValueError(
            f"{name}: expected at least one element over axis {axis}, but got shape {shape}. "
            f"Pass initial=, the result for none."
        )


def _bounds(initial: float | None, where: Mask) -> dict[str, Any]:
    """The arguments that NumPy takes only if they say something."""
    given = {"initial": initial} if initial is not None else {}
    return given if where is True else {**given, "where": plain(where)}


@differentiable(
    lambda g, y, a, axis, keepdims, initial, where: shared(g, y, a, axis, where),
    kind="selection",
)
def max(
    a: Operand, axis: Axes = None, *, keepdims: bool = False, initial: float | None = None, where: Mask = True
) -> Any:
    """The greatest element over `axis`; NaN if there is one.

    Gradient: ``g`` to the greatest element; equal ones share it evenly, and so do several NaN.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    keepdims : bool
        Whether reduced axes stay, with length 1.
    initial : number, optional
        What the result is at least; also that of no elements.
    where : array of bools
        Which elements count; needs `initial`.

    Raises
    ------
    ValueError
        If there are no elements and no `initial`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.max(tg.Tensor([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    Tensor([2., 4.])
    """
    check_some("max", a, axis, initial)
    return np.max(a, axis=axis, keepdims=keepdims, **_bounds(initial, where))


@differentiable(
    lambda g, y, a, axis, keepdims, initial, where: shared(g, y, a, axis, where),
    kind="selection",
)
def min(
    a: Operand, axis: Axes = None, *, keepdims: bool = False, initial: float | None = None, where: Mask = True
) -> Any:
    """The smallest element over `axis`; NaN if there is one.

    Gradient: ``g`` to the smallest element; equal ones share it evenly, and so do several NaN.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    keepdims : bool
        Whether reduced axes stay, with length 1.
    initial : number, optional
        What the result is at most; also that of no elements.
    where : array of bools
        Which elements count; needs `initial`.

    Raises
    ------
    ValueError
        If there are no elements and no `initial`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.min(tg.Tensor([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    Tensor([1., 3.])
    """
    check_some("min", a, axis, initial)
    return np.min(a, axis=axis, keepdims=keepdims, **_bounds(initial, where))


def ptp(a: Operand, axis: Axes = None, *, keepdims: bool = False) -> Tensor:
    """The greatest element less the smallest, over `axis` ("peak to peak").

    Gradient: ``g`` to the greatest and ``-g`` to the smallest; equal ones share it evenly.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.ptp(tg.Tensor([[1.0, 2.0], [4.0, 1.0]]), axis=1)
    Tensor([1., 3.])
    """
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


@nondifferentiable()
def argmax(a: Operand, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Where the greatest element over `axis` is; the first of several.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.argmax(tg.Tensor([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    Tensor([1, 0])
    """
    return np.argmax(a, axis=axis, keepdims=keepdims)


@nondifferentiable()
def argmin(a: Operand, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """Where the smallest element over `axis` is; the first of several.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.argmin(tg.Tensor([[1.0, 2.0], [4.0, 3.0]]), axis=1)
    Tensor([0, 1])
    """
    return np.argmin(a, axis=axis, keepdims=keepdims)
