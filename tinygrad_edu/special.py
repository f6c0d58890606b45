"""Special functions, under SciPy's names."""

from .ops.activation import sigmoid as expit
from .ops.softmax import log_softmax, softmax
from .ops.special import (
    digamma,
    erf,
    erfc,
    erfinv,
    gammaln,
    i0,
    i1,
    log_ndtr,
    logit,
    logsumexp,
    ndtr,
    polygamma,
    xlogy,
)
from .ops.special import digamma as psi
from .ops.trigonometric import sinc

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
    "i0",
    "i1",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "ndtr",
    "polygamma",
    "psi",
    "sinc",
    "softmax",
    "xlogy",
]
