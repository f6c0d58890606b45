"""Every layer, activation and loss as a function of PyTorch's name and arguments.

They take Tensors or arrays, and are the ops of this package where these have the same arguments. PyTorch's ``inplace``
is taken everywhere and changes nothing: a new tensor is made all the same, as the graph keeps the old numbers.
"""

from ...ops.cross_entropy import cross_entropy, nll_loss
from ...ops.loss import binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss
from ...ops.softmax import one_hot
from .activation import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from .dropout import dropout
from .linear import flatten, linear
from .normalization import batch_norm
from .pooling import avg_pool1d, avg_pool2d, avg_pool3d, max_pool1d, max_pool2d, max_pool3d
from .softmax import hardmax, log_softmax, softmax

__all__ = [
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "cross_entropy", "dropout", "elu", "flatten", "gelu", "hardmax", "l1_loss",
    "leaky_relu", "linear", "log_softmax", "max_pool1d", "max_pool2d", "max_pool3d", "mse_loss", "nll_loss",
    "one_hot", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh",
]  # fmt: skip
