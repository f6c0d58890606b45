"""What recurrent layers have in common."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ... import dtypes
from ...ops.axes import swapaxes
from ...ops.joining import concatenate, stack
from ...ops.recurrent import Sizes, places
from .. import functional, init
from ..checks import check_flags, check_probability, check_size, shape_of
from ..module import Module
from ..parameter import Parameter
from ..utils.rnn import PackedSequence

States = tuple[Any, ...]  # one or two arrays


def reset(module: Module, hidden_size: int) -> None:
    """Draw all parameters anew, uniform between ``± 1 / sqrt(hidden_size)``."""
    bound = 1 / math.sqrt(hidden_size)
    for p in module.parameters():
        init.uniform_(p, -bound, bound)


def at_end(n: int, sizes: Sizes | None, reverse: bool) -> Any:
    """The index of the step that each of n sequences ends with; with `reverse` the first one."""
    if sizes is None:
        return 0 if reverse else -1
    return places(n, sizes, reverse)[1] - n


def both(b_ih: Any, b_hh: Any) -> Any:
    """The sum of two biases, which may both be None."""
    return None if b_ih is None else b_ih + b_hh


def checked_nonlinearity(name: str, nonlinearity: str) -> str:
    """`nonlinearity`, which must be one that a recurrent layer knows."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{name}: expected the nonlinearity 'tanh' or 'relu', but got {nonlinearity!r}.")
    return nonlinearity


