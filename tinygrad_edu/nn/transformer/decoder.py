"""The decoder: every place attends to those before it, and to what the encoder made."""

from __future__ import annotations

from typing import Any

from ..attention import MultiheadAttention
from ..module import Module
from .base import Block, Stack


class TransformerDecoderLayer(Block):
    """Self-attention, attention to a memory, and a small network, each beside a connection that passes it by.

    ``x = norm1(x + dropout1(self_attn(x, x, x)))``, ``x = norm2(x + dropout2(multihead_attn(x, memory, memory)))`` and
    ``x = norm3(x + dropout3(linear2(dropout(activation(linear1(x))))))``; with `norm_first` the norms come first.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, dtype
        As for `TransformerEncoderLayer`.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(tg.randn(5, 3, 8), memory=tg.randn(5, 7, 8)).shape
    (5, 3, 8)
    """

    _attentions = ("self_attn", "multihead_attn")
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """Let every place attend to the others, and to the memory.  (t, n, d), (s, n, d) -> (t, n, d)

        Parameters
        ----------
        tgt : Tensor or array, (t, n, d), (n, t, d) if `batch_first`, or (t, d)
        memory : Tensor or array, (s, n, d), (n, s, d) if `batch_first`, or (s, d)
        tgt_mask, tgt_key_padding_mask : Tensor or array, optional
            `attn_mask` and `key_padding_mask` of the self-attention; see `MultiheadAttention`.
        memory_mask, memory_key_padding_mask : Tensor or array, optional
            Those of the attention to the memory.
        tgt_is_causal, memory_is_causal : bool
            That the mask is the causal one; the mask is needed all the same.
        """

        def to_itself(x: Any) -> Any:
            return self._attended(self.self_attn, x, x, tgt_mask, tgt_key_padding_mask, tgt_is_causal)

        def to_memory(x: Any) -> Any:
            mask, padding = memory_mask, memory_key_padding_mask
            return self._attended(self.multihead_attn, x, memory, mask, padding, memory_is_causal)

        x = self._beside(1, tgt, to_itself)
        x = self._beside(2, x, to_memory)
        return self._beside(3, x, self._fed_forward)


class TransformerDecoder(Stack):
    """Copies of a decoder layer, one after another.

    Parameters
    ----------
    decoder_layer : Module
        It is copied with its weights, so all layers start alike.
    num_layers : int
    norm : Module, optional
        What comes at the end.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> nn.TransformerDecoder(layer, num_layers=3)(tg.randn(3, 5, 8), tg.randn(7, 5, 8)).shape
    (3, 5, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self._make(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """All layers after each other; the masks are those of each.  (t, n, d), (s, n, d) -> (t, n, d)"""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return self._finished(tgt)
