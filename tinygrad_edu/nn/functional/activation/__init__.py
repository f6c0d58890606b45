"""Activations as functions."""

from .hard import hardshrink, hardsigmoid, hardswish, hardtanh, relu6, softshrink
from .rectified import celu, elu, leaky_relu, prelu, relu, rrelu, selu, threshold
from .smooth import gelu, glu, logsigmoid, mish, sigmoid, silu, softplus, softsign, tanh, tanhshrink

__all__ = [
    "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid",
    "mish", "prelu", "relu", "relu6", "rrelu", "selu", "sigmoid", "silu", "softplus", "softshrink", "softsign", "tanh",
    "tanhshrink", "threshold",
]  # fmt: skip
