"""Rows of a table by number, alone and added up in bags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ... import memory
from ...engine import is_tensor
from ...ops.casting import detach
from ...ops.embedding import checked_indices, row_number
from ...ops.embedding import embedding as rows_of
from ...ops.indexing import put, take_along_axis
from ...ops.operands import detached
from ...ops.selection import where
from ..checks import shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any


def check_table(name: str, weight: Operand, sparse: bool) -> tuple[int, int]:
    """The size of a table of embeddings."""
    shape = shape_of(name, weight)
    if len(shape) != 2:
        raise ValueError(f"{name}: expected a weight of shape (num_embeddings, embedding_dim), but got shape {shape}.")
    if sparse:
        raise NotImplementedError(
            f"{name}: expected sparse=False, as a gradient is an array with a number for each element, but got "
            f"sparse={sparse!r}. Leave it out: the gradient is the same, only its rows of zeros are stored."
        )
    return shape[0], shape[1]


def embedding(
    input: Operand,
    weight: Operand,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` with the numbers `input`.  (...), (n, d) -> (..., d)

    Parameters
    ----------
    input : array of ints in 0..n-1
    weight : Tensor or array, (n, d)
    padding_idx : int, optional
        A row that gets no gradient; a negative one counts from the last.
    max_norm : float, optional
        The rows that are read and longer than this are first, in place, made so long.
    norm_type : float
        The p of the p-norm that says how long a row is.
    scale_grad_by_freq : bool
        Divide the gradient of each row by how often it was read.
    sparse : bool
        PyTorch's argument; only False.

    Raises
    ------
    IndexError
        If there is no row of such a number; the error says where.
    NotImplementedError
        For ``sparse=True``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.embedding([1, 0, 1], tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[3., 4.],
            [1., 2.],
            [3., 4.]])
    """
    n, _ = check_table("embedding", weight, sparse)
    indices = checked_indices("embedding", input, n)
    padding_idx = row_number("embedding", padding_idx, n)
    if max_norm is not None:
        _shorten(weight, indices, max_norm, norm_type)
    y = rows_of(weight, indices, padding_idx)
    return _shared(y, indices, n) if scale_grad_by_freq else y


def _shorten(weight: Operand, indices: np.ndarray, max_norm: float, norm_type: float) -> None:
    """Make the rows that are read and longer than `max_norm` so long, in place; 1e-7 is PyTorch's."""
    array = detached(weight)
    rows = np.unique(indices)
    lengths = np.linalg.norm(array[rows], norm_type, axis=1)
    long = lengths > max_norm
    if long.any():
        array[rows[long]] *= (max_norm / (lengths[long] + 1e-7)).astype(array.dtype)[:, None]
        memory.stamp(array)


def _shared(y: Operand, indices: np.ndarray, n: int) -> Operand:
    """`y`, the rows that were read, with a gradient that is divided by how often each was."""
    if not is_tensor(y):
        return y
    times = np.bincount(indices.reshape(-1), minlength=n)[indices][..., None]
    return detach(y) + (y - detach(y)) * (1 / times).astype(y.dtype)


_MODES = ("sum", "mean", "max")


