"""Activation functions as modules."""

from .hard import Hardshrink, Hardsigmoid, Hardswish, Hardtanh, ReLU6, Softshrink
from .probability import Hardmax, LogSoftmax, Softmax, Softmax2d, Softmin
from .rectified import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU, RReLU, Threshold
from .smooth import GELU, GLU, LogSigmoid, Mish, Sigmoid, SiLU, Softplus, Softsign, Tanh, Tanhshrink

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardmax", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU",
    "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmax2d",
    "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip
