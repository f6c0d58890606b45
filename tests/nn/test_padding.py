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

MODES = ["constant", "reflect", "replicate", "circular"]
KINDS = {"Zero": "constant", "Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}
LAYERS = [(getattr(nn, f"{kind}Pad{axes}d"), axes, mode) for kind, mode in KINDS.items() for axes in (1, 2, 3)]
every_layer = pytest.mark.parametrize(("layer", "axes", "mode"), LAYERS)


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape)


def read(i, n, mode):
    """Where element i of a padded axis comes from; None for the constant."""
    if mode == "constant":
        return i if 0 <= i < n else None
    if mode == "replicate":
        return min(max(i, 0), n - 1)
    if mode == "circular":
        return i % n
    return n - 1 - abs(n - 1 - abs(i))  # a mirror at 0 and one at n - 1


def by_hand(x, widths, mode, value):
    """Axis after axis, element after element; a circle goes round in what is left of the axis."""
    for axis in range(len(widths) // 2):
        before, after = widths[2 * axis : 2 * axis + 2]
        rows = np.moveaxis(x, -1 - axis, 0)
        if mode == "circular":
            rows = rows[max(-before, 0) : len(rows) - max(-after, 0)]
            before, after = max(before, 0), max(after, 0)
        places = [read(i, len(rows), mode) for i in range(-before, len(rows) + after)]
        rows = np.array([np.full(rows.shape[1:], value) if i is None else rows[i] for i in places])
        x = np.moveaxis(rows.reshape(len(places), *np.moveaxis(x, -1 - axis, 0).shape[1:]), 0, -1 - axis)
    return x


@st.composite
def cases(draw):
    mode = draw(st.sampled_from(MODES))
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    widths = []
    for n in shape[: -draw(st.integers(0, len(shape))) - 1 : -1]:
        cut = draw(st.integers(0, n - 1)), draw(st.integers(0, 1))
        most = {"reflect": n - 1, "circular": max(n - sum(cut), 0)}.get(mode, 4)
        pair = [draw(st.integers(0, most)) if draw(st.booleans()) else -c for c in cut]
        widths += pair if n + sum(min(width, 0) for width in pair) > 0 else [0, 0]
    return tuple(shape), widths, mode


@given(cases())
def test_a_margin_is_put_around_the_last_axes_the_last_one_first(case):
    shape, widths, mode = case
    x, value = numbers(*shape), 2.5 if mode == "constant" else None
    wanted = by_hand(x, widths, mode, 2.5)
    np.testing.assert_array_equal(F.pad(x, widths, mode, value), wanted)
    np.testing.assert_array_equal(F.pad(tg.Tensor(x), widths, mode, value).data, wanted)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_to_second_order(mode):
    check_gradients(lambda x: F.pad(x, (2, 1, -1, 2), mode) ** 2, numbers(2, 3, 4), order=2)


def test_a_constant_margin_is_zero_unless_said_otherwise():
    assert F.pad(np.ones(1), (1, 0)).tolist() == [0, 1]
    assert F.pad(np.ones(1), (1, 0), value=None).tolist() == [0, 1]
    assert F.pad(np.array([1, 2]), (1, 0), value=7).tolist() == [7, 1, 2]


def test_no_margin_gives_another_tensor():
    x = tg.ones(3)
    for mode in MODES:
        y = F.pad(x, (0, 0), mode)
        assert y is not x
        assert y.tolist() == [1, 1, 1]
    assert F.pad(x, ()).tolist() == [1, 1, 1]


@every_layer
def test_a_layer_pads_so_many_axes(layer, axes, mode):
    widths = tuple((i % 2 + 1) for i in range(2 * axes))
    x = tg.Tensor(numbers(2, 3, *[4] * axes))
    np.testing.assert_array_equal(layer(widths)(x).data, F.pad(x, widths, mode).data)
    np.testing.assert_array_equal(layer(1)(x).data, F.pad(x, (1, 1) * axes, mode).data)
    alone = tg.Tensor(x.data[0])
    np.testing.assert_array_equal(layer(1)(alone).data, layer(1)(x).data[0])


@every_layer
def test_gradients_of_layers_to_second_order(layer, axes, mode):
    check_gradients(layer(1), numbers(1, 2, *[3] * axes), order=2)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_number_of_a_constant_margin_is_chosen(axes):
    layer = getattr(nn, f"ConstantPad{axes}d")(1, 3.5)
    y = layer(tg.ones((2,) * axes))
    assert y.shape == (4,) * axes
    assert y.data.sum() == 3.5 * (4**axes - 2**axes) + 2**axes


def test_repr_is_that_of_pytorch():
    assert repr(nn.ConstantPad1d(2, 3.5)) == "ConstantPad1d(padding=(2, 2), value=3.5)"
    assert repr(nn.ZeroPad2d(1)) == "ZeroPad2d((1, 1, 1, 1))"
    assert repr(nn.ReflectionPad1d((1, 2))) == "ReflectionPad1d((1, 2))"
    assert repr(nn.CircularPad3d(1)) == "CircularPad3d((1, 1, 1, 1, 1, 1))"


def test_layers_have_no_state_and_can_be_copied():
    layer = nn.ConstantPad2d((1, 2, 3, 4), 0.5)
    assert layer.state_dict() == {}
    x = tg.ones((1, 1, 2, 2))
    for again in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), layer.eval()):
        np.testing.assert_array_equal(again(x).data, layer(x).data)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: F.pad(tg.ones(3), (1,)), r"pad: expected pairs \(before, after\), .* at most 1 axes, but got \(1,\)"),
        (lambda: F.pad(tg.ones(3), (1, 1, 1, 1)), r"at most 1 axes, but got \(1, 1, 1, 1\) for shape \(3,\)"),
        (lambda: F.pad(tg.ones(3), (1, 1), "edge"), "expected one of the modes .*'replicate'.* but got 'edge'"),
        (lambda: F.pad(tg.ones(3), (1, 1), "reflect", 1.0), "expected no value with mode='reflect', but got 1.0"),
        (lambda: F.pad(tg.ones(3), (-2, -2)), r"at most the 3 elements of axis 0, but got \(-2, -2\)"),
        (
            lambda: F.pad(tg.ones(3), (3, 0), "reflect"),
            r"a margin of \(3, 0\) .* shape \(3,\), axis 0. It has .* for 2",
        ),
        (lambda: F.pad(tg.ones(3), (4, 0), "circular"), "It has elements for 3"),
        (lambda: F.pad(tg.ones(0), (1, 0), "replicate"), "It has elements for 0"),
        (lambda: nn.ReflectionPad1d(1)(tg.ones(3)), r"ReflectionPad1d: expected an input of 2 or 3 axes.*shape \(3,\)"),
        (lambda: nn.ZeroPad2d((1, 2)), r"ZeroPad2d: expected padding as one number or 4.* but got \(1, 2\)"),
        (lambda: nn.ZeroPad2d((1,)), r"ZeroPad2d: expected padding as one number or 4.* but got \(1,\)"),
        (lambda: nn.ReflectionPad1d(3)(tg.ones((1, 3))), "ReflectionPad1d: expected an axis long enough"),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_so(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_widths_that_are_no_whole_numbers_are_a_type_error():
    with pytest.raises(TypeError, match="pad: expected a sequence of whole numbers as pad, but got 1"):
        F.pad(tg.ones(3), 1)
    with pytest.raises(TypeError, match="ZeroPad1d: expected whole numbers as padding"):
        nn.ZeroPad1d((1.5, 1))
