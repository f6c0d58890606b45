import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along, from_places
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def repeat(a, repeats, axis=None):
    if axis is None:
        return repeat(a.reshape(-1), repeats, 0)
    n = a.shape[axis]
    counts = list(repeats) * n if np.size(repeats) == 1 and np.ndim(repeats) else repeats
    counts = counts if np.ndim(counts) else [counts] * n
    return along(a, axis % a.ndim, [k for k, count in enumerate(counts) for _ in range(count)])


def tile(A, reps):
    reps = np.atleast_1d(reps).tolist()
    a = A.reshape((1,) * (len(reps) - A.ndim) + A.shape)
    reps = [1] * (a.ndim - len(reps)) + reps
    shape = [n * r for n, r in zip(a.shape, reps, strict=True)]
    return from_places(a, shape, lambda *i: tuple(k % n for k, n in zip(i, a.shape, strict=True)))


@st.composite
def repeats(draw):
    shape = draw(shapes())
    axis = draw(axes(len(shape), several=False))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    each = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    counts = draw(st.integers(0, 3) | st.integers(0, 3).map(lambda k: [k]) | each)
    return draw(call(arrays(shape), repeats=st.just(counts), axis=st.just(axis)))


times = st.integers(0, 3)

ROWS = [
    Row(tg.repeat, repeat, repeats()),
    Row(tg.tile, tile, shapes(max_dims=2).flatmap(
        lambda s: call(arrays(s), reps=times | st.lists(times, max_size=3).map(tuple)))),
]  # fmt: skip
