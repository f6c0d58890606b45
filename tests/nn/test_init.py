import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.nn import init

RANDOM = [
    init.uniform_,
    init.normal_,
    init.xavier_uniform_,
    init.xavier_normal_,
    init.kaiming_uniform_,
    init.kaiming_normal_,
    init.lecun_uniform_,
    init.lecun_normal_,
    init.trunc_normal_,
    init.orthogonal_,
    lambda w, **options: init.sparse_(w, 0, **options),
]


def std_of(fill, shape, **options):
    """The standard deviation that an initializer draws with, exactly: its numbers over those of std 1."""
    drawn = fill(tg.zeros(shape, dtype="float64"), generator=np.random.default_rng(1), **options).data
    generator = np.random.default_rng(1)
    limit = math.sqrt(3)  # a uniform variable between -√3 and √3 has standard deviation 1
    one = generator.standard_normal(shape) if "normal" in fill.__name__ else generator.uniform(-limit, limit, shape)
    ratio = drawn / one
    np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-10)
    return float(np.median(ratio))


def test_standard_deviations_are_those_of_the_papers():
    out, inputs = 30, 50
    for kind in ("uniform_", "normal_"):
        xavier, kaiming, lecun = (getattr(init, f"{name}_{kind}") for name in ("xavier", "kaiming", "lecun"))
        wanted = [
            (std_of(xavier, (out, inputs)), math.sqrt(2 / (out + inputs))),
            (std_of(xavier, (out, inputs), gain=3.0), 3 * math.sqrt(2 / (out + inputs))),
            (std_of(kaiming, (out, inputs), nonlinearity="relu"), math.sqrt(2 / inputs)),
            (std_of(kaiming, (out, inputs)), math.sqrt(2 / inputs)),
            (std_of(kaiming, (out, inputs), a=2.0), math.sqrt(2 / 5 / inputs)),
            (std_of(kaiming, (out, inputs), mode="fan_out", nonlinearity="linear"), math.sqrt(1 / out)),
            (std_of(lecun, (out, inputs)), math.sqrt(1 / inputs)),
            (std_of(lecun, (4, 3, 5, 2)), math.sqrt(1 / 30)),
        ]
        for got, want in wanted:
            assert got == pytest.approx(want, rel=1e-12)


def test_standard_deviations_are_those_of_the_course():
    golden = case("init.std")
    shapes = [(3, n) for n in golden.inputs["n"]]
    golden.check([std_of(init.lecun_normal_, shape) for shape in shapes], "xavier")
    golden.check([std_of(init.kaiming_normal_, shape, nonlinearity="relu") for shape in shapes], "he")


@pytest.mark.parametrize("fill", RANDOM)
def test_random_initializers_fill_in_place_keep_the_dtype_and_follow_the_seed(fill):
    w = nn.Parameter(np.zeros((4, 6)), dtype="float32")
    memory = w.data
    tg.manual_seed(3)
    assert fill(w) is w
    assert w.data is memory
    assert w.dtype == np.float32
    assert len(np.unique(w.data)) == 24
    tg.manual_seed(3)
    np.testing.assert_array_equal(fill(nn.Parameter(np.zeros((4, 6)), dtype="float32")).data, w.data)


def test_uniform_numbers_stay_between_their_bounds_and_reach_both_ends():
    w = init.uniform_(tg.zeros((100, 100)), -2.0, 5.0).data
    assert -2 <= w.min() < -1.99
    assert 4.99 < w.max() <= 5


def test_normal_numbers_have_their_mean_and_standard_deviation():
    w = init.normal_(tg.zeros((200, 200)), 3.0, 0.5).data
    assert w.mean() == pytest.approx(3.0, abs=0.02)
    assert w.std() == pytest.approx(0.5, abs=0.01)


def test_constants():
    assert init.constant_(tg.zeros(2), 2.5).tolist() == [2.5, 2.5]
    assert init.ones_(tg.zeros(2)).tolist() == [1, 1]
    assert init.zeros_(tg.ones(2)).tolist() == [0, 0]


