import tinygrad_edu as tg
from tests.ops.table import Row, call, elementwise
from tinygrad_edu.testing.strategies import arrays, broadcastable

masked = broadcastable(3).flatmap(
    lambda s: call(arrays(s[0], 0, 1, dtype=int).map(lambda a: a == 1), arrays(s[1]), arrays(s[2]))
)

ROWS = [Row(tg.where, elementwise(lambda c, a, b: a if c else b), masked)]
