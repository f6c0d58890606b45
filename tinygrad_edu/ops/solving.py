"""Equations in matrices: inverses, solutions, determinants.

A matrix is what the last two axes hold; all axes before them are matrices side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import dtypes, shapes
from ..engine import differentiable, nondifferentiable
from .indexing import getitem
from .linalg import matmul
from .operands import alike, detached

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def matrix_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], square: bool = True) -> str | None:
    """What to say when the first array is no matrix, or not a square one; None if it is."""
    a, of = found[0], "square matrices, (..., n, n)" if square else "matrices, (..., m, n)"
    if len(a) < 2:
        return f"{name}: expected {of}, but got {shapes.listed(names[:1], found[:1])}. Put an axis in: a[None]."
    if square and a[-1] != a[-2]:
        return (
            f"{name}: expected {of}, but got {shapes.listed(names[:1], found[:1])}: {a[-2]} != {a[-1]}. "
            f"For other matrices there are pinv and lstsq."
        )
    return None


def _invertible_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str | None:
    """What to say when `inv` or `solve` gives up: the shapes, or a singular matrix."""
    problem = matrix_error(name, names, found)
    if problem is None and len(found) > 1:
        problem = _solve_shapes(name, names, found)
    return problem or (
        f"{name}: expected invertible matrices, but got a singular one among {shapes.listed(names[:1], found[:1])}. "
        f"Add a small multiple of the identity to it, or use pinv."
    )


def _solve_shapes(name: str, names: Sequence[str], found: Sequence[shapes.Shape]) -> str | None:
    a, b = found
    rows = b[-1] if len(b) == 1 else b[-2] if b else None
    if rows != a[-1]:
        return (
            f"{name}: expected as many rows in b as in a, but got {shapes.listed(names, found)}: {rows} != {a[-1]}. "
            f"Only a b of one axis is a vector; give others a last axis: b[..., None]."
        )
    return shapes.broadcast_error(f"{name} (leading axes)", names, (a[:-2], b[:-2]), {})


@differentiable(lambda g, y, a: -y.mT @ g @ y.mT, symbol="⁻¹", explain=_invertible_error)
def inv(a: Operand) -> Any:
    """The inverse: ``a @ inv(a)`` is the identity.  (..., n, n) -> (..., n, n)

    Gradient: ``-y.mT @ g @ y.mT`` for y = inv(a).

    Raises
    ------
    LinAlgError
        If a matrix is not square, or singular.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.inv(tg.Tensor([[1.0, 2.0], [0.0, 4.0]]))
    Tensor([[ 1.  , -0.5 ],
            [ 0.  ,  0.25]])
    """
    return np.linalg.inv(a)


def _solve_b(g: Any, a: Any, b: Any) -> Any:
    """``inv(a).mT @ g``, where a vector is one column."""
    return solve(a.mT, g) if b.ndim > 1 else solve(a.mT, g[..., None])[..., 0]


def _solve_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    """``-(inv(a).mT @ g) @ y.mT``."""
    h = _solve_b(g, a, b)
    return -h @ y.mT if b.ndim > 1 else -h[..., None] * y[..., None, :]


@differentiable(
    lambda g, y, a, b: _solve_a(g, y, a, b), lambda g, y, a, b: _solve_b(g, a, b), explain=_invertible_error
)
def solve(a: Operand, b: Operand) -> Any:
    """The x with ``a @ x = b``.  (..., n, n), (..., n, k) -> (..., n, k), or for a vector (n) -> (..., n)

    Gradient: ``h = solve(a.mT, g)`` for b and ``-h @ x.mT`` for a.

    Raises
    ------
    LinAlgError, ValueError
        If a matrix is not square, or singular, or b has another number of rows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.solve(tg.Tensor([[1.0, 2.0], [0.0, 4.0]]), [5.0, 8.0])
    Tensor([1., 2.])
    """
    return np.linalg.solve(a, b)


def _nearly_singular(y: Any, a: Any) -> bool:
    """Whether one of the determinants y is so small that `inv` would lose digits.

    Measured by the product of the lengths of the rows, which bounds it (Hadamard). Minors take n**5 steps, so that for
    large matrices they are the last resort.
    """
    bound = np.prod(np.sqrt(np.sum(a * a, axis=-1)), axis=-1)
    return bool(np.any(np.abs(y) <= 1e-6 * bound if a.shape[-1] <= 10 else y == 0))


def _cofactors(y: Any, a: Any) -> Any:
    """``det(a) * inv(a).mT``, the derivative of the determinant y; in the long form where a matrix is singular."""
    n = a.shape[-1]
    if not _nearly_singular(detached(y), detached(a)):
        return y[..., None, None] * inv(a).mT
    others = np.array([[k for k in range(n) if k != i] for i in range(n)], np.intp).reshape(n, max(n - 1, 0))
    # (..., n, n) -> (..., n, n, n - 1, n - 1): without row i and column j
    minors = getitem(a, (..., others[:, None, :, None], others[None, :, None, :]))
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return det(minors) * signs.astype(a.dtype)


def _square_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str | None:
    return matrix_error(name, names, found)


@differentiable(lambda g, y, a: g[..., None, None] * _cofactors(y, a), symbol="det", explain=_square_error)
def det(a: Operand) -> Any:
    """The determinant.  (..., n, n) -> (...)

    Gradient: ``g`` times the cofactors of a: ``det(a) * inv(a).mT``, also where a is singular.

    Raises
    ------
    LinAlgError
        If a matrix is not square.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.det(tg.Tensor([[1.0, 2.0], [0.0, 4.0]]))
    Tensor(4.)
    """
    return np.asarray(np.linalg.det(a))


@differentiable(lambda g, y, a: g[..., None, None] * inv(a).mT, explain=_square_error)
def log_abs_det(a: Operand) -> Any:
    """The logarithm of the absolute value of the determinant.  (..., n, n) -> (...)

    Gradient: ``g * inv(a).mT``.

    Raises
    ------
    LinAlgError
        If a matrix is not square; in backward, if it is singular.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.solving import log_abs_det
    >>> log_abs_det(tg.Tensor([[1.0, 2.0], [0.0, -1.0]]))
    Tensor(0.)
    """
    return np.asarray(np.linalg.slogdet(a)[1])


@nondifferentiable(explain=_square_error)
def _sign_of_det(a: Operand) -> Any:
    return dtypes.settle(np.asarray(np.linalg.slogdet(a)[0]), [a])


class SlogdetResult(NamedTuple):
    """Sign and logarithm of the absolute value of a determinant.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.slogdet(tg.Tensor([[2.0]])).sign
    Tensor(1.)
    """

    sign: Tensor
    logabsdet: Tensor


def slogdet(a: Operand) -> SlogdetResult:
    """The determinant as its sign and the logarithm of its absolute value, where it is too large or small itself.

    Gradient: ``g * inv(a).mT`` for the logarithm, none for the sign.

    Raises
    ------
    LinAlgError
        If a matrix is not square.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.slogdet(tg.Tensor([[1.0, 2.0], [0.0, -1.0]]))
    SlogdetResult(sign=Tensor(-1.), logabsdet=Tensor(0.))
    """
    return SlogdetResult(_sign_of_det(a), log_abs_det(a))


def _pinv_slope(g: Any, y: Any, a: Any) -> Any:
    """The derivative of a pseudoinverse y of constant rank (Golub and Pereyra, 1973)."""
    p, h = y.mT, g.mT
    left = h @ y @ p  # times the projection onto what a does not reach: (1 - a y) left
    right = p @ y @ h  # and onto what a forgets: right (1 - y a)
    return -p @ g @ p + left - a @ (y @ left) + right - (right @ y) @ a


def _pinv_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str | None:
    return matrix_error(name, names, found, square=False)


@differentiable(lambda g, y, a, rcond, hermitian, rtol: _pinv_slope(g, y, a), symbol="⁺", explain=_pinv_error)
def pinv(a: Operand, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The pseudoinverse of Moore and Penrose: ``pinv(a) @ b`` is the shortest x for which ``a @ x`` is nearest to b.

    (..., m, n) -> (..., n, m)

    Gradient: that of ``inv``, and what comes of the directions that a does not reach or forgets, for a rank that stays
    as it is: where it changes, the pseudoinverse jumps.

    Parameters
    ----------
    a : Tensor or array
    rcond, rtol : float, optional
        Singular values below this part of the greatest count as 0: two names, 1e-15 if neither is given.
    hermitian : bool
        Whether a is symmetric, so that its eigenvalues may be used.

    References
    ----------
    Golub, Pereyra: The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
    separate, 1973. https://doi.org/10.1137/0710036

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.pinv(tg.Tensor([[2.0], [0.0]]))
    Tensor([[0.5, 0. ]])
    """
    if rcond is not None and rtol is not None:
        raise ValueError(f"pinv: expected rcond or rtol, but got rcond={rcond} and rtol={rtol}. They mean the same.")
    part = rcond if rtol is None else rtol
    return np.linalg.pinv(a, 1e-15 if part is None else part, hermitian)


