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