def test_gains():
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("leaky_relu") == pytest.approx(math.sqrt(2 / 1.0001))
    assert init.calculate_gain("leaky_relu", 0.5) == pytest.approx(math.sqrt(1.6))
    assert init.calculate_gain("sigmoid") == init.calculate_gain("linear") == init.calculate_gain("conv2d") == 1
    assert init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("conv_transpose1d") == init.calculate_gain("conv_transpose3d") == 1
    with pytest.raises(ValueError, match="expected one of conv1d, .*, but got 'swish'"):
        init.calculate_gain("swish")
    for slope in (True, "steep"):
        with pytest.raises(ValueError, match="expected a number as the slope of leaky_relu, but got"):
            init.calculate_gain("leaky_relu", slope)


def test_filling_between_forward_and_backward_is_noticed():
    w = nn.Parameter([1.0, 2.0])
    loss = (w * w).sum()
    init.zeros_(w)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("fill", RANDOM[2:8])
def test_a_weight_of_one_axis_has_no_fans(fill):
    with pytest.raises(
        ValueError, match=rf"{fill.__name__}: expected a weight of at least two axes.* got shape \(3,\)"
    ):
        fill(tg.zeros(3))


def test_bad_arguments_are_errors():
    w = tg.zeros((2, 2))
    for wrong, message in (
        (lambda: init.uniform_(w, 1.0, 0.0), "a lower bound a that is not above b"),
        (lambda: init.normal_(w, std=-1.0), "normal_: expected a standard deviation std of at least 0, but got -1.0"),
        (lambda: init.xavier_normal_(w, gain=-1.0), "xavier_normal_: expected a gain of at least 0"),
        (lambda: init.trunc_normal_(w, std=0.0), "trunc_normal_: expected std > 0 and a < b, but got std=0.0"),
        (lambda: init.trunc_normal_(w, a=1.0, b=1.0), "but got std=1.0, a=1.0 and b=1.0"),
        (lambda: init.sparse_(w, 1.1), r"sparse_: expected a sparsity in 0\.\.1, but got 1.1"),
        (lambda: init.sparse_(w, 0.5, -1.0), "sparse_: expected a standard deviation std of at least 0"),
        (lambda: init.sparse_(tg.zeros(2), 0.5), r"sparse_: expected a matrix \(out, in\), but got shape \(2,\)"),
        (lambda: init.eye_(tg.zeros((2, 2, 2))), r"eye_: expected a matrix, but got shape \(2, 2, 2\)"),
        (lambda: init.orthogonal_(tg.zeros(2)), "orthogonal_: expected a weight of at least two axes"),
        (lambda: init.dirac_(w), r"dirac_: expected a kernel \(out, in, \*kernel\) of 1 to 3 axes, but got"),
        (lambda: init.dirac_(tg.zeros((4, 1, 3)), 3), "groups that divide the 4 output channels, but got groups=3"),
        (lambda: init.kaiming_normal_(w, mode="in"), "kaiming_normal_: expected mode 'fan_in' or 'fan_out', but got"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()
    assert not w.data.any()


@pytest.mark.parametrize("fill", [init.kaiming_uniform_, init.orthogonal_, init.eye_, init.trunc_normal_, RANDOM[-1]])
def test_an_empty_weight_stays_empty(fill):
    for shape in ((3, 0), (0, 3)):
        assert fill(tg.zeros(shape)).shape == shape


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3), (40, 2, 3)])
def test_orthogonal_rows_or_columns_whichever_are_fewer(shape):
    w = init.orthogonal_(tg.zeros(shape, dtype="float64"), gain=2.0).data.reshape(shape[0], -1)
    small = w @ w.T if len(w) <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-12)


def test_orthogonal_directions_are_all_equally_likely():
    tg.manual_seed(0)
    w = np.array([init.orthogonal_(tg.zeros((2, 2))).data for _ in range(2000)])
    np.testing.assert_allclose(w.mean(axis=0), 0, atol=0.06)  # QR alone has a fixed sign in R, and in Q a bias
    assert abs((np.linalg.det(w) > 0).mean() - 0.5) < 0.05


