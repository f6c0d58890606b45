"""Optimizers: the rules by which parameters follow their gradients."""

from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .average import ExponentialMovingAverage
from .optimizer import Optimizer
from .sgd import SGD

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "ExponentialMovingAverage",
    "Optimizer",
    "RMSprop",
]
