import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.regularization import max_norm_
from tinygrad_edu.testing.strategies import arrays


def shrunk(rows, c):
    """Each row, shrunk to the length c if it is longer; by a loop."""
    found = []
    for row in rows:
        length = math.sqrt(sum(float(x) ** 2 for x in row))
        found.append([float(x) * min(1, c / length) if length else 0.0 for x in row])
    return found


@given(w=arrays((3, 4)), c=st.floats(0.1, 3))
def test_the_weights_of_a_unit_are_shrunk_to_the_greatest_length(w, c):
    t = tg.Tensor(w)
    max_norm_(t, c)
    np.testing.assert_allclose(t.data, shrunk(w, c), rtol=1e-12, atol=1e-15)
    before = t.data.copy()
    max_norm_([t], c * (1 + 1e-12))
    np.testing.assert_array_equal(t.data, before)  # what is short enough stays, bit for bit


def test_other_axes_are_other_units():
    w = np.arange(24.0).reshape(2, 3, 4)
    for axis, rows in (((1, 2), w.reshape(2, 12)), (None, w.reshape(2, 12))):
        t = tg.Tensor(w)
        max_norm_([t], 2.0, axis)
        np.testing.assert_allclose(t.data.reshape(2, 12), shrunk(rows, 2.0))
    t = tg.Tensor(w[0])
    max_norm_(t, 2.0, axis=-2)
    np.testing.assert_allclose(t.data.T, shrunk(w[0].T, 2.0))
    t = tg.Tensor([3.0, 4.0])
    max_norm_(t, 1.0)
    np.testing.assert_allclose(t.data, [0.6, 0.8], rtol=1e-6)


def test_of_a_module_the_weights_are_bounded_and_nothing_else():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    for p in net.parameters():
        nn.init.constant_(p, 9.0)
    max_norm_(net, 1.0)
    lengths = {path: np.sqrt((p.data**2).sum(-1)) for path, p in net.named_parameters() if p.ndim > 1}
    assert list(lengths) == ["0.weight", "2.weight"]
    for found in lengths.values():
        np.testing.assert_allclose(found, 1, rtol=1e-6)
    assert all((p.data == 9).all() for p in net.parameters() if p.ndim == 1)
    assert net[0].weight.dtype == np.float32


def test_the_change_is_noticed_by_a_graph_that_needs_the_old_weights():
    w = tg.Tensor([[3.0, 4.0]], requires_grad=True)
    loss = (w * w).sum()
    max_norm_(w, 9.0)
    loss.backward()  # nothing was too long, and nothing was changed
    loss = (w * w).sum()
    max_norm_(w, 1.0)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_zeros_stay_zeros():
    w = tg.zeros((2, 2))
    max_norm_(w, 1.0)
    assert not w.data.any()


def test_what_makes_no_sense_is_an_error():
    w = tg.ones((2, 2))
    for wrong in (0, -1.0, math.nan):
        with pytest.raises(ValueError, match="max_norm_: expected a length c above 0, but got"):
            max_norm_(w, wrong)
    with pytest.raises(ValueError, match="max_norm_: expected at least one weight, but got none"):
        max_norm_(nn.BatchNorm1d(3), 1.0)
    with pytest.raises(np.exceptions.AxisError, match="max_norm_: expected an axis in -2..1, but got axis 2"):
        max_norm_(w, 1.0, axis=2)
