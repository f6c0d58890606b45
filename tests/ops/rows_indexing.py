import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.ops.indexing import put, put_all
from tinygrad_edu.testing.strategies import arrays, axes, shapes

CUBE = (3, 4, 2)

# What can stand in the brackets behind an array of shape CUBE.
indices = st.sampled_from([
    1, -1, slice(1, 3), slice(None, None, -2), Ellipsis, None, (), (slice(None), None, 2), (..., 0), (2, 1, 0),
    np.array([0, 2, 2]), np.array([[0, -1], [1, 1]]), np.array([], int), (np.array([0, 0, 1]), slice(1, 3)),
    (slice(None), np.array([3, 3])), (np.array([0, 2]), slice(None), np.array([1, 0])),
    (np.array([1, 1]), np.array([2, 2])), np.array([True, False, True]), np.arange(24).reshape(CUBE) % 5 == 0,
    (0, np.array([True, False, False, True])),
])  # fmt: skip


def numbered(index):
    """The places in CUBE, counted row by row, that `index` reads: indexing done on integers only."""
    return np.arange(24).reshape(CUBE)[index]


def getitem(a, index):
    places = numbered(index)
    return np.array([a.ravel()[k] for k in places.flat], float).reshape(places.shape)


def added_in(a, index, shape):
    found = np.zeros(24)
    for k, value in zip(numbered(index).flat, a.flat, strict=True):
        found[k] += value
    return found.reshape(shape)


def at(places, index, mode):
    """Which of `places` numbers an index means."""
    return index % places if mode == "wrap" else min(max(index, 0), places - 1) if mode == "clip" else index


def take(a, indices, axis=None, mode="raise"):
    if axis is None:
        return take(a.reshape(-1), indices, 0, mode)
    axis %= a.ndim
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    found = np.zeros((*before, *np.shape(indices), *after))
    for i in np.ndindex(found.shape):
        k = at(a.shape[axis], np.asarray(indices)[i[axis : len(i) - len(after)]], mode)
        found[i] = a[(*i[:axis], k, *i[len(i) - len(after) :])]
    return found


def take_along_axis(arr, indices, axis=-1):
    if axis is None:
        return np.array([arr.ravel()[k] for k in indices])
    axis %= arr.ndim
    shape = [max(n, m) if 0 not in (n, m) else 0 for n, m in zip(arr.shape, indices.shape, strict=True)]
    shape[axis] = indices.shape[axis]
    found = np.zeros(shape)
    for i in np.ndindex(*shape):
        k = indices[tuple(0 if n == 1 else j for j, n in zip(i, indices.shape, strict=True))]
        source = [0 if n == 1 else j for j, n in zip(i, arr.shape, strict=True)]
        source[axis] = k
        found[i] = arr[tuple(source)]
    return found


@st.composite
def takes(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape), several=False))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    reach = n if mode == "raise" else 3 * n
    places = draw(arrays(draw(shapes(max_dims=2)), -reach, reach - 1, dtype=np.int64))
    return draw(call(arrays(shape), st.just(places), axis=axis, mode=mode))


@st.composite
def takes_along(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape), several=False))
    if axis is None:
        n = int(np.prod(shape))
        return draw(call(arrays(shape), arrays((draw(st.integers(0, 5)),), -n, n - 1, dtype=np.int64), axis=None))
    n = shape[axis]
    lines = [1 if draw(st.integers(0, 3)) == 3 else m for m in shape]
    lines[axis] = draw(st.integers(0, 4))
    own = [1 if k != axis % len(shape) and draw(st.integers(0, 3)) == 3 else m for k, m in enumerate(shape)]
    return draw(call(arrays(tuple(own)), arrays(tuple(lines), -n, n - 1, dtype=np.int64), axis=axis))


def all_added_in(*arrays, indices, shape):
    return sum(added_in(a, index, shape) for a, index in zip(arrays, indices, strict=True))


ROWS = [
    Row(tg.take, take, takes()),
    Row(tg.take_along_axis, take_along_axis, takes_along()),
    Row(tg.getitem, getitem, call(arrays(CUBE), index=indices)),
    Row(put, added_in, indices.flatmap(lambda i: call(arrays(numbered(i).shape), index=i, shape=CUBE))),
    Row(
        put_all,
        all_added_in,
        st.lists(indices, min_size=1, max_size=3).flatmap(
            lambda found: call(*(arrays(numbered(i).shape) for i in found), indices=found, shape=CUBE)
        ),
    ),
]
