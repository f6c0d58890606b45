"""What check_gradients accepts, what it refuses, and what it says."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, nn
from tinygrad_edu.testing import GradientError, check_gradients


@tg.differentiable(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a * 1.001)
def product(a, b):
    """A product whose second formula is 0.1 % wrong."""
    return a * b


@tg.differentiable(lambda g, y, x: 2 * x * g)
def square(x):
    return x * x


POINT = np.array([0.5, -1.5, 2.0])


def test_arrays_tensors_and_python_floats_are_checked():
    check_gradients(lambda a, b, c: a * b + c, POINT, Tensor(POINT), 2.0, order=2)


def test_float32_inputs_are_checked_in_float64():
    check_gradients(lambda x: tg.exp(x * 3), Tensor([0.1, 0.2]), order=2)


def test_what_is_not_floating_is_handed_on():
    def f(x, labels, factor, nothing, index):
        assert labels.dtype == np.int64
        assert nothing is None
        return x[labels] * factor + x[index]

    check_gradients(f, POINT, np.array([0, 2]), 3, None, Tensor([1]), order=2)


def test_inputs_are_left_as_they_were():
    x = Tensor(POINT, requires_grad=True)
    check_gradients(lambda x: x**2, x, order=2)
    assert x.grad is None
    assert (x.data == POINT).all()


def test_an_input_that_the_result_does_not_depend_on_has_gradient_zero():
    check_gradients(lambda a, b: a * 2, POINT, POINT, order=2)


def test_every_floating_result_of_a_tuple_is_checked():
    def right(x):
        return x * 2, tg.less(x, 0), tg.exp(x)

    def wrong(x):
        return x * 2, tg.less(x, 0), product(2.0, x)

    check_gradients(right, POINT, order=2)
    with pytest.raises(GradientError, match="product"):
        check_gradients(wrong, POINT)


def test_user_ops_are_checked_to_second_order():
    check_gradients(square, POINT, order=2)
    bare = tg.differentiable(lambda g, y, x: 2 * (x.data if isinstance(x, Tensor) else x) * g)(lambda x: x * x)
    check_gradients(bare, POINT)
    with pytest.raises(GradientError, match="second derivative for input 0 and input 0"):
        check_gradients(bare, POINT, order=2)


def test_the_failure_says_where_what_and_whose_fault():
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda x, w: tg.tanh(product(x, w)).sum(), np.ones((2, 3)), np.array([1.0, 2.0, 0.1]))
    error = caught.value
    assert (error.op, error.input) == ("product", "input 1")
    assert len(error.index) == 1
    assert error.got == pytest.approx(error.wanted * 1.001)
    assert str(error) == (
        f"check_gradients: expected the gradient for input 1, shape (3,), of <lambda> to be {error.wanted:.8g} "
        f"at index {error.index}, but got {error.got:.8g}. The formula of the op product for its argument b is wrong."
    )


def test_a_failure_that_no_op_is_to_blame_for_says_where_to_look():
    with pytest.raises(GradientError, match=r"Each op on the graph is right by itself: look for numbers taken out"):
        check_gradients(lambda x: x * x.detach(), POINT)


def test_a_kink_is_called_a_kink():
    with pytest.raises(GradientError, match=r"The op relu has a kink there in its argument x. Choose inputs away"):
        check_gradients(lambda x: tg.relu(x).sum(), np.array([1.0, 0.0, -1.0]))
    with pytest.raises(GradientError, match="clip has a kink there in its argument a"):
        check_gradients(lambda x: tg.clip(x, 0, 1) * 2, np.array([1.0, 0.5]))
    check_gradients(
        lambda x: tg.maximum(x, np.ones(2)), np.array([1.0, 0.0])
    )  # half and half, as the difference has it


def test_numbers_that_a_selection_leaves_out_are_nobodys_fault():
    def f(x):
        with np.errstate(invalid="ignore"):
            return tg.where(x > 0, tg.sqrt(x), 0) * x.detach()

    with pytest.raises(GradientError, match="Each op on the graph is right by itself"):
        check_gradients(f, np.array([-1.0, 4.0]))


def test_a_joint_backward_that_differs_from_the_formulas_is_found():
    wrong = tg.differentiable(
        lambda g, y, x: 2 * x * g,
        saving=lambda x: (x * x, x),
        joint=lambda g, y, saved, x: (2.1 * saved * g,),
    )(lambda x: x * x)
    with pytest.raises(GradientError):
        check_gradients(wrong, POINT)
    other = tg.differentiable(
        lambda g, y, x: 2.1 * x * g,
        saving=lambda x: (x * x, x),
        joint=lambda g, y, saved, x: (2 * saved * g,),
    )(lambda x: x * x)
    check_gradients(other, POINT)  # a plain sweep takes the joint backward, which is right
    with pytest.raises(GradientError, match="gradient by the formulas, as by the joint backward"):
        check_gradients(other, POINT, order=2)


def test_a_gradient_of_nan_is_wrong_although_the_value_is_finite():
    nan = tg.differentiable(lambda g, y, x: g * np.nan)(lambda x: x * 1.0)
    with pytest.raises(GradientError, match="got nan"):
        check_gradients(nan, POINT)


def test_a_large_input_is_checked_without_a_look_at_each_element():
    x = np.random.default_rng(0).standard_normal((60, 60))
    check_gradients(lambda x: (x @ x).sum(), x, order=2)
    with pytest.raises(GradientError, match="slope along a random direction for input 0"):
        check_gradients(lambda x: product(1.0, x), x)


def test_a_random_generator_of_ones_own_draws_the_directions():
    check_gradients(square, POINT, rng=np.random.default_rng(5))


# ---- modules ----


def test_the_parameters_of_a_module_are_inputs():
    check_gradients(nn.Linear(3, 2), np.ones((4, 3)), order=2)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_a_whole_network_with_its_loss(mode):
    class Loss(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(
                nn.Linear(3, 5),
                nn.BatchNorm1d(5),
                nn.Tanh(),
                nn.Dropout(0.3),
                nn.Linear(5, 4),
                nn.SiLU(),
                nn.Linear(4, 2),
            )

        def forward(self, x, labels):
            return nn.functional.cross_entropy(self.net(x), labels)

    x = np.random.default_rng(0).standard_normal((8, 3))
    check_gradients(getattr(Loss(), mode)(), x, np.array([0, 1] * 4), order=2)


def test_a_module_is_left_as_it_was():
    layer = nn.Linear(3, 2)
    before = {name: p.data for name, p in layer.named_parameters()}
    check_gradients(layer, np.ones((4, 3)))
    for name, p in layer.named_parameters():
        assert p.data is before[name]
        assert p.dtype == np.float32
        assert p.grad is None


def test_buffers_that_a_module_updates_are_set_back():
    class Count(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", np.zeros(1))

        def forward(self, x):
            with tg.no_grad():
                self.calls += 1
            return x * 2

    counting = Count()
    check_gradients(counting, np.ones(2))
    assert counting.calls.tolist() == [0.0]


def test_a_frozen_parameter_is_not_checked():
    layer = nn.Linear(3, 2)
    layer.weight.requires_grad_(False)
    check_gradients(layer, np.ones((4, 3)))


def test_a_wrong_gradient_of_a_parameter_names_it():
    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(np.array([2.0, 3.0]))

        def forward(self, x):
            return product(x, self.weight)

    with pytest.raises(GradientError, match="parameter weight") as caught:
        check_gradients(Scale(), np.ones(2))
    assert (caught.value.op, caught.value.input) == ("product", "parameter weight")


def test_parameters_that_a_function_reads_can_be_given():
    w = Tensor([1.0, 2.0], requires_grad=True)
    check_gradients(lambda x: x * w, np.ones(2), parameters=[w])
    with pytest.raises(GradientError, match="parameter 0"):
        check_gradients(lambda x: product(x, w), np.ones(2), parameters=[w])


def test_dropout_drops_the_same_each_time():
    def f(x):
        return tg.where(tg.random.generator().random(x.shape) < 0.5, x * 2, 0.0)

    check_gradients(f, np.ones(20), order=2)


# ---- what cannot be checked ----


@pytest.mark.parametrize(
    ("f", "inputs", "kind", "text"),
    [
        (square, (3,), ValueError, "expected floating inputs to differentiate by, but got int"),
        (square, (), ValueError, "but got none"),
        (lambda x: x.data, (POINT,), TypeError, "to return a Tensor, but got ndarray"),
        (lambda x: x.detach(), (POINT,), TypeError, "to depend on its inputs, but it has no history"),
        (lambda x: x > 0, (POINT,), TypeError, "dtype bool"),
        (lambda x: (x > 0, "text"), (POINT,), TypeError, "to return floating Tensors, but got Tensor, str"),
        (lambda x: x.astype("float32"), (POINT,), TypeError, "to return float64 for float64 inputs, but got float32"),
        (
            lambda x: 1 / (x - 0.5),
            (POINT,),
            ValueError,
            r"expected finite values of <lambda>, but got inf at index \(0,",
        ),
    ],
)
def test_what_cannot_be_checked_is_a_clear_error(f, inputs, kind, text):
    with pytest.raises(kind, match=f"check_gradients: .*{text}"), np.errstate(divide="ignore"):
        check_gradients(f, *inputs)


def test_a_function_that_changes_from_call_to_call_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="to give the same value for the same inputs"):
        check_gradients(lambda x: x * rng.random(3), POINT)


def test_a_third_order_is_refused():
    with pytest.raises(ValueError, match="expected order=1 or order=2, but got 3"):
        check_gradients(square, POINT, order=3)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="check_gradients: expected a function of tensors, but got ndarray"):
        check_gradients(POINT)


def test_no_elements_are_no_failure():
    check_gradients(square, np.zeros((0, 3)), order=2)
