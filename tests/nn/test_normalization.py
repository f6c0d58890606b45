import math

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients

SHAPES = [(5, 3), (4, 3, 2)]


def by_hand(x, mean, var, weight, bias, eps):
    y = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        c = place[1]
        y[place] = (x[place] - mean[c]) / math.sqrt(var[c] + eps) * weight[c] + bias[c]
    return y


def moments(x):
    """Mean and biased variance of each channel, by plain sums."""
    lines = [[float(x[place]) for place in np.ndindex(*x.shape) if place[1] == c] for c in range(x.shape[1])]
    means = [sum(line) / len(line) for line in lines]
    return means, [sum((v - m) ** 2 for v in line) / len(line) for line, m in zip(lines, means, strict=True)]


def layer_with_parameters(**options):
    layer = nn.BatchNorm1d(3, dtype="float64", **options)
    layer.load_state_dict({"weight": [1.5, -2.0, 0.5], "bias": [0.1, 0.2, -0.3]}, strict=False)
    return layer


@pytest.mark.parametrize("shape", SHAPES)
def test_in_training_each_channel_is_normalized_by_its_batch(shape):
    layer, x = layer_with_parameters(eps=0.01), np.random.default_rng(0).normal(2, 3, shape)
    y = layer(tg.Tensor(x))
    np.testing.assert_allclose(y.data, by_hand(x, *moments(x), layer.weight.data, layer.bias.data, 0.01), rtol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("momentum", "unbiased"), [(0.1, True), (0.3, False), (None, True), (0.0, True), (1.0, True)])
def test_running_statistics_follow_the_batches(shape, momentum, unbiased):
    layer = nn.BatchNorm1d(3, momentum=momentum, dtype="float64", unbiased=unbiased)
    rng = np.random.default_rng(1)
    mean, var = np.zeros(3), np.ones(3)
    for step in range(1, 4):
        x = rng.normal(step, step, shape)
        layer(tg.Tensor(x))
        m = x.size // 3
        new_mean, new_var = map(np.array, moments(x))
        share = 1 / step if momentum is None else momentum
        mean = (1 - share) * mean + share * new_mean
        var = (1 - share) * var + share * new_var * (m / (m - 1) if unbiased else 1)
        np.testing.assert_allclose(layer.running_mean.data, mean, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(layer.running_var.data, var, rtol=1e-10, atol=1e-12)
        assert layer.num_batches_tracked.item() == step


@pytest.mark.parametrize("shape", SHAPES)
def test_in_eval_the_running_statistics_are_used_and_stay(shape):
    layer = layer_with_parameters()
    layer.load_state_dict({"running_mean": [1.0, 2.0, 3.0], "running_var": [4.0, 0.25, 1.0]}, strict=False)
    before = layer.eval().state_dict()
    x = np.random.default_rng(0).normal(size=shape)
    wanted = by_hand(x, [1.0, 2.0, 3.0], [4.0, 0.25, 1.0], layer.weight.data, layer.bias.data, 1e-5)
    np.testing.assert_allclose(layer(tg.Tensor(x)).data, wanted, rtol=1e-10)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_in_eval_a_sample_does_not_depend_on_its_batch():
    layer = nn.BatchNorm1d(3).eval()
    x = tg.randn(4, 3)
    np.testing.assert_array_equal(layer(x).data[:1], layer(x[:1]).data)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_gradients_for_input_weight_and_bias_to_second_order(shape, training):
    rng = np.random.default_rng(0)
    mean, var = rng.normal(size=3), rng.uniform(0.5, 2, 3)

    def f(x, weight, bias):
        return nn.functional.batch_norm(x, mean.copy(), var.copy(), weight, bias, training=training)

    check_gradients(f, rng.normal(size=shape), rng.normal(size=3), rng.normal(size=3), order=2)


def test_without_running_statistics_eval_uses_the_batch():
    layer = nn.BatchNorm1d(3, track_running_stats=False)
    x = tg.randn(4, 3)
    np.testing.assert_array_equal(layer(x).data, layer.eval()(x).data)
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert layer.running_mean is layer.num_batches_tracked is None


def test_without_affine_there_is_nothing_to_learn_and_bias_can_be_left_out():
    assert list(nn.BatchNorm1d(3, affine=False).parameters()) == []
    assert nn.BatchNorm1d(3, bias=False).bias is None
    for layer in (nn.BatchNorm1d(3, affine=False), nn.BatchNorm1d(3, bias=False)):
        y = layer(tg.randn(50, 3)).data
        np.testing.assert_allclose(y.mean(0), 0, atol=1e-6)
        np.testing.assert_allclose(y.std(0), 1, atol=1e-3)


def test_state_dict_has_pytorchs_names_in_its_order():
    wanted = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert list(nn.BatchNorm1d(3).state_dict()) == wanted
    assert nn.BatchNorm1d(3).num_batches_tracked.dtype == np.int64


def test_a_batch_of_one_in_training_is_an_error_that_changes_nothing():
    layer = nn.BatchNorm1d(3)
    before = layer.state_dict()
    for shape in ((1, 3), (1, 3, 1)):
        with pytest.raises(ValueError, match="expected more than one value per channel in training, but got shape"):
            layer(tg.randn(*shape))
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert layer(tg.randn(1, 3, 2)).shape == (1, 3, 2)
    assert layer.eval()(tg.randn(1, 3)).shape == (1, 3)


@pytest.mark.parametrize("affine", [True, False])
def test_an_empty_batch_in_training_is_counted_and_changes_no_statistics(affine):
    layer, x = nn.BatchNorm1d(3, affine=affine), tg.zeros((0, 3), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.shape == x.grad.shape == (0, 3)
    assert layer.num_batches_tracked.item() == 1
    assert (layer.running_mean.tolist(), layer.running_var.tolist()) == ([0.0] * 3, [1.0] * 3)
    assert all(p.grad.tolist() == [0.0] * 3 for p in layer.parameters())


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 3, 2, 2)])
def test_an_input_of_another_shape_is_an_error(shape):
    with pytest.raises(ValueError, match=r"BatchNorm1d: expected an input of shape \(n, 3\) or \(n, 3, l\), but got"):
        nn.BatchNorm1d(3)(tg.zeros(shape))


