"""Attention: each query takes a weighted mean of the values, with weights that say how well it fits their keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine import differentiable
from ..threads import cores, in_parts
from .layer import kept as rescale
from .softmax import harmless

Operand = Any


def _powers(scores: Any) -> Any:
    """Make ``exp(scores - max)`` of each row, in place; one divided by its sum, or 0 if all are minus infinity."""
    if not harmless(scores):
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True, initial=np.finfo(scores.dtype).min)
    e = np.exp(scores, out=scores)
    total = e @ np.ones((e.shape[-1], 1), e.dtype)  # for rows of 64 a quarter of the time that summing takes
    return np.divide(1, total, out=np.zeros_like(total), where=total != 0)


@differentiable(lambda g, y, scores: y * (g - (g * y).sum(-1, keepdims=True)))
def attention_softmax(scores: Operand) -> Any:
    """Softmax over the last axis; a row of minus infinities, where nothing may be attended to, becomes 0, not NaN.

    Gradient: ``y * (g - sum(g * y))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.attention import attention_softmax
    >>> attention_softmax(tg.Tensor([[0.0, 0.0], [0.0, -float("inf")], [-float("inf"), -float("inf")]]))
    Tensor([[0.5, 0.5],
            [1. , 0. ],
            [0. , 0. ]])
    """
    e = np.array(scores, None if np.asarray(scores).dtype.kind == "f" else np.float64)
    r = _powers(e)
    return np.multiply(e, r, out=e)


def weights(q: Operand, k: Operand, bias: Operand, scale: float) -> Any:
    """How much each query takes of each value: ``softmax(scale * q @ k.T + bias)``.  (..., t, s)"""
    scores = (q * scale) @ k.mT
    return attention_softmax(scores if bias is None else scores + bias)


def _dropped(a: Any, mask: Any, p: float) -> Any:
    return a if mask is None else a * mask * rescale(p)


def _score_gradient(g: Any, q: Any, k: Any, v: Any, bias: Any, mask: Any, scale: float, p: float) -> Any:
    """The gradient for the scores: that of the softmax, ``w * (gw - sum(gw * w))``.  (..., t, s)"""
    w, gw = weights(q, k, bias, scale), _dropped(g @ v.mT, mask, p)
    return w * (gw - (gw * w).sum(-1, keepdims=True))


# ---- the fast way: the softmax is not divided by its sum, which the much smaller y and g are instead ----


_MANY = 1 << 17  # scores, from which on another thread is worth it


def _samples(work: Callable[[Any], None], scores: Any) -> None:
    """``work(at)`` for all samples of the first axis, of many scores for some in one thread and for some in another."""
    n = len(scores) if scores.ndim > 2 else 1
    if n == 1 or scores.size < _MANY:
        work(...)
    else:
        in_parts(lambda first, last: work(slice(first, last)), n, cores())


def _aligned(*arrays: Any) -> list[Any]:
    """The arrays, or views of them, with the same first axes; None stays None."""
    batch = np.broadcast_shapes(*[x.shape[:-2] for x in arrays if x is not None])
    return [x if x is None or x.shape[:-2] == batch else np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in arrays]


def _room(x: Any, d: int, dtype: Any) -> Any:
    """An array like `x` but for its last axis, in memory laid out as x: heads are a view of features side by side."""
    return np.empty_like(x, dtype) if x.shape[-1] == d else np.empty((*x.shape[:-1], d), dtype)


def _attended(q: Any, k: Any, v: Any, bias: Any, mask: Any, scale: float, p: float) -> tuple[Any, Any]:
    """The result, and for the way back: the powers, those of them that were not dropped, and 1 / sum."""
    q, k, v, bias, mask = _aligned(q, k, v, None if bias is None else np.atleast_2d(bias), mask)
    dtype = np.result_type(scale, *[x for x in (q, k, v, bias) if x is not None])
    y, e = _room(q, v.shape[-1], dtype), np.empty((*q.shape[:-1], k.shape[-2]), dtype)
    left, r = e if mask is None else np.empty_like(e), np.empty((*q.shape[:-1], 1), dtype)

    def work(at: Any) -> None:
        np.matmul(q[at] * scale, k[at].mT, out=e[at])  # (..., t, e) @ (..., e, s) -> (..., t, s)
        if bias is not None:
            e[at] += bias[at]
        r[at] = _powers(e[at])
        if mask is not None:
            np.multiply(e[at], mask[at], out=left[at])
        np.matmul(left[at], v[at], out=y[at])
        y[at] *= r[at] if mask is None else r[at] * rescale(p)

    _samples(work, e)
    return y, (e, left, r)


def _gradients(
    g: Any, y: Any, saved: Any, q: Any, k: Any, v: Any, bias: Any, mask: Any, scale: float, p: float
) -> tuple[Any, ...]:
    """The formulas of `attention`, all at once."""
    e, left, r = saved
    q, k, v, mask = _aligned(q, k, v, None if mask is None else np.broadcast_to(mask, e.shape))
    gs, (gq, gk, gv) = np.empty_like(e), (_room(x, x.shape[-1], e.dtype) for x in (q, k, v))

    def work(at: Any) -> None:
        shared = np.add.reduce(g[at] * y[at], axis=-1, keepdims=True) * r[at]  # sum(gw * w) / sum
        h = g[at] * (r[at] if mask is None else r[at] * rescale(p))
        np.matmul(left[at].mT, h, out=gv[at])
        np.matmul(h, v[at].mT, out=gs[at])
        if mask is not None:
            gs[at] *= mask[at]
        gs[at] -= shared
        gs[at] *= e[at]
        np.matmul(gs[at].mT, q[at] * scale, out=gk[at])
        np.matmul(gs[at], k[at] * scale, out=gq[at])

    _samples(work, e)
    return gq, gk, gv, None if bias is None else gs, None


@differentiable(
    lambda g, y, q, k, v, bias, mask, scale, p: _score_gradient(g, q, k, v, bias, mask, scale, p) @ k * scale,
    lambda g, y, q, k, v, bias, mask, scale, p: _score_gradient(g, q, k, v, bias, mask, scale, p).mT @ q * scale,
    lambda g, y, q, k, v, bias, mask, scale, p: _dropped(weights(q, k, bias, scale), mask, p).mT @ g,
    lambda g, y, q, k, v, bias, mask, scale, p: _score_gradient(g, q, k, v, bias, mask, scale, p),
    None,
    saving=_attended,
    joint=_gradients,
)
def attention(
    q: Operand,
    k: Operand,
    v: Operand,
    bias: Operand = None,
    mask: Operand = None,
    scale: float = 1.0,
    p: float = 0.0,
) -> Any:
    """``softmax(scale * q @ k.T + bias) @ v``: for each query the mean of the values, weighted by how their keys fit.

    A query that may attend to nothing, its row of the bias minus infinity throughout, gets 0.

    Gradient: with the weights w, ``gw = g @ v.T`` and ``gs = w * (gw - sum(gw * w))``, it is ``scale * gs @ k`` for q,
    ``scale * gs.T @ q`` for k, ``w.T @ g`` for v, and ``gs`` for the bias.

    Parameters
    ----------
    q : Tensor or array, (..., t, e)
        Queries.
    k, v : Tensor or array, (..., s, e) and (..., s, f)
        Keys and values.
    bias : Tensor or array, (..., t, s), optional
        Added to the scores: minus infinity forbids.
    mask : array of bools, (..., t, s), optional
        Which weights are kept, where some are dropped in training.
    scale : float
    p : float
        The probability with which weights were dropped.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.ops.attention import attention
    >>> q, k, v = tg.Tensor([[9.0, 0.0]]), tg.Tensor([[9.0, 0.0], [0.0, 9.0]]), tg.Tensor([[1.0], [2.0]])
    >>> attention(q, k, v)
    Tensor([[1.]])
    """
    return _attended(q, k, v, bias, mask, scale, p)[0]
