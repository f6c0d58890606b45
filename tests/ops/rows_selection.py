import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, array, call, elementwise
from tinygrad_edu.ops import selection
from tinygrad_edu.ops.selection import _clip
from tinygrad_edu.testing.strategies import arrays, broadcastable, distinct


def mask(s):
    return arrays(s, 0, 1, dtype=int).map(lambda a: a == 1)


def clip(x, low, high):
    return min(max(x, low), high)


def select(a, b, otherwise, conditions):
    return elementwise(lambda p, q, x, y, z: x if p else y if q else z)(*conditions, a, b, otherwise)


apart = broadcastable(2).flatmap(lambda s: distinct(*s)).flatmap(lambda arrays: call(*arrays))
apart_3 = broadcastable(3).flatmap(lambda s: distinct(*s)).flatmap(lambda arrays: call(*arrays))
masked = broadcastable(3).flatmap(lambda s: call(mask(s[0]), arrays(s[1]), arrays(s[2])))
chosen = broadcastable(5).flatmap(lambda s: call(*map(arrays, s[:3]), conditions=st.tuples(mask(s[3]), mask(s[4]))))
between = st.sampled_from([{"a_min": -1.0, "a_max": 0.5}, {"min": -1.0}, {"a_max": 0.5}, {"min": -1, "max": 0.5}])

ROWS = [
    Row(selection.where, elementwise(lambda c, a, b: a if c else b), masked),
    Row(tg.where, elementwise(lambda c, a, b: a if c else b), masked),
    Row(tg.maximum, elementwise(max), apart),
    Row(tg.minimum, elementwise(min), apart),
    Row(tg.fmax, elementwise(max), apart),
    Row(tg.fmin, elementwise(min), apart),
    Row(_clip, elementwise(clip), apart_3),
    Row(tg.clip, elementwise(clip), apart_3),
    Row(
        tg.clip,
        lambda a, a_min=-9, a_max=9, min=-9, max=9: elementwise(clip)(a, a_min + min + 9, a_max + max - 9),
        between.flatmap(lambda bounds: array(away=[-1.0, 0.5], **bounds)),
        "between numbers",
    ),
    Row(tg.nan_to_num, lambda x: x, array()),
    Row(tg.heaviside, elementwise(lambda a, b: float(a > 0)), call(arrays((3,), away=[0.0]), arrays((2, 3)))),
    Row(tg.heaviside, elementwise(lambda a, b: b), call(np.zeros(3, int), arrays((2, 3))), "at 0"),
    Row(tg.select, select, chosen, call_as=lambda op: lambda *a, conditions: op(list(conditions), list(a[:-1]), a[-1])),
]
