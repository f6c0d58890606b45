"""Attention of queries to keys and values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ....ops.attention import attention
from ....ops.repetition import repeat
from ...checks import check_probability, shape_of
from .masks import as_bias, causal_bias, kept_weights

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array

NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    attn_mask: Operand = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(scale * query @ key.T + mask) @ value``: each query's mean of the values, weighted by how keys fit.

    A query that may attend to nothing gets 0.

    Parameters
    ----------
    query : Tensor or array, (..., t, e)
    key, value : Tensor or array, (..., s, e) and (..., s, f)
    attn_mask : Tensor or array that broadcasts to (..., t, s), optional
        Of bools: True where the query may attend to the key. Of floats: added to the scores.
    dropout_p : float
        With which probability each weight is dropped; always, as this function knows of no eval: pass 0.0 there.
    is_causal : bool
        Whether a query attends only to keys that are not later than itself: query i to the keys 0..i.
    scale : float, optional
        ``1 / sqrt(e)`` if not given, which keeps the variance of the scores at 1.
    enable_gqa : bool
        Whether several heads of the query, axis -3, share a head of key and value: grouped query attention.

    Returns
    -------
    Tensor or array, (..., t, f)

    Raises
    ------
    ValueError
        If shapes do not fit, or both `attn_mask` and `is_causal` are given.
    TypeError
        If the mask holds integers.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017. Ainslie et al.: GQA: training generalized multi-query transformer
    models, 2023.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> x = tg.Tensor([[1.0], [3.0]])
    >>> F.scaled_dot_product_attention(0 * x, x, x)
    Tensor([[2.],
            [2.]])
    >>> F.scaled_dot_product_attention(0 * x, x, x, is_causal=True)
    Tensor([[1.],
            [2.]])
    """
    check_probability(NAME, "a probability dropout_p", dropout_p)
    if enable_gqa:
        key, value = (_for_all_heads(query, x, what) for x, what in ((key, "key"), (value, "value")))
    shape = _scores_shape(query, key, value)
    if is_causal and attn_mask is not None:
        raise ValueError(f"{NAME}: expected attn_mask or is_causal, but got both. Put both into the mask.")
    dtype = query.dtype if query.dtype.kind == "f" else np.dtype(np.float64)
    bias = causal_bias(shape[-2], shape[-1], dtype) if is_causal else None
    if attn_mask is not None:
        bias = as_bias(NAME, "attn_mask", attn_mask, dtype, allows=True)
        shape = _with_mask(shape, bias)
    scale = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else scale
    return attention(query, key, value, bias, kept_weights(dropout_p, shape), scale, dropout_p)


def _for_all_heads(query: Operand, x: Operand, what: str) -> Any:
    """The heads of `x`, each several times in a row, so that there are as many as of the query."""
    many, few = (shape_of(NAME, each)[-3:-2] for each in (query, x))
    if not (many and few and few[0] and many[0] % few[0] == 0):
        raise ValueError(
            f"{NAME}: expected the heads of the query, its axis -3, to be a multiple of those of the {what}, "
            f"but got query {query.shape} and {what} {x.shape}."
        )
    return repeat(x, many[0] // few[0], -3)


def _scores_shape(query: Operand, key: Operand, value: Operand) -> tuple[int, ...]:
    """The shape of the scores, if queries, keys and values fit together.  (..., t, s)"""
    q, k, v = (shape_of(NAME, x) for x in (query, key, value))
    if min(map(len, (q, k, v))) >= 2 and q[-1] == k[-1] and k[-2] == v[-2]:
        try:
            return (*np.broadcast_shapes(q[:-2], k[:-2], v[:-2]), q[-2], k[-2])
        except ValueError:
            pass
    raise ValueError(
        f"{NAME}: expected a query (..., t, e), a key (..., s, e) and a value (..., s, f) whose first axes broadcast, "
        f"but got query {q}, key {k} and value {v}."
    )


def _with_mask(shape: tuple[int, ...], bias: Operand) -> tuple[int, ...]:
    """The shape of the scores with the mask added."""
    try:
        whole = np.broadcast_shapes(shape, bias.shape)
    except ValueError:
        whole = ()
    if whole[-2:] != shape[-2:]:
        raise ValueError(
            f"{NAME}: expected an attn_mask that broadcasts to the scores {shape}, (..., queries, keys), but got "
            f"shape {bias.shape}."
        )
    return whole
