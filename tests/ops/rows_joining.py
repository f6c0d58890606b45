import itertools

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along, changed
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, shapes


def concatenate(arrays, axis=0):
    if axis is None:
        return np.array([x for a in arrays for x in a.flat])
    axis %= arrays[0].ndim
    found = np.zeros(changed(arrays[0].shape, axis, sum(a.shape[axis] for a in arrays)))
    start = 0
    for a in arrays:
        for i in np.ndindex(a.shape):
            found[changed(i, axis, start + i[axis])] = a[i]
        start += a.shape[axis]
    return found


def stack(arrays, axis=0):
    axis %= arrays[0].ndim + 1
    found = np.zeros((*arrays[0].shape[:axis], len(arrays), *arrays[0].shape[axis:]))
    for k, a in enumerate(arrays):
        for i in np.ndindex(a.shape):
            found[(*i[:axis], k, *i[axis:])] = a[i]
    return found


def unstack(x, axis=0):
    rows = [along(x, axis % x.ndim, [k]) for k in range(x.shape[axis])]
    return [r.reshape([n for k, n in enumerate(x.shape) if k != axis % x.ndim]) for r in rows]


def cut(ary, where, axis=0):
    """The parts of `ary` as NumPy documents them."""
    n = ary.shape[axis]
    if isinstance(where, int):
        longer = n % where
        sizes = [n // where + 1] * longer + [n // where] * (where - longer)
        where = np.cumsum(sizes)[:-1].tolist()
    places = range(n)
    bounds = [0, *where, n]
    return [along(ary, axis % ary.ndim, places[a:b]) for a, b in itertools.pairwise(bounds)]


def rows_of(a):
    """As `vstack` sees it: at least two axes."""
    return a.reshape(1, -1) if a.ndim < 2 else a


def depths_of(a):
    return rows_of(a)[..., None] if a.ndim < 3 else a


def columns_of(a):
    return a.reshape(-1, 1) if a.ndim < 2 else a


@st.composite
def joined(draw, axis=True, min_dims=1):
    shape = draw(shapes(min_dims=min_dims))
    count = draw(st.integers(1, 4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    sizes = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    return draw(call(*(arrays(changed(shape, axis % len(shape), n)) for n in sizes), axis=axis))


raveled = st.lists(shapes(max_dims=2), min_size=1, max_size=3).flatmap(lambda all: call(*map(arrays, all), axis=None))


@st.composite
def alike(draw, min_dims=0, max_dims=3, axis=None):
    shape = draw(shapes(min_dims=min_dims, max_dims=max_dims))
    count = draw(st.integers(1, 3))
    params = {"axis": st.integers(-len(shape) - 1, len(shape))} if axis else {}
    return draw(call(*[arrays(shape)] * count, **params))


@st.composite
def slices(draw):
    shape = draw(shapes(min_dims=1).filter(all))
    return draw(call(arrays(shape), axis=st.integers(-len(shape), len(shape) - 1)))


@st.composite
def cuts(draw, equal=False, axis=None):
    shape = draw(shapes(min_dims=1 if axis is None else axis + 1))
    params = {} if axis is not None else {"axis": draw(st.integers(-len(shape), len(shape) - 1))}
    n = shape[params.get("axis", axis)]
    count = st.integers(1, 5).filter(lambda k: not equal or n % k == 0)
    where = draw(count | st.lists(st.integers(-2, 5), max_size=3))
    return draw(call(arrays(shape), indices_or_sections=st.just(where), **params))


@st.composite
def ends(draw):
    (*parts,), params = draw(joined())
    return (parts[0], parts[-1]), params


ROWS = [
    Row(tg.concatenate, lambda *a, axis=0: concatenate(a, axis), joined()),
    Row(tg.concatenate, lambda *a, axis: concatenate(a, axis), raveled, "raveled"),
    Row(tg.stack, lambda *a, axis=0: stack(a, axis), alike(axis=True)),
    Row(tg.unstack, unstack, slices()),
    Row(tg.split, lambda ary, indices_or_sections, axis=0: cut(ary, indices_or_sections, axis), cuts(equal=True)),
    Row(tg.array_split, lambda ary, indices_or_sections, axis=0: cut(ary, indices_or_sections, axis), cuts()),
    Row(tg.vsplit, lambda ary, indices_or_sections: cut(ary, indices_or_sections), cuts(equal=True, axis=0).filter(
        lambda drawn: drawn[0][0].ndim > 1)),
    Row(tg.hsplit, lambda ary, indices_or_sections: cut(ary, indices_or_sections, 1), cuts(equal=True, axis=1)),
    Row(tg.dsplit, lambda ary, indices_or_sections: cut(ary, indices_or_sections, 2), cuts(equal=True, axis=2)),
    Row(tg.hstack, lambda *a: concatenate([np.atleast_1d(x) for x in a], 0 if a[0].ndim < 2 else 1), alike(),
        takes_list=True),
    Row(tg.vstack, lambda *a: concatenate([rows_of(x) for x in a]), alike(), takes_list=True),
    Row(tg.dstack, lambda *a: concatenate([depths_of(x) for x in a], 2), alike(), takes_list=True),
    Row(tg.column_stack, lambda *a: concatenate([columns_of(x) for x in a], 1), alike(), takes_list=True),
    Row(tg.append, lambda arr, values, axis: concatenate([arr, values], axis), ends()),
    Row(tg.append, lambda arr, values: concatenate([arr, values], None), call(arrays(), arrays(shapes(max_dims=2))),
        "raveled"),
]  # fmt: skip
