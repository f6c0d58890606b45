import itertools
import math
import operator

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import keepdims, only
from tests.ops.table import Row, by_slices, call
from tinygrad_edu.testing.strategies import arrays, axes, shapes


def along(f):
    """A function of a list of numbers as a scan with an axis, in a loop over what is left."""

    def scan(*inputs, axis=None):
        if axis is None:
            inputs, axis = [a.ravel() for a in inputs], 0
        y = np.array(inputs[0])
        rest = [n for i, n in enumerate(y.shape) if i != axis % y.ndim]
        for i in np.ndindex(*rest):
            at = (*i[: axis % y.ndim], slice(None), *i[axis % y.ndim :])
            y[at] = list(f(*(a[at].tolist() for a in inputs)))
        return y

    return scan


def recurrence(a, b):
    h = 0.0
    for x, y in zip(a, b, strict=True):
        h = x * h + y if y is not b[0] else y
        yield h


def some_zeros(s):
    """Numbers, few and far from 0, of which up to three are 0."""

    def zeroed(a, places):
        a.reshape(-1)[[p % a.size for p in places] if a.size else []] = 0.0
        return a

    return st.builds(zeroed, arrays(s, away=[0.0], gap=0.3), st.lists(st.integers(0, 30), max_size=3))


scanned = shapes().flatmap(lambda s: call(arrays(s), axis=axes(len(s), several=False)))
with_zeros = shapes().flatmap(lambda s: call(some_zeros(s), axis=axes(len(s), several=False)))
products = shapes().flatmap(lambda s: call(some_zeros(s), axis=axes(len(s)), keepdims=keepdims))
masked = call(
    some_zeros((3, 4)),
    axis=st.sampled_from([None, -1]),
    keepdims=keepdims,
    where=[True, False, True, True],
    initial=1.5,
)
pairs = shapes(min_dims=1).flatmap(lambda s: call(arrays(s), arrays(s), axis=axes(len(s), several=False, none=False)))


def with_first(f, first):
    def scan(x, axis, include_initial):
        y = f(x, axis)
        return np.insert(y, 0, first, axis) if include_initial else y

    return scan


included = shapes(min_dims=1).flatmap(
    lambda s: call(some_zeros(s), axis=axes(len(s), several=False, none=False), include_initial=st.booleans())
)

ROWS = [
    Row(tg.cumsum, along(itertools.accumulate), scanned),
    Row(tg.cumprod, along(lambda xs: itertools.accumulate(xs, operator.mul)), with_zeros),
    Row(tg.prod, by_slices(math.prod), products),
    Row(tg.prod, only(lambda xs, initial: math.prod([initial, *xs])), masked, "with a mask"),
    Row(tg.cumulative_sum, with_first(np.cumsum, 0.0), included),
    Row(tg.cumulative_prod, with_first(np.cumprod, 1.0), included),
    Row(tg.recurrence, along(recurrence), pairs),
]
