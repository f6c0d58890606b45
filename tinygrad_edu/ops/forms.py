"""Functions that NumPy calls in more than one form, each around the op that does the work."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any

from numpy.typing import DTypeLike

from ..shapes import Axes
from . import contraction, reduction, selection
from .elementwise import sqrt
from .operands import operands
from .reduction import Mask
from .sorting import nonzero

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any
_LETTERS = sorted(ascii_letters)  # in the order in which a result without a list of its own has its axes


def einsum(*operands: Any, optimize: Any = True) -> Tensor:
    """The product of all operands, summed over the letters that the result has not.

    ``einsum("ij,jk->ik", a, b)[i, k] = sum(a[i, j] * b[j, k] over j)``

    Gradient: for an operand, the einsum of ``g`` and all other operands with the letters of this operand as result.

    Parameters
    ----------
    *operands
        The axes of each operand as letters, after ``->`` those of the result (without ``->``, those that occur once,
        sorted), and then the operands, Tensors or arrays. A letter twice in one term takes the diagonal; ``...`` stands
        for axes that broadcast. Or, without the text, a list of whole numbers after each operand, and perhaps one for
        the result: ``einsum(a, [0, 1], b, [1, 2], [0, 2])``.
    optimize : bool, str or path
        How `numpy.einsum` chooses the order of the products.

    Raises
    ------
    ValueError
        If the subscripts do not fit the operands.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> a = tg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> tg.einsum("ii", a), tg.einsum("ij->j", a), tg.einsum(a, [0, 1], [1])
    (Tensor(5.), Tensor([4., 6.]), Tensor([4., 6.]))
    """
    if len(operands) > 1 and not isinstance(operands[0], str) and isinstance(operands[1], (list, tuple)):
        operands = _with_text(operands)
    return contraction.einsum(*operands, optimize=optimize)


def _with_text(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Operands and lists of axes in turn, as the text of the lists and the operands."""
    n = len(operands) // 2
    terms = [_letters(axes) for axes in operands[1 : 2 * n : 2]]
    result = "->" + _letters(operands[-1]) if len(operands) % 2 else ""
    return (",".join(terms) + result, *operands[0 : 2 * n : 2])


def _letters(axes: Any) -> str:
    if not isinstance(axes, (list, tuple)) or not all(
        axis is Ellipsis or (isinstance(axis, int) and 0 <= axis < len(_LETTERS)) for axis in axes
    ):
        raise TypeError(
            f"einsum: expected a list of whole numbers in 0..{len(_LETTERS) - 1}, or ..., after each operand, but "
            f"got {axes!r}. Write e.g. einsum(a, [0, 1], b, [1, 2], [0, 2])."
        )
    return "".join("..." if axis is Ellipsis else _LETTERS[axis] for axis in axes)


def where(condition: Operand, a: Operand = None, b: Operand = None) -> Tensor:
    """``a`` where `condition` is true, ``b`` elsewhere; with `condition` alone, the places where it is true.

    Gradient: ``g`` to the one that was taken, 0 to the other.

    Raises
    ------
    TypeError
        If only one of a and b is given.
    ValueError
        If the shapes do not broadcast.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([1.0, -2.0])
    >>> tg.where(x > 0, x, 0)
    Tensor([1., 0.])
    >>> tg.where(x > 0)
    (Tensor([0]),)
    """
    if a is None and b is None:
        return nonzero(condition)
    if a is None or b is None:
        raise TypeError(f"where: expected both a and b, or none, but got a={a!r} and b={b!r}.")
    return selection.where(condition, a, b)


def var(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
    mean: Operand = None,
) -> Tensor:
    """The variance over `axis`, ``sum((a - mean(a))**2) / (n - ddof)``.

    Gradient: ``g * 2 * (a - mean(a)) / (n - ddof)``.

    Parameters
    ----------
    a : Tensor or array
    axis : int, tuple of ints or None
    dtype : dtype, optional
        Of the variance.
    ddof, correction : number
        What is taken off the number of elements n; two names, as in NumPy. 1 gives the unbiased estimate.
    keepdims : bool
        Whether reduced axes stay, with length 1.
    where : array of bools
        Which elements count.
    mean : Tensor or array, optional
        The mean, if it is known already, with its reduced axes of length 1.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.var(tg.Tensor([1.0, 2.0, 3.0]), ddof=1)
    Tensor(1.)
    """
    if mean is None:
        return reduction.var(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, correction=correction)
    a, mean = operands(a, mean)
    n = reduction.counted(a.shape, axis, keepdims, where)
    off = reduction.freedom("var", ddof, correction)
    return reduction.sum((a - mean) ** 2.0, axis, dtype, keepdims=keepdims, where=where) / (n - off)


def std(
    a: Operand,
    axis: Axes = None,
    dtype: DTypeLike | None = None,
    *,
    ddof: float = 0,
    keepdims: bool = False,
    where: Mask = True,
    correction: float | None = None,
    mean: Operand = None,
) -> Tensor:
    """The standard deviation over `axis`, ``sqrt(var(a))``; the parameters are those of `var`.

    Gradient: ``g * (a - mean(a)) / ((n - ddof) * y)``, and 0 where the deviation y is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.std(tg.Tensor([1.0, 2.0, 3.0]), ddof=1)
    Tensor(1.)
    """
    if mean is None:
        return reduction.std(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, correction=correction)
    return sqrt(var(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, correction=correction, mean=mean))
