"""Initializers: each fills a tensor in place with random or constant numbers, and returns it.

For a weight of shape (out, in, *kernel): ``fan_in`` is the number of inputs of one unit, in * kernel size, and
``fan_out`` the number of units that one input reaches, out * kernel size.
"""

from .filling import constant_, normal_, ones_, trunc_normal_, uniform_, zeros_
from .structured import dirac_, eye_, orthogonal_, sparse_
from .variance import (
    calculate_gain,
    fans,
    kaiming_normal_,
    kaiming_uniform_,
    lecun_normal_,
    lecun_uniform_,
    xavier_normal_,
    xavier_uniform_,
)

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "fans",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
