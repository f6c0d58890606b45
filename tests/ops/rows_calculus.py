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
]
