import math
import pickle

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.golden import case
from tinygrad_edu import nn
from tinygrad_edu.testing import check_gradients


def test_elements_are_dropped_with_probability_p_and_the_others_scaled_up():
    y = nn.Dropout(0.3)(tg.ones((400, 500))).data
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_the_same_elements_are_dropped_forward_and_backward():
    x = tg.randn(20, 30, requires_grad=True)
    y = nn.Dropout(0.4)(x)
    y.backward(np.full((20, 30), 3.0))
    np.testing.assert_allclose(x.grad, np.where(y.data == 0, 0, 3 / 0.6), rtol=1e-6)
    check_gradients(nn.Dropout(0.4), np.random.default_rng(0).normal(size=(3, 4)), order=2)


def test_each_call_draws_anew_and_the_seed_repeats_it():
    layer, x = nn.Dropout(), tg.ones(100)
    first, second = layer(x).data, layer(x).data
    assert (first != second).any()
    tg.manual_seed(0)
    np.testing.assert_array_equal(layer(x).data, first)


def test_in_eval_and_for_probability_0_it_is_the_input_itself():
    x = tg.randn(3)
    assert nn.Dropout().eval()(x) is x
    assert nn.Dropout(0.0)(x) is x
    assert nn.Dropout(keep_prob=1.0)(x) is x
    assert nn.functional.dropout(x, 0.9, training=False) is x


def test_with_probability_1_everything_is_dropped_and_the_gradient_is_0():
    x = tg.ones(5, requires_grad=True)
    y = nn.Dropout(1.0)(x)
    y.sum().backward()
    assert not y.data.any()
    assert not x.grad.any()


def test_keep_prob_is_the_other_way_to_say_it():
    layer = nn.Dropout(keep_prob=0.8)
    assert layer.p == pytest.approx(0.2)
    assert layer.keep_prob == 0.8
    assert repr(layer) == "Dropout(keep_prob=0.8)"
    assert repr(nn.Dropout(0.2)) == "Dropout(p=0.2, inplace=False)"
    with pytest.raises(TypeError, match=r"Dropout: expected p or keep_prob, but got p=0.3 and keep_prob=0.8"):
        nn.Dropout(0.3, keep_prob=0.8)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan")])
def test_a_probability_outside_of_0_to_1_is_an_error(wrong):
    with pytest.raises(ValueError, match=rf"Dropout: expected a probability p in 0..1, but got {wrong}"):
        nn.Dropout(wrong)
    with pytest.raises(ValueError, match="Dropout: expected a probability keep_prob in 0..1"):
        nn.Dropout(keep_prob=wrong)
    with pytest.raises(ValueError, match="dropout: expected a probability p in 0..1"):
        nn.functional.dropout(tg.ones(3), wrong)


def test_dropout_keeps_the_dtype():
    assert nn.Dropout()(tg.ones(3)).dtype == np.float32
    assert nn.Dropout()(tg.ones(3, dtype="float64")).dtype == np.float64


def test_the_probability_is_exact_also_between_the_steps_of_a_byte():
    for p in (0.3, 0.5, 1 / 512, 1 - 1 / 700, 1e-4):
        n = 2_000_000
        dropped = (nn.functional.dropout(np.ones(n, np.float32), p) == 0).sum()
        assert abs(dropped - n * p) < 5 * math.sqrt(n * p * (1 - p)) + 1


def test_neighbouring_elements_are_dropped_independently():
    kept = nn.Dropout(0.3)(tg.ones((1000, 1000))).data > 0
    for shifted in (kept[:, 1:], kept[:, 8:], kept[1:]):
        both = (shifted & kept[: len(shifted), : shifted.shape[1]]).mean()
        assert both == pytest.approx(0.49, abs=0.003)


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), nn.AlphaDropout(0.5)])
def test_no_elements_and_a_single_one(layer):
    assert layer(tg.zeros((0, 3))).shape == (0, 3)
    assert layer(tg.Tensor(1.0)).shape == ()


# ---- channels, and SELU's dropout ----

