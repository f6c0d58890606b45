"""Recurrent layers as ops, each a whole sequence in one direction: the walk over the steps, and the plain one.

Each takes the inputs' share of its sums for all steps at once, ``x @ w_ih.T + b``, which is one matrix product, and
adds the state's share step by step. Rows are sequences: (t, n, d) holds n sequences of t steps. Where they differ in
length, the rows of all steps stand one after another, (rows, d), and `sizes` says how many sequences still run at each
step, the longest first: (3, 2, 2, 1) is one of four steps, one of three, and one that ends after the first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..engine import differentiable
from ..shapes import Shape
from .joining import concatenate
from .selection import where

Operand = Any
Sizes = tuple[int, ...]


def walk(sizes: Sizes, reverse: bool) -> list[tuple[slice, int]]:
    """The rows of each step and how many they are, in the order in which the steps are taken.

    The sequences that run at a step are always the first ones.

    Examples
    --------
    >>> walk((3, 2), reverse=True)
    [(slice(3, 5, None), 2), (slice(0, 3, None), 3)]
    """
    steps, start = [], 0
    for k in sizes:
        steps.append((slice(start, start + k), k))
        start += k
    return steps[::-1] if reverse else steps


def places(n: int, sizes: Sizes, reverse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where the state before each row, and the last state of each sequence, stand among n first states and all rows.

    Examples
    --------
    >>> before, last = places(2, (2, 2, 1), reverse=False)
    >>> before.tolist(), last.tolist()
    ([0, 1, 2, 3, 4], [6, 5])
    """
    before, now = np.empty(sum(sizes), np.int64), np.arange(n)
    for rows, k in walk(sizes, reverse):
        before[rows] = now[:k]
        now[:k] = np.arange(n + rows.start, n + rows.stop)
    return before, now


def sizes_of(shape: Shape, sizes: Sizes | None) -> Sizes:
    """How many sequences run at each step: all of them, unless `sizes` says otherwise."""
    return (shape[1],) * shape[0] if sizes is None else tuple(sizes)


def flat(a: Any) -> Any:
    """The rows of all steps one after another.  (..., d) -> (rows, d)"""
    return a if a.ndim == 2 else a.reshape((-1, a.shape[-1]))


