import math

import tinygrad_edu as tg
from tests.ops.table import Row, array, elementwise

ROWS = [
    Row(tg.exp, elementwise(math.exp), array()),
    Row(tg.log, elementwise(math.log), array(0.2, 3.0)),
    Row(tg.sqrt, elementwise(math.sqrt), array(0.2, 3.0)),
    Row(tg.tanh, elementwise(math.tanh), array()),
    Row(tg.sign, elementwise(lambda x: (x > 0) - (x < 0)), array()),
    Row(tg.absolute, elementwise(lambda x: x if x > 0 else -x), array(away=[0.0])),
]
