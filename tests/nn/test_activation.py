import copy
import math
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def elu(x, alpha=1.0, scale=1.0):
    return scale * (x if x > 0 else alpha * (math.exp(x) - 1))


def line_of_three(x, low, high):
    return min(max(x, low), high)


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
    nn.ReLU6(): lambda x: line_of_three(x, 0.0, 6.0),
    nn.RReLU(0.2, 0.6).eval(): lambda x: x if x > 0 else 0.4 * x,
    nn.PReLU(): lambda x: x if x > 0 else 0.25 * x,
    nn.Threshold(0.5, -7.0): lambda x: x if x > 0.5 else -7.0,
    nn.SELU(): lambda x: elu(x, 1.6732632423543772, 1.0507009873554805),
    nn.CELU(): elu,
    nn.CELU(0.5): lambda x: x if x > 0 else 0.5 * (math.exp(x / 0.5) - 1),
    nn.Hardtanh(): lambda x: line_of_three(x, -1.0, 1.0),
    nn.Hardtanh(-2.0, 0.5): lambda x: line_of_three(x, -2.0, 0.5),
    nn.Hardsigmoid(): lambda x: line_of_three(x + 3, 0.0, 6.0) / 6,
    nn.Hardswish(): lambda x: x * line_of_three(x + 3, 0.0, 6.0) / 6,
    nn.Hardshrink(): lambda x: x if abs(x) > 0.5 else 0.0,
    nn.Softshrink(): lambda x: math.copysign(max(abs(x) - 0.5, 0.0), x),
    nn.Mish(): lambda x: x * math.tanh(math.log(1 + math.exp(x))),
    nn.LogSigmoid(): lambda x: math.log(sigmoid(x)),
    nn.Softsign(): lambda x: x / (1 + abs(x)),
    nn.Tanhshrink(): lambda x: x - math.tanh(x),
}
POINTS = np.array([[-3.4, -1.6, -0.4], [0.3, 0.9, 2.6]])  # away from the kinks


@pytest.mark.parametrize("act", ELEMENTWISE, ids=repr)
def test_an_activation_is_its_function_of_each_element(act):
    wanted = [[ELEMENTWISE[act](float(x)) for x in row] for row in POINTS]
    np.testing.assert_allclose(act(tg.Tensor(POINTS)).data, wanted, rtol=1e-12)


@pytest.mark.parametrize("act", ELEMENTWISE, ids=repr)
def test_gradients_of_an_activation_to_second_order(act):
    check_gradients(act, POINTS, order=2)


@pytest.mark.parametrize("act", [*ELEMENTWISE, nn.Softmax(1), nn.Softmin(1), nn.LogSoftmax(1), nn.Hardmax()], ids=repr)
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
        "ReLU(inplace=True)": nn.ReLU(inplace=True),
        "ELU(alpha=2.0, inplace=True)": nn.ELU(2.0, inplace=True),
        "ReLU6()": nn.ReLU6(),
        "RReLU(lower=0.125, upper=0.3333333333333333)": nn.RReLU(),
        "PReLU(num_parameters=1)": nn.PReLU(),
        "Threshold(threshold=0.1, value=20)": nn.Threshold(0.1, 20),
        "SELU()": nn.SELU(),
        "CELU(alpha=1.0)": nn.CELU(),
        "Hardtanh(min_val=-1.0, max_val=1.0)": nn.Hardtanh(),
        "Hardsigmoid()": nn.Hardsigmoid(),
        "Hardswish()": nn.Hardswish(),
        "Hardshrink(0.5)": nn.Hardshrink(),
        "Softshrink(0.5)": nn.Softshrink(),
        "Mish()": nn.Mish(),
        "GLU(dim=-1)": nn.GLU(),
        "LogSigmoid()": nn.LogSigmoid(),
        "Softsign()": nn.Softsign(),
        "Tanhshrink()": nn.Tanhshrink(),
        "Softmin(dim=1)": nn.Softmin(1),
        "Softmax2d()": nn.Softmax2d(),
    }
    assert {text: repr(layer) for text, layer in wanted.items()} == {text: text for text in wanted}


# ---- kinks and tails ----


# The slope of each on its kinks, as PyTorch takes it.
KINKS = {
    nn.ReLU6(): {0.0: 0.0, 6.0: 0.0},
    nn.RReLU(0.2, 0.6).eval(): {0.0: 0.4},
    nn.PReLU(): {0.0: 0.25},
    nn.Threshold(0.5, -7.0): {0.5: 0.0},
    nn.SELU(): {0.0: 1.0507009873554805 * 1.6732632423543772},
    nn.CELU(0.5): {0.0: 1.0},
    nn.Hardtanh(-2.0, 0.5): {-2.0: 0.0, 0.5: 0.0},
    nn.Hardsigmoid(): {-3.0: 0.0, 3.0: 0.0},
    nn.Hardswish(): {-3.0: 0.0, 3.0: 1.0},
    nn.Hardshrink(): {-0.5: 0.0, 0.5: 0.0},
    nn.Softshrink(): {-0.5: 0.0, 0.5: 0.0},
    nn.Softsign(): {0.0: 1.0},
}


