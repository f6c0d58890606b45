"""Linear algebra where it is delicate: singular, degenerate, zero, and what only some inputs have a derivative for."""

import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, linalg
from tinygrad_edu.testing import check_gradients


@pytest.mark.parametrize(
    "a",
    [
        np.ones((3, 3)),
        np.zeros((2, 2)),
        np.diag([1.0, 2.0, 0.0]),
        np.zeros((1, 1)),
        np.stack([np.eye(2), np.ones((2, 2))]),
    ],
)
def test_determinant_of_a_singular_matrix_has_derivatives_of_both_orders(a):
    check_gradients(linalg.det, a, order=2)


def test_determinant_of_a_nearly_singular_matrix_keeps_its_digits():
    a = np.array([[1.0, 2.0], [1.0, 2.0 + 1e-13]])
    x = Tensor(a, requires_grad=True)
    linalg.det(x).backward()
    np.testing.assert_allclose(x.grad, [[2, -1], [-2, 1]], rtol=1e-10)


@pytest.mark.parametrize(
    "norm",
    [
        lambda x: linalg.norm(x),
        lambda x: linalg.norm(x, 1),
        lambda x: linalg.norm(x, 3),
        lambda x: linalg.norm(x, 0.5),
        lambda x: linalg.norm(x, math.inf),
        lambda x: linalg.matrix_norm(x[None]),
    ],
)
def test_gradient_of_a_norm_at_0_is_0(norm):
    x = Tensor(np.zeros(3), requires_grad=True)
    (g,) = tg.grad(norm(x), [x], create_graph=True)
    assert g.tolist() == [0, 0, 0]


def test_equal_eigenvalues_have_a_gradient_where_nothing_depends_on_their_vectors():
    x = Tensor(np.eye(3), requires_grad=True)
    linalg.eigvalsh(x).sum().backward()
    linalg.svdvals(x).sum().backward()
    np.testing.assert_allclose(x.grad, 2 * np.eye(3), atol=1e-12)


