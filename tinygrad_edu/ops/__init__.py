"""The ops: one function on arrays and one formula per input, side by side, one family a file."""

from .activation import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus
from .arithmetic import add, divide, multiply, negative, positive, power, subtract
from .assignment import setitem
from .casting import astype, copy, detach
from .comparison import equal, greater, greater_equal, less, less_equal, not_equal
from .cross_entropy import (
    cross_entropy,
    cross_entropy_of_labels,
    cross_entropy_of_probabilities,
    negative_log_likelihood,
    nll_loss,
)
from .elementwise import absolute, exp, log, sign, sqrt, tanh
from .indexing import getitem
from .layer import dropout, linear
from .linalg import matmul
from .loss import binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss
from .normalization import standardize
from .reduction import mean, std, sum, var
from .rounding import round
from .selection import maximum, minimum, where
from .shape import broadcast_to, matrix_transpose, reshape, transpose
from .softmax import hardmax, log_softmax, logsumexp, one_hot, softmax

__all__ = [name for name in dir() if not name.startswith("_")]
