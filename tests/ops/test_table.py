"""Every row of the table, in every respect. All checks share the examples of a row, as drawing is slow."""

import contextlib
import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.table import ops, rows
from tinygrad_edu import Tensor
from tinygrad_edu.marks import marked_sweep
from tinygrad_edu.sweep import sweep
from tinygrad_edu.testing import check_gradients

ROWS = rows()

# Matrices of ones are singular, which some ops refuse.
SINGULAR = contextlib.suppress(np.linalg.LinAlgError)


def is_floating(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def outputs(y):
    """The results of an op as a list, of which most have one."""
    return list(y) if isinstance(y, tuple | list) else [y]


def tensors(arrays, requires_grad=False):
    return [Tensor(a, requires_grad and is_floating(a)) if isinstance(a, np.ndarray) else a for a in arrays]


def test_every_op_has_a_row():
    tested = {row.op for row in ROWS}
    missing = sorted(name for op, name in ops().items() if op not in tested)
    assert not missing, f"add a row, as tests/ops/table.py says, for {', '.join(missing)}"


# ---- the way forward ----


def value_is_that_of_the_reference(row, arrays, params):
    from_arrays = outputs(row.of(params)(*arrays))
    from_tensors = outputs(row.of(params)(*tensors(arrays)))
    wanted = outputs(row.reference(*arrays, **params))
    assert len(from_arrays) == len(from_tensors) == len(wanted)
    for plain, wrapped, expected in zip(from_arrays, from_tensors, wanted, strict=True):
        assert not isinstance(plain, Tensor)
        assert isinstance(wrapped, Tensor)
        assert wrapped.shape == np.shape(expected)
        np.testing.assert_allclose(wrapped.data, expected, rtol=row.rtol, atol=1e-12)
        np.testing.assert_array_equal(plain, wrapped.data)


def numpy_of_that_name_agrees_and_takes_tensors(row, arrays, params):
    """NumPy's signature is ours, and its function, called with Tensors, finds our op."""
    theirs = numpy_of_that_name(row)
    if theirs is None:
        return
    wanted = outputs(row.of(params)(*arrays))
    from_arrays = outputs(row.of(params, theirs)(*arrays))
    from_tensors = outputs(row.of(params, theirs)(*tensors(arrays)))
    assert all(isinstance(a, Tensor) for a in from_tensors)
    for plain, wrapped, expected in zip(from_arrays, from_tensors, wanted, strict=True):
        np.testing.assert_allclose(plain, expected, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(wrapped.data, expected, rtol=1e-7, atol=1e-9)


# NumPy takes the dtype by position only; writes into its argument; wants a_min with a_max; has no widths for 0-d, an
# index for it, and an axis in another place for axis=().
ASIDE = {"astype", "put_along_axis", "clip, between numbers", "pad", "argpartition", "nanquantile"}


def numpy_of_that_name(row):
    for ours, theirs in [(tg, np), (tg.linalg, np.linalg)]:
        name = row.op.__name__
        if str(row) not in ASIDE and getattr(ours, name, None) is row.op:
            found = getattr(theirs, name, None)
            return found if callable(found) else None
    return None


def float64_stays_float64(row, arrays, params):
    if row.keeps_dtype:
        for y in outputs(row.of(params)(*tensors(arrays))):
            assert y.dtype.kind != "f" or y.dtype == np.float64


def integers_stay_integers_or_become_the_default_dtype(row, arrays, params):
    if not row.keeps_dtype:
        return
    whole = [np.ones(a.shape, np.int64) if is_floating(a) else a for a in arrays]
    with np.errstate(all="ignore"), SINGULAR:
        for y in outputs(row.of(params)(*tensors(whole))):
            assert y.dtype.kind != "f" or y.dtype == np.float32


def an_op_without_a_derivative_ends_the_graph(row, arrays, params):
    if not row.differentiable:
        for y in outputs(row.of(params)(*tensors(arrays, requires_grad=True))):
            assert not y.requires_grad
            assert y.is_leaf


def the_layout_in_memory_does_not_matter(row, arrays, params):
    """Columns first and with gaps between the numbers, as a transposed slice is: values and gradients are the same."""
    plain, scattered = (pushed_and_pulled(row, arrays, params, layout) for layout in (np.ascontiguousarray, gappy))
    for wanted, found in zip(plain, scattered, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def gappy(a):
    """The same numbers as a view of a larger array, the first axis fastest."""
    view = np.zeros([2 * n for n in a.shape[::-1]], a.dtype).T[(slice(None, None, 2),) * a.ndim]
    view[...] = a
    return view


def pushed_and_pulled(row, arrays, params, layout):
    """All values, and all gradients, with every array in this layout."""
    inputs = [tg.as_tensor(layout(a)) if isinstance(a, np.ndarray) and a.ndim else a for a in arrays]
    leaves = [x.requires_grad_() for x in inputs if isinstance(x, Tensor) and x.dtype.kind == "f"]
    values = outputs(row.of(params)(*inputs))
    for y in values:
        if isinstance(y, Tensor) and y.requires_grad:
            y.backward(layout(np.linspace(0.5, 1.5, y.size).reshape(y.shape)) if y.ndim else None)
    return [np.array(y.data if isinstance(y, Tensor) else y) for y in values] + [
        x.grad for x in leaves if x.grad is not None
    ]


FORWARD = [
    the_layout_in_memory_does_not_matter,
    value_is_that_of_the_reference,
    numpy_of_that_name_agrees_and_takes_tensors,
    float64_stays_float64,
    integers_stay_integers_or_become_the_default_dtype,
    an_op_without_a_derivative_ends_the_graph,
]


@pytest.mark.parametrize("row", ROWS, ids=str)
@given(data=st.data())
def test_forward(row, data):
    check_all(FORWARD, row, data)


# ---- the way back ----


def gradients_are_those_of_central_differences(row, arrays, params):
    check_gradients(row.of(params), *arrays, order=row.order)


def a_sweep_that_marks_what_was_left_out_agrees(row, arrays, params):
    for y in outputs(row.of(params)(*tensors(arrays, requires_grad=True))):
        if y.requires_grad:
            g = np.random.default_rng(0).standard_normal(y.shape)
            plain, marked = dict(sweep(y, g)), dict(marked_sweep(y, g))
            assert plain.keys() == marked.keys()
            for x, gx in plain.items():
                np.testing.assert_allclose(marked[x], gx, rtol=1e-12, atol=1e-12)


def float32_stays_float32_whatever_meets_it(row, arrays, params):
    """All as Tensors; then each as the one Tensor among arrays, those without an axis or a fraction being wide."""
    if not row.keeps_dtype:
        return
    floating = [i for i, a in enumerate(arrays) if is_floating(a)]
    narrow = [a.astype(np.float32) if i in floating else a for i, a in enumerate(arrays)]
    wide = list(narrow)
    for i in floating:
        wide[i] = np.float64(narrow[i]) if narrow[i].ndim == 0 else np.ones(narrow[i].shape, np.int64)
    every = [Tensor(a, requires_grad=True) if i in floating else a for i, a in enumerate(narrow)]
    calls = [every] + [[every[k] if k == i else x for k, x in enumerate(wide)] for i in floating if len(floating) > 1]
    for args in calls:
        leaves = [x for x in args if isinstance(x, Tensor)]
        with np.errstate(all="ignore"), SINGULAR:
            for y in outputs(row.of(params)(*args)):
                if y.dtype.kind == "f":
                    assert y.dtype == np.float32
                    y.backward(np.ones(y.shape))
        assert all(x.grad is None or x.grad.dtype == np.float32 for x in leaves)


def the_kind_is_what_it_says(row, arrays, params):
    """Marks rely on it: what becomes of the elements of g, in each formula by itself."""
    y = row.of(params)(*tensors(arrays, requires_grad=True)) if hasattr(row.op, "kind") else None
    if y is None or row.op.kind == "mixing":
        return
    rng = np.random.default_rng(0)
    g, mask = rng.standard_normal(y.shape), rng.integers(0, 2, y.shape)
    for i, x in enumerate(y.inputs):
        if not (isinstance(x, Tensor) and x.requires_grad) or (y.op.each is None and y.op.vjps[i] is None):
            continue
        gradient = functools.partial(pulled_back, y, i)
        if row.op.kind == "elementwise":
            if gradient(g).shape == y.shape:  # each element by itself: what is masked before is masked after
                np.testing.assert_array_equal(gradient(g * mask), gradient(g) * mask)
        else:  # moved, added up or left out: so many ways lead to each element
            ways = gradient(np.ones(y.shape))
            np.testing.assert_array_equal(ways, np.round(ways))
            assert (ways >= 0).all()
            np.testing.assert_allclose(gradient(2 * g - 1), 2 * gradient(g) - ways, rtol=1e-12, atol=1e-12)


def pulled_back(y, i, g):
    """What the formula of the op of `y` for its input number i gives, on bare arrays."""
    arrays = tuple(x.data if isinstance(x, Tensor) else x for x in y.inputs)
    if y.op.each is not None:
        return y.op.each(g, y.data, i, arrays, **y.params)
    return y.op.vjps[i](g, y.data, *arrays, **y.params)


BACKWARD = [
    gradients_are_those_of_central_differences,
    a_sweep_that_marks_what_was_left_out_agrees,
    the_kind_is_what_it_says,
    float32_stays_float32_whatever_meets_it,
]


@pytest.mark.parametrize("row", [row for row in ROWS if row.differentiable], ids=str)
@given(data=st.data())
def test_backward(row, data):
    check_all(BACKWARD, row, data)


def check_all(checks, row, data):
    """Every check, on the same arrays: whatever is done with them, they stay as they were."""
    arrays, params = data.draw(row.inputs)
    before = [np.copy(a) for a in arrays]
    for check in checks:
        check(row, arrays, params)
        for a, b in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(a, b, f"the op or its formulas altered an input: {check.__name__}")