def test_eigenvectors_of_equal_eigenvalues_have_no_finite_gradient():
    x = Tensor(np.eye(2), requires_grad=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        linalg.eigh(x).eigenvectors[0, 1].backward()
    assert not np.isfinite(x.grad).all()


@pytest.mark.parametrize("f", [linalg.cholesky, lambda a: linalg.eigvalsh(a)])
def test_of_a_matrix_the_symmetric_part_is_taken(f):
    a = np.array([[4.0, 1.0], [3.0, 5.0]])
    np.testing.assert_allclose(f(a), f((a + a.T) / 2))
    x = Tensor(a, requires_grad=True)
    f(x).sum().backward()
    np.testing.assert_allclose(x.grad, x.grad.T)


def test_functions_of_matrices_do_not_depend_on_how_vectors_are_chosen():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((3, 3))
    x = Tensor(a @ a.T, requires_grad=True)
    w, v = linalg.eigh(x)
    root = v * tg.sqrt(w) @ v.mT
    (tg.matmul(root, root) * a).sum().backward()
    np.testing.assert_allclose(x.grad, (a + a.T) / 2, atol=1e-10)  # as root @ root is x


def test_least_squares_of_fewer_equations_than_unknowns_has_no_residuals():
    a, b = np.ones((2, 3)), np.array([1.0, 1.0])
    found = linalg.lstsq(Tensor(a, requires_grad=True), b)
    np.testing.assert_allclose(found.x.data, [1 / 3] * 3)
    assert found.residuals.shape == np.linalg.lstsq(a, b)[1].shape == (0,)
    assert found.rank == 1


def test_pseudoinverse_of_lower_rank_follows_matrices_of_that_rank():
    rng = np.random.default_rng(1)
    check_gradients(lambda u, v: linalg.pinv(u @ v, 1e-8), rng.standard_normal((4, 2)), rng.standard_normal((2, 3)))


def test_full_vectors_of_a_matrix_that_needs_no_gradient_are_numpys():
    a = np.arange(6.0).reshape(2, 3)
    for mine, theirs in zip(linalg.svd(Tensor(a)), np.linalg.svd(a), strict=True):
        np.testing.assert_allclose(mine.data, theirs)


def test_a_singular_matrix_has_condition_infinity_or_as_good_as():
    assert linalg.cond(Tensor(np.diag([1.0, 0.0]))).item() == math.inf
    assert linalg.cond(Tensor(np.ones((2, 2)))).item() > 1e15


def test_power_0_is_the_identity_and_has_gradient_0():
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    y = linalg.matrix_power(x, 0)
    y.sum().backward()
    assert y.tolist() == [[1, 0], [0, 1]]
    assert x.grad.tolist() == [[0, 0], [0, 0]]


def test_a_chain_of_products_is_taken_in_the_order_of_the_fewest_steps():
    parts = [Tensor(np.ones(s), requires_grad=True) for s in ((100, 2), (2, 100), (100, 1))]
    y = linalg.multi_dot(parts)
    assert y.inputs[1].shape == (2, 1)  # the last two first: 400 multiplications, where the first two take 20,000


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_keep_the_dtype(dtype):
    x = Tensor(np.eye(2) + 1, dtype=dtype, requires_grad=True)
    results = [linalg.inv(x), *linalg.eigh(x), *linalg.svd(x), *linalg.qr(x), *linalg.slogdet(x), linalg.cond(x)]
    results += [
        linalg.norm(x),
        linalg.norm(x, 3, 0),
        linalg.pinv(x),
        linalg.cholesky(x),
        *linalg.lstsq(x, [1.0, 2.0])[:2],
    ]
    assert {y.dtype for y in results} == {np.dtype(dtype)}


FLAT = np.random.default_rng(4).standard_normal((4, 3))
SYMMETRIC = FLAT.T @ FLAT


@pytest.mark.parametrize(
    ("function", "a", "arguments"),
    [
        (np.linalg.pinv, FLAT, {"rtol": 0.5}),
        (np.linalg.pinv, SYMMETRIC, {"hermitian": True}),
        (np.linalg.svd, SYMMETRIC, {"hermitian": True, "compute_uv": False}),
        (np.linalg.matrix_rank, FLAT, {"rtol": 0.9}),
        (np.linalg.matrix_rank, SYMMETRIC, {"hermitian": True}),
        (np.linalg.qr, FLAT, {"mode": "complete"}),
        (np.linalg.trace, SYMMETRIC, {"dtype": np.float32}),
        (np.trace, SYMMETRIC, {"dtype": np.float32}),
        (np.unique, np.array([2.0, np.nan, np.nan]), {"equal_nan": False}),
        (np.nanvar, FLAT, {"axis": 0, "mean": FLAT.mean(0, keepdims=True)}),
        (np.nanstd, FLAT, {"axis": 0, "mean": FLAT.mean(0, keepdims=True)}),
    ],
)
def test_numpys_own_functions_take_all_their_arguments(function, a, arguments):
    found, wanted = function(tg.Tensor(a), **arguments), function(a, **arguments)
    pairs = zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]
    for y, known in pairs:
        np.testing.assert_allclose(y.data, known, rtol=1e-6, atol=1e-12)
        assert y.dtype == known.dtype


def test_a_complete_q_of_a_tall_matrix_is_square_and_orthonormal():
    a = np.random.default_rng(0).normal(size=(2, 5, 3))
    q, r = tg.linalg.qr(tg.Tensor(a), mode="complete")
    assert (q.shape, r.shape) == ((2, 5, 5), (2, 5, 3))
    np.testing.assert_allclose(q.data.mT @ q.data, np.broadcast_to(np.eye(5), (2, 5, 5)), atol=1e-12)
    np.testing.assert_allclose((q @ r).data, a, atol=1e-12)
