import itertools

import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.pooling import max_indices, max_pool, plane_put, plane_take
from tinygrad_edu.ops.sliding import adaptive, counts, sliding, window_spread, window_sum
from tinygrad_edu.testing.strategies import arrays, distinct, shapes


def read_by(windows, place):
    """The places in the plane that the window number `place` reads, row by row."""
    along = [
        [w.starts[i] + w.step * k for k in range(w.widths[i]) if 0 <= w.starts[i] + w.step * k < w.size]
        for w, i in zip(windows, place, strict=True)
    ]
    return list(itertools.product(*along))


def each_window(x, windows, f):
    """`f` of the numbers of each window, and of their places counted row by row."""
    axes = len(windows)
    lead, plane = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    y = np.zeros((*lead, *map(len, windows)))
    for place in np.ndindex(y.shape):
        read = read_by(windows, place[len(lead) :])
        values = [float(x[(*place[: len(lead)], *at)]) for at in read]
        y[place] = f(values, [int(np.ravel_multi_index(at, plane)) for at in read])
    return y


def spread(a, windows):
    lead = a.shape[: a.ndim - len(windows)]
    x = np.zeros((*lead, *(w.size for w in windows)))
    for place in np.ndindex(a.shape):
        for at in read_by(windows, place[len(lead) :]):
            x[(*place[: len(lead)], *at)] += a[place]
    return x


def first_of_the_greatest(values, places):
    return places[max(range(len(values)), key=lambda i: (values[i], -i))]


def taken(x, index, axes):
    flat = x.reshape(*x.shape[: x.ndim - axes], -1)
    return np.array([flat[at[: x.ndim - axes]][i] for at, i in np.ndenumerate(index)]).reshape(index.shape)


def written(a, index, shape, axes, add=True):
    x = np.zeros((*shape[: len(shape) - axes], int(np.prod(shape[len(shape) - axes :]))))
    for at, i in np.ndenumerate(index):
        line = at[: len(shape) - axes]
        x[line][i] = x[line][i] + a[at] if add else a[at]
    return x.reshape(shape)


@st.composite
def windows_of(draw, size):
    """Windows of every kind, none of them empty."""
    if draw(st.booleans()):
        return adaptive(size, draw(st.integers(1, 5)))
    k, d = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    p = draw(st.integers(0, (d * (k - 1) + 1) // 2))
    found = sliding(size, k, draw(st.integers(1, 3)), p, d, draw(st.booleans()))
    return found if found.starts and all(counts(found)) else adaptive(size, 1)


@st.composite
def sliced(draw):
    """A shape, and windows for some of its last axes."""
    shape = draw(shapes(min_dims=1, max_dims=4, min_side=1))
    axes = draw(st.integers(1, min(3, len(shape))))
    return shape, tuple(draw(windows_of(n)) for n in shape[-axes:])


@st.composite
def planes(draw):
    """A shape, the number of axes of its planes, and indices into them; no two of a plane alike."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axes = draw(st.integers(1, len(shape)))
    lead, plane = shape[: len(shape) - axes], int(np.prod(shape[len(shape) - axes :]))
    number = draw(st.integers(1, plane))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    index = np.stack([rng.permutation(plane)[:number] for _ in range(int(np.prod(lead)))])
    return shape, axes, index.reshape(*lead, *(1,) * (axes - 1), number)


def summed(s):
    shape, windows = s
    return call(arrays(shape), windows=windows)


def spreading(s):
    shape, windows = s
    return call(arrays((*shape[: len(shape) - len(windows)], *map(len, windows))), windows=windows)


def maxima(s):
    shape, windows = s
    return distinct(shape).flatmap(lambda parts: call(st.just(parts[0]), windows=windows))


def maxima_with_ties(s):
    shape, windows = s

    def whole(x):
        y = each_window(x, windows, lambda values, _: max(values))
        return call(st.just(x), st.just(y), windows=windows)

    return arrays(shape, -2, 2).map(np.round).flatmap(whole)


def reading(s):
    shape, axes, index = s
    return call(arrays(shape), index, axes=axes)


def writing(s):
    shape, axes, index = s
    return call(arrays(index.shape), index, shape=shape, axes=axes, add=st.booleans())


ROWS = [
    Row(window_sum, lambda x, windows: each_window(x, windows, lambda v, _: sum(v)), sliced().flatmap(summed)),
    Row(window_spread, spread, sliced().flatmap(spreading)),
    Row(max_pool, lambda x, windows: each_window(x, windows, lambda v, _: max(v)), sliced().flatmap(maxima)),
    Row(max_indices, lambda x, y, windows: each_window(x, windows, first_of_the_greatest),
        sliced().flatmap(maxima_with_ties)),
    Row(plane_take, taken, planes().flatmap(reading)),
    Row(plane_put, written, planes().flatmap(writing)),
]  # fmt: skip