@pytest.mark.parametrize("act", KINKS, ids=repr)
def test_the_slope_at_a_kink_is_that_of_pytorch(act):
    x = tg.Tensor(np.array(list(KINKS[act])), requires_grad=True)
    act(x).sum().backward()
    np.testing.assert_allclose(x.grad, list(KINKS[act].values()), rtol=1e-7)


FAR = [-1000.0, -100.0, 100.0, 1000.0]
TAILS = {  # values and slopes at these places
    nn.LogSigmoid(): ([-1000, -100, 0, 0], [1, 1, 0, 0]),
    nn.Softplus(): ([0, 0, 100, 1000], [0, 0, 1, 1]),
    nn.Mish(): ([0, 0, 100, 1000], [0, 0, 1, 1]),
    nn.SiLU(): ([0, 0, 100, 1000], [0, 0, 1, 1]),
    nn.GELU(): ([0, 0, 100, 1000], [0, 0, 1, 1]),
    nn.GELU("tanh"): ([0, 0, 100, 1000], [0, 0, 1, 1]),
    nn.Sigmoid(): ([0, 0, 1, 1], [0, 0, 0, 0]),
    nn.ELU(): ([-1, -1, 100, 1000], [0, 0, 1, 1]),
    nn.CELU(2.0): ([-2, -2, 100, 1000], [0, 0, 1, 1]),
    nn.Tanhshrink(): ([-999, -99, 99, 999], [1, 1, 1, 1]),
    nn.Softsign(): ([-1000 / 1001, -100 / 101, 100 / 101, 1000 / 1001], [1001**-2, 101**-2, 101**-2, 1001**-2]),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("act", TAILS, ids=repr)
def test_far_from_0_values_and_derivatives_of_both_orders_are_finite_and_exact(act, dtype):
    x = tg.Tensor(FAR, dtype=dtype, requires_grad=True)
    y = act(x)
    (slope,) = tg.grad(y.sum(), [x], create_graph=True)
    np.testing.assert_allclose(y.data, TAILS[act][0], rtol=1e-6, atol=1e-40)
    np.testing.assert_allclose(slope.data, TAILS[act][1], rtol=1e-6, atol=1e-40)
    assert np.all(np.isfinite(tg.grad(slope.sum(), x).data))


@pytest.mark.parametrize("act", [nn.Threshold(0.5, -7.0), nn.Hardshrink(), nn.Softshrink(), nn.Hardtanh()], ids=repr)
def test_nan_stays_nan(act):
    assert np.isnan(act(tg.Tensor([np.nan])).data).all()


# ---- slopes that are learned or drawn ----


def test_prelu_learns_a_slope_for_each_channel():
    layer = nn.PReLU(3, 0.1).double()
    layer.load_state_dict({"weight": np.array([0.1, 0.2, 0.3])})
    x = -np.arange(1.0, 25.0).reshape(2, 3, 2, 2)
    y = layer(tg.Tensor(x))
    for i, c in np.ndindex(2, 3):
        np.testing.assert_allclose(y.data[i, c], x[i, c] * (0.1, 0.2, 0.3)[c], rtol=1e-12)
    y.sum().backward()
    np.testing.assert_allclose(layer.weight.grad, x.sum(axis=(0, 2, 3)))
    check_gradients(F.prelu, x, np.array([0.1, 0.2, 0.3]), order=2)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4), (0, 3)])
def test_prelu_with_one_slope_takes_any_shape(shape):
    x = np.full(shape, -2.0)
    np.testing.assert_allclose(nn.PReLU()(tg.Tensor(x)).data, np.full(shape, -0.5))


def test_prelu_says_how_many_slopes_it_needs():
    with pytest.raises(ValueError, match=r"prelu: expected a weight of shape \(1,\), or \(3,\), .* shape \(2,\)"):
        nn.PReLU(2)(tg.zeros((5, 3)))


