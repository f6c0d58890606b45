"""Encoder and decoder together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ... import dtypes
from ...creation import as_tensor
from ...tensor import Tensor
from .. import functional, init
from ..checks import shape_of
from ..module import Module
from ..normalization import LayerNorm
from .base import Activation
from .decoder import TransformerDecoder, TransformerDecoderLayer
from .encoder import TransformerEncoder, TransformerEncoderLayer


class Transformer(Module):
    """An encoder, which makes a memory of the source, and a decoder, which attends to it.

    Parameters
    ----------
    d_model, nhead : int
        Features and heads.
    num_encoder_layers, num_decoder_layers : int
    dim_feedforward, dropout, activation
        As for `TransformerEncoderLayer`.
    custom_encoder, custom_decoder : Module, optional
        In place of the stacks that are made here.
    layer_norm_eps, batch_first, norm_first, bias, dtype
        As for `TransformerEncoderLayer`.

    Attributes
    ----------
    encoder, decoder : Module
        Each stack ends with a layer norm. All parameters of two axes start by `xavier_uniform_`.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> model = nn.Transformer(8, 2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16, batch_first=True)
    >>> mask = model.generate_square_subsequent_mask(3)
    >>> model(tg.randn(5, 7, 8), tg.randn(5, 3, 8), tgt_mask=mask).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = functional.relu,
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        sizes = (d_model, nhead, dim_feedforward, dropout, activation)
        options = (layer_norm_eps, batch_first, norm_first, bias, dtype)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*sizes, *options), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*sizes, *options), num_decoder_layers, norm()
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters of two axes anew, by `xavier_uniform_`."""
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """What the decoder makes of `tgt` and the encoded `src`.  (s, n, d), (t, n, d) -> (t, n, d)

        Parameters
        ----------
        src, tgt : Tensor or array
            With the batch first if so made; or both without a batch, (s, d) and (t, d).
        src_mask, src_key_padding_mask, src_is_causal
            Of the encoder; see `TransformerEncoderLayer`.
        tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal, memory_is_causal
            Of the decoder; see `TransformerDecoderLayer`.

        Raises
        ------
        ValueError
            If shapes do not fit.
        """
        s, t = shape_of("Transformer", src), shape_of("Transformer", tgt)
        batch = slice(0, 1) if self.batch_first else slice(1, 2)
        alike = len(s) == len(t) and (len(s) == 2 or s[batch] == t[batch])
        if not (alike and s[-1:] == t[-1:] == (self.d_model,)):
            raise ValueError(
                f"Transformer: expected src and tgt with d_model={self.d_model} as their last axis and as many samples "
                f"in both, but got shapes {s} and {t}."
            )
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: DTypeLike | None = None) -> Tensor:
        """The causal mask: 0 where a key is not later than the query, minus infinity elsewhere.  (sz, sz)

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Transformer.generate_square_subsequent_mask(2)
        Tensor([[  0., -inf],
                [  0.,   0.]])
        """
        return as_tensor(np.triu(np.full((sz, sz), -np.inf, dtype or dtypes.get_default_dtype()), k=1))
