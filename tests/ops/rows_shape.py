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
def other_shapes(draw, order="C"):
    shape = draw(shapes())
    size = int(np.prod(shape))
    target = draw(st.sampled_from([(-1,), size, (size,), (1, -1, 1), shape[::-1]] if size else [(size,), (0, 3)]))
    return draw(call(arrays(shape), shape=target, order=order))


def by_columns(a, shape, order):
    """The numbers with the first index fastest, put so into the result."""
    numbers = [a[i[::-1]] for i in np.ndindex(a.shape[::-1])]
    found = np.empty(np.empty(a.shape).reshape(shape).shape)
    for i, x in zip(np.ndindex(found.shape[::-1]), numbers, strict=True):
        found[i[::-1]] = x
    return found


def all_broadcast(*arrays):
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return [broadcast_to(a, shape) for a in arrays]


def three_axes(a):
    return reshape(a, ((1,) * (a.ndim < 2) + a.shape + (1, 1))[: max(3, a.ndim)])


def expand_dims(a, axis):
    total = a.ndim + np.size(axis)
    new = [k % total for k in np.atleast_1d(axis)]
    sizes = iter(a.shape)
    return reshape(a, [1 if k in new else next(sizes) for k in range(total)])


def squeeze(a, axis=None):
    gone = [k for k, n in enumerate(a.shape) if n == 1] if axis is None else [k % a.ndim for k in np.atleast_1d(axis)]
    return reshape(a, [n for k, n in enumerate(a.shape) if k not in map(int, gone)])


@st.composite
def widened(draw):
    shape = draw(shapes())
    n = draw(st.integers(0, 2))
    total = len(shape) + n
    places = draw(st.permutations(range(-total, total))) if total else []
    several = tuple({k % total: k for k in places}.values())[:n]
    return draw(call(arrays(shape), axis=several[0] if n == 1 and draw(st.booleans()) else several))


@st.composite
def narrowed(draw):
    ones = draw(st.lists(st.booleans(), max_size=4))
    shape = tuple(1 if one else draw(st.integers(0, 3)) for one in ones)
    short = [k - draw(st.sampled_from([0, len(shape)])) for k, n in enumerate(shape) if n == 1]
    choices = [st.none(), st.just(tuple(short))] + ([st.sampled_from(short)] if short else [])
    return draw(call(arrays(shape), axis=st.one_of(choices)))


together = broadcastable(3).flatmap(lambda all: call(*map(arrays, all)))
orders = shapes().flatmap(lambda s: call(arrays(s), axes=st.permutations(range(len(s))).map(tuple) | st.none()))
stretched = broadcastable(2).flatmap(lambda s: call(arrays(s[0]), shape=np.broadcast_shapes(*s)))

ROWS = [
    Row(tg.reshape, lambda a, shape, order: reshape(a, shape), other_shapes()),
    Row(tg.broadcast_to, broadcast_to, stretched),
    Row(tg.transpose, transpose, orders),
    Row(tg.permute, transpose, orders),
    Row(tg.reshape, by_columns, other_shapes("F"), "by columns"),
    Row(tg.ravel, lambda a, order: by_columns(a, a.size, order), call(arrays(), order="F"), "by columns"),
    Row(tg.flatten, lambda a, order: by_columns(a, a.size, order), call(arrays(), order="F"), "by columns"),
    Row(tg.ravel, lambda a: reshape(a, -1), call(arrays())),
    Row(tg.flatten, lambda a: reshape(a, -1), call(arrays())),
    Row(tg.expand_dims, expand_dims, widened()),
    Row(tg.squeeze, squeeze, narrowed()),
    Row(tg.broadcast_arrays, all_broadcast, together, keeps_dtype=False),
    Row(tg.atleast_1d, lambda *a: [reshape(x, x.shape or 1) for x in a], call(arrays(), arrays()), keeps_dtype=False),
    Row(tg.atleast_2d, lambda x: reshape(x, (1,) * (2 - x.ndim) + x.shape), call(arrays())),
    Row(tg.atleast_3d, three_axes, call(arrays())),
    Row(tg.matrix_transpose, swap_last_two, call(arrays(shapes(min_dims=2)))),
]
