import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu.testing import numerical_diff_back, numerical_diff_front, numerical_diff_mid, numerical_gradient

DIFFERENCES = {"front": numerical_diff_front, "mid": numerical_diff_mid, "back": numerical_diff_back}


def cubic(x):
    return 4 * x**3 - 2 * x**2 - 7 * x + 1


def slope(x):
    return 12 * x**2 - 4 * x - 7


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_of_a_cubic_are_those_of_the_course(name):
    given = case("diff.cubic.fd")
    given.check([DIFFERENCES[name](cubic, x) for x in given.inputs["x"]], name)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_truncation_errors_of_a_cubic_are_those_of_the_course(name):
    given = case("diff.cubic.errors")
    x = np.array(given.inputs["x"])
    errors = DIFFERENCES[name](cubic, x, given.inputs["h"]) - slope(x)
    assert np.allclose(errors, given.expected[name], rtol=0, atol=1e-10)  # rounding in float64


@pytest.mark.parametrize("name", DIFFERENCES)
def test_the_order_of_the_error_is_one_at_one_side_and_two_in_the_middle(name):
    given = case("diff.order")
    x, steps = given.inputs["x"], given.inputs["h"]
    errors = [abs(DIFFERENCES[name](cubic, x, h) - slope(x)) for h in steps]
    given.check(np.log(errors[0] / errors[1]) / np.log(steps[0] / steps[1]), name)


def test_differences_of_theta_cubed():
    given = case("diff.theta_cubed")
    theta, eps = given.inputs["theta"], given.inputs["eps"]
    given.check(numerical_diff_mid(lambda x: x**3, theta, eps))
    case("diff.theta_cubed.one_sided").check(numerical_diff_front(lambda x: x**3, theta, h=eps))


def test_the_exact_slope_of_the_cubic_comes_by_backpropagation():
    given = case("diff.cubic.exact")
    x = tg.Tensor(given.inputs["x"], dtype=np.float64, requires_grad=True)
    cubic(x).sum().backward()
    given.check(x.grad)


def test_a_difference_of_a_tensor_is_a_tensor_element_by_element():
    x = tg.Tensor(np.array([1.0, 2.0]))
    for difference in DIFFERENCES.values():
        assert np.allclose(difference(lambda x: x**2, x).data, [2.0, 4.0], atol=1e-3)


def test_numerical_gradient_of_a_function_of_arrays():
    x = np.arange(6.0).reshape(2, 3)
    assert np.allclose(numerical_gradient(lambda x: (x**3).sum(), x), 3 * x**2, atol=1e-8)
    assert numerical_gradient(lambda x: x**2, 3.0) == pytest.approx(6.0)
    assert numerical_gradient(lambda x: x.sum(), np.zeros((0, 2))).shape == (0, 2)


def test_numerical_gradient_leaves_its_input_alone_and_takes_float32_in_float64():
    x = tg.Tensor([1.0, 2.0])
    gradient = numerical_gradient(lambda x: (x**2).sum(), x)
    assert gradient.dtype == np.float64
    assert np.allclose(gradient, [2.0, 4.0], atol=1e-9)
    assert x.tolist() == [1.0, 2.0]


def test_numerical_gradient_wants_a_single_number():
    with pytest.raises(ValueError, match=r"numerical_gradient: expected .* one number, but got shape \(2,\). Reduce"):
        numerical_gradient(lambda x: x * 2, tg.Tensor([1.0, 2.0]))
