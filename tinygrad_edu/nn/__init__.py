"""Layers, losses and initializers, with PyTorch's names, arguments, defaults and meaning."""

from . import functional, init
from .activation import ReLU, Tanh
from .container import ModuleDict, ModuleList, Sequential
from .linear import Flatten, Identity, Linear
from .module import Module
from .parameter import Parameter