CHANNELS = [
    (nn.Dropout1d, (40, 50, 3)), (nn.Dropout2d, (40, 50, 3, 2)), (nn.Dropout3d, (40, 50, 3, 2, 2)),
    (nn.Dropout1d, (2000, 3)), (nn.Dropout3d, (2000, 3, 2, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "shape"), CHANNELS)
def test_channels_are_dropped_as_a_whole(kind, shape):
    layer, x = kind(0.3), tg.ones(shape, requires_grad=True)
    y = layer(x)
    channels = y.data.reshape(2000, -1)
    assert (channels == channels[:, :1]).all()
    assert set(np.unique(channels)) == {np.float32(0), np.float32(1 / 0.7)}
    assert (channels[:, 0] == 0).mean() == pytest.approx(0.3, abs=0.05)
    y.backward(np.full(shape, 2.0))
    np.testing.assert_allclose(x.grad, 2 * y.data, rtol=1e-6)
    assert layer.eval()(x) is x
    assert kind(0.0)(x) is x
    assert not kind(1.0)(x).data.any()


def test_gradients_of_the_variants_to_second_order():
    rng = np.random.default_rng(0)
    check_gradients(nn.Dropout1d(0.4), rng.normal(size=(3, 4, 2)), order=2)
    check_gradients(lambda x: nn.AlphaDropout(0.4)(x) ** 2, rng.normal(size=(3, 4)), order=2)
    check_gradients(lambda x: nn.FeatureAlphaDropout(0.4)(x) ** 2, rng.normal(size=(3, 4, 2)), order=2)


def test_three_axes_for_dropout2d_are_n_c_l_with_a_warning():
    with pytest.warns(
        UserWarning, match=r"dropout2d: expected an input of shape \(n, c, h, w\), but got .* \(n, c, l\)"
    ):
        y = nn.Dropout2d(0.5)(tg.ones((10, 20, 3)))
    assert (y.data == y.data[:, :, :1]).all()
    assert len(np.unique(y.data[0])) == 2


@pytest.mark.parametrize("kind", [nn.AlphaDropout, nn.FeatureAlphaDropout])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_0_and_variance_1(kind, p):
    x = np.random.default_rng(0).normal(size=(400, 500, 1))
    y = kind(p)(tg.Tensor(x)).data
    assert y.mean() == pytest.approx(0, abs=0.02)
    assert y.std() == pytest.approx(1, abs=0.02)


def test_alpha_dropout_maps_the_kept_and_the_dropped_by_one_affine_map():
    p, alpha = 0.3, -1.7580993408473766
    a = ((1 - p) * (1 + p * alpha**2)) ** -0.5
    b = -a * alpha * p
    y = nn.AlphaDropout(p)(tg.Tensor(np.full(1000, 2.0))).data
    np.testing.assert_allclose(np.unique(y), [a * alpha + b, a * 2 + b], rtol=1e-12)
    assert (y < 0).mean() == pytest.approx(p, abs=0.06)


def test_alpha_dropout_in_eval_is_the_input_and_with_probability_1_all_is_0():
    x = tg.randn(3, 4)
    for kind in (nn.AlphaDropout, nn.FeatureAlphaDropout):
        assert kind().eval()(x) is x
        assert kind(0.0)(x) is x
        assert not kind(1.0)(x).data.any()
        assert kind()(x).dtype == np.float32
    assert nn.functional.alpha_dropout(x) is x  # as in PyTorch, training=False is the default
    assert nn.FeatureAlphaDropout(0.5)(tg.ones((30, 4, 5))).data.std(2).max() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("kind", [nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_the_variants_have_the_settings_of_dropout(kind):
    name = kind.__name__
    assert repr(kind(0.2)) == f"{name}(p=0.2, inplace=False)"
    assert repr(kind(keep_prob=0.9)) == f"{name}(keep_prob=0.9)"
    assert repr(pickle.loads(pickle.dumps(kind(0.2)))) == repr(kind(0.2))
    assert kind().state_dict() == {}
    with pytest.raises(ValueError, match=f"{name}: expected a probability p in 0..1, but got 2"):
        kind(2)
    with pytest.raises(TypeError, match=f"{name}: expected p or keep_prob"):
        kind(0.2, keep_prob=0.8)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: nn.Dropout1d()(tg.zeros(3)), r"dropout1d: expected an input of 3 axes, or 2 .* got shape \(3,\)"),
        (lambda: nn.Dropout2d()(tg.zeros((3, 2))), r"dropout2d: expected an input of 4 axes"),
        (lambda: nn.Dropout3d().eval()(tg.zeros((3, 2))), r"dropout3d: expected an input of 5 axes, or 4"),
        (lambda: nn.FeatureAlphaDropout()(tg.zeros(3)), r"feature_alpha_dropout: expected .* but got shape \(3,\)"),
        (lambda: nn.functional.dropout1d(tg.zeros((3, 2)), -0.5), "dropout1d: expected a probability p in 0..1"),
        (lambda: nn.functional.alpha_dropout(tg.zeros(3), 1.5), "alpha_dropout: expected a probability p"),
    ],
)
def test_what_does_not_fit_is_said(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


# ---- the course ----


def test_inverted_dropout_of_the_course():
    golden = case("dropout.inverted")
    a = tg.Tensor(np.array(golden.inputs["A"]), requires_grad=True)
    y = tg.dropout(a, np.array(golden.inputs["D"]), 1 - golden.inputs["keep_prob"])
    y.backward(np.array(golden.inputs["dA"]))
    golden.check({"out": y, "grad": a.grad})


def test_units_switched_off_on_average_and_the_scale_of_the_others():
    golden = case("dropout.expected_off")
    layer = nn.Dropout(keep_prob=golden.inputs["keep_prob"])
    units = golden.inputs["units"]
    golden.check({"off": units * layer.p, "expected_scale": layer.keep_prob / (1 - layer.p)})
    off = [(layer(tg.ones(units)).data == 0).sum() for _ in range(500)]
    assert np.mean(off) == pytest.approx(golden.expected["off"], abs=0.5)


def test_the_mean_of_ones_stays_1():
    golden = case("dropout.mean_kept")
    y = nn.Dropout(keep_prob=golden.inputs["keep_prob"])(tg.ones((50, 20000)))
    golden.check_between(float(y.data.mean()))


def test_nothing_happens_when_everything_is_kept_or_in_eval():
    golden = case("dropout.off")
    a = tg.Tensor(np.array(golden.inputs["A"]))
    golden.check(nn.Dropout(keep_prob=golden.inputs["keep_prob"])(a))
    golden.check(nn.Dropout(keep_prob=0.1).eval()(a))
