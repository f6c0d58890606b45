"""Attention with several heads: each attends on its own to a part of the features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....ops import layer
from ....ops.attention import attention, weights
from ....ops.joining import concatenate
from ....ops.padding import pad_constant
from ....ops.shape import broadcast_to, expand_dims, reshape, squeeze, transpose
from ...checks import check_probability, shape_of
from ..linear import linear
from .masks import as_bias, kept_weights

Operand = Any  # a Tensor or an array

NAME = "multi_head_attention_forward"


def multi_head_attention_forward(
    query: Operand,
    key: Operand,
    value: Operand,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Operand,
    in_proj_bias: Operand,
    bias_k: Operand,
    bias_v: Operand,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Operand,
    out_proj_bias: Operand,
    training: bool = True,
    key_padding_mask: Operand = None,
    need_weights: bool = True,
    attn_mask: Operand = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Operand = None,
    k_proj_weight: Operand = None,
    v_proj_weight: Operand = None,
    static_k: Operand = None,
    static_v: Operand = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    *,
    batch_first: bool = False,
) -> tuple[Any, Any]:
    """What `MultiheadAttention` computes: project, attend in every head, join the heads, project.

    ``y = concat(attention(q_i, k_i, v_i) for each head i) @ W_out.T + b_out`` with ``q = query @ W_q.T + b_q``, whose
    i-th part of the features is that of head i; and k and v likewise.

    Parameters
    ----------
    query : Tensor or array, (t, n, d) or (t, d); (n, t, d) if `batch_first`
    key, value : Tensor or array, (s, n, ...) or (s, ...); (n, s, ...) if `batch_first`
    embed_dim_to_check, num_heads : int
        The features d, and the heads h that they are divided among.
    in_proj_weight, in_proj_bias : Tensor or array, (3 * d, d) and (3 * d,), or None
        Those of query, key and value below each other.
    bias_k, bias_v : Tensor or array, (1, 1, d), or None
        A key and a value that are appended to those of every sample.
    add_zero_attn : bool
        Whether a key and a value of zeros are appended.
    dropout_p : float
        With which probability a weight is dropped in training.
    out_proj_weight, out_proj_bias : Tensor or array, (d, d) and (d,), or None
    key_padding_mask : Tensor or array, (n, s) or (s,), optional
        Of bools: True where a key is not to be attended to. Of floats: added to its scores.
    need_weights : bool
        Whether the weights are returned too, which takes longer.
    attn_mask : Tensor or array, (t, s) or (n * h, t, s), optional
        Of bools: True where the query must not attend to the key (`scaled_dot_product_attention` has it the other way
        round). Of floats: added to the scores.
    use_separate_proj_weight : bool
        Whether `q_proj_weight`, `k_proj_weight` and `v_proj_weight` are given in place of `in_proj_weight`.
    static_k, static_v : Tensor or array, (n * h, s, d / h), optional
        In place of the projected key and value.
    average_attn_weights : bool
        Whether the weights are returned as their mean over the heads.
    is_causal : bool
        That `attn_mask` is the causal one; the mask is needed all the same.
    batch_first : bool
        Whether the batch is the first axis, not the second; not in PyTorch's function.

    Returns
    -------
    tuple
        The output, of the shape of the query; and None or the weights, (n, t, s) or (n, h, t, s), after dropout.

    Raises
    ------
    ValueError
        If shapes do not fit.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn import functional as F
    >>> x, w = np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), np.zeros((6, 2))
    >>> w[4:] = np.eye(2)
    >>> y, weights = F.multi_head_attention_forward(x, x, x, 2, 1, w, None, None, None, False, 0.0, np.eye(2), None)
    >>> y[:, 0], weights[0]
    (array([[2., 3.],
           [2., 3.]]), array([[0.5, 0.5],
           [0.5, 0.5]]))
    """
    check_probability(NAME, "a probability dropout_p", dropout_p)
    _check_inputs(query, key, value, embed_dim_to_check, num_heads, batch_first)
    if is_causal and attn_mask is None:
        raise ValueError(f"{NAME}: expected attn_mask with is_causal, which says what mask it is, but got None.")
    unbatched, batch_axis = len(query.shape) == 2, 0 if batch_first else 1
    if unbatched:
        query, key, value = (expand_dims(x, batch_axis) for x in (query, key, value))

    d, h = embed_dim_to_check, num_heads
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    ws = separate if use_separate_proj_weight else _thirds(in_proj_weight, d)
    q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), ws, _thirds(in_proj_bias, d), strict=True))
    if bias_k is not None:
        k, v = (_appended(x, b, 1 - batch_axis) for x, b in ((k, bias_k), (v, bias_v)))
    q, k, v = (_heads(x, h, batch_axis) for x in (q, k, v))
    n, _, t, e = q.shape
    k, v = (x if given is None else _static(given, n, h, e) for x, given in ((k, static_k), (v, static_v)))
    if add_zero_attn:
        k, v = (pad_constant(x, [(0, 0), (0, 0), (0, 1), (0, 0)]) for x in (k, v))

    added = (bias_k is not None) + bool(add_zero_attn)
    bias = _bias(attn_mask, key_padding_mask, (n, h, t, k.shape[2] - added), added, q.dtype)
    p = dropout_p if training else 0.0
    kept, scale = kept_weights(p, (n, h, t, k.shape[2])), 1 / math.sqrt(e)
    w = None
    if need_weights:
        w = weights(q, k, bias, scale)  # (n, h, t, s)
        w = w if kept is None else layer.dropout(w, kept, p)
        y = w @ v
        w = w.mean(1) if average_attn_weights else w
    else:
        y = attention(q, k, v, bias, kept, scale, p)
    y = linear(_joined(y, batch_axis), out_proj_weight, out_proj_bias)
    if unbatched:
        return squeeze(y, batch_axis), None if w is None else squeeze(w, 0)
    return y, w


def _thirds(x: Operand, d: int) -> Sequence[Any]:
    """The parts of query, key and value.  (3 * d, ...) -> three (d, ...)"""
    return (None, None, None) if x is None else (x[:d], x[d : 2 * d], x[2 * d :])


def _appended(x: Operand, extra: Operand, axis: int) -> Any:
    """`x` and, for each sample, one key or value more.  (n, s, d), (1, 1, d) -> (n, s + 1, d)"""
    shape = tuple(1 if i == axis else size for i, size in enumerate(x.shape))
    return concatenate([x, broadcast_to(extra, shape)], axis)


def _heads(x: Operand, h: int, batch_axis: int) -> Any:
    """The features of each head by themselves.  (n, t, d) or (t, n, d) -> (n, h, t, d / h)"""
    parts = reshape(x, (*x.shape[:2], h, x.shape[2] // h))
    return transpose(parts, (batch_axis, 2, 1 - batch_axis, 3))


def _joined(y: Operand, batch_axis: int) -> Any:
    """The features of all heads beside each other: the adjoint of `_heads`.  (n, h, t, e) -> (n, t, h * e)"""
    parts = transpose(y, (2, 0, 1, 3) if batch_axis else (0, 2, 1, 3))
    return reshape(parts, (*parts.shape[:2], parts.shape[2] * parts.shape[3]))


def _static(x: Operand, n: int, h: int, e: int) -> Any:
    shape = shape_of(NAME, x)
    if len(shape) != 3 or shape[0] != n * h or shape[2] != e:
        raise ValueError(f"{NAME}: expected static_k and static_v of shape ({n * h}, s, {e}), but got shape {shape}.")
    return reshape(x, (n, h, shape[1], e))


def _bias(attn_mask: Operand, padding: Operand, shape: tuple[int, ...], added: int, dtype: np.dtype[Any]) -> Any:
    """Both masks as one, that is added to the scores, with 0 for keys that were appended; None without masks."""
    n, h, t, s = shape
    bias = None
    if attn_mask is not None:
        bias = as_bias(NAME, "attn_mask", attn_mask, dtype, allows=False)
        if bias.shape == (n * h, t, s):
            bias = reshape(bias, shape)
        elif bias.shape != (t, s):
            raise ValueError(
                f"{NAME}: expected an attn_mask of shape ({t}, {s}), (queries, keys), or ({n * h}, {t}, {s}), one for "
                f"each of {n} samples times {h} heads, but got shape {bias.shape}."
            )
    if padding is not None:
        missing = as_bias(NAME, "key_padding_mask", padding, dtype, allows=False)
        if missing.shape != (n, s) and not (n == 1 and missing.shape == (s,)):
            raise ValueError(
                f"{NAME}: expected a key_padding_mask of shape ({n}, {s}), (samples, keys), but got shape "
                f"{missing.shape}."
            )
        missing = reshape(missing, (n, 1, 1, s))
        bias = missing if bias is None else bias + missing
    if bias is None or not added:
        return bias
    return pad_constant(bias, [*[(0, 0)] * (len(bias.shape) - 1), (0, added)])


def _check_inputs(query: Operand, key: Operand, value: Operand, d: int, h: int, batch_first: bool) -> None:
    """Raise unless the inputs fit together."""
    q, k, v = (shape_of(NAME, x) for x in (query, key, value))
    if d % h:
        raise ValueError(f"{NAME}: expected embed_dim to be a multiple of num_heads, but got {d} and {h}.")
    if len(q) not in (2, 3) or q[-1] != d:
        order = "(n, t, d)" if batch_first else "(t, n, d)"
        raise ValueError(f"{NAME}: expected a query {order} or (t, d) with d = {d} features, but got shape {q}.")
    batch = slice(0, 1) if batch_first else slice(1, 2)
    fits = len(k) == len(v) == len(q) and k[:-1] == v[:-1] and (len(q) == 2 or k[batch] == q[batch])
    if not fits:
        raise ValueError(
            f"{NAME}: expected a key and a value for each other, of as many axes and samples as the query, but got "
            f"query {q}, key {k} and value {v}{'' if batch_first else '; the batch is the second axis'}."
        )
