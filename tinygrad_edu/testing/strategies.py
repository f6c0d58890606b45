"""Hypothesis strategies for shapes, arrays and axes: inputs on which gradients can be checked.

The shape of an array is Hypothesis's to choose and to shrink. Its numbers are random and spread out, drawn from a seed:
Hypothesis prefers 0 and 1 and likes to repeat itself, which is just where wrong gradients agree with right ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..shapes import Shape

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "testing.strategies: expected the package hypothesis, but it is not installed. "
        "Install it: pip install 'tinygrad-edu[test]'."
    ) from error

Strategy = st.SearchStrategy[Any]

_SEEDS: Strategy = st.integers(0, 2**32 - 1)


@st.composite
def shapes(draw: Any, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> Shape:
    """Shapes of `min_dims` to `max_dims` axes; some, but not most of them, without any element.

    Examples
    --------
    >>> from hypothesis import given
    >>> from tinygrad_edu.testing.strategies import shapes
    >>> @given(shapes(min_dims=1, max_dims=2))
    ... def test(shape):
    ...     assert 1 <= len(shape) <= 2
    >>> test()
    """
    shape = draw(st.lists(st.integers(max(min_side, 1), max_side), min_size=min_dims, max_size=max_dims))
    if min_side == 0 and shape and draw(st.integers(0, 9)) == 9:
        shape[draw(st.integers(0, len(shape) - 1))] = 0
    return tuple(shape)


@st.composite
def broadcastable(draw: Any, number: int = 2, min_dims: int = 0, max_dims: int = 3) -> tuple[Shape, ...]:
    """Several shapes that broadcast together: axes are missing, or 1, where another has more.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import given
    >>> from tinygrad_edu.testing.strategies import broadcastable
    >>> @given(broadcastable(3))
    ... def test(shapes):
    ...     np.broadcast_shapes(*shapes)
    >>> test()
    """
    whole = draw(shapes(min_dims, max_dims))

    def part() -> Shape:
        left = whole[draw(st.integers(0, len(whole) - min_dims)) :]
        return tuple(1 if draw(st.integers(0, 3)) == 3 else n for n in left)

    return tuple(part() for _ in range(number))


def arrays(
    shape: Shape | Strategy | None = None,
    low: float = -2.0,
    high: float = 2.0,
    away: Sequence[float] = (),
    gap: float = 0.05,
    dtype: Any = np.float64,
) -> Strategy:
    """Arrays of random numbers between `low` and `high`, none nearer than `gap` to a number in `away`.

    Parameters
    ----------
    shape : tuple, strategy or None
        The shape, or what draws it; None for any.
    low, high : float
        Where the numbers lie.
    away : sequence of floats
        Kinks and poles, at which a central difference means nothing.
    gap : float
        How far to stay from them.
    dtype : dtype
        float64, as gradients are checked in it; an integer one gives whole numbers from `low` up to `high`.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import given
    >>> from tinygrad_edu.testing.strategies import arrays
    >>> @given(arrays((2, 3), away=[0.0]))
    ... def test(x):
    ...     assert x.shape == (2, 3) and np.all(np.abs(x) >= 0.05)
    >>> test()
    """

    def filled(shape: Shape, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        if np.dtype(dtype).kind in "iu":
            return rng.integers(int(low), int(high), shape, dtype, endpoint=True)
        x = np.asarray(rng.uniform(low, high, shape))
        for kink in away:
            x = np.where(np.abs(x - kink) < gap, kink + np.copysign(gap, x - kink), x)
        return x.astype(dtype)

    if not isinstance(shape, st.SearchStrategy):
        shape = shapes() if shape is None else st.just(shape)
    return st.builds(filled, shape, _SEEDS)


def distinct(*shapes: Shape, gap: float = 0.1) -> Strategy:
    """A tuple of arrays of `shapes`, any two numbers of which, also of different arrays, are `gap` apart.

    For ops that choose by size: maxima, sorting, medians.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import given
    >>> from tinygrad_edu.testing.strategies import distinct
    >>> @given(distinct((2, 3), (4,)))
    ... def test(arrays):
    ...     numbers = np.sort(np.concatenate([a.ravel() for a in arrays]))
    ...     assert np.all(np.diff(numbers) >= 0.1)
    >>> test()
    """
    sizes = [int(np.prod(shape)) for shape in shapes]

    def filled(seed: int) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng(seed)
        places = rng.permutation(sum(sizes)) - sum(sizes) / 2
        numbers = gap * (2 * places + rng.uniform(0, 1, sum(sizes)))
        parts = np.split(numbers, np.cumsum(sizes)[:-1])
        return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))

    return _SEEDS.map(filled)


def axes(ndim: int, several: bool = True, none: bool = True) -> Strategy:
    """What `axis` may be for an array of `ndim` axes: None, one axis or (with `several`) a tuple; also negative ones.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import given
    >>> from tinygrad_edu.testing.strategies import axes
    >>> @given(axes(2))
    ... def test(axis):
    ...     np.sum(np.zeros((2, 3)), axis)
    >>> test()
    """
    choices: list[Strategy] = [st.none()] if none else []
    if ndim:
        choices.append(st.integers(-ndim, ndim - 1))
    if several:
        signed = st.integers(0, max(ndim - 1, 0)).flatmap(lambda a: st.sampled_from([a, a - ndim]))
        choices.append(
            st.lists(signed, max_size=ndim, unique_by=lambda a: a % ndim).map(tuple) if ndim else st.just(())
        )
    return st.one_of(choices)
