import operator

import tinygrad_edu as tg
from tests.ops.table import Row, array, call, elementwise, operands
from tinygrad_edu.testing.strategies import arrays, broadcastable

powers = broadcastable(2).flatmap(lambda s: call(arrays(s[0], 0.3, 2.0), arrays(s[1])))
whole_powers = broadcastable(2).flatmap(lambda s: call(arrays(s[0], away=[0.0]), arrays(s[1], 0, 3, dtype=int)))

ROWS = [
    Row(tg.add, elementwise(operator.add), operands(2)),
    Row(tg.subtract, elementwise(operator.sub), operands(2)),
    Row(tg.multiply, elementwise(operator.mul), operands(2)),
    Row(tg.divide, elementwise(operator.truediv), operands(2, away=[0.0], gap=0.3)),
    Row(tg.negative, elementwise(operator.neg), array()),
    Row(tg.positive, elementwise(operator.pos), array()),
    Row(tg.power, elementwise(operator.pow), powers),
    Row(tg.float_power, elementwise(operator.pow), powers),
    Row(tg.power, elementwise(operator.pow), whole_powers, "whole exponent"),
    Row(tg.power, elementwise(operator.pow), call(arrays(), 3), "a number as exponent"),
    Row(tg.power, elementwise(operator.pow), call(2.5, arrays()), "a number as base"),
]
