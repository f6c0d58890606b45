"""Every row of the table: value, gradients, dtypes, and that nothing is altered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.table import ops, rows
from tinygrad_edu import Tensor
from tinygrad_edu.marks import marked_sweep
from tinygrad_edu.sweep import sweep
from tinygrad_edu.testing import check_gradients

ROWS = rows()
DIFFERENTIABLE = [row for row in ROWS if row.differentiable]
OF_ITS_INPUTS = [row for row in ROWS if row.keeps_dtype]

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_differentiable_row = pytest.mark.parametrize("row", DIFFERENTIABLE, ids=str)


def is_floating(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def outputs(y):
    """The results of an op as a list, of which most have one."""
    return list(y) if isinstance(y, tuple | list) else [y]


def test_every_op_has_a_row():
    tested = {row.op for row in ROWS}
    missing = sorted(name for op, name in ops().items() if op not in tested)
    assert not missing, f"add a row, as tests/ops/table.py says, for {', '.join(missing)}"


@every_row
@given(data=st.data())
def test_value_is_that_of_the_reference(row, data):
    arrays, params = data.draw(row.inputs)
    before = [np.copy(a) for a in arrays]
    f = row.of(params)
    from_arrays = outputs(f(*arrays))
    from_tensors = outputs(f(*(Tensor(a) if isinstance(a, np.ndarray) else a for a in arrays)))
    wanted = outputs(row.reference(*arrays, **params))
    assert len(from_arrays) == len(from_tensors) == len(wanted)
    for plain, wrapped, expected in zip(from_arrays, from_tensors, wanted, strict=True):
        assert not isinstance(plain, Tensor)
        assert isinstance(wrapped, Tensor)
        assert wrapped.shape == np.shape(expected)
        np.testing.assert_allclose(wrapped.data, expected, rtol=row.rtol, atol=1e-12)
        np.testing.assert_array_equal(plain, wrapped.data)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b, "the op altered its input")


@every_differentiable_row
@given(data=st.data())
def test_gradients_are_those_of_central_differences(row, data):
    arrays, params = data.draw(row.inputs)
    before = [np.copy(a) for a in arrays]
    check_gradients(row.of(params), *arrays, order=row.order)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b, "the formulas altered an input")


@every_differentiable_row
@given(data=st.data())
def test_a_sweep_that_marks_what_was_left_out_agrees(row, data):
    arrays, params = data.draw(row.inputs)
    leaves = [Tensor(a, requires_grad=True) if is_floating(a) else a for a in arrays]
    for y in outputs(row.of(params)(*leaves)):
        if y.requires_grad:
            g = np.random.default_rng(0).standard_normal(y.shape)
            plain, marked = dict(sweep(y, g)), dict(marked_sweep(y, g))
            assert plain.keys() == marked.keys()
            for x, gx in plain.items():
                np.testing.assert_allclose(marked[x], gx, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("row", [row for row in OF_ITS_INPUTS if row.differentiable], ids=str)
@given(data=st.data())
def test_float32_stays_float32_whatever_meets_it(row, data):
    arrays, params = data.draw(row.inputs)
    floating = [i for i, a in enumerate(arrays) if is_floating(a)]
    narrow = [a.astype(np.float32) if i in floating else a for i, a in enumerate(arrays)]

    def leaves_of(args):
        return [Tensor(a, requires_grad=True) if i in floating else a for i, a in enumerate(args)]

    every = leaves_of(narrow)
    check_float32(row.of(params), every)
    for i in floating:  # one Tensor among bare arrays, of which those without an axis or without a fraction are wide
        others = [np.float64(a) if np.ndim(a) == 0 else np.ones(a.shape, np.int64) for a in narrow if a is not None]
        if len(floating) > 1 and len(others) == len(narrow):
            mixed = [every[i] if k == i else others[k] if k in floating else narrow[k] for k in range(len(narrow))]
            with np.errstate(all="ignore"):
                check_float32(row.of(params), mixed)


def check_float32(f, args):
    leaves = [x for x in args if isinstance(x, Tensor)]
    for y in outputs(f(*args)):
        if y.dtype.kind != "f":
            continue
        assert y.dtype == np.float32
        for x in leaves:
            x.zero_grad()
        y.backward(np.ones(y.shape))
        for x in leaves:
            assert x.grad is None or x.grad.dtype == np.float32


@pytest.mark.parametrize("row", OF_ITS_INPUTS, ids=str)
@given(data=st.data())
def test_float64_stays_float64_and_integers_become_the_default_dtype(row, data):
    arrays, params = data.draw(row.inputs)
    wide = [Tensor(a) if isinstance(a, np.ndarray) else a for a in arrays]
    for y in outputs(row.of(params)(*wide)):
        assert y.dtype.kind != "f" or y.dtype == np.float64
    whole = [Tensor(np.ones(a.shape, np.int64)) if is_floating(a) else a for a in arrays]
    with np.errstate(all="ignore"):
        for y in outputs(row.of(params)(*whole)):
            assert y.dtype.kind != "f" or y.dtype == np.float32


@pytest.mark.parametrize("row", [row for row in ROWS if not row.differentiable], ids=str)
@given(data=st.data())
def test_an_op_without_a_derivative_ends_the_graph(row, data):
    arrays, params = data.draw(row.inputs)
    tracked = [Tensor(a, requires_grad=is_floating(a)) if isinstance(a, np.ndarray) else a for a in arrays]
    for y in outputs(row.of(params)(*tracked)):
        assert not y.requires_grad
        assert y.is_leaf
