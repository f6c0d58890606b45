"""The ops: one function on arrays and one formula per input, side by side, one family a file."""

from .activation import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus
from .arithmetic import add, divide, multiply, negative, positive, power, subtract
from .arithmetic import divide as true_divide
from .arithmetic import power as pow
from .assignment import setitem
from .axes import (
    flip,
    fliplr,
    flipud,
    moveaxis,
    roll,
    rollaxis,
    rot90,
    swapaxes,
)
from .casting import astype, copy, detach
from .comparison import equal, greater, greater_equal, less, less_equal, not_equal
from .contraction import einsum
from .cross_entropy import (
    cross_entropy,
    cross_entropy_of_labels,
    cross_entropy_of_probabilities,
    negative_log_likelihood,
    nll_loss,
)
from .diagonals import diag, diagflat, diagonal, put_diagonal, trace, tril, triu
from .elementwise import (
    absolute,
    cbrt,
    copysign,
    exp,
    exp2,
    expm1,
    fabs,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    reciprocal,
    sign,
    signbit,
    sqrt,
    square,
)
from .elementwise import absolute as abs
from .extreme import argmax, argmin, max, min, ptp
from .extreme import max as amax
from .extreme import min as amin
from .indexing import getitem, take, take_along_axis
from .joining import (
    append,
    array_split,
    column_stack,
    concatenate,
    dsplit,
    dstack,
    hsplit,
    hstack,
    split,
    stack,
    unstack,
    vsplit,
    vstack,
)
from .layer import dropout, linear
from .linalg import matmul
from .logic import (
    all,
    allclose,
    any,
    array_equal,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    invert,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    left_shift,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    right_shift,
)
from .loss import binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss
from .normalization import standardize
from .padding import pad, pad_constant
from .products import dot, inner, outer, tensordot
from .reduction import mean, std, sum, var
from .repetition import repeat, tile
from .rounding import ceil, divmod, fix, floor, floor_divide, fmod, modf, remainder, rint, round, trunc
from .rounding import remainder as mod
from .rounding import round as around
from .scan import cumprod, cumsum, prod, recurrence
from .selection import clip, fmax, fmin, heaviside, maximum, minimum, nan_to_num, select, where
from .shape import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    broadcast_to,
    expand_dims,
    flatten,
    matrix_transpose,
    permute,
    permute_dims,
    ravel,
    reshape,
    squeeze,
    transpose,
)
from .softmax import hardmax, log_softmax, logsumexp, one_hot, softmax
from .trigonometric import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    deg2rad,
    hypot,
    rad2deg,
    sin,
    sinc,
    sinh,
    tan,
    tanh,
)
from .trigonometric import arccos as acos
from .trigonometric import arccosh as acosh
from .trigonometric import arcsin as asin
from .trigonometric import arcsinh as asinh
from .trigonometric import arctan as atan
from .trigonometric import arctan2 as atan2
from .trigonometric import arctanh as atanh
from .trigonometric import deg2rad as radians
from .trigonometric import rad2deg as degrees

__all__ = [name for name in dir() if not name.startswith("_") and callable(globals()[name])]
