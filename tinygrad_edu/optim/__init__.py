"""Optimizers: the rules by which parameters follow their gradients."""

from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .average import ExponentialMovingAverage
from .optimizer import Optimizer
from .sgd import SGD