def embedding_bag(
    input: Operand,
    weight: Operand,
    offsets: Operand = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Operand = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Sum, mean or maximum of the rows of `weight` that a bag of numbers names.  (b, l), (n, d) -> (b, d)

    Gradient: for "max" to the first of equal ones. An empty bag is 0.

    Parameters
    ----------
    input : array of ints in 0..n-1
        (b, l): b bags of l numbers; or (l,): all bags one after the other.
    weight : Tensor or array, (n, d)
    offsets : array of ints, (b,)
        Where each bag begins, if `input` has one axis; the first is 0.
    max_norm, norm_type, scale_grad_by_freq, sparse
        As in `embedding`.
    mode : {"sum", "mean", "max"}
    per_sample_weights : Tensor or array of the shape of `input`, optional
        What each row is multiplied with, for "sum".
    include_last_offset : bool
        Whether `offsets` has one more number, where the last bag ends.
    padding_idx : int, optional
        A row that does not count, and gets no gradient.

    Raises
    ------
    ValueError, IndexError, NotImplementedError
        If something does not fit.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> table = tg.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> F.embedding_bag([0, 1, 2], table, [0, 2], mode="sum")
    Tensor([[4., 6.],
            [5., 6.]])
    """
    n, d = check_table("embedding_bag", weight, sparse)
    if mode not in _MODES:
        raise ValueError(f"embedding_bag: expected one of {', '.join(_MODES)} as mode, but got {mode!r}.")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("embedding_bag: expected scale_grad_by_freq=False for mode 'max', but got True.")
    indices = checked_indices("embedding_bag", input, n)
    weights = _check_weights(per_sample_weights, indices.shape, mode)
    padding_idx = row_number("embedding_bag", padding_idx, n)
    bags, count = _bags(indices, offsets, include_last_offset)
    indices = indices.reshape(-1)
    if max_norm is not None:
        _shorten(weight, indices, max_norm, norm_type)
    counts = (bags < count) & (indices != (-1 if padding_idx is None else padding_idx))
    indices, bags = indices[counts], bags[counts]
    rows = rows_of(weight, indices)  # (l,), (n, d) -> (l, d)
    if scale_grad_by_freq:
        rows = _shared(rows, indices, n)
    if weights is not None:
        rows = rows * weights.reshape(-1)[counts][:, None]
    if mode == "max":
        return _largest(rows, bags, (count, d))
    total = put(rows, bags, (count, d))
    if mode == "sum":
        return total
    sizes = np.maximum(np.bincount(bags, minlength=count), 1)[:, None]
    return total * (1 / sizes).astype(total.dtype)


def _check_weights(weights: Operand, shape: tuple[int, ...], mode: str) -> Operand:
    if weights is not None and mode != "sum":
        raise NotImplementedError(
            f"embedding_bag: expected per_sample_weights for mode 'sum' only, but got them with mode {mode!r}."
        )
    if weights is not None and shape_of("embedding_bag", weights) != shape:
        raise ValueError(
            f"embedding_bag: expected per_sample_weights of the shape of the input, {shape}, but got {weights.shape}."
        )
    return weights


def _bags(indices: np.ndarray, offsets: Operand, include_last: bool) -> tuple[np.ndarray, int]:
    """The number of the bag of each index (the number of bags for those that are in none), and how many bags."""
    if indices.ndim == 2 and offsets is None:
        b, length = indices.shape
        return np.repeat(np.arange(b), length), b
    if indices.ndim != 1 or offsets is None:
        raise ValueError(
            f"embedding_bag: expected an input of shape (b, l), or (l,) with offsets, but got shape {indices.shape} "
            f"with{'out' if offsets is None else ''} offsets."
        )
    starts, n = np.asarray(detached(offsets)), len(indices)
    if starts.ndim != 1 or (starts.size and starts.dtype.kind not in "iu") or len(starts) < include_last:
        raise ValueError(
            f"embedding_bag: expected offsets as whole numbers of shape (b,), or (b + 1,) with include_last_offset, "
            f"but got shape {starts.shape} of {starts.dtype}."
        )
    if len(starts) and (starts[0] != 0 or starts[-1] > n or (np.diff(starts) < 0).any()):
        raise ValueError(
            f"embedding_bag: expected offsets that begin at 0 and do not fall, up to {n}, the length of the input, "
            f"but got {starts.tolist()!r:.80}."
        )
    bags = np.searchsorted(starts, np.arange(n), side="right") - 1
    return (bags, len(starts) - include_last) if len(starts) else (np.zeros(n, np.intp), 0)


def _largest(rows: Operand, bags: np.ndarray, shape: tuple[int, int]) -> Operand:
    """The largest number of each bag in each column, the first of equal ones; 0 for an empty bag."""
    values, n = detached(rows), len(bags)
    if not n:
        return put(rows, bags, shape)
    top = np.full(shape, -np.inf, values.dtype)
    np.maximum.at(top, bags, values)
    found = (values == top[bags]) | np.isnan(values)
    first = np.full(shape, n)
    np.minimum.at(first, bags, np.where(found, np.arange(n)[:, None], n))
    return where(first < n, take_along_axis(rows, np.minimum(first, n - 1), 0), 0.0)
