import math

import tinygrad_edu as tg
from tests.ops.table import Row, array, elementwise, operands

ROWS = [
    Row(tg.exp, elementwise(math.exp), array()),
    Row(tg.exp2, elementwise(lambda x: 2**x), array()),
    Row(tg.expm1, elementwise(math.expm1), array()),
    Row(tg.log, elementwise(math.log), array(0.2, 3.0)),
    Row(tg.log2, elementwise(math.log2), array(0.2, 3.0)),
    Row(tg.log10, elementwise(math.log10), array(0.2, 3.0)),
    Row(tg.log1p, elementwise(math.log1p), array(-0.7, 3.0)),
    Row(tg.logaddexp, elementwise(lambda a, b: math.log(math.exp(a) + math.exp(b))), operands(2)),
    Row(tg.logaddexp2, elementwise(lambda a, b: math.log2(2**a + 2**b)), operands(2)),
    Row(tg.sqrt, elementwise(math.sqrt), array(0.2, 3.0)),
    Row(tg.cbrt, elementwise(lambda x: math.copysign(abs(x) ** (1 / 3), x)), array(away=[0.0], gap=0.3)),
    Row(tg.square, elementwise(lambda x: x * x), array()),
    Row(tg.reciprocal, elementwise(lambda x: 1 / x), array(away=[0.0], gap=0.3)),
    Row(tg.sign, elementwise(lambda x: (x > 0) - (x < 0)), array()),
    Row(tg.signbit, elementwise(lambda x: x < 0), array()),
    Row(tg.absolute, elementwise(lambda x: x if x > 0 else -x), array(away=[0.0])),
    Row(tg.fabs, elementwise(lambda x: x if x > 0 else -x), array(away=[0.0])),
    Row(tg.copysign, elementwise(math.copysign), operands(2, away=[0.0])),
]
