"""vmap and checkpoint."""

import weakref

import numpy as np
import pytest

import tinygrad_edu as tg


def test_vmap_equals_the_loop():
    x = np.arange(6.0).reshape(3, 2)
    out = tg.vmap(lambda row: (row * row).sum())(x)
    assert out.tolist() == [1.0, 13.0, 41.0]


def test_vmap_over_other_axes_with_shared_arguments_and_nested_results():
    x, w = tg.Tensor(np.arange(6.0).reshape(2, 3)), tg.Tensor(np.array([1.0, 10.0]))
    out = tg.vmap(lambda p, w: {"product": p["x"] * w, "sum": (p["x"].sum(),)}, in_axes=(1, None), out_axes=-1)(
        {"x": x}, w
    )
    assert out["product"].tolist() == (x.data * w.data[:, None]).tolist()
    assert out["sum"][0].tolist() == x.data.sum(0).tolist()


def test_vmap_of_a_gradient_gives_one_gradient_for_each_example():
    w = tg.Tensor(np.array([1.0, 2.0]))
    x = np.array([[1.0, 0.0], [0.0, 3.0], [1.0, 1.0]])
    found = tg.vmap(tg.grad(lambda w, x: (w * x).sum() ** 2), in_axes=(None, 0))(w, x)
    np.testing.assert_allclose(found.data, 2 * (x @ w.data)[:, None] * x)


def test_vmap_is_differentiable():
    x = tg.Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    tg.vmap(lambda row: row[0] * row[1])(x).sum().backward()
    assert x.grad.tolist() == [[1.0, 0.0], [3.0, 2.0], [5.0, 4.0]]


@pytest.mark.parametrize(
    ("args", "axes"),
    [((np.ones(2), np.ones(3)), 0), ((np.ones((0, 2)),), 0), ((np.ones(2),), (0, 0)), ((1.0,), None), ((1.0,), 0)],
)
def test_vmap_without_one_number_of_examples_is_an_error(args, axes):
    with pytest.raises(ValueError, match="vmap: expected"):
        tg.vmap(lambda *a: a[0], in_axes=axes)(*args)


def block(x, w):
    return tg.tanh(x @ w)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return tg.Tensor(rng.normal(size=(4, 3)), requires_grad=True), tg.Tensor(
        rng.normal(size=(3, 3)), requires_grad=True
    )


def test_checkpoint_gives_the_same_gradients_also_to_what_the_function_closes_over(data):
    x, w = data
    plain = tg.grad((block(block(x, w), w) * x).sum(), [x, w])
    inner = tg.checkpoint(lambda x: block(x, w), block(x, w))
    found = tg.grad((inner * x).sum(), [x, w])
    for a, b in zip(found, plain, strict=True):
        np.testing.assert_allclose(a.data, b.data)


def test_checkpoint_lets_go_of_the_values_inside(data):
    x, w = data
    seen = []

    def f(x):
        h = block(x, w)
        seen.append(weakref.ref(h))
        return h * h

    y = tg.checkpoint(f, x)
    assert seen[0]() is None
    y.sum().backward()
    assert len(seen) == 2


def test_checkpoint_draws_the_same_random_numbers_again(data):
    x, _ = data

    def noisy(x):
        return x * tg.random.generator().standard_normal(x.shape)

    tg.manual_seed(3)
    y = tg.checkpoint(noisy, x)
    state = tg.random.get_state()
    y.sum().backward()
    assert tg.random.get_state() == state
    np.testing.assert_allclose(x.grad * x.data, y.data)


def test_random_numbers_after_a_checkpoint_are_those_of_the_plain_calls(data):
    x, _ = data

    def masks(call):
        tg.manual_seed(5)
        first, second = call(draw, x), call(draw, x)
        (first + second).sum().backward()
        return np.stack([first.data, second.data, tg.rand(x.shape).data])

    def draw(x):
        return x * 0.0 + tg.rand(x.shape)

    found = masks(tg.checkpoint)
    assert not np.array_equal(found[0], found[1])
    np.testing.assert_array_equal(found, masks(lambda f, x: f(x)))


def test_checkpoint_of_several_outputs_and_keyword_arguments(data):
    x, w = data
    out = tg.checkpoint(lambda x, scale: {"a": x * scale, "b": (x @ w, x.sum())}, x, scale=3.0)
    assert out["a"].shape == (4, 3)
    assert out["b"][1].shape == ()
    (out["a"].sum() + out["b"][0].sum() * 2 + out["b"][1]).backward()
    np.testing.assert_allclose(x.grad, 4 + 2 * np.ones((4, 3)) @ w.data.T)


def test_checkpoint_of_what_needs_no_gradient_is_a_plain_call():
    assert not tg.checkpoint(lambda x: x * 2, tg.ones(2)).requires_grad
    with tg.no_grad():
        assert tg.checkpoint(lambda x: 3, 1) == 3


def test_checkpoint_notices_a_step_between_forward_and_backward(data):
    x, w = data
    y = tg.checkpoint(lambda x: block(x, w), x).sum()
    with tg.no_grad():
        w -= 0.1
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_checkpoint_refuses_what_it_cannot_do(data):
    x, w = data
    y = tg.checkpoint(lambda x: block(x, w), x).sum()
    with pytest.raises(RuntimeError, match="checkpoint: expected a backward pass of first order"):
        tg.grad(y, x, create_graph=True)
    with pytest.raises(TypeError, match="checkpoint: expected a function that returns floating Tensors, but got int"):
        tg.checkpoint(lambda x: 3, x)
