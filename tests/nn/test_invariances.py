"""What layers do not see, and what they pass on unchanged: reflections, shifts, scales, the order of a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.regularization import elastic_net_penalty, l1_penalty, l2_penalty

seeds = st.integers(0, 2**32 - 1)
scales = st.floats(0.1, 10)
shifts = st.floats(-10, 10)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def values(layer, x):
    return layer(tg.Tensor(x)).data


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


ODD = [nn.Tanh(), nn.Softsign(), nn.Tanhshrink(), nn.Hardtanh(), nn.Hardshrink(), nn.Softshrink()]
HALVES = [nn.Sigmoid(), nn.Hardsigmoid()]
RAMPS = [nn.ReLU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Hardswish(), nn.Softplus(), nn.LogSigmoid()]


@pytest.mark.parametrize("act", ODD, ids=repr)
@given(seed=seeds, scale=scales)
def test_an_odd_activation_turns_with_its_input(act, seed, scale):
    x = scale * normal(seed, 20)
    close(values(act, -x), -values(act, x))


@pytest.mark.parametrize("act", HALVES, ids=repr)
@given(seed=seeds, scale=scales)
def test_the_probabilities_of_yes_and_no_add_up_to_1(act, seed, scale):
    x = scale * normal(seed, 20)
    close(values(act, x) + values(act, -x), np.ones(20))


@pytest.mark.parametrize("act", RAMPS, ids=repr)
@given(seed=seeds, scale=scales)
def test_a_ramp_less_its_reflection_is_the_input(act, seed, scale):
    """``f(x) - f(-x) = x``: ramps are x times something that goes from 0 to 1, or have that as their slope."""
    x = scale * normal(seed, 20)
    close(values(act, x) - values(act, -x), x)


@pytest.mark.parametrize("act", [nn.ReLU(), nn.LeakyReLU(0.2), nn.PReLU(), nn.RReLU().eval()], ids=repr)
@given(seed=seeds, scale=scales)
def test_what_is_made_of_two_rays_scales_with_its_input(act, seed, scale):
    x = normal(seed, 20)
    close(values(act, scale * x), scale * values(act, x))


NORMS = [
    (nn.BatchNorm1d(4, eps=0.0), (3, 4, 6)),
    (nn.BatchNorm2d(4, eps=0.0), (3, 4, 3, 2)),
    (nn.BatchNorm3d(4, eps=0.0), (2, 4, 2, 2, 2)),
    (nn.InstanceNorm1d(4, eps=0.0), (3, 4, 6)),
    (nn.InstanceNorm2d(4, eps=0.0, affine=True), (3, 4, 3, 2)),
    (nn.InstanceNorm3d(4, eps=0.0), (2, 4, 2, 2, 2)),
    (nn.LayerNorm(6, eps=0.0), (3, 4, 6)),
    (nn.GroupNorm(2, 4, eps=0.0), (3, 4, 6)),
    (nn.RMSNorm(6, eps=0.0), (3, 4, 6)),
]
every_norm = pytest.mark.parametrize(("layer", "shape"), NORMS, ids=lambda x: type(x).__name__)


@every_norm
@given(seed=seeds, scale=scales, shift=shifts)
def test_a_normalization_sees_neither_scale_nor_shift(layer, shape, seed, scale, shift):
    x = normal(seed, *shape)
    shift = 0.0 if isinstance(layer, nn.RMSNorm) else shift  # it leaves the mean where it is
    close(values(layer.double(), scale * x + shift), values(layer, x))


@every_norm
@given(seed=seeds)
def test_in_training_the_order_of_the_batch_moves_along(layer, shape, seed):
    x = normal(seed, *shape)
    order = np.random.default_rng(seed).permutation(len(x))
    close(values(layer.double(), x[order]), values(layer, x)[order])


@pytest.mark.parametrize(("layer", "shape"), NORMS[1:3], ids=lambda x: type(x).__name__)
@given(seed=seeds)
def test_for_batch_norm_an_image_is_a_line_of_its_pixels(layer, shape, seed):
    x, line = normal(seed, *shape), nn.BatchNorm1d(4, eps=0.0, dtype="float64")
    close(values(layer.double(), x).reshape(*shape[:2], -1), values(line, x.reshape(*shape[:2], -1)))


@pytest.mark.parametrize("layer", [nn.Dropout(), nn.Dropout1d(), nn.Dropout(keep_prob=0.2)], ids=repr)
@given(seed=seeds, scale=scales)
def test_with_one_seed_dropout_is_linear(layer, seed, scale):
    a, b = normal(seed, 2, 3, 5, 4)

    def dropped(x):
        tg.manual_seed(seed)
        return values(layer, x)

    close(dropped(a + scale * b), dropped(a) + scale * dropped(b))


@given(seed=seeds, scale=scales)
def test_penalties_grow_with_the_size_of_the_weights_and_do_not_see_their_signs(seed, scale):
    w = normal(seed, 4, 3)
    flipped = w * np.where(normal(seed + 1, 4, 3) > 0, 1, -1)
    for penalty, power in ((l1_penalty, 1), (l2_penalty, 2)):
        base = penalty([tg.Tensor(w)], 0.3, m=5).item()
        close(penalty([tg.Tensor(scale * w)], 0.3, m=5).item(), scale**power * base)
        close(penalty([tg.Tensor(flipped)], 0.3, m=5).item(), base)
        close(penalty([tg.Tensor(row[None]) for row in w], 0.3, m=5).item(), base)
    both = elastic_net_penalty([tg.Tensor(w)], 0.2, 0.4, m=5).item()
    close(both, l1_penalty([tg.Tensor(w)], 0.2, m=5).item() + l2_penalty([tg.Tensor(w)], 0.4, m=5).item())
