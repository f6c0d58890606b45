"""What the derivative is where calculus has none, and what becomes of ties and of NaN."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor

nan, inf = np.nan, np.inf


def gradient(f, *arrays):
    """The gradient of the sum of `f` for each of the arrays."""
    leaves = [Tensor(np.array(a, float), requires_grad=True) for a in arrays]
    f(*leaves).sum().backward()
    found = [np.zeros(x.shape) if x.grad is None else x.grad for x in leaves]
    return found[0].tolist() if len(found) == 1 else [g.tolist() for g in found]


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (tg.relu, 0.0),
        (lambda x: tg.leaky_relu(x, 0.25), 0.25),
        (lambda x: tg.elu(x, 2.0), 2.0),
        (tg.absolute, 0.0),
        (tg.fabs, 0.0),
        (lambda x: tg.copysign(x, -1.0), 0.0),
        (lambda x: tg.clip(x, 0, 1), 1.0),
        (lambda x: tg.clip(x, -1, 0), 1.0),
        (lambda x: tg.maximum(x, 0.0), 0.5),
        (lambda x: tg.minimum(x, 0.0), 0.5),
        (lambda x: tg.fmax(x, 0.0), 0.5),
        (lambda x: tg.hypot(x, 0.0), 0.0),
        (lambda x: tg.arctan2(x, 0.0), 0.0),
        (lambda x: tg.l1_loss(x, 0.0), 0.0),
        (tg.sinc, 0.0),
        (lambda x: x**0, 0.0),
    ],
)
def test_slope_at_0(f, slope):
    assert gradient(f, 0.0) == slope


def test_gradient_of_max_is_shared_between_ties():
    assert gradient(lambda x: tg.max(x, axis=1), [[1, 3, 3], [2, 2, 2]]) == [[0, 0.5, 0.5], [1 / 3] * 3]
    assert gradient(tg.min, [1, 3, 1, 1]) == [1 / 3, 0, 1 / 3, 1 / 3]


def test_ties_outside_a_mask_have_no_share():
    assert gradient(lambda x: tg.max(x, initial=-9, where=np.array([True, False, True])), [2, 2, 2]) == [0.5, 0, 0.5]


def test_an_initial_value_that_wins_takes_the_gradient_away():
    assert gradient(lambda x: tg.max(x, initial=5.0), [1, 2]) == [0, 0]


def test_gradient_of_a_maximum_that_is_nan_goes_to_the_nan():
    assert gradient(tg.max, [1, nan, nan]) == [0, 0.5, 0.5]


def test_gradients_of_running_extremes_and_medians_go_to_the_first_of_several():
    assert gradient(tg.cummax, [2, 2, 1]) == [3, 0, 0]
    assert gradient(tg.cummin, [2, 2, 3]) == [3, 0, 0]
    assert gradient(tg.median, [1, 2, 2, 2, 3]) == [0, 0, 1, 0, 0]


def test_running_extremes_stay_nan():
    x = Tensor([1.0, nan, 3.0])
    np.testing.assert_array_equal(tg.cummax(x).data, [1, nan, nan])
    np.testing.assert_array_equal(tg.cummin(x).data, [1, nan, nan])


def test_fmax_leaves_out_nan_and_its_gradient_too():
    assert gradient(tg.fmax, [nan, 1, nan], [2, nan, nan])[0][:2] == [0, 1]
    assert gradient(tg.fmin, [nan, 1, nan], [2, nan, nan])[1][:2] == [1, 0]


def test_bounds_of_clip_take_what_they_cut_off():
    assert gradient(tg.clip, [-3, 0, 3], -1, [1, 1, 1]) == [[0, 1, 0], 1, [0, 0, 1]]


def test_of_bounds_that_cross_clip_takes_the_upper():
    x, low, high = [0.0, 2.0, 9.0], [5.0] * 3, [1.0] * 3
    assert tg.clip(Tensor(x), Tensor(low), Tensor(high)).tolist() == high
    assert gradient(tg.clip, x, low, high) == [[0] * 3, [0] * 3, [1] * 3]


def test_deviation_of_a_constant_has_gradient_0_to_second_order():
    x = Tensor([2.0, 2.0, 2.0], requires_grad=True)
    g = tg.grad(tg.std(x), x, create_graph=True)
    assert g.tolist() == [0, 0, 0]
    assert tg.grad(g.sum(), x).tolist() == [0, 0, 0]


@pytest.mark.parametrize("zeros", range(4))
@pytest.mark.parametrize("op", [tg.prod, tg.cumprod], ids=["prod", "cumprod"])
def test_gradients_of_products_with_zeros_are_those_of_the_plain_product(op, zeros):
    values = np.array([2.0, -3.0, 0.5, 4.0])
    values[[2, 0, 3][:zeros]] = 0

    def plain(x):
        parts = [x[0]]
        for i in range(1, 4):
            parts.append(parts[-1] * x[i])
        return tg.stack(parts) if op is tg.cumprod else parts[-1]

    weights = np.array([1.0, 0.3, -2.0, 0.7]) if op is tg.cumprod else 1.0
    hessians = [tg.hessian(lambda x, f=f: (f(x) * weights).sum(), Tensor(values)) for f in (op, plain)]
    gradients = [gradient(lambda x, f=f: f(x) * weights, values) for f in (op, plain)]
    np.testing.assert_allclose(*gradients, atol=1e-12)
    np.testing.assert_allclose(hessians[0].data, hessians[1].data, atol=1e-12)


def test_second_derivative_of_sinc_at_0():
    x = Tensor(np.array(0.0), requires_grad=True)
    slope = tg.grad(tg.sinc(x), x, create_graph=True)
    np.testing.assert_allclose(tg.grad(slope, x).item(), -(np.pi**2) / 3)


def test_xlogy_is_0_where_its_factor_is():
    assert tg.special.xlogy(Tensor([0.0, 0.0]), Tensor([0.0, -1.0])).tolist() == [0, 0]
    assert gradient(tg.special.xlogy, [0.0, 0.0], [0.0, 2.0]) == [[0.0, np.log(2.0)], [0.0, 0.0]]


def test_nothing_flows_into_what_is_not_a_number():
    x = [1.0, nan, 3.0]
    assert gradient(tg.nansum, x) == [1, 0, 1]
    assert gradient(tg.nanmean, x) == [0.5, 0, 0.5]
    assert gradient(tg.nanprod, x) == [3, 0, 1]
    assert gradient(tg.nanmax, x) == [0, 0, 1]
    assert gradient(tg.nanmin, x) == [1, 0, 0]
    assert gradient(tg.nanvar, x) == [-1, 0, 1]
    assert gradient(tg.nanmedian, x) == [0.5, 0, 0.5]
    assert gradient(tg.nancumsum, x) == [3, 0, 1]
    assert gradient(tg.nan_to_num, [1.0, nan, inf]) == [1, 0, 0]


@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_what_is_not_a_number_is_left_out_as_in_numpy(name, axis):
    x = np.array([[1.0, nan, 3.0], [nan, 5.0, 7.0]])
    for keepdims in (False, True):
        wanted = getattr(np, name)(x, axis=axis, keepdims=keepdims)
        found = getattr(tg, name)(Tensor(x), axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(found.data, wanted, strict=True)


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin", "nanmax", "nanmin", "ptp", "argmax", "nanargmin"])
@pytest.mark.parametrize("axis", [None, 0])
def test_the_extreme_of_no_elements_is_an_error(name, axis):
    with pytest.raises(ValueError, match=": expected .* but got .*0, 2"):
        getattr(tg, name)(tg.zeros((0, 2)), axis)


@pytest.mark.parametrize("name", ["median", "nanmedian"])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_the_median_of_no_elements_is_nan_with_a_warning_as_in_numpy(name, keepdims, axis):
    with pytest.warns(RuntimeWarning, match=f"{name}: of no elements"):
        found = getattr(tg, name)(Tensor(np.zeros((0, 2))), axis, keepdims=keepdims)
    with pytest.warns(RuntimeWarning):
        wanted = getattr(np, name)(np.zeros((0, 2)), axis, keepdims=keepdims)
    np.testing.assert_array_equal(found.data, wanted, strict=True)


def test_quantile_of_nan_is_nan():
    assert np.isnan(tg.median(Tensor([1.0, nan])).item())
    np.testing.assert_array_equal(tg.quantile(Tensor([[1.0, nan], [1.0, 2.0]]), 0.5, axis=1).data, [nan, 1.5])
    np.testing.assert_array_equal(tg.nanmedian(Tensor([[nan, nan], [1.0, nan]]), axis=1).data, [nan, 1.0])


@pytest.mark.parametrize(
    "method",
    [
        *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen"),
        *("weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
    ],
)
def test_quantiles_by_every_method_of_numpy(method):
    x, q = np.array([[3.0, 1.0, 4.0, 1.5, 9.0], [2.0, 6.0, 5.0, 3.5, 8.0]]), [0.0, 0.1, 0.37, 0.5, 1.0]
    np.testing.assert_allclose(
        tg.quantile(Tensor(x), q, axis=1, method=method).data, np.quantile(x, q, axis=1, method=method)
    )


@pytest.mark.parametrize(
    "name", ["nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanvar", "nanmedian", "nancumsum"]
)
def test_nothing_flows_into_the_function_of_what_is_left_out(name):
    """The slope of the root is NaN at -1, and 0 times it would be, too."""
    f = getattr(tg, name)
    with np.errstate(invalid="ignore"):
        found = gradient(lambda x: f(tg.sqrt(x)), [-1.0, 4.0, 9.0])
    assert found == [0, *gradient(lambda x: f(tg.sqrt(x)), [4.0, 9.0])]


def test_interp_at_nan_is_nan_as_in_numpy():
    x = np.array([np.nan, 0.5, 3.0])
    for more in ({}, {"left": 0.0, "right": 9.0}, {"period": 2.0}):
        found = tg.interp(tg.Tensor(x), [0.0, 1.0], [2.0, 4.0], **more)
        np.testing.assert_allclose(found.data, np.interp(x, [0.0, 1.0], [2.0, 4.0], **more))
