import itertools
import math

import numpy as np
import scipy.linalg
from hypothesis import assume
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import Row, call, part
from tinygrad_edu.ops import decompositions, norms, solving
from tinygrad_edu.testing.strategies import arrays, broadcastable, distinct, shapes


def stacked(f):
    """A function of one matrix as one of matrices side by side, in a loop."""

    def each(a, *rest, **params):
        places = list(np.ndindex(a.shape[:-2]))
        found = [np.asarray(f(a[i], *(x[i] for x in rest), **params)) for i in places]
        if not found:
            return np.zeros(a.shape[:-2] + np.shape(f(np.ones(a.shape[-2:]), **params)))
        return np.array(found).reshape(a.shape[:-2] + found[0].shape)

    return each


def det(a):
    """The sum over all permutations, after Leibniz."""
    n = len(a)
    total = 0.0
    for order in itertools.permutations(range(n)):
        turns = sum(order[i] > order[k] for i in range(n) for k in range(i + 1, n))
        total += (-1) ** turns * math.prod(a[i, order[i]] for i in range(n))
    return total


def solve(a, b):
    """Elimination, after Gauss and Jordan."""
    n = len(a)
    table = np.concatenate([a, b], axis=1)
    for k in range(n):
        top = k + np.argmax(np.abs(table[k:, k]))
        table[[k, top]] = table[[top, k]]
        table[k] /= table[k, k]
        for i in range(n):
            if i != k:
                table[i] -= table[i, k] * table[k]
    return table[:, n:]


def inv(a):
    return solve(a, np.eye(len(a)))


def solve_all(a, b):
    columns = b[:, None] if b.ndim == 1 else b
    lead = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    found = np.zeros(lead + columns.shape[-2:])
    a, columns = np.broadcast_to(a, lead + a.shape[-2:]), np.broadcast_to(columns, found.shape)
    for i in np.ndindex(lead):
        found[i] = solve(a[i], columns[i])
    return found[..., 0] if b.ndim == 1 else found


def cholesky(a):
    a = (a + a.T) / 2
    lower = np.zeros_like(a)
    for i, j in itertools.product(range(len(a)), repeat=2):
        if j < i:
            lower[i, j] = (a[i, j] - lower[i, :j] @ lower[j, :j]) / lower[j, j]
        elif j == i:
            lower[i, i] = math.sqrt(a[i, i] - lower[i, :i] @ lower[i, :i])
    return lower


def signs(of, wanted):
    """Which columns of `of` must be turned round to be those of `wanted`: vectors are unique up to that."""
    return np.where((of * wanted).sum(0) < 0, -1.0, 1.0)


def gram_schmidt(a):
    q = np.zeros_like(a)
    for k in range(a.shape[1]):
        rest = a[:, k] - q[:, :k] @ (q[:, :k].T @ a[:, k])
        rest -= q[:, :k] @ (q[:, :k].T @ rest)
        q[:, k] = rest / np.linalg.norm(rest)
    return q * signs(q, np.linalg.qr(a)[0])


def qr(a, mode="reduced"):
    m, n = a.shape
    q = gram_schmidt(a[:, : min(m, n)])
    r = q.T @ a
    return r if mode == "r" else (q, r)


def packed_qr(a):
    return np.concatenate(qr(a))


def eigh(a, UPLO="L"):
    a = (a + a.T) / 2
    w, v = scipy.linalg.eigh(a, driver="ev")
    return w, v * signs(v, np.linalg.eigh(a)[1])


def svd(a, full_matrices=False):
    u, s, vh = scipy.linalg.svd(a, full_matrices=False, lapack_driver="gesvd")
    turned = signs(u, np.linalg.svd(a, full_matrices=False)[0])
    return u * turned, s, vh * turned[:, None]


def packed_svd(a):
    u, s, vh = svd(a)
    return np.concatenate([u, s[None], vh.T])


def pinv(a, rcond=1e-15):
    """By the normal equations."""
    m, n = a.shape
    return solve(a.T @ a, a.T) if m >= n else solve(a @ a.T, a).T


def several(f, count):
    """Each of the results of `f`."""
    return lambda a, **params: [stacked(lambda x, i=i, **p: f(x, **p)[i])(a, **params) for i in range(count)]


