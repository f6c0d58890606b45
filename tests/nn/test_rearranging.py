import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

LEADS = st.sampled_from([(), (2,), (0,), (2, 3)])
SIZES = st.integers(1, 3)


def numbered(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


@given(LEADS, SIZES, SIZES, SIZES, SIZES)
def test_pixel_shuffle_lays_channels_out_as_pixels_and_unshuffle_takes_them_back(lead, c, r, h, w):
    x = numbered(*lead, c * r * r, h, w)
    y = F.pixel_shuffle(tg.Tensor(x), r).data
    assert y.shape == (*lead, c, h * r, w * r)
    for k, i, j, a, b in np.ndindex(c, r, r, h, w):
        np.testing.assert_array_equal(y[..., k, a * r + i, b * r + j], x[..., k * r * r + i * r + j, a, b])
    np.testing.assert_array_equal(F.pixel_unshuffle(y, r), x)


@given(st.sampled_from([(), (4,), (2, 3)]), SIZES, SIZES, st.integers(0, 2))
def test_channel_shuffle_takes_channels_by_turns_from_each_group(rest, groups, c, n):
    x = numbered(n, groups * c, *(rest or (1,)))
    y = F.channel_shuffle(tg.Tensor(x), groups).data
    for k, i in np.ndindex(c, groups):
        np.testing.assert_array_equal(y[:, k * groups + i], x[:, i * c + k])
    np.testing.assert_array_equal(F.channel_shuffle(y, c), x)


@given(st.integers(-2, 1), st.sampled_from([(2, 3), (-1, 2), (6,), (1, -1, 3), [3, 2]]))
def test_unflatten_undoes_flatten(dim, sizes):
    x = numbered(6, 6)
    y = nn.Unflatten(dim, sizes)(tg.Tensor(x))
    assert y.ndim == 1 + len(sizes)
    first = dim % 2
    np.testing.assert_array_equal(nn.Flatten(first, first + len(sizes) - 1)(y).data, x)


def test_gradients_to_second_order():
    x = np.random.default_rng(0).normal(size=(2, 8, 2, 2))
    for layer in (nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(4), nn.Unflatten(1, (2, -1))):
        check_gradients(lambda x, layer=layer: layer(x) ** 2, x, order=2)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.PixelShuffle(2), "PixelShuffle(upscale_factor=2)"),
        (nn.PixelUnshuffle(2), "PixelUnshuffle(downscale_factor=2)"),
        (nn.ChannelShuffle(4), "ChannelShuffle(groups=4)"),
        (nn.Unflatten(1, (2, 4)), "Unflatten(dim=1, unflattened_size=(2, 4))"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_modules_have_pytorchs_repr_no_state_and_can_be_copied(layer, text):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    x = tg.randn(2, 8, 2, 2)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer).eval()):
        np.testing.assert_array_equal(twin(x).data, layer(x).data)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: F.pixel_shuffle(x, 2), ValueError,
         r"pixel_shuffle: expected channels divisible by upscale_factor\*\*2 = 4, but got 6 in shape \(2, 6, 3, 4\)"),
        (lambda x: F.pixel_shuffle(x[0, 0], 1), ValueError, r"shape \(\.\.\., c, h, w\), but got shape \(3, 4\)"),
        (lambda x: F.pixel_unshuffle(x, 2), ValueError, r"divisible by downscale_factor=2, but got 3 x 4 in shape"),
        (lambda x: F.channel_shuffle(x, 4), ValueError, r"with c divisible by groups=4, but got shape \(2, 6, 3, 4\)"),
        (lambda x: F.channel_shuffle(x[0, 0], 1), ValueError, r"of at least three axes .* but got shape \(3, 4\)"),
        (lambda x: F.channel_shuffle(x, 0), ValueError, "expected groups of at least 1, but got 0"),
        (lambda _: nn.PixelShuffle(1.5), TypeError, "PixelShuffle: expected a whole number as upscale_factor"),
        (lambda x: nn.Unflatten(1, (4, 2))(x), ValueError,
         r"Unflatten: expected sizes whose product is 6, .* but got unflattened_size=\(4, 2\)"),
        (lambda x: nn.Unflatten(1, (-1, -1))(x), ValueError, "One of them may be -1"),
        (lambda x: nn.Unflatten(1, (-1, 4))(x), ValueError, "whose product is 6"),
        (lambda x: nn.Unflatten(1, (-2, -3))(x), ValueError, "whose product is 6"),
        (lambda x: nn.Unflatten(1, (0, -1))(x), ValueError, "whose product is 6"),
        (lambda x: nn.Unflatten(4, (2, 3))(x), IndexError, r"expected dim in -4\.\.3, but got 4"),
        (lambda _: nn.Unflatten("c", (("a", 2), ("b", 3))), TypeError, "Named axes are not supported"),
        (lambda _: nn.Unflatten(1, 6), TypeError, "unflattened_size as a tuple of whole numbers, but got 1 and 6"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error_that_says_why(call, kind, text):
    with pytest.raises(kind, match=text):
        call(tg.zeros((2, 6, 3, 4)))
