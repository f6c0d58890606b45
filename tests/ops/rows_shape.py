import itertools

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, broadcastable, shapes


def by_index(place, shape):
    """An array of `shape` whose element at an index is the one of `a` at ``place(index)``."""
    return lambda a: np.array([a[place(i)] for i in np.ndindex(shape)], a.dtype).reshape(shape)


def transpose(a, axes=None):
    axes = axes or range(a.ndim)[::-1]
    shape = tuple(a.shape[k] for k in axes)
    return by_index(lambda i: tuple(i[list(axes).index(k)] for k in range(a.ndim)), shape)(a)


def swap_last_two(x):
    return by_index(lambda i: (*i[:-2], i[-1], i[-2]), (*x.shape[:-2], x.shape[-1], x.shape[-2]))(x)


def broadcast_to(a, shape):
    lead = len(shape) - a.ndim
    return by_index(lambda i: tuple(0 if n == 1 else k for k, n in zip(i[lead:], a.shape, strict=True)), shape)(a)


def reshape(a, shape):
    return np.fromiter(itertools.chain(a.flat), float).reshape(shape)


@st.composite
def other_shapes(draw):
    shape = draw(shapes())
    size = int(np.prod(shape))
    target = draw(st.sampled_from([(-1,), size, (size,), (1, -1, 1), shape[::-1]] if size else [(size,), (0, 3)]))
    return draw(call(arrays(shape), shape=target))


orders = shapes().flatmap(lambda s: call(arrays(s), axes=st.permutations(range(len(s))).map(tuple) | st.none()))
stretched = broadcastable(2).flatmap(lambda s: call(arrays(s[0]), shape=np.broadcast_shapes(*s)))

ROWS = [
    Row(tg.reshape, reshape, other_shapes()),
    Row(tg.broadcast_to, broadcast_to, stretched),
    Row(tg.transpose, transpose, orders),
    Row(tg.matrix_transpose, swap_last_two, call(arrays(shapes(min_dims=2)))),
]
