import math

from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, array, call, elementwise, operands
from tinygrad_edu.ops.activation import celu, hardtanh, prelu, softsign
from tinygrad_edu.testing.strategies import arrays


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def gelu_tanh(x):
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def with_parameter(f):
    """A function of a number and a parameter, element by element."""
    return lambda x, **params: elementwise(lambda v: f(v, *params.values()))(x)


kinked = array(away=[0.0])
factors = st.sampled_from([0.5, 2.0])

ROWS = [
    Row(tg.relu, elementwise(lambda x: max(x, 0.0)), kinked),
    Row(
        tg.leaky_relu,
        with_parameter(lambda x, slope: x if x > 0 else slope * x),
        array(away=[0.0], negative_slope=st.sampled_from([0.01, 0.5])),
    ),
    Row(prelu, elementwise(lambda x, w: x if x > 0 else w * x), operands(2, away=[0.0])),
    Row(
        hardtanh,
        lambda x, low, high: elementwise(lambda v: min(max(v, low), high))(x),
        call(arrays(away=[-1.0, -0.5, 0.5, 1.5]), low=st.sampled_from([-1.0, -0.5]), high=st.sampled_from([0.5, 1.5])),
    ),
    Row(
        celu,
        with_parameter(lambda x, a: x if x > 0 else a * (math.exp(x / a) - 1)),
        array(away=[0.0], alpha=factors),
    ),
    Row(tg.elu, with_parameter(lambda x, a: x if x > 0 else a * (math.exp(x) - 1)), array(away=[0.0], alpha=factors)),
    Row(tg.sigmoid, elementwise(sigmoid), array()),
    Row(tg.softplus, with_parameter(lambda x, b: math.log(1 + math.exp(b * x)) / b), array(beta=factors)),
    Row(softsign, elementwise(lambda x: x / (1 + abs(x))), array(away=[0.0])),
    Row(tg.silu, elementwise(lambda x: x * sigmoid(x)), array()),
    Row(tg.gelu, elementwise(lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2), array()),
    Row(tg.gelu, with_parameter(lambda x, _: gelu_tanh(x)), array(approximate="tanh"), "by tanh"),
]
