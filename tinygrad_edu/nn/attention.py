"""Attention with several heads, as a module."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .. import dtypes
from . import functional, init
from .checks import check_probability, check_size
from .linear import Linear
from .module import Module
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear`, under the name by which PyTorch's repr of attention calls the last projection."""


class MultiheadAttention(Module):
    """Attention with several heads: each attends on its own to a part of the features.

    ``y = concat(attention(q_i, k_i, v_i) for each head i) @ W_out.T + b_out`` with ``q = query @ W_q.T + b_q``, whose
    i-th part of the features is that of head i; and k and v likewise.

    Parameters
    ----------
    embed_dim : int
        The number of features d, of the query and of the output.
    num_heads : int
        The number of heads h, a divisor of d.
    dropout : float
        With which probability a weight is dropped in training.
    bias : bool
        Whether the projections have a bias.
    add_bias_kv : bool
        Whether a key and a value that are learned are appended to those of every sample.
    add_zero_attn : bool
        Whether a key and a value of zeros are appended.
    kdim, vdim : int, optional
        The number of features of key and value; d if None.
    batch_first : bool
        Whether the batch is the first axis, (n, t, d), and not the second, (t, n, d).
    dtype : dtype, optional
        Of the parameters; the default dtype if None.

    Attributes
    ----------
    in_proj_weight : Parameter of shape (3 * d, d), or None
        The projections of query, key and value below each other; they start by `xavier_uniform_`.
    q_proj_weight, k_proj_weight, v_proj_weight : Parameters of shapes (d, d), (d, kdim) and (d, vdim), or None
        In its place where `kdim` or `vdim` differs from d.
    in_proj_bias : Parameter of shape (3 * d,), or None
        It starts at 0.
    out_proj : Linear
        Its bias starts at 0.
    bias_k, bias_v : Parameters of shape (1, 1, d), or None
        They start by `xavier_normal_`.

    Raises
    ------
    ValueError
        If `embed_dim` is no multiple of `num_heads`.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.MultiheadAttention(8, 2, batch_first=True)
    >>> x = tg.randn(5, 3, 8)
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape
    ((5, 3, 8), (5, 3, 3))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        for name, size in (("embed_dim", embed_dim), ("num_heads", num_heads)):
            check_size("MultiheadAttention", name, size, least=1)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: expected embed_dim to be a multiple of num_heads, but got {embed_dim} and "
                f"{num_heads}. Each head takes embed_dim / num_heads features."
            )
        check_probability("MultiheadAttention", "a probability dropout", dropout)
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = (embed_dim if size is None else size for size in (kdim, vdim))
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        dtype = dtype or dtypes.get_default_dtype()

        def parameter(there: bool, *shape: int) -> Parameter | None:
            return Parameter(np.zeros(shape, dtype)) if there else None

        d, same = embed_dim, self._same_dims
        self.in_proj_weight = parameter(same, 3 * d, d)
        self.q_proj_weight = parameter(not same, d, d)
        self.k_proj_weight = parameter(not same, d, self.kdim)
        self.v_proj_weight = parameter(not same, d, self.vdim)
        self.in_proj_bias = parameter(bias, 3 * d)
        self.bias_k, self.bias_v = parameter(add_bias_kv, 1, 1, d), parameter(add_bias_kv, 1, 1, d)
        self.out_proj = NonDynamicallyQuantizableLinear(d, d, bias, dtype)
        self.reset_parameters()

    @property
    def _same_dims(self) -> bool:
        return self.kdim == self.vdim == self.embed_dim

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        self.out_proj.reset_parameters()
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Let each query attend to the keys.  (t, n, d), (s, n, kdim), (s, n, vdim) -> (t, n, d), (n, t, s)

        Parameters
        ----------
        query, key, value : Tensor or array
            With the batch first, (n, t, d), if the layer is `batch_first`; or without a batch, (t, d).
        key_padding_mask : Tensor or array, (n, s) or (s,), optional
            Of bools: True where a key is not to be attended to. Of floats: added to its scores.
        need_weights : bool
            Whether the weights are returned too; without them it is faster.
        attn_mask : Tensor or array, (t, s) or (n * h, t, s), optional
            Of bools: True where the query must not attend to the key. Of floats: added to the scores.
        average_attn_weights : bool
            Whether the weights are the mean over the heads, (n, t, s), and not those of each, (n, h, t, s).
        is_causal : bool
            That `attn_mask` is the causal one; the mask is needed all the same.

        Returns
        -------
        tuple
            The output, of the shape of the query, and the weights, or None. A query that may attend to nothing has
            weights of 0, where PyTorch has NaN if the weights are needed.

        Raises
        ------
        ValueError
            If shapes do not fit.
        """
        return functional.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._same_dims,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            batch_first=self.batch_first,
        )