def test_rrelu_draws_a_slope_for_each_negative_number_in_training_only():
    tg.manual_seed(0)
    layer = nn.RReLU(0.2, 0.4)
    x = tg.Tensor(np.linspace(-2, 2, 1000), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    slopes, negative = y.data / x.data, x.data < 0
    assert np.all((slopes[negative] >= 0.2) & (slopes[negative] <= 0.4))
    assert len(np.unique(slopes[negative].round(9))) == 500
    assert slopes[negative].mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_array_equal(slopes[~negative], 1)
    np.testing.assert_allclose(x.grad, slopes)
    assert layer(tg.zeros(3, dtype="float32")).dtype == np.float32
    np.testing.assert_allclose(layer.eval()(x).data[negative], 0.3 * x.data[negative])


# ---- halves and channels ----


@pytest.mark.parametrize(("shape", "dim"), [((4,), -1), ((2, 3), 0), ((2, 3, 6), 2), ((2, 4, 3), -2), ((0, 4), 1)])
def test_glu_lets_the_second_half_say_how_much_of_the_first_passes(shape, dim):
    x = np.random.default_rng(0).normal(size=shape)
    a, b = np.split(x, 2, axis=dim)
    wanted = np.vectorize(lambda u, v: u * sigmoid(v), otypes=[float])(a, b)
    np.testing.assert_allclose(nn.GLU(dim)(tg.Tensor(x)).data, wanted, rtol=1e-12)
    check_gradients(nn.GLU(dim), x, order=2)


def test_softmax2d_adds_up_to_1_over_the_channels():
    x = tg.randn(2, 3, 4, 5)
    y = nn.Softmax2d()(x)
    np.testing.assert_allclose(y.data.sum(axis=1), np.ones((2, 4, 5)), rtol=1e-6)
    np.testing.assert_array_equal(nn.Softmax2d()(x[0]).data, y.data[0])


def test_gumbel_softmax_takes_each_class_as_often_as_its_probability():
    tg.manual_seed(0)
    p = np.array([0.5, 0.3, 0.2])
    logits = tg.Tensor(np.log(np.tile(p, (4000, 1))), requires_grad=True)
    hard = F.gumbel_softmax(logits, tau=0.5, hard=True)
    assert set(np.unique(hard.data.round(12))) == {0.0, 1.0}
    np.testing.assert_allclose(hard.data.mean(axis=0), p, atol=0.03)
    (hard * np.array([1.0, 2.0, 3.0])).sum().backward()
    assert np.abs(logits.grad).sum() > 0
    soft = F.gumbel_softmax(logits.data.T, dim=0)
    assert isinstance(soft, np.ndarray)
    np.testing.assert_allclose(soft.sum(axis=0), 1)


# ---- errors and copies ----


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.GLU()(tg.zeros((2, 3))), ValueError, r"glu: expected an axis of even length .* \(2, 3\)"),
        (lambda: nn.GLU(2)(tg.zeros((2, 4))), IndexError, r"glu: expected an axis of the input as dim, but got dim=2"),
        (lambda: nn.Softmax2d()(tg.zeros((2, 3))), ValueError, r"Softmax2d: expected .* but got shape \(2, 3\)"),
        (lambda: nn.Softmin()(tg.zeros((2, 3, 4))), ValueError, r"softmin: expected dim"),
        (lambda: nn.Hardtanh(1.0, -1.0), ValueError, r"Hardtanh: expected min_val < max_val, but got 1.0 and -1.0"),
        (lambda: F.hardtanh(tg.zeros(2), 1.0, -1.0), ValueError, r"hardtanh: expected min_val <= max_val"),
        (lambda: nn.Softshrink(-1.0)(tg.zeros(2)), ValueError, r"softshrink: expected a lambd of at least 0"),
        (lambda: nn.CELU(0.0)(tg.zeros(2)), ZeroDivisionError, r"celu: expected an alpha other than 0"),
        (lambda: F.rrelu(tg.zeros(2), 0.5, 0.1), ValueError, r"rrelu: expected lower <= upper, but got 0.5 and 0.1"),
        (lambda: nn.PReLU(0), ValueError, r"PReLU: expected num_parameters of at least 1, but got 0"),
        (lambda: F.prelu([1.0], tg.ones(1)), TypeError, r"prelu: expected a Tensor or an array, but got list"),
    ],
)
def test_what_does_not_fit_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("act", ELEMENTWISE, ids=repr)
def test_a_copy_computes_the_same(act):
    x = tg.Tensor(POINTS)
    for other in (copy.deepcopy(act), pickle.loads(pickle.dumps(act))):
        assert repr(other) == repr(act)
        assert other.training == act.training
        np.testing.assert_array_equal(other(x).data, act(x).data)


# ---- the course ----


def tensor(values):
    return tg.Tensor(np.array(values, float))


@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax"])
def test_softmax_converts_its_input_first_if_told_so(name):
    x = tg.Tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    y = getattr(F, name)(x, dim=1, dtype=np.float64)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y.data, getattr(F, name)(x.data.astype(np.float64), 1))
    y[:, 0].sum().backward()
    assert x.grad.dtype == np.float32


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