def test_settings_that_make_no_sense_are_errors():
    for wrong, message in (
        (lambda: nn.BatchNorm1d(0), "expected num_features of at least 1, but got 0"),
        (lambda: nn.BatchNorm1d(3, eps=-1.0), "expected eps of at least 0, but got -1.0"),
        (lambda: nn.BatchNorm1d(3, momentum=1.5), "expected a momentum in 0..1, but got 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()


def test_the_function_says_which_argument_does_not_fit():
    x, three, two = tg.randn(4, 3), np.ones(3), np.ones(2)
    for arguments, message in (
        ((x, three, three, two), r"expected weight of shape \(3,\), .* but got shape \(2,\)"),
        ((x, two, three), r"expected running_mean of shape \(3,\)"),
        ((x, None, None), "expected running_mean and running_var out of training, but got None for both"),
        ((x, None, three), ".* but got None for one of them"),
        ((tg.randn(3), three, three), r"expected an input of shape \(n, c\)"),
    ):
        with pytest.raises(ValueError, match=f"batch_norm: {message}"):
            nn.functional.batch_norm(*arguments)


def test_reset_forgets_the_batches_and_the_parameters():
    layer = layer_with_parameters()
    layer(tg.randn(4, 3))
    layer.reset_running_stats()
    assert layer.running_var.tolist() == [1, 1, 1]
    assert layer.num_batches_tracked.item() == 0
    assert layer.bias.data.any()
    layer.reset_parameters()
    assert layer.weight.tolist() == [1, 1, 1]
    assert not layer.bias.data.any()


def test_a_step_in_training_stamps_the_running_statistics():
    layer = nn.BatchNorm1d(3)
    read = (layer.running_mean * tg.ones(3, requires_grad=True)).sum()
    layer(tg.randn(4, 3))
    with pytest.raises(RuntimeError, match="changed in place"):
        read.backward()


def test_float32_stays_float32_also_with_float64_statistics():
    layer = nn.BatchNorm1d(3)
    assert layer(tg.randn(4, 3)).dtype == np.float32
    assert layer.running_var.dtype == np.float32
    assert layer.eval()(tg.randn(4, 3)).dtype == np.float32


def test_running_statistics_are_no_part_of_the_graph():
    layer = nn.BatchNorm1d(3)
    layer(tg.randn(4, 3, requires_grad=True))
    assert not layer.running_mean.requires_grad


# ---- the course, whose columns are examples ----


def course_layer(golden, **options):
    z = np.array(golden.inputs["z"])
    layer = nn.BatchNorm1d(len(z), eps=golden.inputs.get("eps", 1e-8), dtype="float64", **options)
    if "gamma" in golden.inputs:
        state = {"weight": np.ravel(golden.inputs["gamma"]), "bias": np.ravel(golden.inputs["beta"])}
        layer.load_state_dict(state, strict=False)
    return layer, tg.Tensor(z.T.copy(), requires_grad=True)


def test_batch_norm_forward_of_the_course():
    golden = case("bn.forward")
    layer, z = course_layer(golden, momentum=1.0, unbiased=False)
    normal, _ = course_layer(golden, affine=False)[0], None
    golden.check({"z_tilde": layer(z).data.T, "z_norm": normal(z).data.T})
    golden.check({"mu": layer.running_mean.data[:, None], "var": layer.running_var.data[:, None]})


def test_batch_norm_backward_of_the_course():
    golden = case("bn.backward")
    layer, z = course_layer(golden)
    layer(z).backward(np.array(golden.inputs["upstream"]).T)
    golden.check({"dz": z.grad.T, "dgamma": layer.weight.grad[:, None], "dbeta": layer.bias.grad[:, None]})


def test_batch_norm_can_give_back_its_input():
    golden = case("bn.identity")
    layer, z = course_layer(golden)
    mean, var = moments(z.data)
    layer.load_state_dict({"weight": np.sqrt(np.array(var) + layer.eps), "bias": mean}, strict=False)
    golden.check(layer(z).data.T)


def test_a_bias_before_batch_norm_changes_nothing():
    golden, forward = case("bn.bias_cancels"), case("bn.forward")
    layer, z = course_layer(forward)
    golden.check(layer(z + np.array(golden.inputs["b"]).T).data.T)


def test_eps_is_added_to_the_variance():
    golden = case("bn.eps_variant")
    layer, z = course_layer(golden, affine=False)
    golden.check(layer(z).data.T, "sqrt(var+eps)")


def test_running_statistics_of_the_course():
    golden = case("bn.running")
    beta = golden.inputs["beta"]
    layer = nn.BatchNorm1d(1, eps=golden.inputs["eps"], momentum=1 - beta, dtype="float64", unbiased=False)
    layer.load_state_dict({"running_var": [0.0]}, strict=False)  # the course starts from 0, PyTorch from 1
    for mean, var in zip(golden.inputs["batch_mu"], golden.inputs["batch_var"], strict=True):
        layer(tg.Tensor(np.array([[mean - math.sqrt(var)], [mean + math.sqrt(var)]])))
    golden.check({"mu": layer.running_mean.data[0], "var": layer.running_var.data[0]})
    correction = 1 - beta ** layer.num_batches_tracked.item()
    corrected = {name: layer.state_dict()[f"running_{name}"] / correction for name in ("mean", "var")}
    golden.check({"mu_corrected": corrected["mean"][0], "var_corrected": corrected["var"][0]})
    state = {"running_mean": corrected["mean"], "running_var": corrected["var"]}
    state |= {"weight": [golden.inputs["gamma"]], "bias": [golden.inputs["beta_bn"]]}
    layer.load_state_dict(state, strict=False)
    golden.check(layer.eval()(tg.Tensor(np.array([[golden.inputs["z_test"]]]))).data[0, 0], "out_corrected")


def test_gamma_and_beta_are_one_number_per_unit():
    golden = case("bn.shapes")
    layer = nn.BatchNorm1d(golden.inputs["n_l"])
    y = layer(tg.randn(golden.inputs["m"], golden.inputs["n_l"]))
    wanted = {"z": y.data.T.shape, "gamma": (*layer.weight.shape, 1), "beta": (*layer.bias.shape, 1)}
    golden.check({name: list(shape) for name, shape in wanted.items()})