@pytest.mark.parametrize(("groups", "inputs"), [(1, 6), (1, 2), (2, 3), (3, 4)])
@pytest.mark.parametrize("kernel", [(3,), (3, 5), (2, 3, 1), (1, 4)])
def test_dirac_kernel_hands_the_channels_of_each_group_on(groups, inputs, kernel):
    w = init.dirac_(tg.ones((6, inputs, *kernel)), groups).data
    middle = tuple(k // 2 for k in kernel)
    wanted = np.zeros_like(w)
    for out in range(6):
        channel = out % (6 // groups)
        if channel < inputs:
            wanted[(out, channel, *middle)] = 1
    np.testing.assert_array_equal(w, wanted)


def test_eye_is_the_identity_as_far_as_it_goes():
    assert init.eye_(tg.ones((3, 2))).tolist() == [[1, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("sparsity", [0.0, 0.15, 0.5, 1.0])
def test_sparse_columns_have_their_share_of_zeros_in_random_places(sparsity):
    w = init.sparse_(tg.ones((30, 200)), sparsity, std=2.0).data
    assert set((w == 0).sum(axis=0)) == {math.ceil(30 * sparsity)}
    if sparsity == 0.5:
        assert w[w != 0].std() == pytest.approx(2, rel=0.1)
        assert (w == 0).mean(axis=1) == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (1, 2, 0, math.inf), (0, 0.5, -math.inf, -1), (0, 1, 3, 4), (-5, 1, 0, math.inf), (0, 1, 0, 1e6)],
)
def test_truncated_normal_numbers_have_the_moments_of_their_distribution(mean, std, a, b):
    w = init.trunc_normal_(tg.zeros((100, 100), dtype="float64"), mean, std, a, b).data
    assert a <= w.min() < w.max() <= b
    x = np.linspace(max(a, mean - 12 * std), min(b, mean + 12 * std), 200_001)  # by the definition of the mean
    density = np.exp(-(((x - mean) / std) ** 2) / 2)
    expected = (x * density).sum() / density.sum()
    spread = math.sqrt(((x - expected) ** 2 * density).sum() / density.sum())
    assert w.mean() == pytest.approx(expected, abs=5 * spread / 100)
    assert w.std() == pytest.approx(spread, rel=0.05)


# ---- the course: what initialization does to a deep network ----

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


def activations_of(golden, seed):
    """The outputs of each of the layers for random samples."""
    tg.manual_seed(seed)
    sizes = golden.inputs
    std, n = sizes["weight_std"], sizes["nodes"]
    act = ACTIVATIONS[golden.id.split(".")[2].split("_")[0]]()
    x = tg.randn(sizes["samples"], n)
    outputs = []
    for _ in range(sizes["layers"]):
        layer = nn.Linear(n, n, bias=False)
        if "xavier" in golden.id:
            init.lecun_normal_(layer.weight)
        elif "he" in golden.id.split("_"):
            init.kaiming_normal_(layer.weight, nonlinearity="relu")
        else:
            init.normal_(layer.weight, std=std)
        assert layer.weight.data.std() == pytest.approx(std, rel=0.05)
        x = act(layer(x)).detach()
        outputs.append(x.data)
    return outputs


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("sigmoid_std1", lambda layers: np.mean((layers[-1] < 0.1) | (layers[-1] > 0.9))),
        ("sigmoid_std1.derivative", lambda layers: np.mean(layers[-1] * (1 - layers[-1]))),
        ("sigmoid_std0.01", lambda layers: layers[-1].std()),
        ("sigmoid_xavier", lambda layers: layers[-1].std()),
        ("tanh_xavier", lambda layers: layers[-1].std()),
        ("relu_xavier", lambda layers: math.sqrt(np.mean(layers[-1] ** 2) / np.mean(layers[0] ** 2))),
        ("relu_he", lambda layers: math.sqrt(np.mean(layers[-1] ** 2) / np.mean(layers[0] ** 2))),
    ],
)
def test_activations_of_a_deep_network_are_as_the_course_shows(name, measure, seed):
    golden = case(f"init.demo.{name}")
    golden.check_between(measure(activations_of(golden, seed)))


def test_activations_and_gradients_explode_or_vanish_with_the_depth():
    golden = case("init.explode_vanish")
    scales = []
    for c in golden.inputs["c"]:
        net = nn.Sequential(*[nn.Linear(2, 2, bias=False, dtype="float64") for _ in range(golden.inputs["L"])])
        for layer in net:
            layer.weight.data = c * np.eye(2)
        x = tg.Tensor([1.0, 1.0], requires_grad=True, dtype="float64")
        y = net(x)
        y.sum().backward()
        assert x.grad[0] == y.data[0]
        scales.append(y.data[0])
    golden.check(scales)
