"""Recurrent cells: one step of the recurrent layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ... import dtypes
from ...ops.gru import gru
from ...ops.layer import linear
from ...ops.lstm import lstm
from ...ops.recurrent import rnn
from ..checks import check_size, shape_of
from ..module import Module
from ..parameter import Parameter
from .base import States, both, checked_nonlinearity, reset


class Cell(Module):
    """What `RNNCell`, `LSTMCell` and `GRUCell` have in common."""

    _gates = 1
    _states: tuple[str, ...] = ("hx",)

    def __init__(self, input_size: int, hidden_size: int, bias: bool, dtype: DTypeLike | None) -> None:
        check_size(type(self).__name__, "input_size", input_size)
        check_size(type(self).__name__, "hidden_size", hidden_size, least=1)
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows, dtype = self._gates * hidden_size, dtype or dtypes.get_default_dtype()
        self.weight_ih = Parameter(np.zeros((rows, input_size), dtype))
        self.weight_hh = Parameter(np.zeros((rows, hidden_size), dtype))
        self.bias_ih = Parameter(np.zeros(rows, dtype)) if bias else None
        self.bias_hh = Parameter(np.zeros(rows, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew, uniform between ``± 1 / sqrt(hidden_size)``."""
        reset(self, self.hidden_size)

    def _checked(self, input: Any, states: States | None) -> tuple[Any, States, Any]:
        """Input (n, d) and states (n, h), zeros if None; and the index that takes the batch off where there was none.

        A sequence of one step is what the ops of recurrent layers take: (1, n, d).
        """
        name, d = type(self).__name__, self.input_size
        shape = shape_of(name, input)
        if len(shape) not in (1, 2) or shape[-1] != d:
            raise ValueError(
                f"{name}: expected an input of shape (n, {d}), or ({d},) without a batch, but got shape {shape}."
            )
        wanted = (*shape[:-1], self.hidden_size)
        if states is None:
            states = tuple(np.zeros(wanted, self.weight_hh.dtype) for _ in self._states)
        for what, state in zip(self._states, states, strict=True):
            if shape_of(name, state) != wanted:
                raise ValueError(
                    f"{name}: expected {what} of shape {wanted} for an input of shape {shape}, but got shape "
                    f"{state.shape}."
                )
        if len(shape) == 2:
            return input[None], states, 0
        return input[None, None], tuple(s[None] for s in states), (0, 0)

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones, as PyTorch writes them."""
        unusual = [] if self.bias else ["bias=False"]
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            unusual.append("nonlinearity=relu")
        return ", ".join([str(self.input_size), str(self.hidden_size), *unusual])


class RNNCell(Cell):
    """One step of a plain recurrent layer: ``h' = tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)``.

    Parameters
    ----------
    input_size, hidden_size : int
        The lengths of the input and of the state.
    bias : bool
        Whether b_ih and b_hh are added.
    nonlinearity : {"tanh", "relu"}
    dtype : dtype, optional
        The dtype of the parameters; the default dtype if None.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter of shape (hidden_size, input_size) and (hidden_size, hidden_size)
    bias_ih, bias_hh : Parameter of shape (hidden_size,), or None
        All start uniform between ``± 1 / sqrt(hidden_size)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> cell = nn.RNNCell(3, 4)
    >>> h = tg.zeros((2, 4))
    >>> for x in tg.randn(5, 2, 3):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        dtype: DTypeLike | None = None,
    ) -> None:
        self.nonlinearity = checked_nonlinearity("RNNCell", nonlinearity)
        super().__init__(input_size, hidden_size, bias, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next state.  (n, input_size), (n, hidden_size) -> (n, hidden_size), or all without n

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x, (h,), here = self._checked(input, None if hx is None else (hx,))
        a = linear(x, self.weight_ih, both(self.bias_ih, self.bias_hh))
        return rnn(a, h, self.weight_hh, nonlinearity=self.nonlinearity)[here]


class LSTMCell(Cell):
    """One step of long short-term memory: see `LSTM`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype
        As in `RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter of shape (4 * hidden_size, input_size) and (4 * hidden_size, hidden_size)
        Of the gates i, f, g, o one upon the other.
    bias_ih, bias_hh : Parameter of shape (4 * hidden_size,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> h, c = nn.LSTMCell(3, 4)(tg.randn(2, 3))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    _gates = 4
    _states = ("h_0", "c_0")

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """The next output and cell.  (n, input_size), two (n, hidden_size) -> two (n, hidden_size), or all without n

        Raises
        ------
        ValueError
            If the shapes do not fit.
        TypeError
            If `hx` is not a tuple of two.
        """
        if hx is not None and not (isinstance(hx, (tuple, list)) and len(hx) == 2):
            raise TypeError(f"LSTMCell: expected a tuple (h_0, c_0) as hx, but got {type(hx).__name__}.")
        x, (h, c), here = self._checked(input, None if hx is None else tuple(hx))
        h, c = lstm(linear(x, self.weight_ih, both(self.bias_ih, self.bias_hh)), h, c, self.weight_hh)
        return h[here], c[here]


class GRUCell(Cell):
    """One step of gated recurrent units: see `GRU`.

    Parameters
    ----------
    input_size, hidden_size, bias, dtype
        As in `RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh : Parameter of shape (3 * hidden_size, input_size) and (3 * hidden_size, hidden_size)
        Of the gates r, z, n one upon the other.
    bias_ih, bias_hh : Parameter of shape (3 * hidden_size,), or None

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.GRUCell(3, 4)(tg.randn(2, 3)).shape
    (2, 4)
    """

    _gates = 3

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, dtype: DTypeLike | None = None) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The next state.  (n, input_size), (n, hidden_size) -> (n, hidden_size), or all without n

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x, (h,), here = self._checked(input, None if hx is None else (hx,))
        return gru(linear(x, self.weight_ih, self.bias_ih), h, self.weight_hh, self.bias_hh)[here]