def by_gate(a: Any, gates: int) -> Any:
    """The parts that stand side by side, as an axis: a view.  (rows, gates * d) -> (gates, rows, d)

    What is stored so has no gaps within a gate: a product of one gate takes half the time, and so does the matrix
    product, of which OpenBLAS has a fast kind for small ones (32 x 128 x 512: 53 µs whole, 38 by gates).
    """
    return a.reshape((len(a), gates, a.shape[1] // gates)).swapaxes(0, 1)


def side_by_side(a: np.ndarray) -> np.ndarray:
    """Undoes `by_gate`.  (gates, rows, d) -> (rows, gates * d)"""
    return a.swapaxes(0, 1).reshape((a.shape[1], len(a) * a.shape[2]))


def transposed_by_gate(w: Any, gates: int, dtype: Any) -> np.ndarray:
    """The weight of each gate, to be multiplied from the right.  (gates * d, d) -> (gates, d, d)"""
    return np.ascontiguousarray(w.reshape((gates, w.shape[1], w.shape[1])).swapaxes(1, 2), dtype)


def states_before(first: Any, after: Any, sizes: Sizes, reverse: bool) -> Any:
    """The state that each row starts from, given the first ones and those after each row.  (n, d), (rows, d)"""
    return concatenate([first, after])[places(len(first), sizes, reverse)[0]]


def handed_back(g: Any, new: Any) -> Any:
    """The gradient of all n states, where those of the sequences that run at this step, the first, are `new`."""
    return new if len(new) == len(g) else concatenate([new, g[len(new) :]])


def in_order(parts: list[Any], reverse: bool) -> Any:
    """Joins what was found for each step on the way back; `reverse` was the direction of the way forward."""
    return concatenate(parts if reverse else parts[::-1])


def floating(*arrays: Any) -> np.dtype[Any]:
    """The dtype of the result."""
    return np.result_type(*arrays, np.float16)


def check(name: str, x: Any, w: Any, sizes: Sizes | None, gates: int, **states: Any) -> None:
    """Raise unless the inputs' share, the weight, the steps and the first states of an op fit together."""
    d = w.shape[-1] if w.ndim else 0
    if w.shape != (gates * d, d):
        rows = f"{gates} * d" if gates > 1 else "d"
        raise ValueError(f"{name}: expected a weight of shape ({rows}, d), but got shape {w.shape}. Transpose it?")
    wanted = "(t, n, " if sizes is None else "(rows, "
    if x.ndim != (3 if sizes is None else 2) or x.shape[-1] != len(w):
        raise ValueError(
            f"{name}: expected the inputs' share x of shape {wanted}{len(w)}), but got shape {x.shape}. "
            f"The weight has shape {w.shape}; without sizes x has an axis of steps, with them it has not."
        )
    if not len(x):
        raise ValueError(f"{name}: expected at least one step, but got x of shape {x.shape}. Skip empty sequences.")
    if sizes is not None and (list(sizes) != sorted(sizes, reverse=True) or sum(sizes) != len(x)):
        raise ValueError(
            f"{name}: expected sizes that do not grow and add up to the {len(x)} rows of x, but got {sizes}. "
            f"They say how many sequences run at each step."
        )
    n = x.shape[1] if sizes is None else sizes[0]
    for state, value in states.items():
        if value.shape != (n, d):
            raise ValueError(f"{name}: expected {state} of shape {(n, d)}, but got shape {value.shape}.")


# ---- the plain recurrent layer ----


def _squashed(a: np.ndarray, nonlinearity: str) -> None:
    if nonlinearity == "tanh":
        np.tanh(a, out=a)
    else:
        np.maximum(a, 0, out=a)


def _rnn_forward(
    x: Any, h0: Any, w: Any, sizes: Sizes | None, reverse: bool, nonlinearity: str
) -> tuple[np.ndarray, np.ndarray]:
    """All states, and the one that each row started from, for the way back."""
    x, h0, w = map(np.asarray, (x, h0, w))
    check("rnn", x, w, sizes, 1, h0=h0)
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"rnn: expected the nonlinearity 'tanh' or 'relu', but got {nonlinearity!r}.")
    y = np.empty(flat(x).shape, floating(x, h0, w))
    before, now, w_t = np.empty_like(y), np.array(h0, y.dtype), np.ascontiguousarray(w.T, y.dtype)
    for rows, k in walk(sizes_of(x.shape, sizes), reverse):
        before[rows] = now[:k]
        h = np.matmul(before[rows], w_t, out=y[rows])  # (k, d) @ (d, d) -> (k, d)
        h += flat(x)[rows]
        _squashed(h, nonlinearity)
        now[:k] = h
    return y.reshape(x.shape), before


def _rnn_joint(
    g: Any, y: Any, before: Any, x: Any, h0: Any, w: Any, sizes: Sizes | None, reverse: bool, nonlinearity: str
) -> tuple[Any, ...]:
    """The gradients of all inputs in one walk back."""
    y, g = flat(y), flat(g)
    gx = 1 - y * y if nonlinearity == "tanh" else (y > 0).astype(y.dtype)
    gh = np.zeros(h0.shape, y.dtype)
    for rows, k in walk(sizes_of(x.shape, sizes), not reverse):
        gh[:k] += g[rows]
        gx[rows] *= gh[:k]
        np.matmul(gx[rows], w, out=gh[:k])
    return gx.reshape(x.shape), gh, gx.T @ before


class _RNNGradients(NamedTuple):
    x: Any
    h0: Any
    w: Any


def rnn_gradients(
    g: Any, y: Any, x: Any, h0: Any, w: Any, sizes: Sizes | None, reverse: bool, nonlinearity: str
) -> _RNNGradients:
    """Backpropagation through time: the gradient of a state is what arrives there and what comes from the next one.

    ``gh[t] = g[t] + ga[t + 1] @ w`` and, for the sums, ``ga[t] = gh[t] * f'(a[t])``.
    """
    sizes = sizes_of(x.shape, sizes)
    h, g = flat(y), flat(g)
    slope = 1.0 - h * h if nonlinearity == "tanh" else where(h > 0, 1.0, 0.0 * h)
    gh, parts = np.zeros(h0.shape, y.dtype), []
    for rows, k in walk(sizes, not reverse):
        ga = (g[rows] + gh[:k]) * slope[rows]
        gh = handed_back(gh, ga @ w)
        parts.append(ga)
    ga = in_order(parts, reverse)
    return _RNNGradients(ga.reshape(x.shape), gh, ga.mT @ states_before(h0, h, sizes, reverse))


@differentiable(
    lambda g, y, x, h0, w, sizes, reverse, nonlinearity: rnn_gradients(g, y, x, h0, w, sizes, reverse, nonlinearity).x,
    lambda g, y, x, h0, w, sizes, reverse, nonlinearity: rnn_gradients(g, y, x, h0, w, sizes, reverse, nonlinearity).h0,
    lambda g, y, x, h0, w, sizes, reverse, nonlinearity: rnn_gradients(g, y, x, h0, w, sizes, reverse, nonlinearity).w,
    saving=_rnn_forward,
    joint=_rnn_joint,
)
def rnn(
    x: Operand, h0: Operand, w: Operand, sizes: Sizes | None = None, reverse: bool = False, nonlinearity: str = "tanh"
) -> Any:
    """The states of a plain recurrent layer: ``h[t] = tanh(x[t] + h[t - 1] @ w.T)``, or with relu.

    Gradient: backwards through time, ``gh[t] = g[t] + ga[t + 1] @ w`` for each state and ``ga[t] = gh[t] * (1 -
    h[t]**2)`` for each sum (relu: where h is above 0; 0 at 0). It is ga for x, ``sum of ga[t].T @ h[t - 1]`` for w, and
    what arrives before the first step for h0.

    Parameters
    ----------
    x : Tensor or array, (t, n, d)
        The inputs' share of the sums, biases included; (rows, d) with `sizes`.
    h0 : Tensor or array, (n, d)
        The state before the first step.
    w : Tensor or array, (d, d)
        The weight of the state.
    sizes : tuple of int, optional
        How many sequences run at each step, for sequences of several lengths.
    reverse : bool
        Whether each sequence is run from its last step to its first.
    nonlinearity : {"tanh", "relu"}

    Returns
    -------
    Tensor or array of the shape of x
        All states.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Elman, Finding structure in time, 1990. Werbos, Backpropagation through time, 1990.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.recurrent import rnn
    >>> x, h0, w = tg.Tensor([[[1.0]], [[0.0]]]), tg.zeros((1, 1)), tg.ones((1, 1))
    >>> rnn(x, h0, w).round(4).ravel()
    Tensor([0.7616, 0.642 ])
    """
    return _rnn_forward(x, h0, w, sizes, reverse, nonlinearity)[0]
