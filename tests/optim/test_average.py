import numpy as np
import pytest

from tests.golden import case
from tinygrad_edu import Tensor
from tinygrad_edu.optim import ExponentialMovingAverage


def test_golden_sequence_raw_and_corrected():
    golden = case("ewa.sequence")
    average = ExponentialMovingAverage(golden.inputs["beta"])
    raw, corrected = [], []
    for x in golden.inputs["theta"]:
        corrected.append(average.update(x))
        raw.append(average.raw)
    golden.check({"v": raw, "corrected": corrected})


def test_golden_weights():
    golden = case("ewa.v100_weights")
    weights = ExponentialMovingAverage(golden.inputs["beta"], bias_correction=False).weights(golden.inputs["t"])
    golden.check({"weights": weights[:4], "sum": weights.sum()})


def test_golden_window_and_one_over_e():
    golden = case("ewa.window")
    averages = [ExponentialMovingAverage(beta) for beta in golden.inputs["beta"]]
    golden.check([average.window for average in averages])
    # a window of steps later the weight has fallen to about 1/e of the first
    later = [a.weights(round(a.window) + 1)[-1] / a.weights(round(a.window) + 1)[0] for a in averages]
    case("ewa.one_over_e").check({"0.9^10": later[0], "0.98^50": later[1]})


def test_golden_bias_correction():
    golden = case("ewa.bias_correction")
    beta, t = golden.inputs["beta"], golden.inputs["t"]
    raw = ExponentialMovingAverage(beta, bias_correction=False).weights(t)
    golden.check(
        {
            "denominator": raw.sum(),
            "v2_weights": raw[::-1],
            "corrected_weights": ExponentialMovingAverage(beta).weights(t)[::-1],
        }
    )


def test_golden_larger_beta_is_smoother_and_slower():
    golden = case("ewa.smooth_and_slow")
    noise = np.random.default_rng(0).standard_normal(300)
    steps, roughness = [], []
    for beta in golden.inputs["beta"]:
        average = ExponentialMovingAverage(beta, bias_correction=False)
        t = 1
        while average.update(1.0) <= 0.5:
            t += 1
        steps.append(t)
        again = ExponentialMovingAverage(beta)
        roughness.append(np.abs(np.diff([again.update(float(x)) for x in noise])).sum())
    golden.check({"steps_to_half": steps, "smoother": bool((np.diff(roughness) < 0).all())})


def test_golden_moments_of_adam():
    golden = case("adam.moments.expansion")
    for name, beta, power in (("M", "beta1", 1), ("V", "beta2", 2)):
        average = ExponentialMovingAverage(golden.inputs[beta], bias_correction=False)
        golden.check([average.update(g**power) for g in golden.inputs["gradients"]], name)


def test_golden_sum_of_weights_corrected_recursion_and_constant_gradient():
    golden = case("adam.geometric_sum")
    average = ExponentialMovingAverage(golden.inputs["beta1"], bias_correction=False)
    golden.check([average.weights(n).sum() for n in golden.inputs["n"]])

    golden = case("adam.corrected_recursion")
    average = ExponentialMovingAverage(golden.inputs["beta1"])
    golden.check([average.update(g) for g in golden.inputs["gradients"]])

    golden = case("adam.constant_gradient")
    for name, beta, power in (("M_hat", "beta1", 1), ("V_hat", "beta2", 2)):
        average = ExponentialMovingAverage(golden.inputs[beta])
        golden.check([average.update(golden.inputs["g"] ** power) for _ in range(golden.inputs["n"])], name)


def test_average_is_the_weighted_sum_of_all_values():
    x = np.random.default_rng(0).standard_normal((7, 3))
    for corrected in (True, False):
        average = ExponentialMovingAverage(0.8, corrected)
        for row in x:
            average.update(row)
        np.testing.assert_allclose(average.value, average.weights(7) @ x[::-1], rtol=1e-13)


def test_arrays_keep_their_dtype_and_are_not_altered():
    x = np.ones(2, np.float32)
    average = ExponentialMovingAverage(0.5)
    average.update(Tensor(x))
    assert average.update(x).dtype == np.float32
    np.testing.assert_array_equal(x, 1)


def test_bad_input_is_an_error():
    with pytest.raises(ValueError, match=r"ExponentialMovingAverage: expected 0 <= beta < 1, but got 1\."):
        ExponentialMovingAverage(1.0)
    with pytest.raises(TypeError, match=r"expected a number as beta, but got str '0.9'"):
        ExponentialMovingAverage("0.9")
    average = ExponentialMovingAverage(0.9)
    assert "no value yet" in repr(average)
    with pytest.raises(ValueError, match="expected a value first"):
        _ = average.value
    average.update(1.0)
    assert repr(average) == "ExponentialMovingAverage(beta=0.9, steps=1: 1.0)"
    with pytest.raises(ValueError, match=r"expected a value of shape \(\) like those before, but got shape \(2,\)"):
        average.update(np.ones(2))
