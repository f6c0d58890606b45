"""The strategies draw what they promise, and draw all of it."""

import builtins
import importlib
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from tinygrad_edu.testing.strategies import arrays, axes, broadcastable, distinct, shapes

THOROUGHLY = settings(max_examples=2000, database=None, derandomize=True)


@given(shapes(min_dims=1, max_dims=2, min_side=0, max_side=3))
def test_shapes_have_the_axes_and_sides_asked_for(shape):
    assert 1 <= len(shape) <= 2
    assert all(0 <= n <= 3 for n in shape)


@pytest.mark.parametrize("wanted", [lambda s: s == (), lambda s: 0 in s, lambda s: len(s) == 3 and min(s) > 1])
def test_shapes_without_axes_without_elements_and_large_ones_are_drawn(wanted):
    find(shapes(), wanted, settings=THOROUGHLY)


@given(broadcastable(3))
def test_shapes_broadcast_together(parts):
    np.broadcast_shapes(*parts)


@pytest.mark.parametrize(
    "wanted",
    [
        lambda s: len(s[0]) < len(s[1]),
        lambda s: {(m == 1 < n) - (n == 1 < m) for m, n in zip(s[0][::-1], s[1][::-1], strict=False)} >= {1, -1},
        lambda s: s[0] == () != s[1],
    ],
)
def test_missing_axes_and_axes_of_one_are_drawn_for_either(wanted):
    find(broadcastable(2), wanted, settings=THOROUGHLY)


@given(arrays(low=-1, high=3, away=[0.0, 1.0], gap=0.1))
def test_numbers_keep_away_from_kinks(x):
    assert x.dtype == np.float64
    assert np.all((x >= -1) & (x <= 3))
    assert np.all(np.abs(x) >= 0.1 - 1e-12)
    assert np.all(np.abs(x - 1) >= 0.1 - 1e-12)


@given(arrays((50,), -2, 2, dtype=np.int64))
def test_whole_numbers_lie_between_both_ends(x):
    assert x.dtype == np.int64
    assert set(x.tolist()) <= {-2, -1, 0, 1, 2}


@given(distinct((2, 3), (4,), (), gap=0.2))
def test_no_two_numbers_are_near(parts):
    assert [a.shape for a in parts] == [(2, 3), (4,), ()]
    numbers = np.sort(np.concatenate([a.ravel() for a in parts]))
    assert np.all(np.diff(numbers) >= 0.2)


@given(st.data())
def test_axes_fit_the_array(data):
    ndim = data.draw(st.integers(0, 3))
    np.sum(np.zeros((2,) * ndim), axis=data.draw(axes(ndim)))
    if ndim:
        assert isinstance(data.draw(axes(ndim, several=False, none=False)), int)


@pytest.mark.parametrize("wanted", [None, -1, 1, (), (0, 1), (-1, 0)])
def test_every_kind_of_axis_is_drawn(wanted):
    find(axes(2), lambda axis: axis == wanted, settings=THOROUGHLY)


def test_without_hypothesis_the_error_names_the_extra(monkeypatch):
    name = "tinygrad_edu.testing.strategies"
    real = builtins.__import__
    monkeypatch.setattr(
        builtins,
        "__import__",
        lambda module, *args, **kwargs: (
            exec("raise ImportError") if module.startswith("hypothesis") else real(module, *args, **kwargs)
        ),
    )
    monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"hypothesis, but it is not installed. Install it: pip install"):
        importlib.import_module(name)
