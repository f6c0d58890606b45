import math
import operator

from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.rows_reduction import keepdims
from tests.ops.table import Row, by_slices, call, elementwise
from tinygrad_edu.testing.strategies import arrays, axes, broadcastable, shapes


def whole(s, low=-1, high=1):
    return arrays(s, low, high, dtype=int)


def some(s):
    """Numbers of which many are 0."""
    return whole(s).map(lambda a: a.astype(float))


def odd(s):
    """Numbers of which some are infinite or NaN."""
    return arrays(s).map(lambda a: a / (abs(a) > 0.5) * (abs(a) > 0.2))


pairs = broadcastable(2).flatmap(lambda s: call(some(s[0]), some(s[1])))
bits = broadcastable(2).flatmap(lambda s: call(whole(s[0], 0, 9), whole(s[1], 0, 9)))
reduced = shapes().flatmap(lambda s: call(some(s), axis=axes(len(s)), keepdims=keepdims))
near = broadcastable(2).flatmap(
    lambda s: call(some(s[0]), some(s[1]).map(lambda a: a + 1e-3), atol=st.sampled_from([1e-2, 1e-4]))
)
same = shapes().flatmap(lambda s: call(some(s), some(s)))


among = call(whole(shapes(), -3, 3), whole((3,), -3, 3), invert=st.booleans())


def close(a, b, atol):
    return elementwise(lambda x, y: abs(x - y) <= atol + 1e-5 * abs(y))(a, b)


ROWS = [
    Row(tg.logical_and, elementwise(lambda a, b: bool(a and b)), pairs),
    Row(tg.logical_or, elementwise(lambda a, b: bool(a or b)), pairs),
    Row(tg.logical_xor, elementwise(lambda a, b: bool(a) != bool(b)), pairs),
    Row(tg.logical_not, elementwise(operator.not_), call(some(shapes()))),
    Row(tg.any, by_slices(any), reduced),
    Row(tg.all, by_slices(all), reduced),
    Row(tg.isclose, close, near),
    Row(tg.allclose, lambda a, b, atol: all(close(a, b, atol).flat), near),
    Row(tg.array_equal, lambda a, b: a.shape == b.shape and a.tolist() == b.tolist(), same),
    Row(tg.isin, lambda a, b, invert: elementwise(lambda x: (x in b.tolist()) != invert)(a), among),
    Row(tg.bitwise_and, elementwise(operator.and_), bits),
    Row(tg.bitwise_or, elementwise(operator.or_), bits),
    Row(tg.bitwise_xor, elementwise(operator.xor), bits),
    Row(tg.left_shift, elementwise(operator.lshift), bits),
    Row(tg.right_shift, elementwise(operator.rshift), bits),
    Row(tg.invert, elementwise(operator.invert), call(whole(shapes()))),
    Row(tg.isnan, elementwise(math.isnan), call(arrays())),
    Row(tg.isfinite, elementwise(math.isfinite), call(arrays())),
    Row(tg.isinf, elementwise(math.isinf), call(arrays())),
    Row(tg.isposinf, elementwise(lambda x: x == math.inf), call(arrays())),
    Row(tg.isneginf, elementwise(lambda x: x == -math.inf), call(arrays())),
]