@nondifferentiable(explain=_pinv_error)
def matrix_rank(A: Operand, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are above `tol`, or above the part `rtol` of the greatest; else above its rounding.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.matrix_rank(tg.ones((3, 3)))
    Tensor(1)
    """
    if rtol is not None:
        tol = np.max(np.linalg.svd(A, compute_uv=False), axis=-1, initial=0.0) * rtol
    return np.asarray(np.linalg.matrix_rank(A, tol, hermitian))


class LstsqResult(NamedTuple):
    """What `lstsq` found, in NumPy's order.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.lstsq(tg.Tensor([[2.0], [0.0]]), [2.0, 1.0]).rank
    1
    """

    x: Tensor
    residuals: Tensor
    rank: int
    s: Tensor


def lstsq(a: Operand, b: Operand, rcond: float | None = None) -> LstsqResult:
    """The shortest x that makes ``a @ x`` nearest to b.  (m, n), (m) or (m, k) -> (n) or (n, k)

    Gradient: that of ``pinv(a) @ b``.

    Parameters
    ----------
    a, b : Tensor or array
    rcond : float, optional
        Singular values below this part of the greatest count as 0; the rounding of the dtype times max(m, n).

    Returns
    -------
    x : Tensor or array
    residuals : Tensor or array
        The squared distance for each column of b; empty where m <= n or the rank is less than n.
    rank : int
    s : Tensor or array
        The singular values of a.

    Raises
    ------
    LinAlgError, ValueError
        If a is no matrix, or b has another number of rows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> a = tg.Tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> tg.round(tg.linalg.lstsq(a, [1.0, 3.0, 5.0]).x, 4)
    Tensor([1., 2.])
    """
    from .decompositions import svdvals  # which need `solve`

    a, b = alike(a, b)
    names = ("a", "b")
    if a.ndim != 2:
        raise np.linalg.LinAlgError(f"lstsq: expected one matrix a (m, n), but got a {a.shape}. Loop over several.")
    if b.ndim not in (1, 2) or b.shape[0] != a.shape[0]:
        raise np.linalg.LinAlgError(
            f"lstsq: expected b to have as many rows as a, but got {shapes.listed(names, (a.shape, b.shape))}."
        )
    (m, n), kind = a.shape, a.dtype if a.dtype.kind == "f" else np.dtype(np.float64)
    cut = max(m, n) * float(np.finfo(kind).eps) if rcond is None else rcond
    s = svdvals(a)
    values = detached(s)
    rank = int((values > cut * values.max(initial=0.0)).sum())
    x = matmul(pinv(a, cut), b)
    error = b - matmul(a, x)
    residuals = (error * error).sum(0) if rank == n < m else error[:0].sum(0)[:0] if b.ndim > 1 else error[:0]
    return LstsqResult(x, residuals[None] if rank == n < m and b.ndim == 1 else residuals, rank, s)
