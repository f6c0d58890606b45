"""Products made of products: of vectors along an axis, of blocks, of many matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import shapes
from .axes import moveaxis
from .indexing import take
from .linalg import matmul
from .operands import alike, checked_axis, operand
from .products import dot
from .shape import ravel, reshape
from .solving import inv, matrix_error

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def vdot(a: Operand, b: Operand) -> Tensor:
    """The product of two arrays, raveled: ``sum(a * b)`` over all elements.

    Gradient: ``g * b`` for a and ``g * a`` for b.

    Raises
    ------
    ValueError
        If they have different numbers of elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vdot(tg.Tensor([[1.0, 2.0]]), [3.0, 4.0])
    Tensor(11.)
    """
    a, b = alike(a, b)
    if a.size != b.size:
        raise ValueError(
            f"vdot: expected equally many elements, but got {shapes.listed(('a', 'b'), (a.shape, b.shape))}: "
            f"{a.size} != {b.size}."
        )
    return dot(ravel(a), ravel(b))


def vecdot(x1: Operand, x2: Operand, axis: int = -1) -> Tensor:
    """The product of vectors along `axis`, which all other axes broadcast: ``sum(x1 * x2, axis)``.

    Gradient: ``g * x2`` for x1 and ``g * x1`` for x2.

    Raises
    ------
    ValueError
        If the vectors are not equally long, or the other axes do not broadcast.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vecdot(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1.0, 10.0])
    Tensor([21., 43.])
    """
    x1, x2 = alike(x1, x2)
    for name, x in (("x1", x1), ("x2", x2)):
        checked_axis("vecdot", axis, x.shape, name)
    if x1.shape[axis] != x2.shape[axis]:
        raise ValueError(
            f"vecdot: expected vectors of equal length along axis {axis}, but got "
            f"{shapes.listed(('x1', 'x2'), (x1.shape, x2.shape))}: {x1.shape[axis]} != {x2.shape[axis]}."
        )
    if axis != -1:
        x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    return (x1 * x2).sum(-1)


def matvec(x1: Operand, x2: Operand) -> Tensor:
    """Each matrix times its vector; leading axes broadcast.  (..., n, m), (..., m) -> (..., n)

    Gradient: the outer product of ``g`` and x2 for x1, ``x1.mT @ g`` for x2.

    Raises
    ------
    ValueError
        If the sizes do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.matvec(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 0.0], [0.0, 1.0]])
    Tensor([[1., 3.],
            [2., 4.]])
    """
    x1, x2 = _matrices_and_vectors("matvec", x1, x2)
    return matmul(x1, x2[..., None])[..., 0]


def vecmat(x1: Operand, x2: Operand) -> Tensor:
    """Each vector times its matrix; leading axes broadcast.  (..., n), (..., n, m) -> (..., m)

    Gradient: ``x2 @ g`` for x1, the outer product of x1 and ``g`` for x2.

    Raises
    ------
    ValueError
        If the sizes do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.vecmat([[1.0, 0.0], [0.0, 1.0]], tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[1., 2.],
            [3., 4.]])
    """
    x2, x1 = _matrices_and_vectors("vecmat", x2, x1, inner=-2, names=("x2", "x1"))
    return matmul(x1[..., None, :], x2)[..., 0, :]


def _matrices_and_vectors(
    name: str, matrices: Operand, vectors: Operand, inner: int = -1, names: tuple[str, str] = ("x1", "x2")
) -> list[Any]:
    """Both as operands, if the axis `inner` of the matrices is as long as the vectors."""
    a, v = alike(matrices, vectors)
    if a.ndim < 2 or v.ndim < 1 or a.shape[inner] != v.shape[-1]:
        raise ValueError(
            f"{name}: expected matrices whose axis {inner} is as long as the vectors, but got "
            f"{shapes.listed(names, (a.shape, v.shape))}."
        )
    return [a, v]


def kron(a: Operand, b: Operand) -> Tensor:
    """Blocks of b, times each element of a.  (n, m), (k, l) -> (n * k, m * l), for any number of axes.

    Gradient: ``g``, times the other one, summed over the blocks.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.kron(tg.Tensor([1.0, 10.0]), [1.0, 2.0])
    Tensor([ 1.,  2., 10., 20.])
    """
    a, b = alike(a, b)
    ndim = max(a.ndim, b.ndim)
    of_a, of_b = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    # (n, 1, m, 1) * (1, k, 1, l) -> (n, k, m, l) -> (n * k, m * l)
    a = reshape(a, [size for n in of_a for size in (n, 1)])
    b = reshape(b, [size for n in of_b for size in (1, n)])
    return reshape(a * b, [n * k for n, k in zip(of_a, of_b, strict=True)])


def cross(a: Operand, b: Operand, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The vector product of vectors of three elements.  (..., 3), (..., 3) -> (..., 3)

    Gradient: ``b × g`` for a and ``g × a`` for b.

    Parameters
    ----------
    a, b : Tensor or array
    axisa, axisb, axisc : int
        Where the vectors of a, of b and of the result lie.
    axis : int, optional
        All three at once.

    Raises
    ------
    ValueError
        If the vectors do not have three elements.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.cross(tg.Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0])
    Tensor([0., 0., 1.])
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = alike(a, b)
    for name, x, k in (("a", a, axisa), ("b", b, axisb)):
        checked_axis("cross", k, x.shape, name)
        if x.shape[k] != 3:
            raise ValueError(f"cross: expected 3 elements along axis {k} of {name}, but got {name} {x.shape}.")
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    on, back = [1, 2, 0], [2, 0, 1]
    y = take(a, on, -1) * take(b, back, -1) - take(a, back, -1) * take(b, on, -1)
    return moveaxis(y, -1, axisc)


def matrix_power(a: Operand, n: int) -> Tensor:
    """The product of n times a; for negative n, of its inverse.  (..., m, m) -> (..., m, m)

    Gradient: that of the products; 0 for n = 0, where it is the identity.

    Raises
    ------
    LinAlgError, TypeError
        If a matrix is not square (for negative n: singular), or n is no integer.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.matrix_power(tg.Tensor([[1.0, 1.0], [0.0, 1.0]]), 5)
    Tensor([[1., 5.],
            [0., 1.]])
    """
    a = operand(a)
    problem = matrix_error("matrix_power", ["a"], [a.shape])
    if problem is not None:
        raise np.linalg.LinAlgError(problem)
    if not isinstance(n, (int, np.integer)):
        raise TypeError(f"matrix_power: expected an integer n, but got {n!r}.")
    if n < 0:
        a, n = inv(a), -n
    if n == 0:
        return a * 0 + np.eye(a.shape[-1], dtype=a.dtype)
    power: Any = None
    while n:  # by squaring: a to the 2, 4, 8 ... for the ones in the binary form of n
        if n % 2:
            power = a if power is None else matmul(power, a)
        n //= 2
        a = matmul(a, a) if n else a
    return power


def multi_dot(arrays: Sequence[Operand]) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications.

    The first may be a vector, taken as a row, and the last one, taken as a column.

    Gradient: for each matrix ``(what is left of it).mT @ g @ (what is right of it).mT``.

    Raises
    ------
    ValueError
        If there are fewer than two, one is no matrix, or neighbours do not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.multi_dot([tg.ones((2, 3)), tg.ones((3, 4)), tg.ones(4)])
    Tensor([12., 12.])
    """
    matrices = alike(*arrays)
    count = len(matrices)
    if count < 2:
        raise ValueError(f"multi_dot: expected at least two arrays, but got {count}.")
    for i, x in enumerate(matrices):
        if x.ndim != 2 and not (x.ndim == 1 and i in (0, count - 1)):
            raise ValueError(
                f"multi_dot: expected matrices, or a vector at an end, but got arrays[{i}] {x.shape}. Use matmul."
            )
    sizes = [1 if matrices[0].ndim == 1 else matrices[0].shape[0], *(x.shape[0] for x in matrices[1:])]
    sizes.append(1 if matrices[-1].ndim == 1 else matrices[-1].shape[1])
    return _product(matrices, _splits(sizes), 0, count - 1)


def _splits(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to split each product of matrices i to j, matrix i being (sizes[i], sizes[i + 1]).

    Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, section 15.2.
    """
    count = len(sizes) - 1
    cost = {(i, i): 0 for i in range(count)}
    split = {}
    for span in range(1, count):
        for i in range(count - span):
            j = i + span

            def total(k: int, i: int = i, j: int = j) -> int:
                return cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]

            split[i, j] = min(range(i, j), key=total)
            cost[i, j] = total(split[i, j])
    return split


def _product(matrices: list[Any], splits: dict[tuple[int, int], int], i: int, j: int) -> Any:
    if i == j:
        return matrices[i]
    k = splits[i, j]
    return matmul(_product(matrices, splits, i, k), _product(matrices, splits, k + 1, j))
