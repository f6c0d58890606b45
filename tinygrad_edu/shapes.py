"""Shapes, as tuples of integers: broadcasting, axes, and the texts of what does not fit.

No arrays here: what can be said about a call from its shapes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Shape = tuple[int, ...]
Axes = int | Sequence[int] | None


def stretched_axes(shape: Shape, original: Shape) -> tuple[int, ...]:
    """The axes of `shape` that broadcasting added to, or stretched in, `original`.

    Examples
    --------
    >>> stretched_axes((2, 3, 4), (3, 1))
    (0, 2)
    """
    extra = len(shape) - len(original)
    return tuple(i for i, n in enumerate(shape) if i < extra or (original[i - extra] == 1 and n != 1))


def normal_axes(axis: Axes, ndim: int) -> tuple[int, ...]:
    """`axis` (None for all, an int, or several; negative ones count from the end) as a tuple of indices.

    Examples
    --------
    >>> normal_axes(-1, 3), normal_axes((0, -1), 3), normal_axes(None, 3)
    ((2,), (0, 2), (0, 1, 2))
    """
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(axis) if isinstance(axis, Sequence) else (axis,)
    return tuple(int(a) % ndim if ndim else int(a) for a in axes)


def kept_shape(shape: Shape, axis: Axes) -> Shape:
    """`shape` with 1 in place of every axis in `axis`: what a reduction with ``keepdims`` returns.

    Examples
    --------
    >>> kept_shape((2, 3, 4), (0, -1))
    (1, 3, 1)
    """
    reduced = normal_axes(axis, len(shape))
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def count(shape: Shape, axis: Axes = None) -> int:
    """How many elements of an array of `shape` are reduced into one over `axis`.

    Examples
    --------
    >>> count((2, 3, 4), (0, 2))
    8
    """
    total = 1
    for a in normal_axes(axis, len(shape)) if shape else ():  # NumPy lets 0-d arrays be reduced over axis 0 and -1
        total *= shape[a]
    return total


def inverse_permutation(axes: Sequence[int]) -> tuple[int, ...]:
    """The order of axes that undoes `axes`.

    Examples
    --------
    >>> inverse_permutation((2, 0, 1))
    (1, 2, 0)
    """
    places = [int(a) % len(axes) for a in axes]
    return tuple(places.index(i) for i in range(len(axes)))


def listed(names: Sequence[str], shapes: Sequence[Shape]) -> str:
    """Names and shapes as a phrase: ``a (2, 3) and b (4,)``."""
    return " and ".join(f"{name} {shape}" for name, shape in zip(names, shapes, strict=True))


def broadcast_error(name: str, names: Sequence[str], shapes: Sequence[Shape], _: dict[str, Any]) -> str | None:
    """What to say when the shapes of an elementwise op do not broadcast; None if they do."""
    longest = max((len(s) for s in shapes), default=0)
    for back in range(1, longest + 1):
        sizes = {s[-back] for s in shapes if len(s) >= back} - {1}
        if len(sizes) > 1:
            found = " != ".join(str(n) for n in sorted(sizes))
            return (
                f"{name}: expected shapes that broadcast together, but got {listed(names, shapes)}: "
                f"{found} on axis -{back}. Sizes must be equal or 1 on each axis, counted from the last; "
                f"reshape one of them, e.g. with t[:, None]."
            )
    return None


def at_least(n: int) -> Callable[..., str | None]:
    """What to say when an array has fewer than `n` axes; None if it has them.

    Examples
    --------
    >>> at_least(2)("fliplr", ["m"], [(3,)], {})
    'fliplr: expected an array of at least 2 axes, but got m (3,). Put one in, e.g. with t[None].'
    """

    def explain(name: str, names: Sequence[str], shapes: Sequence[Shape], _: dict[str, Any]) -> str | None:
        if not shapes or len(shapes[0]) >= n:
            return None
        return (
            f"{name}: expected an array of at least {n} axes, but got {listed(names[:1], shapes[:1])}. "
            f"Put one in, e.g. with t[None]."
        )

    return explain


def matmul_error(name: str, names: Sequence[str], shapes: Sequence[Shape], _: dict[str, Any]) -> str | None:
    """What to say when the shapes of a matrix product do not fit; None if they do."""
    if len(shapes) != 2:
        return None
    a, b = shapes
    if not a or not b:
        return f"{name}: expected arrays of at least one axis, but got {listed(names, shapes)}. Use `*` for a number."
    inner = b[-2] if len(b) > 1 else b[-1]
    if a[-1] != inner:
        place = "second-to-last" if len(b) > 1 else "only axis"
        cure = (
            f"\n  b.mT has shape {(*b[:-2], b[-1], b[-2])} and would fit."
            if len(b) > 1 and b[-1] == a[-1]
            else f"\n  a.mT has shape {(*a[:-2], a[-1], a[-2])} and would fit."
            if len(a) > 1 and a[-2] == inner
            else " Check which axis of a is summed with which of b."
        )
        return (
            f"{name}: the last axis of a must match the {place} of b, but got {listed(names, shapes)}: "
            f"{a[-1]} != {inner}.{cure}"
        )
    return broadcast_error(f"{name} (leading axes)", names, (a[:-2], b[:-2]), {})
