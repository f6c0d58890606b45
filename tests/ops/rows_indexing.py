import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.ops.indexing import put
from tinygrad_edu.testing.strategies import arrays

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


ROWS = [
    Row(tg.getitem, getitem, call(arrays(CUBE), index=indices)),
    Row(put, added_in, indices.flatmap(lambda i: call(arrays(numbered(i).shape), index=i, shape=CUBE))),
]
