"""Large and small numbers: no overflow, no warning, and the value that exact arithmetic gives."""

import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor

EXTREME = np.array([-1000.0, -100.0, 0.0, 100.0, 1000.0])


def value_and_gradient(f, x):
    leaf = Tensor(x, requires_grad=True)
    y = f(leaf)
    y.sum().backward()
    return y.data, leaf.grad


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("f", "values", "slopes"),
    [
        (tg.sigmoid, [0, math.exp(-100), 0.5, 1, 1], [0, math.exp(-100), 0.25, 0, 0]),
        (tg.softplus, [0, math.exp(-100), math.log(2), 100, 1000], [0, math.exp(-100), 0.5, 1, 1]),
        (tg.silu, [0, -100 * math.exp(-100), 0, 100, 1000], [0, -99 * math.exp(-100), 0.5, 1, 1]),
        (tg.gelu, [0, 0, 0, 100, 1000], [0, 0, 0.5, 1, 1]),
        (lambda x: tg.gelu(x, "tanh"), [0, 0, 0, 100, 1000], [0, 0, 0.5, 1, 1]),
        (tg.elu, [-1, -1, 0, 100, 1000], [0, math.exp(-100), 1, 1, 1]),
        (tg.tanh, [-1, -1, 0, 1, 1], [0, 0, 1, 0, 0]),
    ],
    ids=["sigmoid", "softplus", "silu", "gelu", "gelu by tanh", "elu", "tanh"],
)
def test_activations_of_extreme_numbers(f, values, slopes, dtype):
    y, g = value_and_gradient(f, EXTREME.astype(dtype))
    tiny = 1e-30 if dtype == "float64" else 1e-36
    np.testing.assert_allclose(y, values, rtol=1e-5, atol=tiny)
    np.testing.assert_allclose(g, slopes, rtol=1e-5, atol=tiny)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_family_of_extreme_numbers(dtype):
    x = np.array([1000.0, 1000.0, -1000.0], dtype)
    np.testing.assert_allclose(tg.softmax(Tensor(x)).data, [0.5, 0.5, 0])
    np.testing.assert_allclose(tg.log_softmax(Tensor(x)).data, [-math.log(2), -math.log(2), -2000 - math.log(2)], 1e-6)
    np.testing.assert_allclose(tg.logsumexp(Tensor(x)).data, 1000 + math.log(2), 1e-6)
    for f in (tg.softmax, tg.log_softmax, tg.logsumexp, tg.logcumsumexp):
        assert np.isfinite(value_and_gradient(f, x)[1]).all()


def test_sum_of_exponentials_of_nothing_is_minus_infinity():
    assert tg.logsumexp(Tensor([])).item() == -math.inf
    assert tg.logsumexp(Tensor([-math.inf, -math.inf])).item() == -math.inf
    assert tg.logsumexp(Tensor([-math.inf, 0.0])).item() == 0.0


@pytest.mark.parametrize("f", [tg.logsumexp, lambda x: tg.logcumsumexp(x).sum()], ids=["logsumexp", "logcumsumexp"])
def test_what_adds_nothing_to_a_sum_of_exponentials_has_no_slope(f):
    x = Tensor([-math.inf, -math.inf], requires_grad=True)
    slope = tg.grad(f(x), x, create_graph=True)
    assert slope.tolist() == [0.0, 0.0]
    assert tg.grad(slope.sum(), x).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_of_extreme_scores(dtype):
    x = Tensor(np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 1000.0]], dtype), requires_grad=True)
    losses = tg.cross_entropy(x, [0, 0, 1], reduction="none")
    assert losses.tolist() == [0, 2000, 0]
    losses.sum().backward()
    assert x.grad.tolist() == [[0, 0], [-1, 1], [0, 0]]


def test_cross_entropy_keeps_the_small_loss_of_a_sure_and_right_answer():
    loss = tg.cross_entropy(Tensor(np.array([[1000.0, 980.0]])), [0])
    np.testing.assert_allclose(loss.item(), math.log1p(math.exp(-20)), rtol=1e-6)


def test_an_impossible_class_may_have_the_score_minus_infinity():
    x = Tensor(np.array([[0.0, -math.inf, 0.0]]), requires_grad=True)
    for target in ([0], [[0.5, 0.0, 0.5]]):
        x.zero_grad()
        loss = tg.cross_entropy(x, target)
        loss.backward()
        np.testing.assert_allclose(loss.item(), math.log(2), 1e-6)
        assert np.isfinite(x.grad).all()


def test_binary_cross_entropy_of_extreme_scores_and_probabilities():
    x = Tensor(np.array([-1000.0, 1000.0, -1000.0]), requires_grad=True)
    losses = tg.binary_cross_entropy_with_logits(x, [1.0, 1.0, 0.0], reduction="none")
    losses.sum().backward()
    assert losses.tolist() == [1000, 0, 0]
    assert x.grad.tolist() == [-1, 0, 0]
    p = Tensor(np.array([0.0, 1.0, 0.0, 1.0]), requires_grad=True)
    losses = tg.binary_cross_entropy(p, [1.0, 1.0, 0.0, 0.0], reduction="none")
    losses.sum().backward()
    assert losses.tolist() == [100, 0, 0, 100]  # the logarithm of 0 is taken to be -100, as in PyTorch
    np.testing.assert_allclose(p.grad, [-1e12, -1, 1, 1e12])


def test_hypot_and_expm1_and_log1p_are_exact_where_the_plain_formula_is_not():
    assert math.isclose(tg.hypot(Tensor(np.array(3e200)), Tensor(np.array(4e200))).item(), 5e200)
    assert tg.expm1(Tensor(np.array(1e-20))).item() == 1e-20
    assert tg.log1p(Tensor(np.array(1e-20))).item() == 1e-20


def test_error_function_without_scipy_is_as_exact(monkeypatch):
    from tinygrad_edu.ops import special

    x = np.linspace(-6, 6, 50)
    known = [f(x) for f in (special.erf, special.erfc, special.ndtr, special.gammaln, special.i0)]
    monkeypatch.setattr(special, "_scipy", lambda _: None)
    slowly = [f(x) for f in (special.erf, special.erfc, special.ndtr, special.gammaln, special.i0)]
    np.testing.assert_allclose(slowly, known, rtol=1e-13)
    assert special.erf(x.astype(np.float32)).dtype == np.float32
    with pytest.raises(ImportError, match="digamma: expected SciPy"):
        special.digamma(x)


def test_normal_distribution_of_float32_is_as_exact_as_they_are():
    x = np.linspace(-12, 12, 20_001, dtype=np.float32)
    wanted = tg.special.ndtr(x.astype(np.float64))
    np.testing.assert_allclose(tg.special.ndtr(x), wanted, rtol=3e-5, atol=1e-37)
    np.testing.assert_allclose(tg.special.ndtr(x), wanted, rtol=0, atol=3e-7)
    extreme = np.array([-np.inf, -1e30, 1e30, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(tg.special.ndtr(extreme), [0, 0, 1, 1, np.nan])
