"""Recurrent layers, over whole sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ...ops.gru import gru
from ...ops.indexing import put
from ...ops.layer import linear
from ...ops.lstm import lstm
from ...ops.recurrent import Sizes, rnn
from ..checks import check_size
from .base import Recurrent, States, at_end, both, checked_nonlinearity


class RNN(Recurrent):
    """Plain recurrent layers: ``h[t] = tanh(x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh)``.

    The states of one layer are the input of the next. All parameters start uniform between ``± 1 / sqrt(hidden_size)``.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the input and of the state at one step.
    num_layers : int
        How many layers stand one upon the other.
    nonlinearity : {"tanh", "relu"}
    bias : bool
        Whether b_ih and b_hh are added.
    batch_first : bool
        Whether input and output are (n, t, d), not (t, n, d). The states are not concerned.
    dropout : float in 0..1
        The probability that an output of a layer, but for the last, is dropped in training.
    bidirectional : bool
        Whether each layer also runs from the last step to the first, with parameters of its own.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Parameter of shape (hidden_size, input_size) and (hidden_size, hidden_size)
        Of the first layer; ``_l1`` is the second, whose input is the first one's output; ``_l0_reverse`` runs back.
    bias_ih_l0, bias_hh_l0 : Parameter of shape (hidden_size,)
        Unless ``bias=False``.

    References
    ----------
    Elman, Finding structure in time, 1990.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> output, h_n = nn.RNN(3, 4, num_layers=2)(tg.randn(5, 2, 3))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.nonlinearity = checked_nonlinearity("RNN", nonlinearity)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype)

    def _run_layer(self, x: Any, first: States, suffix: str, sizes: Sizes | None, reverse: bool) -> tuple[Any, States]:
        w_ih, w_hh, b_ih, b_hh = self._parameters_of(suffix)
        (h0,) = first or self._zeros(x, sizes)
        h = rnn(linear(x, w_ih, both(b_ih, b_hh)), h0, w_hh, sizes, reverse, self.nonlinearity)
        return h, (h[at_end(len(h0), sizes, reverse)],)


class GRU(Recurrent):
    """Layers of gated recurrent units, whose state is a mixture of the old one and a new one.

    With ``x_r = x[t] @ W_ir.T + b_ir``, ``a_r = h[t - 1] @ W_hr.T + b_hr``, and z and n alike:
    ``r = sigmoid(x_r + a_r)``, ``z = sigmoid(x_z + a_z)``, ``n = tanh(x_n + r * a_n)`` and
    ``h[t] = (1 - z) * n + z * h[t - 1]``. The weights of the three stand one upon the other, in the order r, z, n.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype
        As in `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Parameter of shape (3 * hidden_size, input_size) and (3 * hidden_size, hidden_size)
    bias_ih_l0, bias_hh_l0 : Parameter of shape (3 * hidden_size,)
        And so on, as in `RNN`.

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder, 2014; there r stands inside the product,
    ``(r * h) @ W_hn.T``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> output, h_n = nn.GRU(3, 4, batch_first=True, bidirectional=True)(tg.randn(2, 5, 3))
    >>> output.shape, h_n.shape
    ((2, 5, 8), (2, 2, 4))
    """

    _gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype)

    def _run_layer(self, x: Any, first: States, suffix: str, sizes: Sizes | None, reverse: bool) -> tuple[Any, States]:
        w_ih, w_hh, b_ih, b_hh = self._parameters_of(suffix)
        (h0,) = first or self._zeros(x, sizes)
        h = gru(linear(x, w_ih, b_ih), h0, w_hh, b_hh, sizes, reverse)
        return h, (h[at_end(len(h0), sizes, reverse)],)


class LSTM(Recurrent):
    """Layers of long short-term memory: beside its output h each has a cell c that forgets and learns by gates.

    With the sums ``a = x[t] @ W_ih.T + b_ih + h[t - 1] @ W_hh.T + b_hh`` of four gates, in the order i, f, g, o:
    ``i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)``, ``g = tanh(a_g)``, ``c[t] = f * c[t - 1] + i * g`` and
    ``h[t] = o * tanh(c[t])``.

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        As in `RNN`.
    proj_size : int
        If not 0, the length of the output, ``h[t] = (o * tanh(c[t])) @ W_hr.T``; less than hidden_size.
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Parameter of shape (4 * hidden_size, input_size) and (4 * hidden_size, hidden_size)
    bias_ih_l0, bias_hh_l0 : Parameter of shape (4 * hidden_size,)
    weight_hr_l0 : Parameter of shape (proj_size, hidden_size)
        With `proj_size`; weight_hh_l0 has proj_size columns then. And so on, as in `RNN`.

    References
    ----------
    Hochreiter, Schmidhuber: Long short-term memory, 1997. Sak et al., LSTM-based recurrent neural network
    architectures for large vocabulary speech recognition, 2014 (projection).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> layer = nn.LSTM(3, 4, num_layers=2)
    >>> output, (h_n, c_n) = layer(tg.randn(5, 2, 3))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 2, 4), (2, 2, 4), (2, 2, 4))
    """

    _gates = 4
    _states = ("h_0", "c_0")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        dtype: DTypeLike | None = None,
    ) -> None:
        check_size("LSTM", "proj_size", proj_size)
        if proj_size and proj_size >= hidden_size:
            raise ValueError(f"LSTM: expected a proj_size below hidden_size={hidden_size}, but got {proj_size}.")
        self.proj_size = proj_size
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype)

    def _run_layer(self, x: Any, first: States, suffix: str, sizes: Sizes | None, reverse: bool) -> tuple[Any, States]:
        w_ih, w_hh, b_ih, b_hh = self._parameters_of(suffix)
        a, (h0, c0) = linear(x, w_ih, both(b_ih, b_hh)), first or self._zeros(x, sizes, 2)
        n = len(c0)
        end = at_end(n, sizes, reverse)
        if not self.proj_size:
            h, c = lstm(a, h0, c0, w_hh, sizes, reverse)
            return h, (h[end], c[end])
        # Outputs m @ w_hr.T reach the sums as m @ (w_hh @ w_hr).T; only the first one, given, is no such product.
        w_hr = getattr(self, "weight_hr" + suffix)
        if first:
            a = a + put(linear(h0, w_hh), at_end(n, sizes, not reverse), a.shape)
        m, c = lstm(a, np.zeros(c0.shape, c0.dtype), c0, w_hh @ w_hr, sizes, reverse)
        h = linear(m, w_hr)
        return h, (h[end], c[end])
