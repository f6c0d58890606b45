"""grad, vjp, jvp, jacobian, hessian, hvp: of tensors and of functions, to any order."""

import numpy as np
import pytest

import tinygrad_edu as tg


@pytest.fixture
def x():
    return tg.Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)


def test_fifth_derivative_of_a_fifth_power_is_its_factorial():
    x = tg.Tensor(2.0, requires_grad=True)
    y = x**5
    for _ in range(5):
        y = tg.grad(y, x, create_graph=True)
    assert float(y) == 120.0
    assert float(tg.grad(y, x)) == 0.0  # the sixth: there is no path, and no error


def test_grad_leaves_the_grad_attributes_alone_and_has_the_form_of_the_inputs(x):
    y = (x * x).sum()
    assert isinstance(tg.grad(y, x), tg.Tensor)
    assert type(tg.grad(y, [x])) is list
    assert type(tg.grad(y, (x, x))) is tuple
    assert x.grad is None


def test_grad_of_an_intermediate_value(x):
    a = x * 2
    y = (a * a).sum()
    ga, gx = tg.grad(y, [a, x])
    assert ga.tolist() == [4.0, 8.0, 12.0]
    assert gx.tolist() == [8.0, 16.0, 24.0]


def test_grad_is_zero_without_a_path(x):
    other = tg.Tensor([1.0, 1.0], requires_grad=True)
    for create_graph in (False, True):
        g = tg.grad(x.sum(), other, create_graph=create_graph)
        assert g.tolist() == [0.0, 0.0]
        assert g.requires_grad == create_graph


def test_grad_output_weighs_the_elements(x):
    assert tg.grad(x * x, x, grad_output=[1.0, 0.0, 10.0]).tolist() == [2.0, 0.0, 60.0]


def test_grad_output_is_differentiated_too(x):
    v = tg.Tensor(np.ones(3), requires_grad=True)
    g = tg.grad(x * x, x, grad_output=v, create_graph=True)
    assert tg.grad(g.sum(), v).tolist() == [2.0, 4.0, 6.0]


def test_grad_with_a_history_is_recorded_inside_no_grad(x):
    y = (x**3).sum()
    with tg.no_grad():
        g = tg.grad(y, x, create_graph=True)
    assert tg.grad(g.sum(), x).tolist() == [6.0, 12.0, 18.0]


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: tg.grad(x * x, x), ValueError, r"grad: expected a scalar, but this tensor has shape \(3,\)"),
        (lambda x: tg.grad(x.detach().sum(), x), RuntimeError, "grad: expected an output with a history"),
        (lambda x: tg.grad(x.sum(), tg.ones(3)), ValueError, "grad: expected inputs that require grad"),
        (lambda x: tg.grad(x.sum(), 3), TypeError, "grad: expected"),
        (lambda x: tg.grad(3, x), TypeError, "grad: expected a Tensor or a function, but got int"),
        (lambda x: tg.grad(x, x, grad_output=[1.0]), ValueError, r"shape \(3,\), but got shape \(1,\)"),
        (lambda x: tg.grad(lambda a: a * a)(x), ValueError, r"one element, but got shape \(3,\)"),
        (lambda x: tg.grad(lambda a: a.sum())(3), TypeError, "grad: expected floating arguments, but got int64"),
        (lambda x: tg.grad(lambda a, b: a @ b, argnums=(0, -2))(x, x), ValueError, "grad: expected each argument once"),
        (lambda x: tg.jacobian(lambda a: a, argnums=0.0)(x), TypeError, "jacobian: expected whole numbers as argnums"),
        (lambda x: tg.grad(lambda a: a.sum(), argnums=1)(x), ValueError, "argnums among the 1 arguments, but got 1"),
        (lambda x: tg.jvp(lambda a: a, x, [1.0]), ValueError, r"jvp: expected a direction of the inputs' shapes"),
        (lambda x: tg.jacobian(lambda a: 3, x), TypeError, "jacobian: expected a function that returns a Tensor"),
    ],
)
def test_bad_requests_are_clear_errors(x, call, kind, text):
    with pytest.raises(kind, match=text):
        call(x)


def test_derivative_of_a_function_as_a_function():
    third = tg.grad(tg.grad(tg.grad(lambda x: x**4)))
    assert float(third(2.0)) == 48.0


def test_grad_of_several_arguments_and_of_nested_ones():
    def loss(p, x, scale):
        return scale * ((p["w"] * x).sum() + p["b"][0] * 3)

    gp, gx = tg.grad(loss, argnums=(0, 1))({"w": np.ones(2), "b": (5.0,)}, tg.Tensor([1.0, 2.0]), 2)
    assert gp["w"].tolist() == [2.0, 4.0]
    assert gp["b"][0].tolist() == 6.0
    assert gx.tolist() == [2.0, 2.0]


def test_value_and_grad():
    value, gradient = tg.value_and_grad(lambda x: (x * x).sum())([1.0, 2.0])
    assert float(value) == 5.0
    assert gradient.tolist() == [2.0, 4.0]
    assert not value.requires_grad


