"""The encoder: every place attends to every other."""

from __future__ import annotations

from typing import Any

from ..attention import MultiheadAttention
from ..module import Module
from .base import Block, Stack


class TransformerEncoderLayer(Block):
    """Self-attention and a small network, each beside a connection that passes it by, with dropout and layer norm.

    ``x = norm1(x + dropout1(self_attn(x, x, x)))`` and then
    ``x = norm2(x + dropout2(linear2(dropout(activation(linear1(x))))))``; with `norm_first`
    ``x = x + dropout1(self_attn(norm1(x), ...))``, and so on.

    Parameters
    ----------
    d_model : int
        The number of features d.
    nhead : int
        The number of heads, a divisor of d.
    dim_feedforward : int
        The hidden features of the small network.
    dropout : float
        With which probability an element, and a weight of the attention, is dropped in training.
    activation : {"relu", "gelu"} or callable
    layer_norm_eps : float
        Added to the variance in the norms.
    batch_first : bool
        Whether the batch is the first axis, (n, t, d), and not the second, (t, n, d).
    norm_first : bool
        Whether the norms come before attention and network, which trains deep stacks more easily.
    bias : bool
        Whether projections, network and norms have biases.
    dtype : dtype, optional
        Of the parameters; the default dtype if None.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017. Xiong et al.: On layer normalization in the transformer
    architecture, 2020 (the norm first).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(tg.randn(5, 3, 8)).shape
    (5, 3, 8)
    """

    _attentions = ("self_attn",)
    self_attn: MultiheadAttention

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """Let every place attend to the others.  (t, n, d), of the same shape out

        Parameters
        ----------
        src : Tensor or array, (t, n, d), (n, t, d) if `batch_first`, or (t, d)
        src_mask, src_key_padding_mask : Tensor or array, optional
            `attn_mask` and `key_padding_mask` of `MultiheadAttention`.
        is_causal : bool
            That `src_mask` is the causal one; the mask is needed all the same.
        """
        x = self._beside(
            1, src, lambda x: self._attended(self.self_attn, x, x, src_mask, src_key_padding_mask, is_causal)
        )
        return self._beside(2, x, self._fed_forward)


class TransformerEncoder(Stack):
    """Copies of an encoder layer, one after another.

    Parameters
    ----------
    encoder_layer : Module
        It is copied with its weights, so all layers start alike.
    num_layers : int
    norm : Module, optional
        What comes at the end.
    enable_nested_tensor, mask_check : bool
        PyTorch's arguments: taken, and without effect.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
    >>> nn.TransformerEncoder(layer, num_layers=3)(tg.randn(3, 5, 8)).shape
    (3, 5, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        self._make(encoder_layer, num_layers, norm)
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """All layers after each other; the masks are those of each.  (t, n, d), of the same shape out

        Places that are padding get numbers too, which mean nothing (PyTorch in eval makes them 0).
        """
        for layer in self.layers:
            src = layer(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=bool(is_causal))
        return self._finished(src)