def residuals(a, b):
    return np.atleast_1d(((b - a @ pinv(a) @ b) ** 2).sum(0))


def vector_norm(x, axis=None, keepdims=False, ord=2):
    axes = tuple(range(x.ndim)) if axis is None else tuple(k % x.ndim for k in np.atleast_1d(axis))
    kept = [k for k in range(x.ndim) if k not in axes]
    rows = np.abs(np.transpose(x, (*kept, *axes)).reshape(*(x.shape[k] for k in kept), -1))
    found = (
        rows.max(-1) if ord == np.inf else rows.min(-1) if ord == -np.inf else (rows > 0).sum(-1) * 1.0 if ord == 0
        else (rows**ord).sum(-1) ** (1 / ord)
    )  # fmt: skip
    return found.reshape([1 if k in axes else n for k, n in enumerate(x.shape)]) if keepdims else found


def matrix_norm(a, ord="fro"):
    rows, columns = np.abs(a).sum(1), np.abs(a).sum(0)
    s = np.sqrt(np.maximum(scipy.linalg.eigvalsh(a.T @ a if a.shape[0] >= a.shape[1] else a @ a.T), 0))
    return {
        "fro": math.sqrt((a * a).sum()), "nuc": s.sum(), 1: columns.max(), -1: columns.min(), np.inf: rows.max(),
        -np.inf: rows.min(), 2: s.max(), -2: s.min(),
    }[ord]  # fmt: skip


def norm(x, ord=None, axis=None, keepdims=False):
    axes = tuple(range(x.ndim)) if axis is None else tuple(k % x.ndim for k in np.atleast_1d(axis))
    if len(axes) == 1 or ord is None:
        return vector_norm(x, axes, keepdims, 2 if ord is None else ord)
    found = stacked(matrix_norm)(np.moveaxis(x, axes, (-2, -1)), ord=ord)
    return np.expand_dims(found, axes) if keepdims else found


def product(arrays):
    found = arrays[0]
    for a in arrays[1:]:
        found = np.einsum("...i,i...->..." if a.ndim == 1 else "...i,ij->...j", found, a)
    return found


def kron(a, b):
    ndim = max(a.ndim, b.ndim)
    a, b = a.reshape((1,) * (ndim - a.ndim) + a.shape), b.reshape((1,) * (ndim - b.ndim) + b.shape)
    found = np.zeros([n * k for n, k in zip(a.shape, b.shape, strict=True)])
    for i, k in itertools.product(np.ndindex(a.shape), np.ndindex(b.shape)):
        found[tuple(x * n + y for x, y, n in zip(i, k, b.shape, strict=True))] = a[i] * b[k]
    return found


def cross(a, b, axis=-1):
    a, b = np.broadcast_arrays(np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1))
    found = np.zeros(a.shape)
    for i in np.ndindex(a.shape[:-1]):
        (x, y, z), (u, v, w) = a[i], b[i]
        found[i] = y * w - z * v, z * u - x * w, x * v - y * u
    return np.moveaxis(found, -1, axis)


# ---- inputs ----

leads = st.sampled_from([(), (), (2,), (2, 1)])
sides = st.integers(1, 3)


@st.composite
def square(draw, bend=lambda a: a + 3 * np.eye(a.shape[-1]), **params):
    """Matrices that are far from singular, unless bent otherwise."""
    n = draw(sides)
    return draw(call(arrays((*draw(leads), n, n), -1, 1).map(bend), **params))


@st.composite
def spread(draw, symmetric=False, tall=False, **params):
    """Matrices whose eigenvalues or singular values are well apart, and away from 0."""
    lead, m = draw(leads), draw(sides)
    n = m if symmetric else draw(st.integers(1, m) if tall else sides)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    u = np.linalg.qr(rng.standard_normal((*lead, m, m)))[0]
    v = u if symmetric else np.linalg.qr(rng.standard_normal((*lead, n, n)))[0]
    k = min(m, n)
    values = np.cumsum(rng.uniform(0.5, 1.0, (*lead, k)), -1)
    values = values * rng.choice([-1, 1], values.shape) if symmetric else values
    return draw(call(st.just((u[..., :k] * values[..., None, :]) @ np.swapaxes(v[..., :k], -1, -2)), **params))


