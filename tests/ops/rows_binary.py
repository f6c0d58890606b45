import math

import tinygrad_edu as tg
from tests.ops.table import Row, array, call, elementwise, operands, part
from tinygrad_edu.ops.binary import _exponent
from tinygrad_edu.testing.strategies import arrays, broadcastable, shapes


def whole(s, low, high):
    return arrays(s, low, high, dtype=int)


apart = array(away=[-1.0, -0.5, 0.5, 1.0, 0.0])
pairs = broadcastable(2).flatmap(lambda s: call(whole(s[0], 1, 30), whole(s[1], 1, 30)))

ROWS = [
    Row(tg.ldexp, elementwise(lambda a, b: a * 2**b), call(arrays((2, 3)), whole((3,), -3, 3))),
    Row(tg.frexp, elementwise(lambda x: math.frexp(x)[0]), apart, call_as=part(0)),
    Row(_exponent, elementwise(lambda x: math.frexp(x)[1]), apart),
    Row(tg.nextafter, elementwise(math.nextafter), operands(2)),
    Row(tg.spacing, elementwise(lambda x: math.copysign(math.ulp(x), x)), apart),
    Row(tg.gcd, elementwise(math.gcd), pairs),
    Row(tg.lcm, elementwise(math.lcm), pairs),
    Row(tg.bitwise_count, elementwise(lambda x: bin(x).count("1")), call(whole(shapes(), -9, 9))),
]
