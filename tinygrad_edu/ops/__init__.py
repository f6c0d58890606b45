"""The ops: one function on arrays and one formula per input, side by side, one family a file."""

from .arithmetic import add, divide, maximum, minimum, multiply, negative, positive, power, subtract
from .assignment import setitem
from .casting import astype, copy, detach
from .comparison import equal, greater, greater_equal, less, less_equal, not_equal
from .elementwise import absolute, exp, log, sign, sqrt, tanh
from .indexing import getitem
from .linalg import matmul
from .reduction import mean, sum
from .selection import where
from .shape import broadcast_to, matrix_transpose, reshape, transpose

__all__ = [name for name in dir() if not name.startswith("_")]
