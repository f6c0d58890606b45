import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call
from tinygrad_edu.testing.strategies import arrays, shapes


def with_axis(**params):
    return shapes(min_dims=1, min_side=3).flatmap(
        lambda s: call(arrays(s), axis=st.integers(-len(s), len(s) - 1), **params)
    )


def interp(x, xp, fp):
    def at(v):
        if not xp[0] < v < xp[-1]:
            return fp[0] if v <= xp[0] else fp[-1]
        k = max(i for i in range(len(xp)) if xp[i] <= v)
        return fp[k] + (v - xp[k]) * (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k])

    return np.vectorize(at, otypes=[float])(x)


points = np.array([-1.5, -0.5, 0.7, 1.8])
moved = arrays((4,), 0.0, 0.01).map(lambda a: a + points)
read = shapes().flatmap(lambda s: call(arrays(s, away=points), moved, arrays((4,))))
places = arrays((5,), 0.0, 0.1).map(lambda a: a + np.arange(5))

ends = call(arrays((2, 3)), to_begin=0.5, to_end=np.array([7, 9]))


def vander(x, N, increasing):
    powers = range(N) if increasing else range(N)[::-1]
    return np.array([[v**k for k in powers] for v in x])


ROWS = [
    Row(tg.diff, np.diff, with_axis(n=st.integers(0, 2))),
    Row(tg.diff, np.diff, call(arrays((3, 2)), axis=0, prepend=0.5, append=np.ones((2, 2), int)), "with edges"),
    Row(tg.gradient, np.gradient, with_axis(edge_order=st.sampled_from([1, 2]))),
    Row(
        tg.gradient,
        np.gradient,
        call(arrays((5,)), places),
        "of places",
    ),
    Row(tg.trapezoid, np.trapezoid, with_axis(dx=st.sampled_from([1.0, 0.5]))),
    Row(tg.trapezoid, np.trapezoid, call(arrays((3, 4)), arrays((4,))), "of places"),
    Row(tg.interp, interp, read),
    Row(tg.ediff1d, lambda ary, to_begin, to_end: np.hstack([to_begin, np.diff(ary.ravel()), to_end]), ends),
    Row(tg.polyval, np.polyval, shapes().flatmap(lambda s: call(arrays((4,)), arrays(s)))),
    Row(tg.vander, vander, call(arrays((3,)), N=st.integers(1, 4), increasing=st.booleans())),
    Row(tg.unwrap, np.unwrap, with_axis()),
]
