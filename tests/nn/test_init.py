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
    with pytest.raises(ValueError, match="expected one of conv1d, .*, but got 'swish'"):
        init.calculate_gain("swish")


def test_filling_between_forward_and_backward_is_noticed():
    w = nn.Parameter([1.0, 2.0])
    loss = (w * w).sum()
    init.zeros_(w)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("fill", RANDOM[2:])
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
        (lambda: init.kaiming_normal_(w, mode="in"), "kaiming_normal_: expected mode 'fan_in' or 'fan_out', but got"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()
    assert not w.data.any()


def test_an_empty_weight_stays_empty():
    assert init.kaiming_uniform_(tg.zeros((3, 0))).shape == (3, 0)


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
