import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.resampling import blend, blend_back
from tinygrad_edu.testing.strategies import arrays, shapes


def read(x, places, weights, axis):
    x = np.moveaxis(x, axis, 0)
    y = np.zeros((places.shape[1], *x.shape[1:]))
    for (t, i), place in np.ndenumerate(places):
        y[i] += weights[t, i] * x[place]
    return np.moveaxis(y, 0, axis)


def added(a, places, weights, axis, n):
    a = np.moveaxis(a, axis, 0)
    y = np.zeros((n, *a.shape[1:]))
    for (t, i), place in np.ndenumerate(places):
        y[place] += weights[t, i] * a[i]
    return np.moveaxis(y, 0, axis)


@st.composite
def blends(draw):
    """The shape of what is read, an axis, and which elements with which weights."""
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    number, taps = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return shape, axis, rng.integers(0, shape[axis], (taps, number)), rng.normal(size=(taps, number))


def reading(drawn):
    shape, axis, places, weights = drawn
    return call(arrays(shape), places=st.just(places), weights=st.just(weights), axis=axis)


def adding(drawn):
    shape, axis, places, weights = drawn
    wide = list(shape)
    wide[axis] = places.shape[1]
    return call(arrays(tuple(wide)), places=st.just(places), weights=st.just(weights), axis=axis, n=shape[axis])


ROWS = [
    Row(blend, read, blends().flatmap(reading)),
    Row(blend_back, added, blends().flatmap(adding)),
]