def squared(a):
    return a @ np.swapaxes(a, -1, -2) + np.eye(a.shape[-1])


@st.composite
def overdetermined(draw):
    """More equations than unknowns, for one right side or two."""
    n = draw(sides)
    right = draw(st.sampled_from([(n + 2,), (n + 2, 2)]))
    return draw(call(arrays((n + 2, n), -1, 1).map(lambda a: a + 3 * np.eye(n + 2, n)), arrays(right)))


@st.composite
def equations(draw):
    n = draw(sides)
    before, after = draw(broadcastable(2, max_dims=2))
    b = (n,) if draw(st.integers(0, 3)) == 3 else (*after, n, draw(st.integers(0, 3)))
    return draw(call(arrays((*before, n, n), -1, 1).map(lambda a: a + 3 * np.eye(n)), arrays(b)))


def alternating(a):
    """Numbers of both signs whose sizes are as far apart as those of `a`, the smallest 0.1."""
    signs = np.where(np.arange(a.size).reshape(a.shape) % 2, 1.0, -1.0)
    return signs * (a - a.min() + 0.1)


def without_ties(a):
    """Whether no two rows or columns are nearly of the same sum of sizes: one of them is the largest."""
    sums = [np.sort(np.abs(a).sum(axis).ravel()) for axis in range(a.ndim)]
    return all((np.diff(s) > 1e-3).all() for s in sums)


@st.composite
def measured(draw, ords):
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    a = distinct(shape, gap=0.05).map(lambda drawn: alternating(drawn[0]))
    return draw(call(a, axis=axis, keepdims=st.booleans(), **ords))


@st.composite
def matrices_of(draw, **ords):
    (a,), _ = draw(spread())
    a = np.where(np.abs(a) < 0.05, 0.05, a)
    assume(without_ties(a))
    return draw(call(st.just(a), **ords))


@st.composite
def planes(draw):
    shape = draw(shapes(min_dims=2, min_side=1))
    axis = tuple(draw(st.permutations(range(-len(shape), len(shape))).filter(lambda p: (p[0] - p[1]) % len(shape)))[:2])
    a = arrays(shape, away=[0.0]).filter(without_ties)
    return draw(call(a, ord=st.sampled_from([None, "fro", 1, -1, np.inf, -np.inf]),
                     axis=st.just(axis), keepdims=st.booleans()))  # fmt: skip


@st.composite
def chains(draw):
    sizes = draw(st.lists(sides, min_size=3, max_size=5))
    found = list(itertools.pairwise(sizes))
    if draw(st.booleans()):
        found[0] = found[0][1:]
    if draw(st.booleans()):
        found[-1] = found[-1][:1]
    return draw(call(*map(arrays, found)))


@st.composite
def in_space(draw):
    shapes = draw(broadcastable(2, max_dims=2))
    axis = draw(st.sampled_from([-1, 0] if len(shapes[0]) == len(shapes[1]) else [-1]))
    return draw(call(*(arrays((3, *s) if axis == 0 else (*s, 3)) for s in shapes), axis=axis))


@st.composite
def alike(draw):
    n, parts = draw(st.integers(0, 4)), draw(broadcastable(2, max_dims=2))
    return draw(call(*(arrays((*s, n)) for s in parts)))


@st.composite
def as_many(draw):
    shape = draw(shapes())
    return draw(call(arrays(shape), arrays(tuple(draw(st.permutations(shape))))))


