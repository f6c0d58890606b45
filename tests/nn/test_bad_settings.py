"""Settings and parameters of layers that are of the wrong type are errors that say what was expected."""

import re

import numpy as np
import pytest

from tinygrad_edu import Tensor, nn
from tinygrad_edu.nn import functional as F


def ones(*shape):
    return Tensor(np.ones(shape, np.float32), requires_grad=True)


def says(kind, *parts):
    """An error of this kind whose text has these parts, in order."""
    return pytest.raises(kind, match="(?s)" + ".*".join(map(re.escape, parts)))


@pytest.mark.parametrize(
    "call",
    [
        lambda w: F.layer_norm(ones(2, 3), (3,), w),
        lambda w: F.rms_norm(ones(2, 3), (3,), w),
        lambda w: F.group_norm(ones(2, 3), 1, w),
        lambda w: F.batch_norm(ones(2, 3), w, w, training=True),
        lambda w: F.instance_norm(ones(2, 3, 2), weight=w),
    ],
)
def test_parameters_of_a_normalization_that_are_no_arrays(call):
    with says(TypeError, "_norm: expected a Tensor or an array, but got list. Wrap it"):
        call([1.0, 1.0, 1.0])


@pytest.mark.parametrize("norm", [F.layer_norm, F.rms_norm])
def test_a_length_in_place_of_a_shape(norm):
    with says(TypeError, norm.__name__, "expected a tuple as normalized_shape, but got 3. For the last axis: (d,)."):
        norm(ones(2, 3), 3)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda x: nn.Dropout(x), "a number as a probability p"),
        (lambda x: nn.BatchNorm1d(3, eps=x), "a number as eps"),
        (lambda x: nn.BatchNorm1d(3, momentum=x), "a number as a momentum"),
        (lambda x: nn.LayerNorm(x), "a whole number as each length in normalized_shape"),
        (lambda x: nn.Hardtanh(x, 1.0), "a number as min_val"),
        (lambda x: nn.Softshrink(x)(ones(2)), "a number as lambd"),
        (lambda x: nn.Softplus(threshold=x)(ones(2)), "a number as threshold"),
        (lambda x: nn.RReLU(upper=x)(ones(2)), "a number as upper"),
        (lambda x: nn.GLU(x)(ones(2)), "a whole number as dim"),
        (lambda x: nn.Flatten(x)(ones(2, 2)), "a whole number as start_dim"),
        (lambda x: nn.Unflatten(x, (1, 2))(ones(2, 2)), "dim as a number"),
        (lambda x: nn.GaussianNoise(x), "a number as std"),
        (lambda x: nn.Embedding(3, 2, padding_idx=x), "a whole number as padding_idx"),
        (lambda x: nn.LSTM(3, 2, batch_first=x), "True or False as batch_first"),
        (lambda x: nn.MaxPool1d(2, ceil_mode=x)(ones(1, 2)), "True or False as ceil_mode"),
        (lambda x: nn.AvgPool1d(x)(ones(1, 2)), "a whole number as kernel_size"),
        (lambda x: nn.LPPool1d(x, 2)(ones(1, 2)), "a number as norm_type"),
        (lambda x: nn.ConstantPad1d(1, x)(ones(1, 2)), "a number as value"),
        (lambda x: nn.Upsample(scale_factor=x), "a number as scale_factor"),
        (lambda x: nn.ReLU().train(x), "True or False as mode"),
        (lambda x: F.hardshrink(ones(2), x), "a number as lambd"),
        (lambda x: F.local_response_norm(ones(1, 2, 3), 2, beta=x), "a number as beta"),
        (lambda x: F.avg_pool2d(ones(1, 2, 2), 2, divisor_override=x), "a number as divisor_override"),
        (lambda x: F.gumbel_softmax(ones(2), tau=x), "a number as tau"),
        (lambda x: F.pdist(ones(2, 2), p=x), "a number as p"),
        (lambda x: F.cross_entropy(ones(1, 2), [1], label_smoothing=x), "a number as label_smoothing"),
    ],
)
@pytest.mark.parametrize("wrong", ["1", {}])
def test_settings_that_are_no_numbers(make, what, wrong):
    with says(TypeError, ": expected", what, "but got", repr(wrong)):
        make(wrong)
