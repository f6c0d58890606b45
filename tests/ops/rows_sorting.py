import bisect

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along
from tests.ops.table import Row, call
from tinygrad_edu.ops import sorting
from tinygrad_edu.testing.strategies import arrays, axes, distinct, shapes


def by_line(f):
    """A function of the list of the numbers in a line as one of arrays along `axis`; None takes them raveled."""

    def of(a, axis=-1, **params):
        if axis is None:
            return np.array(f(a.ravel().tolist(), **params))
        return np.apply_along_axis(lambda line: np.array(f(line.tolist(), **params)), axis, a) if a.size else a

    return of


def order(line):
    return sorted(range(len(line)), key=line.__getitem__)


def greatest(line, k, largest):
    return (order(line)[::-1] if largest else order(line))[:k]


def topk(input, k, dim=-1, largest=True):
    return (
        by_line(lambda line: [line[i] for i in greatest(line, k, largest)])(input, dim),
        by_line(lambda line: greatest(line, k, largest))(input, dim),
    )


def partitioned(op):
    """`op`, then sorted on both sides of the place, as the order there is left open."""

    def called(a, kth, axis):
        y = op(a, kth, axis)
        along = -1 if axis is None else axis
        return tg.concatenate([tg.sort(part, axis) for part in tg.split(y, [kth, kth + 1], along)], along)

    return called


def at_place(op):
    """`op`, and of its result only the place that is determined."""

    def called(a, kth, axis):
        y = op(a, kth, axis)
        return tg.take(y, kth, -1 if axis is None else axis)

    return called


@st.composite
def different(draw, min_dims=0, none=True, **params):
    shape = draw(shapes(min_dims=min_dims, min_side=1))
    axis = draw(axes(len(shape), several=False, none=none))
    return draw(distinct(shape)), {"axis": axis, **draw(st.fixed_dictionaries(params))}


@st.composite
def cut(draw):
    (a,), params = draw(different())
    n = a.size if params["axis"] is None else a.shape[params["axis"]]
    return (a,), {"kth": draw(st.integers(0, n - 1)), **params}


@st.composite
def few(draw, name="dim"):
    (a,), params = draw(different(1, none=False))
    n = a.shape[params["axis"]]
    return (a,), {"k": draw(st.integers(1, n)), name: params["axis"], "largest": draw(st.booleans())}


@st.composite
def repeated(draw):
    """Vectors in which numbers come again; their differences are clear."""
    few = np.array([0.5, -1.5, 2.0])
    return (few[draw(st.lists(st.integers(0, 2), max_size=5).map(lambda p: np.array(p, int)))],), {}


@st.composite
def chosen(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(axes(len(shape), several=False))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    mask = draw(st.lists(st.booleans(), max_size=n))
    return draw(call(st.just(mask), arrays(shape), axis=st.just(axis)))


@st.composite
def masked(draw):
    shape = draw(shapes())
    mask = np.random.default_rng(draw(st.integers(0, 99))).random(shape) > 0.5
    return draw(call(st.just(mask), arrays(shape)))


def compress(condition, a, axis=None):
    a = a.ravel() if axis is None else a
    places = [i for i, c in enumerate(condition) if c]
    return along(a, 0 if axis is None else axis % a.ndim, places)


def places_of(a):
    return [i for i in np.ndindex(a.shape) if a[i] != 0]


holes = arrays(shapes(min_dims=1), -1, 1, dtype=np.int64).map(lambda a: ((a.astype(float),), {}))
steps = st.tuples(distinct((4,)).map(lambda d: np.sort(d[0])), distinct((2, 3)).map(lambda d: d[0] + 0.01))

ROWS = [
    Row(tg.argsort, by_line(order), different()),
    Row(tg.sort, by_line(sorted), different()),
    Row(tg.argpartition, lambda a, kth, axis: by_line(lambda line: order(line)[kth])(a, axis), cut(), call_as=at_place),
    Row(tg.partition, lambda a, kth, axis: by_line(sorted)(a, axis), cut(), call_as=partitioned),
    Row(tg.topk, topk, few()),
    Row(sorting._greatest, lambda a, k, axis, largest: topk(a, k, axis, largest)[1], few("axis")),
    Row(tg.searchsorted, lambda a, v, side: np.array([
        (bisect.bisect_left if side == "left" else bisect.bisect_right)(a.tolist(), x) for x in v.flat
        ]).reshape(v.shape), steps.flatmap(lambda x: call(*map(st.just, x), side=st.sampled_from(["left", "right"])))),
    Row(tg.nonzero, lambda a: [np.array([i[k] for i in places_of(a)], int) for k in range(a.ndim)], holes),
    Row(tg.flatnonzero, lambda a: np.array([k for k, x in enumerate(a.flat) if x], int), holes),
    Row(tg.argwhere, lambda a: np.array(places_of(a), int).reshape(-1, a.ndim), holes),
    Row(tg.count_nonzero, lambda a: len(places_of(a)), holes),
    Row(tg.unique, lambda ar: np.array(sorted(set(ar.tolist()))), distinct((4,)).map(lambda d: (d, {}))),
    Row(sorting._firsts, lambda a, axis, equal_nan: [
        [a.tolist().index(x) for x in sorted(set(a.tolist()))], [sorted(set(a.tolist())).index(x) for x in a.tolist()],
        [a.tolist().count(x) for x in sorted(set(a.tolist()))]], repeated().map(
            lambda d: (d[0], {"axis": None, "equal_nan": True}))),
    Row(tg.compress, compress, chosen()),
    Row(tg.extract, lambda condition, arr: compress(condition.ravel(), arr), masked()),
]  # fmt: skip
