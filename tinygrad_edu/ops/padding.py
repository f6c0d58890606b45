"""Padding: a margin around an array, of given numbers or of numbers made from its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from ..engine import differentiable, nondifferentiable
from . import extreme
from .axes import moveaxis
from .indexing import take
from .joining import concatenate
from .operands import checked_axis, operand
from .order import median
from .products import tensordot
from .repetition import repeat

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any
Widths = Any  # an int, a pair (before, after), one pair for each axis, or a dict of them by axis
Pairs = Sequence[tuple[int, int]]

# What each mode of `pad` may be told.
_OPTIONS: dict[str, dict[str, Any]] = {
    "constant": {"constant_values": 0},
    "empty": {},
    "edge": {},
    "wrap": {},
    "reflect": {"reflect_type": "even"},
    "symmetric": {"reflect_type": "even"},
    "linear_ramp": {"end_values": 0},
    "mean": {"stat_length": None},
    "maximum": {"stat_length": None},
    "minimum": {"stat_length": None},
    "median": {"stat_length": None},
}


# Statistics that are not linear maps of the axis.
_PICKING = {"maximum": extreme.max, "minimum": extreme.min, "median": median}


def _inner_of(axis: int, start: int, stop: int) -> tuple[slice, ...]:
    """The index of a stretch of one axis."""
    return (slice(None),) * axis + (slice(start, stop),)


def _inner(shape: shapes.Shape, widths: Pairs) -> tuple[slice, ...]:
    """The index of the original within the padded array."""
    return tuple(slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True))


@differentiable(lambda g, y, array, pad_width, constant_values: g[_inner(array.shape, pad_width)], kind="rearrangement")
def pad_constant(array: Operand, pad_width: Pairs, constant_values: Any = 0) -> Any:
    """The array with given numbers around it: `pad`, with one pair (before, after) for each axis.

    Gradient: ``g`` without the margin.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.pad_constant(tg.Tensor([1.0, 2.0]), [(1, 2)])
    Tensor([0., 1., 2., 0., 0.])
    """
    return np.pad(array, pad_width, constant_values=constant_values) if np.ndim(array) else np.array(array)


@nondifferentiable()
def _pad_integers(array: Operand, pad_width: Pairs, mode: str, **options: Any) -> Any:
    return np.pad(array, pad_width, mode, **options)  # type: ignore[call-overload]


def pad(array: Operand, pad_width: Widths, mode: str = "constant", **kwargs: Any) -> Tensor:
    """The array with a margin around it.  (n, ...) -> (before + n + after, ...)

    Gradient: that of the elements themselves, plus what each gave to the margin: nothing for constants, the sum of its
    copies for "edge", "reflect", "symmetric" and "wrap", its weight for "linear_ramp" and "mean", and what `max`, `min`
    and `median` give it.

    Parameters
    ----------
    array : Tensor or array
    pad_width : int, pair of ints, sequence of pairs, or dict
        How many elements (before, after): for all axes, for each axis, or for the axes that the dict names.
    mode : str
        What the margin is made of:

        - "constant": the number `constant_values`, 0 if not given; "empty": the same as 0
        - "edge": the last element
        - "reflect", "symmetric": the mirror image without or with the edge itself; ``reflect_type="odd"`` turns it
          around the edge, to ``2 * edge - image``
        - "wrap": the other end
        - "linear_ramp": from the edge to `end_values`, 0 if not given
        - "mean", "maximum", "minimum", "median": of the axis, or of its `stat_length` elements next to the margin
    **kwargs
        `constant_values`, `end_values`, `stat_length` (each a number, a pair, or a pair for each axis), `reflect_type`.

    Raises
    ------
    ValueError, TypeError
        If a width is negative, a mode or an option is unknown, or an axis to be extended is empty.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.pad(tg.Tensor([1.0, 2.0, 3.0]), (2, 1), "reflect")
    Tensor([3., 2., 1., 2., 3., 2.])
    """
    array = operand(array)
    options = _checked_options(mode, kwargs)
    widths = _pairs("pad_width", pad_width, array.ndim)
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError(f"pad: expected widths of at least 0, but got pad_width={pad_width}. Cut with a slice: t[1:].")
    if mode in ("constant", "empty"):
        return pad_constant(array, widths, options.get("constant_values", 0))
    if array.dtype.kind != "f":
        return _pad_integers(array, widths, mode, **options)
    pairs = {name: _pairs(name, value, array.ndim) for name, value in options.items() if name != "reflect_type"}
    for axis, width in enumerate(widths):
        if width != (0, 0):
            if not array.shape[axis]:
                raise ValueError(
                    f"pad: expected an axis with elements to make the margin of, but got array {array.shape}, axis "
                    f"{axis}. Use mode='constant'."
                )
            for_axis = {name: [pairs[name][axis]] if name in pairs else value for name, value in options.items()}
            array = _extended(array, axis, width, mode, for_axis)
    return array


def _extended(x: Any, axis: int, width: tuple[int, int], mode: str, options: dict[str, Any]) -> Any:
    """`x` with a margin on one axis."""
    n, before = x.shape[axis], width[0]
    if mode in ("edge", "wrap") or options.get("reflect_type") == "even":
        places = np.pad(np.arange(n), width, mode)  # type: ignore[call-overload]
        return concatenate([take(x, places[:before], axis), x, take(x, places[before + n :], axis)], axis)
    if mode in _PICKING:
        start, end = options.get("stat_length", [(n, n)])[0]
        ends = (x[_inner_of(axis, 0, start)], x[_inner_of(axis, max(n - end, 0), n)])
        parts = [
            repeat(_PICKING[mode](part, axis=axis, keepdims=True), count, axis)
            for part, count in zip(ends, width, strict=True)
        ]
        return concatenate([parts[0], x, parts[1]], axis)
    # The margin is a linear map of the axis, so padding the identity matrix gives its weights; a margin of zeros tells
    # what is added to them.
    ends = options.pop("end_values", None)
    weights = np.pad(np.eye(n, dtype=x.dtype), (width, (0, 0)), mode, **options)  # type: ignore[call-overload]
    parts = [moveaxis(tensordot(w, x, (1, axis)), 0, axis) for w in (weights[:before], weights[before + n :])]
    if ends is not None:
        offset = np.pad(np.zeros(n, x.dtype), width, mode, end_values=ends)  # type: ignore[call-overload]
        parts = [
            part + c.reshape((-1,) + (1,) * (x.ndim - axis - 1))
            for part, c in zip(parts, (offset[:before], offset[before + n :]), strict=True)
        ]
    return concatenate([parts[0], x, parts[1]], axis)


def _pairs(what: str, value: Any, ndim: int) -> list[tuple[Any, Any]]:
    """One pair (before, after) for each axis."""
    if isinstance(value, dict):
        pairs = {
            checked_axis("pad", axis, (1,) * ndim, "axes of length"): _pairs(what, width, 1)[0]
            for axis, width in value.items()
        }
        return [pairs.get(axis, (0, 0)) for axis in range(ndim)]
    if ndim == 0:
        return []
    try:
        if what == "pad_width" and np.asarray(value).dtype.kind not in "iu" and np.size(value):
            raise TypeError(f"pad: expected whole numbers as pad_width, but got {value!r}. Give counts of elements.")
        return [(before, after) for before, after in np.broadcast_to(value, (ndim, 2)).tolist()]
    except ValueError:
        raise ValueError(
            f"pad: expected {what} to be a number, a pair (before, after), or one pair for each of {ndim} axes, but "
            f"got {value!r}."
        ) from None


def _checked_options(mode: str, given: dict[str, Any]) -> dict[str, Any]:
    """All options of `mode`, with defaults filled in."""
    if mode not in _OPTIONS:
        raise ValueError(
            f"pad: expected one of the modes {', '.join(_OPTIONS)}, but got mode={mode!r}. Others have no rule: "
            f"concatenate what you need."
        )
    unknown = [name for name in given if name not in _OPTIONS[mode]]
    if unknown:
        known = ", ".join(_OPTIONS[mode]) or "no option"
        raise TypeError(f"pad: expected {known} for mode={mode!r}, but got {unknown[0]}={given[unknown[0]]!r}.")
    options = {k: v for k, v in {**_OPTIONS[mode], **given}.items() if v is not None}
    if options.get("reflect_type", "even") not in ("even", "odd"):
        raise ValueError(f"pad: expected reflect_type 'even' or 'odd', but got {options['reflect_type']!r}.")
    return options
