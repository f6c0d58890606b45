import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients

# The number that each activation makes of one number, by the math module.
ELEMENTWISE = {
    nn.ReLU(): lambda x: x if x > 0 else 0.0,
    nn.ReLU(inplace=True): lambda x: x if x > 0 else 0.0,
    nn.LeakyReLU(): lambda x: x if x > 0 else 0.01 * x,
    nn.LeakyReLU(0.3): lambda x: x if x > 0 else 0.3 * x,
    nn.ELU(): lambda x: x if x > 0 else math.exp(x) - 1,
    nn.ELU(2.0): lambda x: x if x > 0 else 2 * (math.exp(x) - 1),
    nn.GELU(): lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    nn.GELU("tanh"): lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    nn.SiLU(): lambda x: x / (1 + math.exp(-x)),
    nn.Softplus(): lambda x: math.log(1 + math.exp(x)),
    nn.Softplus(3.0): lambda x: math.log(1 + math.exp(3 * x)) / 3,
    nn.Softplus(1.0, threshold=1.0): lambda x: x if x > 1 else math.log(1 + math.exp(x)),
    nn.Sigmoid(): lambda x: 1 / (1 + math.exp(-x)),
    nn.Tanh(): math.tanh,
}
POINTS = np.array([[-3.0, -1.5, -0.4], [0.3, 0.9, 2.5]])  # away from the kinks


@pytest.mark.parametrize("act", ELEMENTWISE, ids=repr)
def test_an_activation_is_its_function_of_each_element(act):
    wanted = [[ELEMENTWISE[act](float(x)) for x in row] for row in POINTS]
    np.testing.assert_allclose(act(tg.Tensor(POINTS)).data, wanted, rtol=1e-12)


@pytest.mark.parametrize("act", ELEMENTWISE, ids=repr)
def test_gradients_of_an_activation_to_second_order(act):
    check_gradients(act, POINTS, order=2)


@pytest.mark.parametrize("act", [*ELEMENTWISE, nn.Softmax(1), nn.LogSoftmax(1), nn.Hardmax()], ids=repr)
def test_an_activation_keeps_dtype_and_shape_and_leaves_its_input_alone(act):
    x = tg.Tensor(POINTS, dtype="float32")
    before = x.data.copy()
    y = act(x)
    assert (y.dtype, y.shape) == (np.float32, x.shape)
    np.testing.assert_array_equal(x.data, before)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_and_its_logarithm_add_up_to_1_over_their_axis(dim):
    x = POINTS
    wanted = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        line = x[:, place[1]] if dim == 0 else x[place[0]]
        wanted[place] = math.exp(x[place]) / sum(math.exp(other) for other in line)
    np.testing.assert_allclose(nn.Softmax(dim)(tg.Tensor(x)).data, wanted, rtol=1e-12)
    np.testing.assert_allclose(nn.LogSoftmax(dim)(tg.Tensor(x)).data, np.log(wanted), rtol=1e-12)
    check_gradients(nn.Softmax(dim), x, order=2)
    check_gradients(nn.LogSoftmax(dim), x, order=2)


@pytest.mark.parametrize("layer", [nn.Softmax(), nn.LogSoftmax()], ids=repr)
def test_the_axis_may_be_left_out_for_vectors_and_batches_of_them_only(layer):
    named = type(layer)(-1)
    for x in (tg.Tensor(POINTS), tg.Tensor(POINTS[0])):
        np.testing.assert_array_equal(layer(x).data, named(x).data)
    with pytest.raises(ValueError, match=r"softmax: expected dim, the axis of the classes, .* shape \(2, 3, 4\)"):
        layer(tg.zeros((2, 3, 4)))


def test_hardmax_is_1_at_the_first_largest_number():
    y = nn.Hardmax(0)(tg.Tensor([[1.0, 5.0], [2.0, 5.0]], requires_grad=True))
    assert y.tolist() == [[0, 1], [1, 0]]
    assert not y.requires_grad


def test_repr_shows_the_settings_as_pytorch_does():
    wanted = {
        "ReLU()": nn.ReLU(),
        "LeakyReLU(negative_slope=0.01)": nn.LeakyReLU(),
        "ELU(alpha=1.0)": nn.ELU(),
        "GELU(approximate='none')": nn.GELU(),
        "Softplus(beta=1.0, threshold=20.0)": nn.Softplus(),
        "Softmax(dim=1)": nn.Softmax(1),
        "Hardmax(dim=-1)": nn.Hardmax(),
    }
    assert {text: repr(layer) for text, layer in wanted.items()} == {text: text for text in wanted}


# ---- the course ----


def tensor(values):
    return tg.Tensor(np.array(values, float))


def test_softmax_of_the_course():
    golden = case("softmax.5_2_-1_3")
    z = tensor(golden.inputs["z"])
    golden.check({"t": tg.exp(z), "sum": tg.exp(z).sum(), "a": nn.Softmax(0)(z)})
    golden = case("softmax.hardmax")
    golden.check(nn.Hardmax()(tensor(golden.inputs["z"])))


@pytest.mark.parametrize("name", ["softmax.shift_invariance", "softmax.C2"])
def test_softmax_does_not_change_when_a_number_is_added_to_all_scores(name):
    golden = case(name)
    golden.check(nn.Softmax(0)(tensor(golden.inputs["z"])))
    golden.check(nn.Softmax(0)(tensor(golden.inputs["z"]) + 700.0))


def test_softmax_of_two_classes_is_the_sigmoid_of_the_difference():
    golden = case("softmax.C2.logistic")
    z = tensor(golden.inputs["z"])
    golden.check(nn.Softmax(1)(z)[:, 0])
    golden.check(nn.Sigmoid()(z[:, 0] - z[:, 1]))


def test_two_classes_are_equally_likely_on_the_line_between_them():
    golden = case("softmax.boundary_linear")
    layer = nn.Linear(2, 3, dtype="float64")
    layer.load_state_dict({"weight": golden.inputs["W"], "bias": golden.inputs["b"]})
    z = layer(tensor(golden.inputs["x"]))
    i, j = golden.inputs["i"], golden.inputs["j"]
    golden.check(z[i] - z[j])
    p = nn.Softmax()(z).data
    assert p[i] == pytest.approx(p[j], abs=1e-12)


def test_tanh_of_small_numbers_is_nearly_linear():
    golden = case("reg.tanh_linear")
    for limit in golden.expected:
        z = tg.Tensor(np.linspace(-float(limit), float(limit), 401))
        golden.check(abs(nn.Tanh()(z) - z).data.max(), limit)
