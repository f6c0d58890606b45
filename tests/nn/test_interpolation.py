import copy
import itertools
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

# ---- the definition, in loops: each mode as which elements of n make element i of m, and with which weights ----


def source(i, n, m, align_corners, ratio=None):
    if align_corners:
        return i * (n - 1) / (m - 1) if m > 1 else 0.0
    return (i + 0.5) * (n / m if ratio is None else ratio) - 0.5


def nearest(i, n, m, _):
    return {i * n // m: 1.0}


def nearest_exact(i, n, m, _):
    return {(2 * i + 1) * n // (2 * m): 1.0}


def linear(i, n, m, align_corners):
    x = max(source(i, n, m, align_corners), 0.0)
    k = min(math.floor(x), n - 1)
    return summed([(k, 1 - (x - k)), (min(k + 1, n - 1), x - k)])


def keys(x, a=-0.75):
    """The cubic convolution kernel of Keys, equation 4, with slope a at 1."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def cubic(i, n, m, align_corners):
    x = source(i, n, m, align_corners)
    return summed([(min(max(k, 0), n - 1), keys(x - k)) for k in range(math.floor(x) - 1, math.floor(x) + 3)])


def area(i, n, m, _):
    read = range(i * n // m, -(-(i + 1) * n // m))
    return {k: 1 / len(read) for k in read}


def summed(pairs):
    weights = {}
    for k, w in pairs:
        weights[k] = weights.get(k, 0.0) + w
    return weights


DEFINITIONS = {
    "nearest": nearest,
    "nearest-exact": nearest_exact,
    "area": area,
    "linear": linear,
    "bilinear": linear,
    "trilinear": linear,
    "bicubic": cubic,
}


def by_hand(x, sizes, definition, align_corners):
    y = np.zeros((*x.shape[:2], *sizes))
    for place in np.ndindex(*sizes):
        along = [definition(i, n, m, align_corners).items() for i, n, m in zip(place, x.shape[2:], sizes, strict=True)]
        for parts in itertools.product(*along):
            weight = math.prod(w for _, w in parts)
            y[(..., *place)] += weight * x[(..., *(k for k, _ in parts))]
    return y


@st.composite
def calls(draw, mode=None):
    """An input, sizes, a mode that fits, and whether corners are aligned."""
    mode = draw(st.sampled_from(sorted(DEFINITIONS))) if mode is None else mode
    axes = draw(st.sampled_from(F.interpolation.MODES[mode]))
    x = draw(arrays((2, draw(st.integers(1, 2)), *(draw(st.integers(1, 5)) for _ in range(axes)))))
    sizes = tuple(draw(st.integers(1, 7)) for _ in range(axes))
    return x, sizes, mode, draw(st.booleans()) if "linear" in mode or mode == "bicubic" else None


@pytest.mark.parametrize("mode", DEFINITIONS)
@given(data=st.data())
def test_each_mode_is_the_weighted_sum_that_defines_it(mode, data):
    x, sizes, _, align_corners = data.draw(calls(mode))
    y = F.interpolate(tg.Tensor(x), sizes, None, mode, align_corners)
    np.testing.assert_allclose(y.data, by_hand(x, sizes, DEFINITIONS[mode], align_corners), rtol=1e-9, atol=1e-9)


@given(calls())
def test_gradients_to_second_order(call):
    x, sizes, mode, align_corners = call
    check_gradients(lambda x: F.interpolate(x, sizes, None, mode, align_corners) ** 2, x, order=2)


def smoothed(kernel):
    """The weights of a kernel around the middle of a pixel of the result, as wide as that pixel where it is larger."""

    def weights(i, n, m, _):
        found = {k: kernel((k + 0.5 - (i + 0.5) * n / m) / max(n / m, 1.0)) for k in range(n)}
        return {k: w / sum(found.values()) for k, w in found.items()}

    return weights


@pytest.mark.parametrize(
    ("mode", "kernel"), [("bilinear", lambda x: max(1 - abs(x), 0.0)), ("bicubic", lambda x: keys(x, -0.5))]
)
@given(data=st.data())
def test_with_antialias_pixels_of_the_result_are_weighted_means_over_their_width(mode, kernel, data):
    x, sizes, _, _ = data.draw(calls(mode))
    y = F.interpolate(tg.Tensor(x), sizes, None, mode, antialias=True)
    np.testing.assert_allclose(y.data, by_hand(x, sizes, smoothed(kernel), False), rtol=1e-9, atol=1e-9)
    check_gradients(lambda x: F.interpolate(x, sizes, None, mode, antialias=True) ** 2, x, order=2)


@given(calls(), st.floats(-3, 3))
def test_a_constant_image_stays_constant(call, c):
    x, sizes, mode, align_corners = call
    y = F.interpolate(np.full(x.shape, c), sizes, None, mode, align_corners)
    np.testing.assert_allclose(y, np.full(y.shape, c), rtol=1e-12, atol=1e-12)


@given(calls())
def test_the_size_that_it_has_changes_nothing(call):
    x, _, mode, align_corners = call
    t = tg.Tensor(x)
    y = F.interpolate(t, x.shape[2:], None, mode, align_corners)
    np.testing.assert_allclose(y.data, x, rtol=1e-12)
    assert y is not t


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_turning_an_image_over_turns_the_result_over(mode):
    x = np.random.default_rng(0).normal(size=(1, 2, 5, 4))
    for corners in (False, True):
        y = F.interpolate(x, (7, 9), None, mode, corners)
        np.testing.assert_allclose(F.interpolate(x[..., ::-1, :], (7, 9), None, mode, corners), y[..., ::-1, :])


@pytest.mark.parametrize(
    ("n", "factor", "wanted"),
    [(2, 1.5, [1, 1, 2]), (3, 2, [1, 1, 2, 2, 3, 3]), (4, 0.5, [1, 3]), (3, 1.4, [1, 1, 2, 3])],
)
def test_a_scale_factor_is_used_as_it_is_unless_it_shall_be_recomputed(n, factor, wanted):
    """The result is floor(n * factor) long, and element i is that at floor(i / factor)."""
    x = np.arange(1.0, n + 1)[None, None]
    assert F.interpolate(x, scale_factor=factor).tolist() == [[wanted]]
    y = F.interpolate(x, scale_factor=factor, mode="linear")
    weights = [linear_of(source(i, n, None, False, 1 / factor), n) for i in range(len(wanted))]
    np.testing.assert_allclose(y[0, 0], weights)
    again = F.interpolate(x, scale_factor=factor, mode="linear", recompute_scale_factor=True)
    np.testing.assert_allclose(again, F.interpolate(x, len(wanted), mode="linear"))


def linear_of(place, n):
    """What linear interpolation of 1..n reads at a place."""
    return min(max(place, 0.0), n - 1.0) + 1


def test_of_images_a_factor_that_only_rounds_to_double_is_taken_for_double_as_in_pytorch():
    x = np.array([[[[1.0, 2.0]]]])
    assert F.interpolate(x, scale_factor=(1, 2.4)).tolist() == [[[[1, 1, 2, 2]]]]
    assert F.interpolate(x[0], scale_factor=2.4).tolist() == [[[1, 1, 1, 2]]]
    assert F.interpolate(x, scale_factor=(1, 1.4)).tolist() == [[[[1, 2]]]]
    assert F.interpolate(x, scale_factor=(1, 1.4), mode="bilinear").tolist() == [[[[1, 2]]]]


def test_float32_stays_float32_and_integers_stay_integers_where_none_are_mixed():
    x = tg.ones((1, 1, 3, 3)).requires_grad_()
    for mode in ("nearest", "bilinear", "bicubic", "area"):
        y = F.interpolate(x, 5, mode=mode)
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32
    assert F.interpolate(tg.Tensor(np.ones((1, 1, 2), np.uint8)), 3).dtype == np.uint8
    assert F.interpolate(tg.Tensor([[[1, 2]]]), 3, mode="linear").tolist() == [[[1, 1.5, 2]]]


def test_an_infinity_reaches_its_neighbours_only():
    x = np.array([[[1.0, math.inf, 1.0, 1.0, 1.0]]])
    with np.errstate(invalid="ignore"):  # 0 * inf
        y = F.interpolate(x, 10, mode="linear")[0, 0]
    assert np.isfinite(y).tolist() == [False] * 5 + [True] * 5


def test_an_empty_batch_gives_an_empty_result():
    assert F.interpolate(tg.zeros((0, 2, 3, 3)), 5, mode="bilinear").shape == (0, 2, 5, 5)


# ---- the modules ----

MODULES = [
    (nn.Upsample(scale_factor=2), "Upsample(scale_factor=2.0, mode='nearest')", (1, 2, 3)),
    (nn.Upsample((5, 6), mode="bicubic", align_corners=True), "Upsample(size=(5, 6), mode='bicubic')", (1, 2, 3, 4)),
    (nn.Upsample(scale_factor=(1, 2, 1.5), mode="trilinear"),
     "Upsample(scale_factor=(1.0, 2.0, 1.5), mode='trilinear')", (1, 2, 3, 4, 2)),
    (nn.UpsamplingNearest2d(scale_factor=2), "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')", (1, 2, 3, 4)),
    (nn.UpsamplingBilinear2d(5), "UpsamplingBilinear2d(size=5, mode='bilinear')", (1, 2, 3, 4)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "text", "shape"), MODULES, ids=lambda x: type(x).__name__)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer, text, shape):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    x = tg.randn(*shape)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x).data, layer(x).data)


def test_bilinear_upsampling_aligns_corners():
    y = nn.UpsamplingBilinear2d(scale_factor=2)(tg.Tensor([[[[0.0, 3.0]]]]))
    np.testing.assert_allclose(y.data, [[[[0, 1, 2, 3]] * 2]], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: F.interpolate(x), "expected either size or scale_factor, but got size=None and scale_factor=None"),
        (lambda x: F.interpolate(x, 2, 2.0), "but got size=2 and scale_factor=2.0"),
        (lambda x: F.interpolate(x, 2, mode="cubic"), "expected one of the modes nearest, .*, but got 'cubic'"),
        (lambda x: F.interpolate(x, 2, mode="linear"),
         r"expected an input of shape \(n, c, l\) for mode='linear', but got shape \(1, 2, 3, 4\)"),
        (lambda x: F.interpolate(x[0, 0], 2), r"\(n, c, l\) or \(n, c, h, w\) or .* but got shape \(3, 4\)"),
        (lambda x: F.interpolate(x, 2, align_corners=True), "expected no align_corners for mode='nearest', but got"),
        (lambda x: F.interpolate(x, 2, antialias=True), "bilinear, bicubic with antialias=True, but got 'nearest'"),
        (lambda x: F.interpolate(x, (1, 2, 3)), "expected size to be a number, or a tuple of 2"),
        (lambda x: F.interpolate(x, scale_factor=(1, 2, 3)), r"or a tuple of 2, but got \(1, 2, 3\)"),
        (lambda x: F.interpolate(x, scale_factor=-1.0), "expected a number above 0 as scale_factor"),
        (lambda x: F.interpolate(x, scale_factor=0.1), r"a result with elements, but got sizes \(3, 4\) and \(0, 0\)"),
        (lambda x: F.interpolate(x, 2, recompute_scale_factor=True), "expected a scale_factor with recompute_scale_f"),
    ],
)  # fmt: skip
def test_what_cannot_be_interpolated_is_an_error_that_says_why(call, text):
    with pytest.raises(ValueError, match=f"interpolate: .*{text}"):
        call(tg.zeros((1, 2, 3, 4)))


def test_the_formulas_of_interpolation_can_be_written_down():
    """Their places and weights are inputs of the traced graph, and so Tensors there."""
    x = tg.randn(1, 1, 2, 2).requires_grad_()
    assert "blend back" in str(tg.viz.derive(F.interpolate(x, 3, mode="bilinear").sum()))
