"""Matrices as products of simpler ones: Cholesky, QR, eigenvalues, singular values.

A function that returns several arrays cuts them out of one packed array, which is the result of one op: so every
derivative, of any order, comes from one formula. The formulas are those of Giles (2008) and, for what holds of the
factors, of Walter and Lehmann (2010), Murray (2016) and Townsend (2016).

References
----------
Giles: An extended collection of matrix derivative results, 2008. https://people.maths.ox.ac.uk/gilesm/files/NA-08-01.pdf
Walter, Lehmann: Algorithmic differentiation of linear algebra functions, 2010. https://arxiv.org/abs/1001.1654
Murray: Differentiation of the Cholesky decomposition, 2016. https://arxiv.org/abs/1602.07527
Townsend: Differentiating the singular value decomposition, 2016. https://j-towns.github.io/papers/svd-derivative.pdf
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

import numpy as np

from .. import shapes
from ..engine import differentiable, nondifferentiable
from .diagonals import tril, triu
from .joining import concatenate
from .operands import operand
from .selection import where
from .solving import matrix_error, solve

if TYPE_CHECKING:
    from ..tensor import Tensor

Operand = Any


def _symmetric(a: Any) -> Any:
    """The symmetric part of a matrix."""
    return (a + a.mT) / 2


def _taken_symmetric(name: str, a: Any) -> Any:
    """The symmetric part of what must be square."""
    problem = matrix_error(name, ["a"], [np.shape(a)])
    if problem is not None:
        raise np.linalg.LinAlgError(problem)
    return _symmetric(np.asarray(a))


def _identity(like: Any) -> np.ndarray:
    """The identity matrix that fits the last axis."""
    return np.eye(like.shape[-1], dtype=like.dtype)


def _cholesky_slope(g: Any, y: Any) -> Any:
    """``L⁻ᵀ Φ(Lᵀ g) L⁻¹``, made symmetric, where Φ takes the lower triangle and half of the diagonal."""
    p = y.mT @ g
    p = tril(p) - p * _identity(p) / 2
    left = solve(y.mT, p)
    return _symmetric(solve(y.mT, left.mT).mT)


def _cholesky_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str:
    return matrix_error(name, names, found) or (
        f"{name}: expected positive definite matrices, but got one with an eigenvalue that is not above 0 among "
        f"{shapes.listed(names, found)}. Add a small multiple of the identity to it."
    )


@differentiable(lambda g, y, a: _cholesky_slope(tril(g), y), explain=_cholesky_error)
def _cholesky(a: Operand) -> Any:
    return np.linalg.cholesky(_taken_symmetric("cholesky", a))


def cholesky(a: Operand, *, upper: bool = False) -> Tensor:
    """The lower triangular L with ``a = L @ L.mT``, for a symmetric, positive definite.  (..., n, n) -> (..., n, n)

    Of an a that is not symmetric its symmetric part ``(a + a.mT) / 2`` is taken, so that the gradient is exact, and
    symmetric itself. (NumPy reads the lower triangle only.)

    Gradient: ``inv(L).mT @ Φ(L.mT @ g) @ inv(L)``, made symmetric, where Φ takes the lower triangle and half of the
    diagonal.

    Parameters
    ----------
    a : Tensor or array
    upper : bool
        Whether to return ``L.mT`` instead.

    Raises
    ------
    LinAlgError
        If a matrix is not square or not positive definite.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.cholesky(tg.Tensor([[4.0, 2.0], [2.0, 5.0]]))
    Tensor([[2., 0.],
            [1., 2.]])
    """
    lower = _cholesky(a)
    return lower.mT if upper else lower


class QRResult(NamedTuple):
    """An orthogonal and an upper triangular factor.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.qr(tg.zeros((3, 2))).Q.shape
    (3, 2)
    """

    Q: Tensor
    R: Tensor


def _qr_slope(g: Any, y: Any, m: int) -> Any:
    """``(gq + q M) r⁻ᵀ``, where M is symmetric with the lower triangle of ``r grᵀ - gqᵀ q``."""
    q, r = y[..., :m, :], y[..., m:, :]
    gq, gr = g[..., :m, :], triu(g[..., m:, :])
    lower = tril(r @ gr.mT - gq.mT @ q)
    h = gq + q @ (lower + tril(lower, -1).mT)
    return solve(r, h.mT).mT


def _matrices_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str | None:
    return matrix_error(name, names, found, square=False)


@differentiable(lambda g, y, a: _qr_slope(g, y, a.shape[-2]), explain=_matrices_error)
def _qr(a: Operand) -> Any:
    """Q and below it R, for at least as many rows as columns.  (..., m, n) -> (..., m + n, n)"""
    return np.concatenate(np.linalg.qr(a), axis=-2)


@nondifferentiable(explain=_matrices_error)
def _complete_qr(a: Operand) -> Any:
    return tuple(np.linalg.qr(a, "complete"))


@overload
def qr(a: Operand, mode: Literal["reduced", "complete"] = "reduced") -> QRResult: ...
@overload
def qr(a: Operand, mode: Literal["r"]) -> Tensor: ...
def qr(a: Operand, mode: str = "reduced") -> Any:
    """Orthonormal columns Q and upper triangular R with ``a = Q @ R``.  (..., m, n) -> (..., m, k), (..., k, n)

    k is the smaller of m and n.

    Gradient: ``(gQ + Q @ M) @ inv(R).mT``, where M is symmetric with the lower triangle of ``R @ gR.mT - gQ.mT @ Q``.
    The first k columns of a must be independent.

    Parameters
    ----------
    a : Tensor or array
    mode : {"reduced", "complete", "r"}
        "r" returns R only; "complete", a Q of m columns: only of an a, where m > n, that does not require grad.

    Raises
    ------
    LinAlgError, ValueError
        If a is no matrix, or of the mode there is no derivative.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> q, r = tg.linalg.qr(tg.Tensor([[0.0, 2.0], [1.0, 1.0]]))
    >>> tg.round(q @ r, 5)
    Tensor([[0., 2.],
            [1., 1.]])
    """
    a = operand(a)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"qr: expected mode 'reduced', 'complete' or 'r', but got {mode!r}.")
    if a.ndim < 2:
        raise np.linalg.LinAlgError(str(matrix_error("qr", ["a"], [a.shape], square=False)))
    m, n = a.shape[-2:]
    if mode == "complete" and m > n:
        if getattr(a, "requires_grad", False):
            raise ValueError(
                f"qr: expected no more rows than columns for mode 'complete' where a requires grad, but got {a.shape}: "
                f"the last {m - n} columns of Q are not determined, and have no derivative. Use mode='reduced'."
            )
        return QRResult(*_complete_qr(a))
    packed = _qr(a[..., :m] if m < n else a)
    q, r = packed[..., :m, :], packed[..., m:, :]
    if m < n:  # the columns that are left over follow from Q
        r = concatenate([r, q.mT @ a[..., m:]], -1)
    return r if mode == "r" else QRResult(q, r)


def _over_gaps(x: Any, values: Any) -> Any:
    """``x[i, j] / (values[j] - values[i])``, 0 on the diagonal, and where both x and the gap are 0.

    Where values are equal, their vectors may be turned into each other at no cost: they have no derivative, but what
    does not look at that (x = 0) has one.
    """
    x = x * (1 - _identity(x))
    gaps = values[..., None, :] - values[..., :, None]
    return x / where((gaps == 0) & (x == 0), 1.0, gaps)


class EighResult(NamedTuple):
    """Eigenvalues, ascending, and eigenvectors, as columns.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.eigh(tg.eye(2)).eigenvalues
    Tensor([1., 1.])
    """

    eigenvalues: Tensor
    eigenvectors: Tensor


def _eigh_slope(g: Any, y: Any) -> Any:
    """``V (diag(gw) + Vᵀ gV / gaps) Vᵀ``, made symmetric."""
    w, v = y[..., 0, :], y[..., 1:, :]
    gw, gv = g[..., 0, :], g[..., 1:, :]
    inner = _identity(v) * gw[..., None, :] + _over_gaps(v.mT @ gv, w)
    return _symmetric(v @ inner @ v.mT)


def _square_error(name: str, names: Sequence[str], found: Sequence[shapes.Shape], _: Any) -> str | None:
    return matrix_error(name, names, found)


@differentiable(lambda g, y, a: _eigh_slope(g, y), explain=_square_error)
def _eigh(a: Operand) -> Any:
    """The eigenvalues as a row, and below them the eigenvectors.  (..., n, n) -> (..., 1 + n, n)"""
    w, v = np.linalg.eigh(_taken_symmetric("eigh", a))
    return np.concatenate([w[..., None, :], v], axis=-2)


def eigh(a: Operand, UPLO: str = "L") -> EighResult:
    """Eigenvalues w and eigenvectors V of symmetric matrices: ``a @ V = V * w``.  (..., n, n) -> (..., n), (..., n, n)

    Of an a that is not symmetric its symmetric part ``(a + a.mT) / 2`` is taken, so that the gradient is exact, and
    symmetric itself. (NumPy reads one triangle only.)

    Gradient: ``V @ (diag(gw) + V.mT @ gV / gaps) @ V.mT`` with ``gaps[i, j] = w[j] - w[i]``, made symmetric. Where
    eigenvalues are equal their vectors have no derivative: infinite, unless nothing depends on how they are chosen. A
    vector times -1 is one as well: only what does not depend on the sign has a meaning.

    Parameters
    ----------
    a : Tensor or array
    UPLO : {"L", "U"}
        Which triangle to read, in NumPy; here both are, and it makes no difference.

    Raises
    ------
    LinAlgError
        If a matrix is not square.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.eigh(tg.Tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    Tensor([1., 3.])
    """
    if UPLO not in ("L", "U"):
        raise ValueError(f"eigh: expected UPLO 'L' or 'U', but got {UPLO!r}.")
    packed = _eigh(a)
    return EighResult(packed[..., 0, :], packed[..., 1:, :])


def eigvalsh(a: Operand, UPLO: str = "L") -> Tensor:
    """The eigenvalues of symmetric matrices, ascending.  (..., n, n) -> (..., n)

    Gradient: ``V @ diag(g) @ V.mT`` with the eigenvectors V.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.eigvalsh(tg.Tensor([[2.0, 1.0], [1.0, 2.0]]))
    Tensor([1., 3.])
    """
    return eigh(a, UPLO).eigenvalues


class SVDResult(NamedTuple):
    """Left vectors as columns, singular values, descending, and right vectors as rows.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.svd(tg.eye(2)).S
    Tensor([1., 1.])
    """

    U: Tensor
    S: Tensor
    Vh: Tensor


def _outside(gx: Any, x: Any, s: Any) -> Any:
    """``(1 - x xᵀ) gx / s``: what turns the vectors x out of the space they span; 0 where they span all."""
    if x.shape[-2] == x.shape[-1]:
        return gx * 0.0
    rest = gx - x @ (x.mT @ gx)
    s = s[..., None, :]
    return rest / where((s == 0) & (rest == 0), 1.0, s)


def _svd_slope(g: Any, y: Any, m: int) -> Any:
    """The sum of what comes through the singular values, through both sets of vectors, and out of their span."""
    u, s, v = y[..., :m, :], y[..., m, :], y[..., m + 1 :, :]
    gu, gs, gv = g[..., :m, :], g[..., m, :], g[..., m + 1 :, :]
    turn_u, turn_v = u.mT @ gu, v.mT @ gv
    of_u = _over_gaps(turn_u - turn_u.mT, s * s) * s[..., None, :]  # F ∘ (Uᵀ gU - gUᵀ U) times S
    of_v = _over_gaps(turn_v - turn_v.mT, s * s) * s[..., :, None]  # S times F ∘ (Vᵀ gV - gVᵀ V)
    inner = u @ (_identity(u) * gs[..., None, :] + of_u + of_v) @ v.mT
    return inner + _outside(gu, u, s) @ v.mT + u @ _outside(gv, v, s).mT


@differentiable(lambda g, y, a: _svd_slope(g, y, a.shape[-2]), explain=_matrices_error)
def _svd(a: Operand) -> Any:
    """U, the singular values as a row, and V, below each other.  (..., m, n) -> (..., m + 1 + n, k)"""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -1, -2)], axis=-2)


@nondifferentiable(explain=_matrices_error)
def _full_svd(a: Operand) -> Any:
    return tuple(np.linalg.svd(a))


@overload
def svd(
    a: Operand, full_matrices: bool = True, compute_uv: Literal[True] = True, hermitian: bool = False
) -> SVDResult: ...
@overload
def svd(a: Operand, full_matrices: bool = True, *, compute_uv: Literal[False], hermitian: bool = False) -> Tensor: ...
def svd(
    a: Operand,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,  # noqa: ARG001 - NumPy's argument
) -> Any:
    """Singular values S and vectors U, Vh: ``a = U * S @ Vh``.  (..., m, n) -> (..., m, k), (..., k), (..., k, n)

    k is the smaller of m and n. With `full_matrices`, NumPy's default, U is (m, m) and Vh (n, n).

    Gradient: ``U @ (diag(gS) + F * (U.mT @ gU - gU.mT @ U) * S + S * F * (V.mT @ gV - gV.mT @ V)) @ V.mT`` with
    ``F[i, j] = 1 / (S[j]**2 - S[i]**2)``, plus what turns vectors out of their span. Where singular values are equal
    their vectors have no derivative: infinite, unless nothing depends on how they are chosen.

    Parameters
    ----------
    a : Tensor or array
    full_matrices : bool
        Must be False for a matrix that is not square and requires grad: the vectors put in have no derivative.
    compute_uv : bool
        Whether to return U and Vh too, not S alone.
    hermitian : bool
        Whether a is symmetric, in NumPy; here it makes no difference.

    Raises
    ------
    LinAlgError, ValueError
        If a is no matrix, or full matrices of one that is not square are to have a gradient.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.svd(tg.Tensor([[0.0, 2.0], [3.0, 0.0]])).S
    Tensor([3., 2.])
    """
    a = operand(a)
    if not compute_uv:
        return svdvals(a)
    if full_matrices and a.ndim > 1 and a.shape[-1] != a.shape[-2]:
        if getattr(a, "requires_grad", False):
            raise ValueError(
                f"svd: expected full_matrices=False for a matrix that is not square and requires grad, but got a "
                f"{a.shape}. The vectors that fill U or Vh up are not determined, and have no derivative."
            )
        return SVDResult(*_full_svd(a))
    packed = _svd(a)
    m = a.shape[-2]
    return SVDResult(packed[..., :m, :], packed[..., m, :], packed[..., m + 1 :, :].mT)


def svdvals(x: Operand) -> Tensor:
    """The singular values, descending.  (..., m, n) -> (..., k)

    Gradient: ``U @ diag(g) @ Vh``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.linalg.svdvals(tg.Tensor([[0.0, 2.0], [3.0, 0.0]]))
    Tensor([3., 2.])
    """
    x = operand(x)
    return _svd(x)[..., x.shape[-2] if x.ndim > 1 else 0, :]
