import itertools
import math

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_scan import along, scanned
from tests.ops.table import Row, call
from tinygrad_edu.ops.running import _logcumsumexp, _places
from tinygrad_edu.testing.strategies import arrays, axes, distinct, shapes


def add_logs(xs):
    return itertools.accumulate(xs, lambda a, b: math.log(math.exp(a) + math.exp(b)))


def places(a, axis, accumulate):
    def of_list(xs):
        return [xs.index(v) for v in accumulate.accumulate(xs)]

    return along(of_list)(a, axis=axis)


def apart(none=True, **params):
    return shapes(min_dims=1, min_side=1).flatmap(
        lambda s: call(distinct(s).map(lambda a: a[0]), axis=axes(len(s), several=False, none=none), **params)
    )


one_axis = shapes(min_dims=1).flatmap(lambda s: call(arrays(s), axis=axes(len(s), several=False, none=False)))

ROWS = [
    Row(_places, places, apart(none=False, accumulate=st.sampled_from([np.maximum, np.minimum]))),
    Row(tg.cummax, along(lambda xs: itertools.accumulate(xs, max)), apart()),
    Row(tg.cummin, along(lambda xs: itertools.accumulate(xs, min)), apart()),
    Row(_logcumsumexp, along(add_logs), one_axis),
    Row(tg.logcumsumexp, along(add_logs), scanned),
]