PS = st.sampled_from([2, 1, 3, 2.5, -1, np.inf, -np.inf])
MATRIX_ORDS = st.sampled_from(["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])


@st.composite
def matrices_and_vectors(draw, inner=1):
    sizes = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    before, after = draw(broadcastable(2, max_dims=2))
    return draw(call(arrays((*before, *sizes)), arrays((*after, sizes[inner]))))


ROWS = [
    Row(tg.linalg.inv, stacked(inv), square()),
    Row(tg.linalg.solve, solve_all, equations()),
    Row(tg.linalg.det, stacked(det), square()),
    Row(tg.linalg.det, stacked(det), square(lambda a: a[..., :1] + np.zeros_like(a)), "singular"),
    Row(solving.log_abs_det, stacked(lambda a: math.log(abs(det(a)))), square()),
    Row(solving._sign_of_det, stacked(lambda a: np.sign(det(a))), square(lambda a: a - 3 * np.eye(a.shape[-1]))),
    Row(tg.linalg.slogdet, stacked(lambda a: math.log(abs(det(a)))), square(), call_as=part(1)),
    Row(tg.linalg.lstsq, lambda a, b: pinv(a) @ b, overdetermined(), rtol=1e-7, call_as=part(0)),
    Row(tg.linalg.lstsq, residuals, overdetermined(), "residuals", rtol=1e-7, call_as=part(1)),
    Row(tg.linalg.pinv, stacked(pinv), spread(), rtol=1e-7),
    Row(tg.linalg.matrix_rank, stacked(lambda A: min(A.shape)), spread()),
    Row(decompositions._cholesky, stacked(cholesky), square(squared)),
    Row(tg.linalg.cholesky, stacked(lambda a, upper: cholesky(a).T), square(squared, upper=True)),
    Row(decompositions._qr, stacked(packed_qr), spread(tall=True)),
    Row(decompositions._complete_qr, several(qr, 2), spread(symmetric=True)),  # square: tall ones in test_matrices.py
    Row(tg.linalg.qr, several(qr, 2), spread()),
    Row(tg.linalg.qr, stacked(qr), spread(mode="r"), "r"),
    Row(decompositions._eigh, stacked(lambda a: np.vstack(eigh(a))), spread(symmetric=True)),
    Row(tg.linalg.eigh, several(eigh, 2), spread(symmetric=True)),
    Row(tg.linalg.eigvalsh, stacked(lambda a: eigh(a)[0]), spread(symmetric=True)),
    Row(tg.linalg.svdvals, stacked(lambda x: svd(x)[1]), spread()),
    Row(decompositions._svd, stacked(packed_svd), spread()),
    Row(decompositions._full_svd, several(svd, 3), spread(symmetric=True)),
    Row(tg.linalg.svd, several(svd, 3), spread(full_matrices=False)),
    Row(norms.length, vector_norm, measured({})),
    Row(norms.p_norm, lambda x, p, axis, keepdims: vector_norm(x, axis, keepdims, p), measured(
        {"p": st.sampled_from([3.0, 2.5, 0.5, -1.0])})),
    Row(tg.linalg.vector_norm, vector_norm, measured({"ord": PS})),
    Row(tg.linalg.matrix_norm, stacked(matrix_norm), matrices_of(ord=MATRIX_ORDS), rtol=1e-6),
    Row(tg.linalg.norm, norm, measured({"ord": PS | st.none()}), "of vectors"),
    Row(tg.linalg.norm, norm, planes(), "of matrices"),
    Row(tg.linalg.cond, stacked(lambda x, p: matrix_norm(x, p) * matrix_norm(inv(x), p)), square(
        p=st.sampled_from(["fro", 1, np.inf])), rtol=1e-6),
    Row(tg.linalg.matrix_power, stacked(lambda a, n: product([a] * n) if n > 0 else product([inv(a)] * -n)), square(
        n=st.sampled_from([1, 2, 3, 5, -1, -2])), keeps_dtype=False),
    Row(tg.linalg.multi_dot, lambda *a: product(a), chains(), takes_list=True),
    Row(tg.kron, kron, call(arrays(shapes(max_dims=2)), arrays(shapes(max_dims=2)))),
    Row(tg.cross, cross, in_space()),
    Row(tg.vecdot, lambda x1, x2: np.einsum("...i,...i->...", x1, x2), alike()),
    Row(tg.matvec, lambda x1, x2: np.einsum("...ij,...j->...i", x1, x2), matrices_and_vectors()),
    Row(tg.vecmat, lambda x2, x1: np.einsum("...i,...ij->...j", x1, x2), matrices_and_vectors(inner=0),
        call_as=lambda op: lambda x2, x1: op(x1, x2)),
    Row(tg.vdot, lambda a, b: math.fsum((a.ravel() * b.ravel()).tolist()), as_many()),
]  # fmt: skip
