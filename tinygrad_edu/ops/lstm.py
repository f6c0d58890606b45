"""Long short-term memory: a whole sequence in one direction as one op."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..engine import differentiable
from .activation import sigmoid
from .joining import concatenate
from .recurrent import (
    Sizes,
    by_gate,
    check,
    flat,
    floating,
    handed_back,
    in_order,
    side_by_side,
    sizes_of,
    states_before,
    transposed_by_gate,
    walk,
)
from .trigonometric import tanh

Operand = Any


def quarters(a: Any) -> tuple[Any, Any, Any, Any]:
    """The four gates that stand side by side.  (rows, 4 d) -> 4 times (rows, d)"""
    d = a.shape[-1] // 4
    return a[:, :d], a[:, d : 2 * d], a[:, 2 * d : 3 * d], a[:, 3 * d :]


def _forward(
    x: Any, h0: Any, c0: Any, w: Any, sizes: Sizes | None, reverse: bool
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """All states; and for the way back all gates, and the states that each row started from."""
    x, h0, c0, w = map(np.asarray, (x, h0, c0, w))
    check("lstm", x, w, sizes, 4, h0=h0, c0=c0)
    sums, dtype = by_gate(flat(x), 4), floating(x, h0, c0, w)
    (n, d), total = h0.shape, sums.shape[1]
    gates, y, before = np.empty((4, total, d), dtype), np.empty((2, total, d), dtype), np.empty((2, total, d), dtype)
    now, part, w_t = np.stack([h0, c0]).astype(dtype), np.empty((n, d), dtype), transposed_by_gate(w, 4, dtype)
    scale, shift = (np.array(v, dtype).reshape(4, 1, 1) for v in ([0.5, 0.5, 1.0, 0.5], [0.5, 0.5, 0.0, 0.5]))
    for rows, k in walk(sizes_of(x.shape, sizes), reverse):
        before[:, rows] = now[:, :k]
        a, h, c = gates[:, rows], y[0, rows], y[1, rows]
        np.matmul(before[0, rows], w_t, out=a)  # (k, d) @ (4, d, d) -> (4, k, d)
        a += sums[:, rows]
        a *= scale
        np.tanh(a, out=a)  # one for all four: sigmoid(a) = (tanh(a / 2) + 1) / 2
        a *= scale
        a += shift
        i, f, u, o = a
        np.multiply(f, before[1, rows], out=c)
        c += np.multiply(i, u, out=part[:k])
        np.multiply(o, np.tanh(c, out=h), out=h)
        now[:, :k] = y[:, rows]
    return y.reshape((2, *x.shape[:-1], d)), (gates, before)


def _joint(
    g: Any, y: Any, saved: Any, x: Any, h0: Any, _c0: Any, w: Any, sizes: Sizes | None, reverse: bool
) -> tuple[Any, ...]:
    """The gradients of all inputs in one walk back: `gradients`, written into buffers."""
    gates, before = saved
    (i, f, u, o), (h_before, c_before) = gates, before
    (n, d), total, dtype = h0.shape, len(h_before), gates.dtype
    g, tanh_c = g.reshape((2, total, d)), np.tanh(y[1].reshape((total, d)))
    ga = np.stack([u * i * (1 - i), c_before * f * (1 - f), i * (1 - u * u), tanh_c * o * (1 - o)])
    h_to_c = o * (1 - tanh_c * tanh_c)
    w, (gh, gc, part), shares = w.reshape((4, d, d)), np.zeros((3, n, d), dtype), np.empty((4, n, d), dtype)
    for rows, k in walk(sizes_of(x.shape, sizes), not reverse):
        gh_t, gc_t, a = gh[:k], gc[:k], ga[:, rows]  # a: slopes, which become gradients
        gh_t += g[0, rows]
        gc_t += g[1, rows]
        gc_t += np.multiply(gh_t, h_to_c[rows], out=part[:k])
        a[:3] *= gc_t
        a[3] *= gh_t
        gc_t *= f[rows]
        np.add.reduce(np.matmul(a, w, out=shares[:, :k]), axis=0, out=gh_t)  # (4, k, d) @ (4, d, d) -> (4, k, d)
    ga = side_by_side(ga)
    return ga.reshape(x.shape), gh, gc, ga.T @ h_before


class _Gradients(NamedTuple):
    x: Any
    h0: Any
    c0: Any
    w: Any


def gradients(g: Any, y: Any, x: Any, h0: Any, c0: Any, w: Any, sizes: Sizes | None, reverse: bool) -> _Gradients:
    """Backpropagation through time, by ops.

    ``gh[t] = g[t] + ga[t + 1] @ w``; ``gc[t] = gh[t] * o * (1 - tanh(c)**2) + gc[t + 1] * f[t + 1]``; and for the sums
    ``ga[t] = (gc * u * i', gc * c[t - 1] * f', gc * i * u', gh * tanh(c) * o')``, where ' is the slope of a gate.
    """
    sizes, rows_by_d = sizes_of(x.shape, sizes), (2, -1, h0.shape[-1])
    (h, c), (g_h, g_c) = y.reshape(rows_by_d), g.reshape(rows_by_d)
    h_before, c_before = (states_before(s0, s, sizes, reverse) for s0, s in ((h0, h), (c0, c)))
    i, f, u, o = quarters(flat(x) + h_before @ w.mT)
    i, f, u, o, tanh_c = sigmoid(i), sigmoid(f), tanh(u), sigmoid(o), tanh(c)
    slopes = u * i * (1.0 - i), c_before * f * (1.0 - f), i * (1.0 - u * u), tanh_c * o * (1.0 - o)
    from_c, from_h = concatenate(slopes[:3], -1), slopes[3]
    h_to_c = o * (1.0 - tanh_c * tanh_c)
    gh = gc = np.zeros(h0.shape, y.dtype)
    parts = []
    for rows, k in walk(sizes, not reverse):
        gh_t = g_h[rows] + gh[:k]
        gc_t = g_c[rows] + gc[:k] + gh_t * h_to_c[rows]
        ga = concatenate([concatenate([gc_t, gc_t, gc_t], -1) * from_c[rows], gh_t * from_h[rows]], -1)
        gh, gc = handed_back(gh, ga @ w), handed_back(gc, gc_t * f[rows])
        parts.append(ga)
    ga = in_order(parts, reverse)
    return _Gradients(ga.reshape(x.shape), gh, gc, ga.mT @ h_before)


@differentiable(
    lambda g, y, x, h0, c0, w, sizes, reverse: gradients(g, y, x, h0, c0, w, sizes, reverse).x,
    lambda g, y, x, h0, c0, w, sizes, reverse: gradients(g, y, x, h0, c0, w, sizes, reverse).h0,
    lambda g, y, x, h0, c0, w, sizes, reverse: gradients(g, y, x, h0, c0, w, sizes, reverse).c0,
    lambda g, y, x, h0, c0, w, sizes, reverse: gradients(g, y, x, h0, c0, w, sizes, reverse).w,
    saving=_forward,
    joint=_joint,
)
def lstm(x: Operand, h0: Operand, c0: Operand, w: Operand, sizes: Sizes | None = None, reverse: bool = False) -> Any:
    """The states of a layer of long short-term memory: its outputs h and its cells c.

    The sums ``a[t] = x[t] + h[t - 1] @ w.T`` are those of four gates side by side, ``i, f, o = sigmoid`` and ``u =
    tanh`` of theirs, in the order i, f, u, o; then ``c[t] = f * c[t - 1] + i * u`` and ``h[t] = o * tanh(c[t])``.

    Gradient: backwards through time, ``gh[t] = g[t] + ga[t + 1] @ w`` for each output, ``gc[t] = gh[t] * o * (1 -
    tanh(c)**2) + gc[t + 1] * f[t + 1]`` for each cell, and for the sums ``ga = (gc * u * i * (1 - i), gc * c[t - 1] * f
    * (1 - f), gc * i * (1 - u**2), gh * tanh(c) * o * (1 - o))``. It is ga for x, ``sum of ga[t].T @ h[t - 1]`` for w.

    Parameters
    ----------
    x : Tensor or array, (t, n, 4 d)
        The inputs' share of the sums, biases included; (rows, 4 d) with `sizes`.
    h0, c0 : Tensor or array, (n, d)
        The states before the first step.
    w : Tensor or array, (4 d, d)
        The weight of the outputs.
    sizes : tuple of int, optional
        How many sequences run at each step, for sequences of several lengths.
    reverse : bool
        Whether each sequence is run from its last step to its first.

    Returns
    -------
    Tensor or array, (2, t, n, d) or (2, rows, d)
        All h, and all c.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Hochreiter, Schmidhuber: Long short-term memory, 1997. Gers, Schmidhuber, Cummins: Learning to forget, 2000.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.lstm import lstm
    >>> x, state, w = tg.zeros((3, 1, 4)), tg.ones((1, 1)), tg.zeros((4, 1))
    >>> h, c = lstm(x, state, state, w)
    >>> c.ravel()
    Tensor([0.5  , 0.25 , 0.125])
    """
    return _forward(x, h0, c0, w, sizes, reverse)[0]
