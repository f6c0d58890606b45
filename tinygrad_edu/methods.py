"""The operators and NumPy methods of a Tensor, one line each: every one is an op."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import inplace, ops
from .inplace import operators
from .ops import (
    arithmetic,
    axes,
    casting,
    comparison,
    diagonals,
    elementwise,
    extreme,
    forms,
    indexing,
    linalg,
    logic,
    products,
    reduction,
    repetition,
    rounding,
    scan,
    selection,
    sorting,
)
from .ops import shape as shaping

if TYPE_CHECKING:
    from .tensor import Tensor


def _of_ints(op: Any) -> Callable[..., Tensor]:
    """The method of `op` that takes its tuple of ints also as so many arguments: ``t.reshape(2, 3)``."""

    @functools.wraps(op)
    def method(self: Any, *ints: Any, **kwargs: Any) -> Tensor:
        result: Tensor = op(self, *([ints] if len(ints) > 1 else ints), **kwargs)
        return result

    return method


def _compress(self: Any, condition: Any, axis: int | None = None) -> Any:
    """The elements, or slices along `axis`, for which `condition` is true: see `tinygrad_edu.compress`."""
    return sorting.compress(condition, self, axis)


class Methods:
    """What a Tensor can do by operator or by a method of NumPy's name; the class Tensor inherits it."""

    __slots__ = ()

    __add__, __radd__, __iadd__ = operators(arithmetic.add)
    __sub__, __rsub__, __isub__ = operators(arithmetic.subtract)
    __mul__, __rmul__, __imul__ = operators(arithmetic.multiply)
    __truediv__, __rtruediv__, __itruediv__ = operators(arithmetic.divide)
    __pow__, __rpow__, __ipow__ = operators(arithmetic.power)
    __matmul__, __rmatmul__, __imatmul__ = operators(linalg.matmul)
    __mod__, __rmod__, __imod__ = operators(rounding.remainder)
    __floordiv__, __rfloordiv__, __ifloordiv__ = operators(rounding.floor_divide)
    __and__, __rand__, __iand__ = operators(logic.bitwise_and)
    __or__, __ror__, __ior__ = operators(logic.bitwise_or)
    __xor__, __rxor__, __ixor__ = operators(logic.bitwise_xor)
    __lshift__, __rlshift__, __ilshift__ = operators(logic.left_shift)
    __rshift__, __rrshift__, __irshift__ = operators(logic.right_shift)
    __divmod__, __rdivmod__ = operators(rounding.divmod)[:2]
    __invert__ = logic.invert
    __round__ = rounding.round
    __floor__ = rounding.floor
    __ceil__ = rounding.ceil
    __trunc__ = rounding.trunc
    __neg__ = arithmetic.negative
    __pos__ = arithmetic.positive
    __abs__ = elementwise.absolute

    __eq__ = comparison.equal  # type: ignore[assignment]
    __ne__ = comparison.not_equal  # type: ignore[assignment]
    __lt__ = comparison.less
    __le__ = comparison.less_equal
    __gt__ = comparison.greater
    __ge__ = comparison.greater_equal
    __hash__ = object.__hash__  # identity, as `==` is elementwise

    def __getitem__(self, index: Any) -> Tensor:
        return indexing.getitem(self, indexing.plain_index(index))

    __setitem__ = inplace.assign
    fill = inplace.fill
    sort = inplace.sort
    partition = inplace.partition

    @property
    def T(self) -> Tensor:
        """The axes in reverse order."""
        return shaping.transpose(self)

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped."""
        return shaping.matrix_transpose(self)

    astype = casting.astype
    copy = casting.copy
    reshape = _of_ints(shaping.reshape)
    transpose = _of_ints(shaping.transpose)
    ravel = shaping.ravel
    flatten = shaping.flatten
    squeeze = shaping.squeeze
    swapaxes = axes.swapaxes
    repeat = repetition.repeat
    take = indexing.take
    diagonal = diagonals.diagonal
    trace = diagonals.trace
    dot = products.dot
    argsort = sorting.argsort
    argpartition = sorting.argpartition
    nonzero = sorting.nonzero
    compress = _compress
    searchsorted = sorting.searchsorted
    sum = reduction.sum
    mean = reduction.mean
    var = forms.var
    std = forms.std
    prod = scan.prod
    cumsum = scan.cumsum
    cumprod = scan.cumprod
    max = extreme.max
    min = extreme.min
    argmax = extreme.argmax
    argmin = extreme.argmin
    any = logic.any
    all = logic.all
    clip = selection.clip
    round = rounding.round

    # Functions that are methods in PyTorch.
    abs = ops.absolute
    exp = ops.exp
    log = ops.log
    sqrt = ops.sqrt
    sign = ops.sign
    tanh = ops.tanh
    sigmoid = ops.sigmoid
    relu = ops.relu
    softmax = ops.softmax
    log_softmax = ops.log_softmax
    logsumexp = ops.logsumexp
