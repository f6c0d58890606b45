import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along, from_places
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def reordered(a, order):
    """Axis i of the result is axis ``order[i]`` of `a`."""
    return from_places(a, [a.shape[k] for k in order], lambda *i: tuple(i[order.index(k)] for k in range(a.ndim)))


def swapaxes(a, axis1, axis2):
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return reordered(a, order)


def moveaxis(a, source, destination):
    sources = [k % a.ndim for k in np.atleast_1d(source)]
    order = [k for k in range(a.ndim) if k not in sources]
    for to, k in sorted(zip([k % a.ndim for k in np.atleast_1d(destination)], sources, strict=True)):
        order.insert(to, k)
    return reordered(a, order)


def rollaxis(a, axis, start=0):
    order = list(range(a.ndim))
    start = start + a.ndim if start < 0 else start
    order.insert(start, a.ndim)  # a mark where it shall go
    order.remove(axis % a.ndim)
    return reordered(a, [axis % a.ndim if k == a.ndim else k for k in order])


def flip(m, axis=None):
    for k in range(m.ndim) if axis is None else np.atleast_1d(axis).astype(int):
        m = along(m, k % m.ndim, range(m.shape[k])[::-1])
    return m


def rot90(m, k=1, axes=(0, 1)):
    for _ in range(k % 4):
        m = flip(swapaxes(m, *axes), axes[0])
    return m


def roll(a, shift, axis=None):
    if axis is None:
        return roll(a.reshape(-1), sum(np.atleast_1d(shift)), 0).reshape(a.shape)
    for s, k in np.broadcast(shift, axis):
        n = a.shape[k]
        a = along(a, k % a.ndim, [(i - s) % n for i in range(n)])
    return a


@st.composite
def swaps(draw):
    shape = draw(shapes(min_dims=1))
    place = st.integers(-len(shape), len(shape) - 1)
    return draw(call(arrays(shape), axis1=place, axis2=place))


@st.composite
def moves(draw):
    shape = draw(shapes(min_dims=1))
    if draw(st.booleans()):
        place = st.integers(-len(shape), len(shape) - 1)
        return draw(call(arrays(shape), source=place, destination=place))
    several = st.permutations(range(len(shape))).map(tuple)
    n = draw(st.integers(0, len(shape)))
    return draw(call(arrays(shape), source=several.map(lambda p: p[:n]), destination=several.map(lambda p: p[:n])))


@st.composite
def rolled_axes(draw):
    shape = draw(shapes(min_dims=1))
    n = len(shape)
    return draw(call(arrays(shape), axis=st.integers(-n, n - 1), start=st.integers(-n, n)))


@st.composite
def turns(draw):
    shape = draw(shapes(min_dims=2))
    plane = draw(st.permutations(range(len(shape))))[:2]
    return draw(call(arrays(shape), k=st.integers(-5, 5), axes=st.just(tuple(plane))))


@st.composite
def rolls(draw):
    shape = draw(shapes())
    axis = draw(axes(len(shape)).filter(lambda k: k != ()))  # NumPy wants at least one
    shift = st.integers(-5, 5)
    if isinstance(axis, tuple):
        shift = st.tuples(*[shift] * len(axis))
    return draw(call(arrays(shape), shift=shift, axis=st.just(axis)))


flips = shapes().flatmap(lambda s: call(arrays(s), axis=axes(len(s))))

ROWS = [
    Row(tg.swapaxes, swapaxes, swaps()),
    Row(tg.moveaxis, moveaxis, moves()),
    Row(tg.rollaxis, rollaxis, rolled_axes()),
    Row(tg.flip, flip, flips),
    Row(tg.fliplr, lambda m: flip(m, 1), call(arrays(shapes(min_dims=2)))),
    Row(tg.flipud, lambda m: flip(m, 0), call(arrays(shapes(min_dims=1)))),
    Row(tg.rot90, rot90, turns()),
    Row(tg.roll, roll, rolls()),
]
