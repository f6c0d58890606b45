import math

import tinygrad_edu as tg
from tests.ops.table import Row, array, elementwise, operands


def sinc(x):
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


ROWS = [
    Row(tg.sin, elementwise(math.sin), array()),
    Row(tg.cos, elementwise(math.cos), array()),
    Row(tg.tan, elementwise(math.tan), array(-1.2, 1.2)),
    Row(tg.arcsin, elementwise(math.asin), array(-0.8, 0.8)),
    Row(tg.arccos, elementwise(math.acos), array(-0.8, 0.8)),
    Row(tg.arctan, elementwise(math.atan), array()),
    Row(tg.arctan2, elementwise(math.atan2), operands(2, away=[0.0], gap=0.3)),
    Row(tg.hypot, elementwise(math.hypot), operands(2, away=[0.0], gap=0.3)),
    Row(tg.sinh, elementwise(math.sinh), array()),
    Row(tg.cosh, elementwise(math.cosh), array()),
    Row(tg.tanh, elementwise(math.tanh), array()),
    Row(tg.arcsinh, elementwise(math.asinh), array()),
    Row(tg.arccosh, elementwise(math.acosh), array(1.2, 3.0)),
    Row(tg.arctanh, elementwise(math.atanh), array(-0.8, 0.8)),
    Row(tg.deg2rad, elementwise(math.radians), array(-180.0, 180.0)),
    Row(tg.rad2deg, elementwise(math.degrees), array()),
    Row(tg.sinc, elementwise(sinc), array()),
    Row(tg.sinc, elementwise(sinc), array(-0.2, 0.2), "near 0"),
]
