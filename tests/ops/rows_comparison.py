import operator

import tinygrad_edu as tg
from tests.ops.table import Row, call, elementwise
from tinygrad_edu.testing.strategies import arrays, broadcastable

# Whole numbers from -1 to 1 in float64, so that many are equal.
alike = broadcastable(2).flatmap(
    lambda s: call(*(arrays(n, -1, 1, dtype=int).map(lambda a: a.astype(float)) for n in s))
)

ROWS = [
    Row(tg.equal, elementwise(operator.eq), alike),
    Row(tg.not_equal, elementwise(operator.ne), alike),
    Row(tg.less, elementwise(operator.lt), alike),
    Row(tg.less_equal, elementwise(operator.le), alike),
    Row(tg.greater, elementwise(operator.gt), alike),
    Row(tg.greater_equal, elementwise(operator.ge), alike),
]
