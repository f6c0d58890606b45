"""What the layers and the stacks of a transformer have in common."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from numpy.typing import DTypeLike

from .. import functional
from ..attention import MultiheadAttention
from ..checks import check_size
from ..container import ModuleList
from ..dropout import Dropout
from ..linear import Linear
from ..module import Module
from ..normalization import LayerNorm

Activation = Callable[[Any], Any]

ACTIVATIONS: dict[str, Activation] = {"relu": functional.relu, "gelu": functional.gelu}


def chosen(activation: str | Activation) -> Activation:
    """The function of this name, or the function itself."""
    if not isinstance(activation, str):
        return activation
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"Transformer: expected activation='relu' or 'gelu', or a function, but got {activation!r}. "
            f"Pass the function, e.g. F.{activation}."
        )
    return ACTIVATIONS[activation]


class Block(Module):
    """A layer of parts, each beside a connection that passes it by: of attention first, then of a small network.

    Parameters: see `TransformerEncoderLayer`. The parts are attributes, under the names and in the order that PyTorch's
    state dicts and reprs have.
    """

    _attentions: tuple[str, ...]
    linear1: Linear
    linear2: Linear
    dropout: Dropout
    activation: Activation

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Activation = functional.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        parts = range(1, len(self._attentions) + 2)
        for name in self._attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
            self.add_module(name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype)
        self.norm_first = norm_first
        for i in parts:
            self.add_module(f"norm{i}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for i in parts:
            self.add_module(f"dropout{i}", Dropout(dropout))
        self.activation = chosen(activation)

    def _attended(self, attention: MultiheadAttention, x: Any, keys: Any, mask: Any, padding: Any, causal: bool) -> Any:
        return attention(x, keys, keys, attn_mask=mask, key_padding_mask=padding, is_causal=causal, need_weights=False)[
            0
        ]

    def _fed_forward(self, x: Any) -> Any:
        """The small network, of each place by itself."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _beside(self, i: int, x: Any, part: Callable[[Any], Any]) -> Any:
        """``x + part(x)`` with the norm and the dropout of the i-th part, the norm before the part or at the end."""
        norm, dropout = getattr(self, f"norm{i}"), getattr(self, f"dropout{i}")
        if self.norm_first:
            return x + dropout(part(norm(x)))
        return norm(x + dropout(part(x)))


class Stack(Module):
    """Copies of a layer, one after another, and a norm at the end."""

    def _make(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        check_size(type(self).__name__, "num_layers", num_layers)
        self.layers = ModuleList(copy.deepcopy(layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def _finished(self, x: Any) -> Any:
        return x if self.norm is None else self.norm(x)
