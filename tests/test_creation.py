"""Tensors made from nothing, and random ones: as NumPy makes arrays, in the default dtype."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor

x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

SAME = [
    ("zeros", (3,)), ("zeros", ((2, 0),)), ("zeros", ((),)), ("ones", ((2, 3),)), ("full", ((2, 2), 0.5)),
    ("full", (2, 7)), ("full", ((2, 2), [1.0, 2.0])), ("arange", (5,)), ("arange", (1, 2, 0.25)),
    ("arange", (5, 1, -2)),
    ("linspace", (0, 1, 5)), ("linspace", (0, 1, 5, False)), ("logspace", (-1, 1, 3)), ("geomspace", (1, 8, 4)),
    ("eye", (3,)), ("eye", (2, 3, 1)), ("identity", (2,)), ("tri", (2, 3, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), SAME)
def test_numbers_are_those_of_numpy(name, args):
    t, a = getattr(tg, name)(*args), getattr(np, name)(*args)
    np.testing.assert_allclose(t.data, a, rtol=1e-6)
    assert t.shape == a.shape
    assert t.dtype == (np.float32 if a.dtype == np.float64 else a.dtype)


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("ends", [(1.0, 2.0), ([1.0, 3.0], 2.0)])
def test_ends_may_be_tensors_and_lose_no_history(name, ends):
    tensors = [Tensor(end) for end in ends]
    np.testing.assert_allclose(getattr(tg, name)(*tensors, 3).data, getattr(np, name)(*ends, 3), rtol=1e-6)
    np.testing.assert_allclose(getattr(np, name)(*tensors, 3).data, getattr(np, name)(*ends, 3), rtol=1e-6)
    with pytest.raises(TypeError, match="requires grad"):
        getattr(tg, name)(x[0], tensors[1], 3)


@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "eye", "identity", "tri", "rand", "randn"])
def test_dtype_and_requires_grad_are_taken(name):
    t = getattr(tg, name)(2, dtype="float64", requires_grad=True)
    assert t.dtype == np.float64
    assert t.requires_grad
    assert t.is_leaf
    with tg.default_dtype("float64"):
        assert getattr(tg, name)(2).dtype == np.float64


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "empty_like"])
def test_likes_take_shape_and_dtype(name):
    like = getattr(tg, name)
    assert like(x).shape == (2, 2)
    assert not like(x).requires_grad
    assert like(np.array([1, 2])).dtype == np.int64
    assert like(x, dtype="int64", shape=(3,)).shape == (3,)
    assert isinstance(getattr(np, name)(x), Tensor)


def test_full_like_takes_a_number():
    assert tg.full_like(x, 7).tolist() == [[7, 7], [7, 7]]
    assert np.full_like(x, 7).dtype == x.dtype


def test_arguments_may_be_named():
    assert tg.arange(start=1, stop=7, step=2).tolist() == [1, 3, 5]
    assert tg.full(shape=2, fill_value=1.5).tolist() == [1.5, 1.5]
    assert tg.linspace(start=0, stop=2, num=3).tolist() == [0, 1, 2]
    assert tg.eye(N=1, M=2, k=1).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: tg.zeros(2, 3), TypeError, r"zeros: .* The shape is one argument: tg\.zeros\(\(2, 3\)\)"),
        (lambda: tg.zeros(-1), ValueError, "zeros: .* negative"),
        (lambda: tg.ones(2, int, requires_grad=True), TypeError, "requires_grad: expected a floating dtype"),
        (lambda: tg.zeros(2, complex), TypeError, "expected real numbers"),
        (lambda: tg.linspace(0, 1, -1), ValueError, "linspace: "),
        (lambda: tg.arange(0, 1, 0), ValueError, "arange: "),
        (lambda: tg.rand(-1), ValueError, "rand: expected sizes of at least 0"),
        (lambda: tg.randn(2.5), ValueError, "randn: expected sizes"),
        (lambda: tg.randint(3, (2, 2)), TypeError, "randint: expected integers .* size="),
        (lambda: tg.randint(3, 3), ValueError, "randint: expected low < high"),
        (lambda: tg.randperm(-1), ValueError, "randperm: expected a count"),
        (lambda: tg.normal(0, -1.0), ValueError, "normal: expected a scale of at least 0"),
        (lambda: tg.uniform(1, 0), ValueError, "uniform: expected low <= high"),
        (lambda: tg.gumbel_softmax(x, tau=0), ValueError, "gumbel_softmax: expected a temperature"),
    ],
)
def test_a_wrong_call_says_what_was_expected(make, kind, text):
    with pytest.raises(kind, match=text):
        make()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: tg.rand(3, 2),
        lambda: tg.randn((3, 2)),
        lambda: tg.randint(10, size=(3, 2)),
        lambda: tg.randperm(20),
        lambda: tg.normal(1.0, 2.0, (3, 2)),
        lambda: tg.uniform(-1.0, 1.0, (3, 2)),
        lambda: tg.gumbel_softmax(x),
    ],
)
def test_samples_follow_the_seed(draw):
    tg.manual_seed(3)
    first = draw().data
    assert not np.array_equal(first, draw().data)
    tg.manual_seed(3)
    np.testing.assert_array_equal(first, draw().data)


def test_a_seed_means_the_same_numbers_in_every_dtype():
    tg.manual_seed(0)
    wide = tg.randn(4, dtype="float64")
    tg.manual_seed(0)
    np.testing.assert_array_equal(tg.randn(4).data, wide.data.astype(np.float32))


def test_samples_lie_where_they_should():
    tg.manual_seed(0)
    u, z, k = tg.uniform(-1, 3, (4000,)), tg.normal(2.0, 0.5, (4000,)), tg.randint(2, 5, (4000,))
    assert -1 <= u.min().item() < -0.99
    assert 2.99 < u.max().item() < 3
    assert abs(z.mean().item() - 2) < 0.05
    assert abs(z.std().item() - 0.5) < 0.05
    assert sorted(set(k.tolist())) == [2, 3, 4]
    assert sorted(tg.randperm(9).tolist()) == list(range(9))


def test_gradients_flow_into_the_parameters_of_a_distribution():
    loc, scale = Tensor([1.0, 2.0], requires_grad=True), Tensor([0.5, 3.0], requires_grad=True)
    z = tg.normal(loc, scale)
    z.sum().backward()
    assert loc.grad.tolist() == [1, 1]
    np.testing.assert_allclose(scale.grad, (z - loc).data / scale.data, rtol=1e-5)
    low, high = Tensor([1.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    u = tg.uniform(low, high)
    u.sum().backward()
    np.testing.assert_allclose(low.grad + high.grad, 1)
    np.testing.assert_allclose(high.grad, (u.data - 1) / 2, rtol=1e-5)


def test_a_hard_gumbel_sample_is_one_hot_with_the_gradient_of_the_soft_one():
    logits = Tensor(np.zeros((5, 3)), requires_grad=True)
    y = tg.gumbel_softmax(logits, hard=True)
    np.testing.assert_allclose(y.data.sum(-1), 1)
    np.testing.assert_allclose(np.sort(y.data, -1), [[0, 0, 1]] * 5, atol=1e-12)
    (y * Tensor([1.0, 2.0, 3.0])).sum().backward()
    assert np.abs(logits.grad).max() > 0
    np.testing.assert_allclose(logits.grad.sum(-1), 0, atol=1e-12)


def test_gumbel_samples_have_the_probabilities_of_the_softmax():
    tg.manual_seed(0)
    p = np.array([0.5, 0.3, 0.2])
    y = tg.gumbel_softmax(np.broadcast_to(np.log(p), (4000, 3)), hard=True)
    np.testing.assert_allclose(y.mean(0).data, p, atol=0.03)
