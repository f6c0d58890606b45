import copy
import pickle

import numpy as np
import pytest
from hypothesis import given

import tinygrad_edu as tg
from tests.ops.rows_convolution import geometries
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape)


def plane(shape):
    """Such a geometry over two axes, as keywords of unfold, with padding in numbers."""
    size, kernel, how = shape
    size, kernel = (size * 2)[:2], (kernel * 2)[:2]
    how = {name: (value * 2)[:2] if isinstance(value, tuple) else value for name, value in how.items()}
    how["padding"] = 1
    return tuple(n + 4 for n in size), {"kernel_size": kernel, **how}


def test_columns_hold_the_windows_row_by_row():
    x = np.arange(1.0, 7.0).reshape(1, 2, 3)
    assert F.unfold(x, 2).tolist() == [[1, 2], [2, 3], [4, 5], [5, 6]]
    assert F.unfold(x, (1, 2), stride=(1, 2), padding=(0, 1)).tolist() == [[0, 2, 0, 5], [1, 3, 4, 6]]


@given(geometries(max_axes=2))
def test_a_convolution_is_a_product_with_the_columns(shape):
    size, how = plane(shape)
    x, w = numbers(2, 3, *size), numbers(4, 3, *how["kernel_size"])
    y = w.reshape(4, -1) @ F.unfold(x, **how)
    how.pop("kernel_size")
    wanted = F.conv2d(x, w, **how)
    np.testing.assert_allclose(y.reshape(wanted.shape), wanted)


@given(geometries(max_axes=2))
def test_fold_is_the_adjoint_of_unfold(shape):
    size, how = plane(shape)
    x = numbers(2, 3, *size)
    columns = F.unfold(x, **how)
    g = numbers(*columns.shape)
    assert (x * F.fold(g, size, **how)).sum() == pytest.approx((columns * g).sum())


@given(geometries(max_axes=2))
def test_fold_of_unfold_is_the_image_times_the_number_of_windows_of_each_element(shape):
    size, how = plane(shape)
    x = numbers(1, 2, *size)
    counts = F.fold(F.unfold(np.ones_like(x), **how), size, **how)
    np.testing.assert_allclose(F.fold(F.unfold(x, **how), size, **how), counts * x)


def test_a_single_sample_needs_no_axis_for_it():
    x = numbers(2, 5, 5)
    y = F.unfold(x, 2)
    np.testing.assert_array_equal(y, F.unfold(x[None], 2)[0])
    np.testing.assert_array_equal(F.fold(y, (5, 5), 2), F.fold(y[None], (5, 5), 2)[0])
    assert F.unfold(np.zeros((0, 2, 5, 5)), 2).shape == (0, 8, 16)


def test_gradients_to_second_order():
    check_gradients(lambda x: nn.Unfold(2, padding=1, stride=2)(x) ** 2, numbers(2, 2, 4, 3), order=2)
    check_gradients(lambda x: nn.Fold((4, 3), 2)(x) ** 2, numbers(2, 8, 6), order=2)


def test_layers_are_the_functions_with_their_settings():
    unfold, fold = nn.Unfold((3, 2), 2, 1, 2), nn.Fold((6, 7), (3, 2), 2, 1, 2)
    x = tg.Tensor(numbers(2, 3, 6, 7))
    for again in (unfold, copy.deepcopy(unfold), pickle.loads(pickle.dumps(unfold)).eval()):
        np.testing.assert_array_equal(again(x).data, F.unfold(x, (3, 2), 2, 1, 2).data)
    assert fold(unfold(x)).shape == x.shape
    assert unfold.state_dict() == {}
    assert repr(unfold) == "Unfold(kernel_size=(3, 2), dilation=2, padding=1, stride=2)"
    assert repr(fold) == "Fold(output_size=(6, 7), kernel_size=(3, 2), dilation=2, padding=1, stride=2)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: F.unfold(tg.ones((3, 3)), 2), r"unfold: expected an input of shape \(n, c, h, w\) .* shape \(3, 3\)"),
        (lambda: F.unfold(tg.ones((1, 3, 3)), 4), r"unfold: expected an image that the kernel fits on, .* \(3, 3\)"),
        (lambda: F.unfold(tg.ones((1, 3, 3)), 2, stride=0), "unfold: expected stride of at least 1, but got 0"),
        (lambda: F.fold(tg.ones((4, 5)), 3, 2), r"fold: .* shape \(n, c \* 4, 4\) .* but got shape \(4, 5\)"),
        (lambda: F.fold(tg.ones((6, 4)), 3, 2), r"fold: .* but got shape \(6, 4\)"),
        (lambda: F.fold(tg.ones(4), 3, 2), r"fold: .* but got shape \(4,\)"),
        (lambda: F.fold(tg.ones((4, 4)), 1, 2), "fold: expected an image that the kernel fits on"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_so(make, message):
    with pytest.raises(ValueError, match=message):
        make()
