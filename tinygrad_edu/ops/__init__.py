"""The ops: one function on arrays and one formula per input, side by side, one family a file."""

from .activation import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus
from .arithmetic import add, divide, float_power, multiply, negative, positive, power, subtract
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
from .binary import bitwise_count, frexp, gcd, lcm, ldexp, nextafter, spacing
from .calculus import diff, ediff1d, gradient, interp, polyval, trapezoid, unwrap, vander
from .casting import astype, copy, detach
from .chains import cross, kron, matvec, vdot, vecdot, vecmat
from .comparison import equal, greater, greater_equal, less, less_equal, not_equal
from .correlation import convolve, correlate
from .cross_entropy import (
    cross_entropy,
    cross_entropy_of_labels,
    cross_entropy_of_probabilities,
    negative_log_likelihood,
    nll_loss,
)
from .diagonals import diag, diagflat, diagonal, put_diagonal, trace, tril, triu
from .distances import cdist
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
from .forms import einsum, std, var, where
from .indexing import getitem, take, take_along_axis
from .insertion import delete, insert, meshgrid
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
from .joining import concatenate as concat
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
    isin,
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
from .logic import invert as bitwise_invert
from .logic import invert as bitwise_not
from .logic import left_shift as bitwise_left_shift
from .logic import right_shift as bitwise_right_shift
from .loss import binary_cross_entropy, binary_cross_entropy_with_logits, l1_loss, mse_loss
from .missing import (
    average,
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
)
from .normalization import standardize
from .order import median, nanmedian, nanpercentile, nanquantile, percentile, quantile
from .padding import pad, pad_constant
from .products import dot, inner, outer, tensordot
from .reduction import mean, sum
from .repetition import repeat, tile
from .rounding import ceil, divmod, fix, floor, floor_divide, fmod, modf, remainder, rint, round, trunc
from .rounding import remainder as mod
from .rounding import round as around
from .running import cummax, cummin, logcumsumexp
from .scan import cumprod, cumsum, cumulative_prod, cumulative_sum, prod, recurrence
from .scattering import (
    gather,
    index_add,
    index_select,
    masked_fill,
    put_along_axis,
    scatter,
    scatter_add,
    scatter_reduce,
)
from .selection import clip, fmax, fmin, heaviside, maximum, minimum, nan_to_num, select
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
from .sorting import (
    argpartition,
    argsort,
    argwhere,
    compress,
    count_nonzero,
    extract,
    flatnonzero,
    nonzero,
    partition,
    searchsorted,
    sort,
    topk,
    unique,
)
from .statistics import bincount, corrcoef, cov, digitize, histogram
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

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "all", "allclose", "amax", "amin", "any", "append", "arccos", "arccosh",
    "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "argwhere",
    "around", "array_equal", "array_split", "asin", "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d",
    "atleast_2d", "atleast_3d", "average", "binary_cross_entropy", "binary_cross_entropy_with_logits", "bincount",
    "bitwise_and", "bitwise_count", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "broadcast_arrays", "broadcast_to", "cbrt", "cdist", "ceil", "clip",
    "column_stack", "compress", "concat", "concatenate", "convolve", "copy", "copysign", "corrcoef", "correlate", "cos",
    "cosh",
    "count_nonzero", "cov", "cross", "cross_entropy", "cross_entropy_of_labels", "cross_entropy_of_probabilities",
    "cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "deg2rad", "degrees", "delete",
    "detach", "diag", "diagflat", "diagonal", "diff", "digitize", "divide", "divmod", "dot", "dropout", "dsplit",
    "dstack", "ediff1d", "einsum", "elu", "equal", "exp", "exp2", "expand_dims", "expm1", "extract", "fabs", "fix",
    "flatnonzero", "flatten", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide", "fmax", "fmin",
    "fmod", "frexp", "gather", "gcd", "gelu", "getitem", "gradient", "greater", "greater_equal", "hardmax", "heaviside",
    "histogram", "hsplit", "hstack", "hypot", "index_add", "index_select", "inner", "insert", "interp", "invert",
    "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "kron", "l1_loss", "lcm", "ldexp",
    "leaky_relu", "left_shift", "less", "less_equal", "linear", "log", "log1p", "log2", "log10", "log_softmax",
    "logaddexp", "logaddexp2", "logcumsumexp", "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp",
    "masked_fill", "matmul", "matrix_transpose", "matvec", "max", "maximum", "mean", "median", "meshgrid", "min",
    "minimum", "mod", "modf", "moveaxis", "mse_loss", "multiply", "nan_to_num", "nanargmax", "nanargmin", "nancumprod",
    "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd",
    "nansum", "nanvar", "negative", "negative_log_likelihood", "nextafter", "nll_loss", "nonzero", "not_equal",
    "one_hot", "outer", "pad", "pad_constant", "partition", "percentile", "permute", "permute_dims", "polyval",
    "positive", "pow", "power", "prod", "ptp", "put_along_axis", "put_diagonal", "quantile", "rad2deg", "radians",
    "ravel", "reciprocal", "recurrence", "relu", "remainder", "repeat", "reshape", "right_shift", "rint", "roll",
    "rollaxis", "rot90", "round", "scatter", "scatter_add", "scatter_reduce", "searchsorted", "select", "setitem",
    "sigmoid", "sign", "signbit", "silu", "sin", "sinc", "sinh", "softmax", "softplus", "sort", "spacing", "split",
    "sqrt", "square", "squeeze", "stack", "standardize", "std", "subtract", "sum", "swapaxes", "take",
    "take_along_axis", "tan", "tanh", "tensordot", "tile", "topk", "trace", "transpose", "trapezoid", "tril", "triu",
    "true_divide", "trunc", "unique", "unstack", "unwrap", "vander", "var", "vdot", "vecdot", "vecmat", "vsplit",
    "vstack", "where",
]  # fmt: skip
