"""Attention: each query takes a weighted mean of the values, with weights that say how well it fits their keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import differentiable
from .layer import kept as rescale

Operand = Any


def _powers(scores: Any) -> tuple[Any, Any]:
    """``exp(scores - max)`` of each row, made in place, and one divided by the sum; 0 for a row of minus infinities."""
    m = np.maximum.reduce(scores, axis=-1, keepdims=True, initial=np.finfo(scores.dtype).min)
    e = np.exp(np.subtract(scores, m, out=scores), out=scores)
    total = np.add.reduce(e, axis=-1, keepdims=True)
    return e, np.divide(1, total, out=np.zeros_like(total), where=total != 0)


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
    e, r = _powers(np.array(scores, None if np.asarray(scores).dtype.kind == "f" else np.float64))
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


def _like(x: Any, a: Any, b: Any) -> Any:
    """``a @ b``, laid out in memory as `x` is where it has the shape of x: heads may be a view of joined features."""
    fits = a.shape[:-1] == x.shape[:-1] and b.shape[-1] == x.shape[-1] and a.ndim == b.ndim == x.ndim
    return np.matmul(a, b, out=np.empty_like(x, np.result_type(a, b)) if fits else None)


def _attended(q: Any, k: Any, v: Any, bias: Any, mask: Any, scale: float, p: float) -> tuple[Any, Any]:
    """The result, and for the way back: the powers, those of them that were not dropped, and 1 / sum."""
    scores = np.matmul(q * scale, k.mT)  # (..., t, e) @ (..., e, s) -> (..., t, s)
    if bias is not None:
        scores = np.add(scores, bias, out=scores if np.broadcast(scores, bias).shape == scores.shape else None)
    e, r = _powers(scores)
    left = e if mask is None else e * mask
    y = _like(q, left, v)
    y *= r if mask is None else r * rescale(p)
    return y, (e, left, r)


def _gradients(
    g: Any, y: Any, saved: Any, q: Any, k: Any, v: Any, bias: Any, mask: Any, scale: float, p: float
) -> tuple[Any, ...]:
    """The formulas of `attention`, all at once."""
    e, left, r = saved
    shared = np.add.reduce(g * y, axis=-1, keepdims=True) * r  # sum(gw * w) / sum
    g = g * (r if mask is None else r * rescale(p))
    gv = _like(v, left.mT, g)
    gs = np.matmul(g, v.mT)
    if mask is not None:
        gs *= mask
    gs -= shared
    gs *= e
    gk = _like(k, gs.mT, q)
    gk *= scale
    gq = _like(q, gs, k)
    gq *= scale
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
