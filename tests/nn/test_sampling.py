import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

# ---- the definition, in loops over places ----


def source(place, n, align_corners):
    return (place + 1) / 2 * (n - 1) if align_corners else ((place + 1) * n - 1) / 2


def reflected(x, low, high):
    """Mirrored at the ends until it is within them."""
    if low == high:
        return 0.0
    while not low <= x <= high:
        x = 2 * low - x if x < low else 2 * high - x
    return x


def within(x, n, padding_mode, align_corners):
    if padding_mode == "reflection":
        x = reflected(x, *((0, n - 1) if align_corners else (-0.5, n - 0.5)))
    return x if padding_mode == "zeros" else min(max(x, 0.0), n - 1.0)


def keys(x, a=-0.75):
    """The cubic convolution kernel of Keys, equation 4."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def read(x, n, mode, padding_mode, align_corners):
    """Pairs of a pixel and its weight, along one axis."""
    if mode == "bicubic":
        around = range(math.floor(x) - 1, math.floor(x) + 3)
        return [(round(within(k, n, padding_mode, align_corners)), keys(x - k)) for k in around]
    x = within(x, n, padding_mode, align_corners)
    if mode == "nearest":
        return [(round(x), 1.0)]
    k = math.floor(x)
    return [(k, 1 - (x - k)), (k + 1, x - k)]


def by_hand(x, grid, mode, padding_mode, align_corners):
    sizes = x.shape[2:]
    y = np.zeros((*x.shape[:2], *grid.shape[1:-1]))
    for i, *place in np.ndindex(grid.shape[:-1]):
        along = [
            read(source(at, n, align_corners), n, mode, padding_mode, align_corners)
            for at, n in zip(grid[(i, *place)][::-1], sizes, strict=True)
        ]
        for parts in itertools.product(*along):
            pixel = tuple(k for k, _ in parts)
            if all(0 <= k < n for k, n in zip(pixel, sizes, strict=True)):
                y[(i, slice(None), *place)] += math.prod(w for _, w in parts) * x[(i, slice(None), *pixel)]
    return y


@st.composite
def samplings(draw, mode=None, padding_mode=None):
    """Images, places away from pixels and their edges, where the gradient jumps, and the options."""
    mode = draw(st.sampled_from(F.sampling.MODES)) if mode is None else mode
    padding_mode = draw(st.sampled_from(F.sampling.PADDING_MODES)) if padding_mode is None else padding_mode
    axes = 2 if mode == "bicubic" else draw(st.integers(2, 3))
    sizes = [draw(st.integers(1, 4)) for _ in range(axes)]
    outs = [draw(st.integers(1, 3)) for _ in range(axes)]
    align_corners = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    grid = np.zeros((2, *outs, axes))
    for k, n in enumerate(reversed(sizes)):
        wanted = rng.integers(-4, 2 * n + 4, grid.shape[:-1]) / 2 + rng.uniform(0.1, 0.4, grid.shape[:-1])
        grid[..., k] = wanted / max(n - 1, 1) * 2 - 1 if align_corners else (2 * wanted + 1) / n - 1
    return rng.normal(size=(2, draw(st.integers(1, 2)), *sizes)), grid, (mode, padding_mode, align_corners)


@pytest.mark.parametrize("padding_mode", F.sampling.PADDING_MODES)
@pytest.mark.parametrize("mode", F.sampling.MODES)
@given(data=st.data())
def test_sampling_is_the_weighted_sum_of_the_pixels_around_each_place(mode, padding_mode, data):
    x, grid, options = data.draw(samplings(mode, padding_mode))
    y = F.grid_sample(tg.Tensor(x), tg.Tensor(grid), *options)
    np.testing.assert_allclose(y.data, by_hand(x, grid, *options), rtol=1e-9, atol=1e-9)


@given(samplings())
def test_gradients_to_second_order(drawn):
    x, grid, options = drawn
    check_gradients(lambda x, grid: F.grid_sample(x, grid, *options), x, grid, order=2)


@given(samplings())
def test_the_identity_reads_every_pixel_as_it_is(drawn):
    x, _, (mode, padding_mode, align_corners) = drawn
    axes = x.ndim - 2
    theta = np.stack([np.eye(axes, axes + 1)] * len(x))
    grid = F.affine_grid(theta, x.shape, align_corners)
    np.testing.assert_allclose(F.grid_sample(x, grid, mode, padding_mode, align_corners), x, rtol=1e-9, atol=1e-9)


@given(st.integers(2, 3), st.booleans(), st.integers(0, 99))
def test_an_affine_grid_is_the_map_of_each_pixel(axes, align_corners, seed):
    theta = np.random.default_rng(seed).normal(size=(2, axes, axes + 1))
    sizes = (2, 3, 1)[:axes]
    grid = F.affine_grid(tg.Tensor(theta), (2, 5, *sizes), align_corners)
    for n, *place in np.ndindex(grid.shape[:-1]):
        at = [
            (0.0 if size == 1 else 2 * i / (size - 1) - 1) if align_corners else (2 * i + 1) / size - 1
            for i, size in zip(place, sizes, strict=True)
        ]
        np.testing.assert_allclose(grid.data[(n, *place)], theta[n] @ [*at[::-1], 1], rtol=1e-12, atol=1e-12)
    check_gradients(lambda theta: F.affine_grid(theta, (2, 5, *sizes), align_corners) ** 2, theta, order=2)


def test_a_quarter_turn_turns_the_image():
    x = tg.Tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    turn = tg.Tensor([[[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]])
    assert F.grid_sample(x, F.affine_grid(turn, x.shape)).tolist() == [[[[3, 1], [4, 2]]]]


def test_what_is_infinite_beside_a_place_in_the_margin_does_not_reach_it():
    x = np.full((1, 1, 1, 2), math.inf)
    y = F.grid_sample(x, np.array([[[[-3.0, 0.0]]]]))
    assert y.tolist() == [[[[0.0]]]]


def test_float32_stays_float32():
    x = tg.ones((1, 1, 3, 3)).requires_grad_()
    theta = tg.Tensor([[[1.0, 0.0, 0.1], [0.0, 1.0, 0.0]]], requires_grad=True)
    for mode, padding_mode in itertools.product(F.sampling.MODES, F.sampling.PADDING_MODES):
        y = F.grid_sample(x, F.affine_grid(theta, (1, 1, 4, 4)), mode, padding_mode)
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32
    assert theta.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x, g: F.grid_sample(x, g[..., :1]), r"but got input \(1, 2, 3, 3\) and grid \(1, 4, 4, 1\)"),
        (lambda x, g: F.grid_sample(x[0], g), r"but got input \(2, 3, 3\)"),
        (lambda x, g: F.grid_sample(x[[0, 0]], g), r"but got input \(2, 2, 3, 3\) and grid \(1, 4, 4, 2\)"),
        (lambda x, g: F.grid_sample(x, g, "cubic"), "one of the modes bilinear, nearest, bicubic, but got 'cubic'"),
        (lambda x, _: F.grid_sample(x[None], tg.zeros((1, 1, 1, 1, 3)), "bicubic"), "nearest, but got 'bicubic'"),
        (lambda x, g: F.grid_sample(x, g, "nearest", "wrap"), "modes zeros, border, reflection, but got 'wrap'"),
        (lambda x, g: F.grid_sample(x[..., :0], g), r"images with pixels, but got input \(1, 2, 3, 0\)"),
        (lambda x, _: F.affine_grid(x[0], (2, 1, 3, 3)), r"got theta \(2, 3, 3\) and size \(2, 1, 3, 3\)"),
        (lambda x, _: F.affine_grid(x[0, :, :2], (2, 1, 3)), r"got theta \(2, 2, 3\) and size \(2, 1, 3\)"),
        (lambda x, _: F.affine_grid(x[0, :, :2], (2, 1, 3, 0)), r"and size \(2, 1, 3, 0\)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error_that_says_why(call, text):
    with pytest.raises(ValueError, match=text):
        call(tg.zeros((1, 2, 3, 3)), tg.zeros((1, 4, 4, 2)))
