import math

import numpy as np
import scipy.special
from hypothesis import strategies as st

from tests.ops.table import Row, array, by_slices, call, elementwise
from tinygrad_edu.ops import special
from tinygrad_edu.testing.strategies import arrays, axes, broadcastable, shapes


def normal(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


def harmonic(x):
    """The digamma function by its recurrence and asymptotic series."""
    below = 0.0
    while x < 12:
        below, x = below - 1 / x, x + 1
    return below + math.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6) + 1 / (240 * x**8)


def bessel(order):
    def series(x):
        terms = ((x / 2) ** (2 * k + order) / (math.factorial(k) * math.factorial(k + order)) for k in range(30))
        return math.fsum(terms)

    return series


def polygamma(x, n):
    return (-1) ** (n + 1) * math.factorial(n) * scipy.special.zeta(n + 1, x)


pairs = broadcastable(2).flatmap(lambda s: call(arrays(s[0]), arrays(s[1], 0.3, 3.0)))


def weighted_logsumexp(a, b, axis, keepdims):
    parts = by_slices(math.fsum)(b * np.exp(a), axis, keepdims)
    return np.log(parts)


@st.composite
def weighted(draw):
    shape = draw(shapes(min_side=1))
    return draw(call(arrays(shape), arrays(shape, 0.1, 2), axis=axes(len(shape)), keepdims=st.booleans()))


ROWS = [
    Row(
        special.logsumexp,
        weighted_logsumexp,
        weighted(),
        call_as=lambda op: lambda a, b, **params: op(a, b=b, **params),
    ),
    Row(special.erf, elementwise(math.erf), array()),
    Row(special.erfc, elementwise(math.erfc), array()),
    Row(special.erfinv, lambda x: scipy.special.ndtri((x + 1) / 2) / math.sqrt(2), array(-0.8, 0.8)),
    Row(special.ndtr, elementwise(normal), array()),
    Row(special.log_ndtr, elementwise(lambda x: math.log(normal(x))), array()),
    Row(special.gammaln, elementwise(math.lgamma), array(0.5, 4.0)),
    Row(special.digamma, elementwise(harmonic), array(0.8, 4.0)),
    Row(special._polygamma, polygamma, array(1.0, 4.0, n=st.integers(1, 2)), rtol=1e-8),
    Row(
        special.polygamma,
        polygamma,
        array(1.0, 4.0, n=st.integers(1, 2)),
        rtol=1e-8,
        call_as=lambda op: lambda x, n: op(n, x),
    ),
    Row(special.i0, elementwise(bessel(0)), array()),
    Row(special.i1, elementwise(bessel(1)), array(away=[0.0], gap=0.2)),
    Row(special.logit, elementwise(lambda x: math.log(x / (1 - x))), array(0.2, 0.8)),
    Row(special.xlogy, elementwise(lambda a, b: a * math.log(b)), pairs),
]
