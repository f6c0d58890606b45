"""The gated recurrent unit: a whole sequence in one direction as one op."""

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


def thirds(a: Any) -> tuple[Any, Any, Any]:
    """The three gates that stand side by side.  (rows, 3 d) -> 3 times (rows, d)"""
    d = a.shape[-1] // 3
    return a[:, :d], a[:, d : 2 * d], a[:, 2 * d :]


def _forward(
    x: Any, h0: Any, w: Any, b: Any, sizes: Sizes | None, reverse: bool
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """All states; and for the way back all gates, the state's share of the third sum, and the states before."""
    x, h0, w = map(np.asarray, (x, h0, w))
    b = np.zeros(len(w), w.dtype) if b is None else np.asarray(b)
    check("gru", x, w, sizes, 3, h0=h0)
    if b.shape != (len(w),):
        raise ValueError(f"gru: expected a bias of shape ({len(w)},), but got shape {b.shape}.")
    sums, dtype = by_gate(flat(x), 3), floating(x, h0, w, b)
    (n, d), total = h0.shape, sums.shape[1]
    gates, (y, before, share) = np.empty((3, total, d), dtype), np.empty((3, total, d), dtype)
    now, own, w_t, b = (
        np.array(h0, dtype),
        np.empty((3, n, d), dtype),
        transposed_by_gate(w, 3, dtype),
        b.reshape(3, 1, d),
    )
    for rows, k in walk(sizes_of(x.shape, sizes), reverse):
        before[rows] = now[:k]
        a, rz, (r, z, u), h = own[:, :k], gates[:2, rows], gates[:, rows], y[rows]
        np.matmul(before[rows], w_t, out=a)  # (k, d) @ (3, d, d) -> (3, k, d)
        a += b
        share[rows] = a[2]
        np.add(a[:2], sums[:2, rows], out=rz)
        rz *= 0.5
        np.tanh(rz, out=rz)
        rz += 1
        rz *= 0.5  # sigmoid(a) = (tanh(a / 2) + 1) / 2
        np.multiply(r, a[2], out=u)
        u += sums[2, rows]
        np.tanh(u, out=u)
        np.subtract(before[rows], u, out=h)
        h *= z
        h += u  # u + z * (h - u)
        now[:k] = h
    return y.reshape((*x.shape[:-1], d)), (gates, share, before)


def _joint(
    g: Any, y: Any, saved: Any, x: Any, h0: Any, w: Any, b: Any, sizes: Sizes | None, reverse: bool
) -> tuple[Any, ...]:
    """The gradients of all inputs in one walk back: `gradients`, written into buffers."""
    (r, z, u), share, before = saved
    g, (n, d), total, dtype = flat(g), h0.shape, len(before), y.dtype
    h_to_u = (1 - z) * (1 - u * u)
    ga = np.stack([h_to_u * share * r * (1 - r), (before - u) * z * (1 - z), h_to_u * r])
    w, arrived = w.reshape((3, d, d)), np.empty((total, d), dtype)
    shares, gh = np.empty((3, n, d), dtype), np.zeros((n, d), dtype)
    for rows, k in walk(sizes_of(x.shape, sizes), not reverse):
        gh_t, a = np.add(gh[:k], g[rows], out=arrived[rows]), ga[:, rows]  # a: slopes, which become gradients
        a *= gh_t
        np.add.reduce(np.matmul(a, w, out=shares[:, :k]), axis=0, out=gh[:k])  # (3, k, d) @ (3, d, d) -> (3, k, d)
        gh[:k] += gh_t * z[rows]
    ga = side_by_side(ga)
    gx = ga.copy()
    np.multiply(arrived, h_to_u, out=gx[:, 2 * d :])
    return gx.reshape(x.shape), gh, ga.T @ before, None if b is None else np.add.reduce(ga, axis=0)


class _Gradients(NamedTuple):
    x: Any
    h0: Any
    w: Any
    b: Any


def gradients(g: Any, y: Any, x: Any, h0: Any, w: Any, b: Any, sizes: Sizes | None, reverse: bool) -> _Gradients:
    """Backpropagation through time, by ops.

    ``gh[t] = g[t] + gh[t + 1] * z[t + 1] + ga[t + 1] @ w``; ``gx = (gu * m * r', gh * (h[t - 1] - u) * z', gu)`` with
    ``gu = gh * (1 - z) * u'``, where ' is the slope of a gate; and ga is gx with ``gu * r`` at the third place.
    """
    sizes = sizes_of(x.shape, sizes)
    h, g = flat(y), flat(g)
    before = states_before(h0, h, sizes, reverse)
    own = before @ w.mT if b is None else before @ w.mT + b
    (xr, xz, xu), (ar, az, m) = thirds(flat(x)), thirds(own)
    r, z = sigmoid(xr + ar), sigmoid(xz + az)
    u = tanh(xu + r * m)
    h_to_u, h_to_z, u_to_r = (1.0 - z) * (1.0 - u * u), (before - u) * z * (1.0 - z), m * r * (1.0 - r)
    to_x = concatenate([h_to_u * u_to_r, h_to_z, h_to_u], -1)
    to_a = concatenate([h_to_u * u_to_r, h_to_z, h_to_u * r], -1)
    gh, parts = np.zeros(h0.shape, y.dtype), []
    for rows, k in walk(sizes, not reverse):
        gh_t = g[rows] + gh[:k]
        three = concatenate([gh_t, gh_t, gh_t], -1)
        gh = handed_back(gh, gh_t * z[rows] + (three * to_a[rows]) @ w)
        parts.append(three)
    three = in_order(parts, reverse)
    ga = three * to_a
    return _Gradients((three * to_x).reshape(x.shape), gh, ga.mT @ before, ga)


@differentiable(
    lambda g, y, x, h0, w, b, sizes, reverse: gradients(g, y, x, h0, w, b, sizes, reverse).x,
    lambda g, y, x, h0, w, b, sizes, reverse: gradients(g, y, x, h0, w, b, sizes, reverse).h0,
    lambda g, y, x, h0, w, b, sizes, reverse: gradients(g, y, x, h0, w, b, sizes, reverse).w,
    lambda g, y, x, h0, w, b, sizes, reverse: gradients(g, y, x, h0, w, b, sizes, reverse).b,
    saving=_forward,
    joint=_joint,
)
def gru(
    x: Operand, h0: Operand, w: Operand, b: Operand = None, sizes: Sizes | None = None, reverse: bool = False
) -> Any:
    """The states of a layer of gated recurrent units.

    With the state's share ``a[t] = h[t - 1] @ w.T + b`` and the gates in the order r, z, u, side by side:
    ``r = sigmoid(x_r + a_r)``, ``z = sigmoid(x_z + a_z)``, ``u = tanh(x_u + r * a_u)`` and ``h[t] = (1 - z) * u + z *
    h[t - 1]``.

    Gradient: backwards through time, ``gh[t] = g[t] + gh[t + 1] * z[t + 1] + ga[t + 1] @ w`` for each state,
    ``gx = (gu * a_u * r * (1 - r), gh * (h[t - 1] - u) * z * (1 - z), gu)`` with ``gu = gh * (1 - z) * (1 - u**2)`` for
    x, and ga, which is gx but ``gu * r`` at the third place, for b; ``sum of ga[t].T @ h[t - 1]`` for w.

    Parameters
    ----------
    x : Tensor or array, (t, n, 3 d)
        The inputs' share of the sums, with its bias; (rows, 3 d) with `sizes`.
    h0 : Tensor or array, (n, d)
        The state before the first step.
    w : Tensor or array, (3 d, d)
        The weight of the state.
    b : Tensor or array, (3 d,), optional
        The bias of the state's share.
    sizes : tuple of int, optional
        How many sequences run at each step, for sequences of several lengths.
    reverse : bool
        Whether each sequence is run from its last step to its first.

    Returns
    -------
    Tensor or array, (t, n, d) or (rows, d)
        All states.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder, 2014. The paper has r inside the product,
    ``(r * h[t - 1]) @ w_u``; here, as in PyTorch, it stands before it, which cuDNN can do as one matrix product.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.gru import gru
    >>> gru(tg.zeros((3, 1, 3)), tg.ones((1, 1)), tg.zeros((3, 1))).ravel()
    Tensor([0.5  , 0.25 , 0.125])
    """
    return _forward(x, h0, w, b, sizes, reverse)[0]
