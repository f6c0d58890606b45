"""Wrong calls of the ops on shapes, indices and matrices: errors say what was expected, what came, and what to do."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Tensor, linalg

t = Tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True)
wide = Tensor(np.ones((2, 3)), requires_grad=True)
singular = Tensor(np.ones((2, 2)), requires_grad=True)
AxisError, LinAlgError = np.exceptions.AxisError, np.linalg.LinAlgError

SHAPES = [
    (lambda: t.reshape(5, 5), ValueError, r"reshape: expected a shape of 24 elements, but got \(5, 5\)"),
    (lambda: tg.concatenate([wide, t[0]]), ValueError, r"concatenate: .* 3 != 4 on axis 1"),
    (lambda: tg.concatenate([wide, wide[0]]), ValueError, "concatenate: expected arrays with equally many axes"),
    *(
        (lambda f=f, given=given: f(given), TypeError, f"{f.__name__}: expected a sequence of arrays, but got")
        for f in (tg.concatenate, tg.stack, tg.hstack, tg.vstack, tg.dstack, tg.column_stack)
        for given in (None, 1, Tensor(1.0))
    ),
    (lambda: tg.concatenate([]), ValueError, "concatenate: expected at least one array"),
    (lambda: tg.concatenate([wide], 2), AxisError, "concatenate: expected an axis"),
    (lambda: tg.stack([wide, wide[:, :2]]), ValueError, "stack: expected arrays of equal sizes, .* 3 != 2 on axis 1"),
    (lambda: tg.stack([]), ValueError, "stack: expected at least one array"),
    (lambda: tg.flip(t, 5), AxisError, r"flip: expected an axis in -3\.\.2, but got axis 5"),
    (lambda: tg.split(t, 2, 7), AxisError, "split: expected an axis"),
    (lambda: tg.split(t, 5), ValueError, "split: .* divides axis 0, but got 5 .* Use array_split"),
    (lambda: tg.split(t, 0), ValueError, "split: expected at least one section"),
    (lambda: tg.vsplit(t[0, 0], 2), ValueError, "vsplit: expected an array of at least 2 axes"),
    (lambda: tg.unstack(Tensor(1.0)), AxisError, "unstack: expected no axis"),
    (lambda: tg.squeeze(t, 0), ValueError, "squeeze: expected axes of length 1, but got axis 0 of length 2"),
    (lambda: tg.transpose(t, (0, 0, 1)), ValueError, r"transpose: expected each axis once, but got axes \(0, 0, 1\)"),
    (
        lambda: tg.transpose(t, (0, 1)),
        ValueError,
        r"transpose: expected each of the 3 axes once, but got axes \(0, 1\)",
    ),
    (
        lambda: tg.moveaxis(t, (0, 0), (1, 2)),
        ValueError,
        "moveaxis: expected as many axes as source as destination, each once",
    ),
    (lambda: tg.broadcast_to(t, (2, 3, 5)), ValueError, "broadcast_to: .* 4 != 5 on axis -1"),
    (lambda: tg.broadcast_arrays(t, np.ones(5)), ValueError, r"broadcast_arrays: .* args\[1\] \(5,\)"),
    (lambda: tg.repeat(t, [1, 2], 2), ValueError, "repeat: .* repeats"),
    (lambda: tg.repeat(t, -2), ValueError, "repeat: expected repeats of at least 0, but got -2"),
    (lambda: tg.sum(t, axis=0.5), TypeError, "sum: expected whole numbers as axis, but got 0.5"),
    (lambda: tg.exp(None), TypeError, "exp: expected a Tensor, an array or a number as x, but got None"),
    (lambda: tg.cov(None), TypeError, "cov: expected a Tensor, an array or a number as m, but got None"),
    (lambda: tg.where(t, 1.0), TypeError, "where: expected both a and b, or none"),
    (
        lambda: tg.matvec(t, tg.ones(3)),
        ValueError,
        r"matvec: expected matrices whose axis -1 .* x1 \(2, 3, 4\) and x2 \(3,\)",
    ),
    (lambda: np.fft.fft(t), TypeError, "np.fft.fft: .* Fourier transforms are complex"),
    (lambda: tg.tile(t, -1), ValueError, "tile: expected reps of at least 0, but got -1"),
    (lambda: tg.pad(t, -1), ValueError, "pad: expected widths of at least 0"),
    (lambda: tg.pad(t, 1.5), TypeError, "pad: expected whole numbers as pad_width"),
    (lambda: tg.pad(t, ((1, 2), (3, 4))), ValueError, "pad: expected pad_width to be a number, a pair"),
    (lambda: tg.pad(t, 1, "mirror"), ValueError, "pad: expected one of the modes"),
    (lambda: tg.pad(t, 1, "edge", constant_values=1), TypeError, "pad: expected no option for mode='edge'"),
    (lambda: tg.pad(tg.zeros((0, 3)), 1, "edge"), ValueError, "pad: expected an axis with elements"),
    (lambda: tg.diag(t), ValueError, "diag: expected a vector or a matrix"),
    (lambda: tg.meshgrid(wide[0], indexing="z"), ValueError, "meshgrid: expected indexing"),
    (lambda: tg.insert(t, 9, 0.0, 0), IndexError, "insert: expected places"),
    (lambda: tg.insert(t, [0], np.ones(7), 0), ValueError, "insert: .* values that broadcast"),
    (lambda: tg.delete(t, 9, 0), IndexError, r"delete: expected places in -2\.\.1"),
    (lambda: np.reshape(t, (6, 4), order="A"), ValueError, "reshape: expected order 'C'.*but got 'A'"),
    (lambda: t.flatten("K"), ValueError, "flatten: expected order 'C'.*but got 'K'"),
]

INDICES = [
    (lambda: t[2], IndexError, r"getitem: expected an index in -2\.\.1 for axis 0 .* but got 2"),
    (lambda: t[0, 0, 0, 0], IndexError, "getitem: expected at most 3 indices .* but got 4"),
    (lambda: t[[0, 5]], IndexError, "getitem: .* but got 5"),
    (lambda: t[np.array([True] * 3)], IndexError, r"getitem: expected a mask of the shape .* \(2,\), but got \(3,\)"),
    (lambda: t[1.5], IndexError, "getitem: expected integers, slices, .*but got 1.5"),
    (lambda: t[[0, 1], [0, 1, 2]], IndexError, "getitem: .* could not be broadcast"),
    (lambda: tg.take(t, [9], 0), IndexError, r"take: expected indices in -2\.\.1 for axis 0 .* but got 9"),
    (lambda: tg.take(t, 99), IndexError, r"take: expected indices in -24\.\.23 for the 24 elements"),
    (lambda: tg.take_along_axis(t, np.full((1, 1, 1), 9), 0), IndexError, "take_along_axis: .* but got 9"),
    (lambda: tg.take_along_axis(t, np.zeros((1, 5, 1), int), 0), ValueError, "take_along_axis: expected indices that"),
    (lambda: tg.gather(wide, 0, [0]), ValueError, "gather: expected an index with as many axes"),
    (lambda: tg.gather(wide, 0, [[9]]), IndexError, r"gather: expected indices in -2\.\.1 along dim=0 .* but got 9"),
    (lambda: tg.gather(wide, 0, [[0.5]]), TypeError, "gather: expected integers as index"),
    (lambda: tg.scatter(wide, 0, np.zeros((2, 3), int), np.ones((1, 3))), ValueError, "scatter: .* as src"),
    (lambda: tg.scatter_reduce(wide, 0, [[0]], np.ones((1, 1)), "max"), ValueError, "scatter_reduce: expected one of"),
    (
        lambda: tg.index_add(wide, 0, [0], np.ones((2, 3))),
        ValueError,
        r"index_add: expected a source of shape \(1, 3\)",
    ),
    (lambda: tg.masked_fill(wide, [1], 0.0), TypeError, "masked_fill: expected a boolean mask"),
    (lambda: tg.masked_fill(wide, wide > 0, [1.0]), ValueError, "masked_fill: expected a number"),
    (lambda: tg.put_along_axis(wide, np.zeros((3, 1), int), 1.0, 1), ValueError, "put_along_axis: expected indices"),
    (lambda: np.put_along_axis(wide, np.zeros((2, 1), int), 1.0, 1), TypeError, "np.put_along_axis"),
    (lambda: tg.sort(t, 4), AxisError, "sort: expected an axis"),
    (lambda: tg.topk(t, 9), ValueError, r"topk: expected k in 0\.\.4"),
    (lambda: tg.compress([[True]], t), ValueError, "compress: expected a vector as condition"),
    (lambda: tg.searchsorted([1.0], t, "middle"), ValueError, "searchsorted: .* side"),
]

PRODUCTS = [
    (lambda: tg.tensordot(t, t, 1), ValueError, "tensordot: .* 4 != 2 on axis 2 of a and axis 0 of b"),
    (lambda: tg.tensordot(t, t, ([0, 1], [0])), ValueError, "tensordot: expected as many axes of a as of b"),
    (lambda: tg.einsum("ij,jk->ik", t, t), ValueError, r"einsum: expected operands\[0\] to have 2 axes for 'ij'"),
    (lambda: tg.einsum("ijk,jk->ik", t, np.ones((4, 4))), ValueError, "einsum: expected one size for each .* 'j' is 3"),
    (lambda: tg.einsum("ijk->ij", t, t), ValueError, "einsum: expected one operand for each of the 1 terms"),
    (lambda: tg.einsum("ijk->im", t), ValueError, "einsum: .* 'm', which no operand has"),
    (lambda: tg.einsum("ijk->ii", t), ValueError, "einsum: .* a letter twice"),
    (lambda: tg.einsum("i$k->i", t), ValueError, "einsum: expected letters, commas"),
    (lambda: tg.einsum("i...->i", t), ValueError, r"einsum: expected '\.\.\.' in the result too"),
    (lambda: tg.einsum(t, t), TypeError, "einsum: expected subscripts as text"),
    (
        lambda: tg.einsum(t, [0, 1, 60]),
        TypeError,
        r"einsum: expected a list of whole numbers in 0..51.*but got \[0, 1, 60\]",
    ),
    (lambda: tg.convolve(wide, wide), ValueError, "convolve: expected two vectors"),
    (lambda: tg.convolve(wide[0], wide[0], "all"), ValueError, "convolve: expected mode"),
    (lambda: tg.vdot(t, wide), ValueError, "vdot: expected equally many elements, .* 24 != 6"),
    (lambda: tg.vecdot(t, wide), ValueError, "vecdot: expected vectors of equal length"),
    (lambda: tg.cross(wide[:, :2], wide), ValueError, "cross: expected 3 elements along axis -1 of a"),
]

MATRICES = [
    (lambda: linalg.inv(wide), LinAlgError, r"inv: expected square matrices, .* a \(2, 3\): 2 != 3"),
    (lambda: linalg.inv(wide[0]), LinAlgError, r"inv: expected square matrices, .* Put an axis in"),
    (lambda: linalg.inv(singular), LinAlgError, "inv: expected invertible matrices, but got a singular one"),
    (lambda: linalg.solve(singular, [1.0, 2.0]), LinAlgError, "solve: expected invertible matrices"),
    (lambda: linalg.solve(tg.eye(2), np.ones(3)), ValueError, "solve: expected as many rows in b as in a, .* 3 != 2"),
    (lambda: linalg.det(wide), LinAlgError, "det: expected square matrices"),
    (lambda: linalg.slogdet(wide), LinAlgError, "det: expected square matrices"),
    (lambda: linalg.slogdet(singular).logabsdet.backward(), LinAlgError, "inv: expected invertible matrices"),
    (lambda: linalg.cholesky(-tg.eye(2)), LinAlgError, "cholesky: expected positive definite matrices"),
    (lambda: linalg.cholesky(wide), LinAlgError, "cholesky: expected square matrices"),
    (lambda: linalg.eigh(wide), LinAlgError, "eigh: expected square matrices"),
    (lambda: linalg.eigh(singular, "X"), ValueError, "eigh: expected UPLO"),
    (lambda: linalg.svd(wide), ValueError, "svd: expected full_matrices=False"),
    (lambda: linalg.svd(wide[0]), LinAlgError, "svd: expected matrices"),
    (lambda: linalg.qr(wide.T, "complete"), ValueError, "qr: .* have no derivative. Use mode='reduced'"),
    (lambda: tg.fliplr(wide[0]), ValueError, r"fliplr: expected an array of at least 2 axes, but got m \(3,\)"),
    (lambda: wide[0].mT, ValueError, "matrix_transpose: expected an array of at least 2 axes"),
    (lambda: tg.diagonal(wide[0]), ValueError, "diagonal: expected an array of at least 2 axes"),
    (lambda: tg.diagonal(wide, axis1=1), ValueError, "diagonal: expected two different axes"),
    (lambda: tg.moveaxis(wide, [0, 1], [0]), ValueError, "moveaxis: expected as many axes as source as destination"),
    (lambda: tg.roll(wide, (1, 2, 3), (0, 1)), ValueError, "roll: expected one shift for all axes, or one for each"),
    (lambda: tg.broadcast_to(wide, 3), ValueError, "broadcast_to: expected a shape of at least 2 axes"),
    (lambda: tg.broadcast_to(wide, (-1, 3)), ValueError, "broadcast_to: expected .* no negative sizes"),
    (lambda: tg.repeat(wide, [1, 2], axis=1), ValueError, "repeat: expected one number as repeats, or 3 of them"),
    (lambda: tg.cov(wide, aweights=[1.0]), ValueError, "cov: expected 3 numbers of at least 0 as aweights"),
    (lambda: tg.cov(wide, fweights=[0.5, 1, 1]), ValueError, "cov: expected 3 whole numbers of at least 0 as fweights"),
    (lambda: tg.special.logsumexp(wide, 2, b=wide), AxisError, "logsumexp: expected an axis in"),
    (lambda: tg.polyval(wide.sum(), wide), ValueError, "polyval: expected a vector of coefficients"),
    (
        lambda: tg.index_add(wide, 1, [3], wide[:, :1]),
        IndexError,
        r"index_add: expected indices in -3\.\.2 along dim=1",
    ),
    (lambda: linalg.outer(wide, wide[0]), ValueError, r"outer: expected two vectors, but got x1 \(2, 3\)"),
    (lambda: tg.vmap(wide), TypeError, "vmap: expected a function, but got Tensor"),
    (lambda: tg.vmap(tg.exp, in_axes=({"x": 0},))(wide), ValueError, "vmap: expected an axis of each argument"),
    (lambda: tg.reshape(wide, 1.5), TypeError, "reshape: expected whole numbers, but got shape=1.5"),
    (lambda: tg.tile(wide, 1.5), TypeError, r"tile: expected whole numbers, but got reps=1\.5 for A \(2, 3\)"),
    (lambda: linalg.svdvals(wide * np.nan), LinAlgError, r"svd: expected finite numbers, .* a \(2, 3\)"),
    (lambda: tg.insert(wide[0], 0.5, 1.0), TypeError, "insert: expected whole numbers or a mask as obj, but got 0.5"),
    (lambda: tg.concatenate([wide.sum(), wide.sum()]), ValueError, "concatenate: expected arrays of at least one axis"),
    (lambda: linalg.inv(None), TypeError, "inv: expected a Tensor, an array or a number as a, but got None"),
    (lambda: linalg.pinv(wide, 1e-3, rtol=1e-3), ValueError, "pinv: expected rcond or rtol"),
    (lambda: tg.unique(wide, axis=4), AxisError, "unique: expected an axis"),
    (lambda: linalg.qr(wide, "raw"), ValueError, "qr: expected mode"),
    (lambda: linalg.pinv(wide[0]), LinAlgError, "pinv: expected matrices"),
    (lambda: linalg.lstsq(wide, np.ones(3)), LinAlgError, "lstsq: expected b to have as many rows"),
    (lambda: linalg.norm(wide, "fro", 0), ValueError, "norm: expected a number as ord of a vector"),
    (lambda: linalg.norm(wide, 7), ValueError, "norm: expected ord"),
    (lambda: linalg.norm(t, 1), ValueError, "norm: expected one axis, for vectors, or two, for matrices"),
    (lambda: linalg.norm(wide, 2, 5), AxisError, "norm: expected an axis"),
    (lambda: linalg.matrix_norm(wide[0]), ValueError, "matrix_norm: expected matrices"),
    (lambda: linalg.matrix_power(wide, 2), LinAlgError, "matrix_power: expected square matrices"),
    (lambda: linalg.matrix_power(singular, 0.5), TypeError, "matrix_power: expected an integer"),
    (lambda: linalg.multi_dot([wide]), ValueError, "multi_dot: expected at least two"),
    (lambda: np.linalg.eig(singular), TypeError, "np.linalg.eig: .* no derivative rule"),
]

CASES = SHAPES + INDICES + PRODUCTS + MATRICES


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=[text[:40] for _, _, text in CASES])
def test_a_wrong_call_says_what_was_expected(call, kind, text):
    with pytest.raises(kind, match=text):
        call()
