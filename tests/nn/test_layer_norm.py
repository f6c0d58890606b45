"""Layer, group, instance and root mean square normalization, and batch normalization of images and volumes."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients
from tinygrad_edu.testing.strategies import arrays


def rng(seed=0):
    return np.random.default_rng(seed)


def standardized(xs, eps):
    """A list of numbers, by plain sums."""
    mean = math.fsum(xs) / len(xs)
    var = math.fsum((x - mean) ** 2 for x in xs) / len(xs)
    return [(x - mean) / math.sqrt(var + eps) for x in xs]


def by_hand(x, slots, eps):
    """Every group of places that `slots` names for each slice, standardized by itself."""
    y = np.empty_like(x)
    groups = {}
    for place in np.ndindex(*x.shape):
        groups.setdefault(slots(place), []).append(place)
    for places in groups.values():
        for place, value in zip(places, standardized([float(x[p]) for p in places], eps), strict=True):
            y[place] = value
    return y


CASES = {
    "layer norm": (lambda: nn.LayerNorm(5, eps=0.01), (2, 3, 5), lambda p: p[:2], None),
    "layer norm of two axes": (lambda: nn.LayerNorm((3, 5), eps=0.01), (2, 3, 5), lambda p: p[:1], None),
    "layer norm without a batch": (lambda: nn.LayerNorm(5, eps=0.01), (5,), lambda p: (), None),
    "group norm": (lambda: nn.GroupNorm(2, 4, eps=0.01), (2, 4, 3), lambda p: (p[0], p[1] // 2), 1),
    "group norm of vectors": (lambda: nn.GroupNorm(2, 6, eps=0.01), (2, 6), lambda p: (p[0], p[1] // 3), 1),
    "instance norm 1d": (lambda: nn.InstanceNorm1d(3, eps=0.01, affine=True), (2, 3, 4), lambda p: p[:2], 1),
    "instance norm 2d": (lambda: nn.InstanceNorm2d(3, eps=0.01, affine=True), (2, 3, 4, 2), lambda p: p[:2], 1),
    "instance norm 3d": (lambda: nn.InstanceNorm3d(3, 0.01, affine=True), (2, 3, 2, 2, 2), lambda p: p[:2], 1),
    "instance norm of one": (lambda: nn.InstanceNorm2d(3, 0.01, affine=True), (3, 4, 2), lambda p: p[:1], 0),
    "batch norm 2d": (lambda: nn.BatchNorm2d(3, eps=0.01), (2, 3, 4, 2), lambda p: p[1], 1),
    "batch norm 3d": (lambda: nn.BatchNorm3d(3, eps=0.01), (2, 3, 2, 2, 2), lambda p: p[1], 1),
}
every_case = pytest.mark.parametrize("case", CASES)


def made(case):
    """The layer in float64 with random parameters, an input, and the shape that its parameters broadcast with."""
    make, shape, slots, axis = CASES[case]
    layer = make().double()
    for p in layer.parameters():
        p.data = rng(p.size).normal(size=p.shape)
    spread = layer.weight.shape if axis is None else (-1, *[1] * (len(shape) - axis - 1))
    return layer, rng().normal(2, 3, shape), slots, spread


@every_case
def test_what_belongs_together_is_standardized_scaled_and_shifted(case):
    layer, x, slots, spread = made(case)
    wanted = by_hand(x, slots, 0.01) * layer.weight.data.reshape(spread) + layer.bias.data.reshape(spread)
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, wanted, rtol=1e-10, atol=1e-12)


@every_case
def test_gradients_to_second_order(case):
    layer, x, _, _ = made(case)

    def f(x, weight, bias):
        twin = copy.copy(layer)
        vars(twin).update(weight=weight, bias=bias)
        return twin(x)

    check_gradients(f, x, layer.weight.data, layer.bias.data, order=2)


@every_case
def test_state_repr_and_copies(case):
    layer, x, _, _ = made(case)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), CASES[case][0]().double()):
        twin.load_state_dict(layer.state_dict())
        np.testing.assert_array_equal(twin(tg.Tensor(x)).data, layer(tg.Tensor(x)).data)
        assert repr(twin) == repr(layer)
        twin.load_state_dict(layer.state_dict())
    layer.reset_parameters()
    assert (layer.weight.data == 1).all()
    assert (layer.bias.data == 0).all()


@every_case
def test_float32_stays_float32(case):
    layer, x, _, _ = made(case)
    y = layer.float()(tg.Tensor(x.astype(np.float32), requires_grad=True))
    assert y.dtype == np.float32
    y.backward(np.ones(y.shape))
    assert layer.weight.grad.dtype == np.float32


PER_SAMPLE = [
    lambda x: F.layer_norm(x, (4,)),
    lambda x: F.rms_norm(x, (4,)),
    lambda x: F.group_norm(x, 2),
    lambda x: F.instance_norm(x),
]


@pytest.mark.parametrize("f", PER_SAMPLE)
@given(x=arrays((3, 2, 4)), order=st.permutations(range(3)))
def test_a_sample_does_not_depend_on_its_batch(f, x, order):
    np.testing.assert_allclose(f(x)[order], f(x[order]), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(f(x)[1:2], f(x[1:2]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("f", PER_SAMPLE[:1] + PER_SAMPLE[2:])
@given(x=arrays((2, 2, 4)), shift=st.floats(-5, 5))
def test_a_shift_of_the_input_changes_nothing(f, x, shift):
    np.testing.assert_allclose(f(x + shift), f(x), rtol=1e-6, atol=1e-6)


@given(x=arrays((2, 6), away=[0.0]), scale=st.floats(0.5, 5))
def test_a_scale_of_the_input_changes_nothing_without_eps(x, scale):
    x = x + np.arange(6)  # never all alike
    for f in (
        lambda x: F.layer_norm(x, (6,), eps=0.0),
        lambda x: F.rms_norm(x, (6,), eps=0.0),
        lambda x: F.group_norm(x, 1, eps=0.0),
    ):
        np.testing.assert_allclose(f(scale * x), f(x), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("shape", [(2, 3, 4), (4,)])
@pytest.mark.parametrize("eps", [None, 0.5])
def test_rms_norm_divides_by_the_root_of_the_mean_square(shape, eps):
    layer, x = nn.RMSNorm(4, eps, dtype="float64"), rng().normal(size=shape)
    layer.weight.data = np.array([1.0, -2.0, 3.0, 0.5])
    wanted = np.empty(shape)
    for i in np.ndindex(shape[:-1]):
        root = math.sqrt(math.fsum(v * v for v in x[i]) / 4 + (np.finfo(float).eps if eps is None else eps))
        wanted[i] = [w * v / root for v, w in zip(x[i], layer.weight.data, strict=True)]
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, wanted, rtol=1e-12)
    check_gradients(lambda x, w: F.rms_norm(x, (4,), w, 0.1), x, layer.weight.data, order=2)


def test_rms_norm_without_eps_takes_that_of_the_dtype_of_its_input():
    x = np.full((1, 2), 1e-4, np.float32)
    wanted = x / np.sqrt(x.mean() ** 2 + np.finfo(np.float32).eps)
    np.testing.assert_allclose(nn.RMSNorm(2)(tg.Tensor(x)).data, wanted, rtol=1e-6)


def test_instance_norm_tracks_the_mean_over_the_batch_and_uses_it_in_eval():
    layer = nn.InstanceNorm1d(2, track_running_stats=True, momentum=0.2, dtype="float64")
    x = rng().normal(3, 2, (4, 2, 5))
    layer(tg.Tensor(x))
    np.testing.assert_allclose(layer.running_mean.data, 0.2 * x.mean((0, 2)), rtol=1e-12)
    np.testing.assert_allclose(layer.running_var.data, 0.8 + 0.2 * x.var(2, ddof=1).mean(0), rtol=1e-12)
    assert layer.num_batches_tracked.item() == 0  # as in PyTorch
    before = layer.eval().state_dict()
    y = layer(tg.Tensor(x)).data
    mean, var = (layer.state_dict()[f"running_{name}"][:, None] for name in ("mean", "var"))
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var + 1e-5), rtol=1e-10)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_instance_norm_of_one_sample_tracks_too_and_without_momentum_stays():
    layer = nn.InstanceNorm1d(2, track_running_stats=True, momentum=None)
    layer(tg.randn(2, 5))
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]


def test_instance_norm_without_parameters_takes_other_channels_with_a_warning():
    with pytest.warns(UserWarning, match=r"expected an input of shape \(n, 3, l\) or \(3, l\)"):
        y = nn.InstanceNorm1d(3)(tg.randn(2, 4, 5))
    assert y.shape == (2, 4, 5)
    with pytest.raises(ValueError, match=r"InstanceNorm1d: expected .* but got shape \(2, 4, 5\)"):
        nn.InstanceNorm1d(3, affine=True)(tg.randn(2, 4, 5))


def test_one_group_is_layer_norm_and_a_group_for_each_channel_is_instance_norm():
    x = tg.randn(2, 3, 4, 5)
    np.testing.assert_allclose(F.group_norm(x, 1).data, F.layer_norm(x, (3, 4, 5)).data, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(F.group_norm(x, 3).data, F.instance_norm(x).data, rtol=1e-4, atol=1e-5)


def test_long_axes_are_summed_as_exactly_as_short_ones():
    x = (1000 + rng().normal(size=(2, 200_000))).astype(np.float32)
    wide = x.astype(np.float64)
    wanted = (wide - wide.mean(1, keepdims=True)) / wide.std(1, keepdims=True)
    np.testing.assert_allclose(F.layer_norm(x, (200_000,)), wanted, atol=2e-4)


def test_no_samples_are_no_samples():
    for f in PER_SAMPLE:
        assert f(np.zeros((0, 2, 4))).shape == (0, 2, 4)


def test_reprs_are_pytorchs():
    for layer, text in (
        (nn.LayerNorm(3), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)"),
        (nn.LayerNorm((2, 3), bias=False), "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=False)"),
        (nn.RMSNorm(3), "RMSNorm((3,), eps=None, elementwise_affine=True)"),
        (nn.GroupNorm(1, 2, affine=False), "GroupNorm(1, 2, eps=1e-05, affine=False, bias=False)"),
        (
            nn.InstanceNorm2d(3),
            "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
        ),
    ):
        assert repr(layer) == text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: nn.LayerNorm(3)(tg.zeros((3, 2))), r"layer_norm: expected an input of shape \(..., 3\) .* \(3, 2\)"),
        (lambda: nn.LayerNorm((2, 3))(tg.zeros(3)), r"shape \(..., 2, 3\) for normalized_shape=\(2, 3\)"),
        (lambda: nn.LayerNorm(()), "LayerNorm: expected the lengths of the last axes"),
        (lambda: nn.LayerNorm(0), "expected each length in normalized_shape of at least 1, but got 0"),
        (lambda: nn.LayerNorm(3, eps=-1), "LayerNorm: expected eps of at least 0, but got -1"),
        (lambda: F.layer_norm(tg.zeros((2, 3)), (3,), np.ones(2)), r"expected weight of shape \(3,\), .* shape \(2,\)"),
        (lambda: F.rms_norm(tg.zeros((2, 3)), (2,)), r"rms_norm: expected an input of shape \(..., 2\)"),
        (lambda: nn.GroupNorm(2, 3), "GroupNorm: expected num_channels that can be divided into num_groups"),
        (lambda: nn.GroupNorm(2, 4)(tg.zeros((2, 3))), r"GroupNorm: expected an input of shape \(n, 4, ...\)"),
        (lambda: nn.GroupNorm(4, 4)(tg.zeros((1, 4))), "group_norm: expected more than one value per group"),
        (lambda: F.group_norm(tg.zeros((2, 3)), 2), "group_norm: expected .* divided into 2 groups, but got"),
        (lambda: F.group_norm(tg.zeros((2, 4)), 2, bias=np.ones(2)), r"expected bias of shape \(4,\)"),
        (lambda: nn.InstanceNorm1d(3)(tg.zeros((2, 3, 1))), "instance_norm: expected more than one value per channel"),
        (lambda: nn.InstanceNorm2d(3)(tg.zeros(3)), r"InstanceNorm2d: expected .* \(n, 3, h, w\) or \(3, h, w\)"),
        (lambda: F.instance_norm(tg.zeros((2, 3, 4)), use_input_stats=False), "expected running_mean and running_var"),
        (lambda: nn.BatchNorm2d(3)(tg.zeros((2, 3))), r"BatchNorm2d: expected an input of shape \(n, 3, h, w\), but"),
        (lambda: nn.BatchNorm3d(3)(tg.zeros((2, 3, 4, 4))), r"BatchNorm3d: expected .* \(n, 3, d, h, w\), but"),
    ],
)
def test_what_does_not_fit_is_said(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