class Recurrent(Module):
    """What `RNN`, `LSTM` and `GRU` have in common: layers, directions, forms of the input."""

    _gates = 1
    _states: tuple[str, ...] = ("h_0",)
    proj_size = 0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        dtype: DTypeLike | None,
    ) -> None:
        name = type(self).__name__
        check_size(name, "input_size", input_size)
        check_size(name, "hidden_size", hidden_size, least=1)
        check_size(name, "num_layers", num_layers, least=1)
        check_probability(name, "a probability dropout", dropout)
        check_flags(name, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} drops outputs between layers, and there is only one. "
                f"Use num_layers=2 or more, or nn.Dropout after it.",
                stacklevel=3,
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        self._add_parameters(dtype or dtypes.get_default_dtype())
        self.reset_parameters()

    def _add_parameters(self, dtype: DTypeLike) -> None:
        rows, out, given = self._gates * self.hidden_size, self._output_size, self.input_size
        for layer in range(self.num_layers):
            for suffix in self._suffixes(layer):
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, given), "weight_hh": (rows, out)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {}
                shapes |= {"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {}
                for kind, shape in shapes.items():
                    setattr(self, kind + suffix, Parameter(np.zeros(shape, dtype)))
            given = out * len(self._suffixes(layer))

    @property
    def _output_size(self) -> int:
        """The length of h, in one direction."""
        return self.proj_size or self.hidden_size

    def _suffixes(self, layer: int) -> list[str]:
        """What the names of the parameters of one layer end with, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def reset_parameters(self) -> None:
        """Draw all parameters anew, uniform between ``± 1 / sqrt(hidden_size)``."""
        reset(self, self.hidden_size)

    def flatten_parameters(self) -> None:
        """PyTorch's: nothing to do here."""

    # ---- forms of the input ----

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Run all layers over a sequence, several of one length, or packed ones.

        Parameters
        ----------
        input : Tensor or array, (t, n, input_size), or PackedSequence
            With `batch_first` (n, t, input_size); without a batch (t, input_size).
        hx : Tensor or array, (num_layers * directions, n, hidden_size), optional
            The states before the first step, zeros if None; for an LSTM h_0 and c_0. Without a batch they have no n.

        Returns
        -------
        output : Tensor, (t, n, directions * hidden_size), or PackedSequence
            The states of the last layer at all steps, the direction backwards after the one forwards.
        h_n : Tensor, (num_layers * directions, n, hidden_size)
            The state of each layer and direction after its last step; for an LSTM h_n and c_n.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        if isinstance(input, PackedSequence):
            return self._run_packed(input, hx)
        shape = self._checked_shape(input)
        alone = len(shape) == 2
        swapped = self.batch_first and not alone
        x = input[:, None] if alone else swapaxes(input, 0, 1) if swapped else input  # -> (t, n, d)
        states = self._checked_states(hx, () if alone else (x.shape[1],))
        if alone:  # (k, d) -> (k, 1, d)
            states = tuple(s[:, None] for s in states)
        y, last = self._run(x, states, None)
        y = y[:, 0] if alone else swapaxes(y, 0, 1) if swapped else y
        return y, self._handed_out(tuple(s[:, 0] for s in last) if alone else last)

    def _run_packed(self, input: PackedSequence, hx: Any) -> Any:
        """Sequences of several lengths: their states go with them when they are sorted, and come back in order."""
        data, batch_sizes, order, back = input
        if data.ndim != 2 or data.shape[1] != self.input_size:
            raise ValueError(
                f"{type(self).__name__}: expected packed data of shape (rows, {self.input_size}), but got shape "
                f"{data.shape}. Its last axis is input_size={self.input_size} long."
            )
        sizes = tuple(batch_sizes.tolist())
        states = self._checked_states(hx, sizes[:1])
        y, last = self._run(data, states if order is None else tuple(s[:, order.data] for s in states), sizes)
        last = last if back is None else tuple(s[:, back.data] for s in last)
        return PackedSequence(y, batch_sizes, order, back), self._handed_out(last)

    def _handed_out(self, states: States) -> Any:
        return states if len(self._states) > 1 else states[0]

    def _checked_shape(self, input: Any) -> tuple[int, ...]:
        name, d = type(self).__name__, self.input_size
        shape = shape_of(name, input)
        wanted = f"({'n, t' if self.batch_first else 't, n'}, {d}), or (t, {d}) without a batch"
        if len(shape) not in (2, 3) or shape[-1] != d:
            raise ValueError(f"{name}: expected an input of shape {wanted}, but got shape {shape}.")
        if not shape[1 if self.batch_first and len(shape) == 3 else 0]:
            raise ValueError(f"{name}: expected at least one step in an input of shape {wanted}, but got {shape}.")
        return shape

    def _checked_states(self, hx: Any, batch: tuple[int, ...]) -> States:
        """The states before the first step, one or two; none at all if `hx` is None."""
        if hx is None:
            return ()
        name, names = type(self).__name__, self._states
        several = isinstance(hx, (tuple, list))
        wanted = f"a tuple ({', '.join(names)})" if len(names) > 1 else "one array h_0"
        if several != (len(names) > 1):
            raise TypeError(f"{name}: expected {wanted} as hx, but got {type(hx).__name__}.")
        states = hx if several else (hx,)
        if len(states) != len(names):
            raise ValueError(f"{name}: expected {wanted} as hx, but got {len(states)} of them.")
        directions = self.num_layers * (1 + self.bidirectional)
        for what, state, d in zip(names, states, (self._output_size, self.hidden_size), strict=False):
            shape = (directions, *batch, d)
            if shape_of(name, state) != shape:
                raise ValueError(
                    f"{name}: expected {what} of shape {shape}, but got shape {state.shape}. "
                    f"It is (num_layers * directions, {'batch, ' if batch else ''}size of the state)."
                )
        return tuple(states)

    # ---- the layers ----

    def _run(self, x: Any, states: States, sizes: Sizes | None) -> tuple[Any, States]:
        """All layers.  (t, n, d) -> (t, n, directions * d'), and (layers * directions, n, d') of each state"""
        last: list[States] = []
        for layer in range(self.num_layers):
            if layer:
                x = functional.dropout(x, self.dropout, self.training)
            outputs = []
            for suffix in self._suffixes(layer):
                first = tuple(s[len(last)] for s in states)
                y, ends = self._run_layer(x, first, suffix, sizes, suffix.endswith("reverse"))
                outputs.append(y)
                last.append(ends)
            x = outputs[0] if len(outputs) == 1 else concatenate(outputs, -1)
        return x, tuple(stack(parts) for parts in zip(*last, strict=True))

    def _run_layer(self, x: Any, first: States, suffix: str, sizes: Sizes | None, reverse: bool) -> tuple[Any, States]:
        """One layer in one direction: all its outputs, and its states after the last step."""
        raise NotImplementedError

    def _parameters_of(self, suffix: str) -> list[Any]:
        """weight_ih, weight_hh, bias_ih and bias_hh of one layer in one direction."""
        return [getattr(self, kind + suffix, None) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def _zeros(self, x: Any, sizes: Sizes | None, number: int = 1) -> list[np.ndarray]:
        """States of zeros for a layer with the input `x`."""
        n = x.shape[1] if sizes is None else sizes[0]
        return [np.zeros((n, self.hidden_size), x.dtype) for _ in range(number)]

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones, as PyTorch writes them."""
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": 0}
        settings = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return ", ".join([str(self.input_size), str(self.hidden_size), *settings])