def test_functional_forms_record_inside_no_grad():
    with tg.no_grad():
        assert float(tg.grad(lambda x: x * x)(3.0)) == 6.0


def f(x, y):
    return tg.exp(x)[:2] * y + (x * x)[1:]


def test_products_agree_with_the_jacobian(x):
    y = tg.Tensor(np.array([2.0, -1.0]))
    rng = np.random.default_rng(0)
    u, vx, vy = rng.normal(size=2), rng.normal(size=3), rng.normal(size=2)
    jx, jy = tg.jacobian(f, (x.detach(), y))
    assert jx.shape == (2, 3)
    assert jy.shape == (2, 2)
    _, (px, py) = tg.vjp(f, (x.detach(), y), u)
    np.testing.assert_allclose(px.data, u @ jx.data)
    np.testing.assert_allclose(py.data, u @ jy.data)
    value, product = tg.jvp(f, (x.detach(), y), (vx, vy))
    np.testing.assert_allclose(product.data, jx.data @ vx + jy.data @ vy)
    np.testing.assert_allclose(value.data, f(x, y).data)


def test_hessian_and_its_product():
    def g(x):
        return (tg.exp(x) * x[::-1]).sum()

    x = tg.Tensor(np.array([0.5, -1.0, 2.0]))
    h = tg.hessian(g, x)
    step = 1e-5
    for i in range(3):
        move = np.eye(3)[i] * step
        difference = (tg.grad(g)(x + move).data - tg.grad(g)(x - move).data) / (2 * step)
        np.testing.assert_allclose(h.data[i], difference, rtol=1e-6, atol=1e-8)
    v = np.array([1.0, 2.0, -0.5])
    np.testing.assert_allclose(tg.hvp(g, x, v)[1].data, h.data @ v)


def test_hessian_of_several_inputs():
    h = tg.hessian(lambda a, b: (a * a * b).sum(), (tg.Tensor([1.0, 2.0]), tg.Tensor([3.0, 4.0])))
    assert h[0][0].tolist() == [[6.0, 0.0], [0.0, 8.0]]
    assert h[0][1].tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert h[1][1].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_hessian_has_the_form_of_a_dict_twice():
    inputs = {"w": tg.Tensor([1.0, 2.0]), "b": [tg.Tensor(3.0)]}
    h = tg.hessian(lambda p: (p["w"] ** 2 * p["b"][0]).sum(), inputs)
    np.testing.assert_array_equal(h["w"]["w"].numpy(), [[6.0, 0.0], [0.0, 6.0]])
    np.testing.assert_array_equal(h["w"]["b"][0].numpy(), [2.0, 4.0])
    np.testing.assert_array_equal(h["b"][0]["w"].numpy(), [2.0, 4.0])
    assert h["b"][0]["b"][0].item() == 0.0


def test_hessian_of_a_linear_function_is_zero():
    assert tg.hessian(lambda x: (3 * x).sum(), tg.Tensor([1.0, 2.0])).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_function_that_ignores_its_argument_has_derivative_zero():
    assert tg.grad(lambda x: tg.Tensor(3.0))(1.0).tolist() == 0.0
    assert tg.jvp(lambda x: tg.ones(2), tg.Tensor(1.0), 1.0)[1].tolist() == [0.0, 0.0]


def test_jacobian_of_an_empty_output():
    assert tg.jacobian(lambda x: x[:0], tg.Tensor([1.0, 2.0])).shape == (0, 2)


def test_gradient_penalty_trains_through_a_functional_gradient():
    w = tg.Tensor(np.array([1.0, 2.0]), requires_grad=True)
    slope = tg.grad(lambda x: (w * x**2).sum())(tg.Tensor(np.array([3.0, 4.0]), requires_grad=True))
    (slope**2).sum().backward()
    np.testing.assert_allclose(w.grad, 2 * (2 * np.array([1, 2]) * [3, 4]) * 2 * np.array([3, 4]))


def test_jacobian_and_hessian_as_functions_of_a_function():
    x, y = tg.Tensor(np.array([0.5, 1.0, 2.0])), tg.Tensor(np.array([2.0, -1.0]))
    both = tg.jacobian(f, (x, y))
    np.testing.assert_array_equal(tg.jacobian(f)(x, y).data, both[0].data)
    np.testing.assert_array_equal(tg.jacobian(f, argnums=1)(x, y).data, both[1].data)
    for found, expected in zip(tg.jacobian(f, argnums=(0, 1))(x, y), both, strict=True):
        np.testing.assert_array_equal(found.data, expected.data)

    def g(x, scale, power=3):
        return (scale * x**power).sum()

    np.testing.assert_allclose(tg.hessian(g)(x, 2.0, power=2).data, 4 * np.eye(3))
    np.testing.assert_allclose(tg.hessian(g, argnums=(0, 1))(x, 2.0)[0][1].data, 3 * x.data**2)
