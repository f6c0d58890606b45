"""A bound on the length of the weights of each unit."""

from __future__ import annotations

import numpy as np

from ... import memory
from ...ops.operands import checked_axes
from ...shapes import Axes
from ...tensor import Tensor
from ..module import Module
from .penalties import Weights, weights


def max_norm_(ws: Weights | Tensor, c: float, axis: Axes = None) -> None:
    """Shrink, in place, the weights w of each unit that are longer than c: ``w <- w * min(1, c / ||w||)``.

    To be called after each step of the optimizer; it lets the learning rate be large, as no weight can blow up.

    Parameters
    ----------
    ws : Module, Tensor or iterable of Tensors
        The weights; of a module those of two or more axes: see `weights`.
    c : float above 0
        The greatest length; 3 to 4 is usual.
    axis : int or tuple of ints, optional
        The axes that the weights of one unit fill. Without it all but the first, which is right for `Linear`
        (out, in), convolutions (out, in, k, l) and the rows of an `Embedding`; an array of one axis is one unit.

    Raises
    ------
    ValueError
        If c is not above 0, or there are no weights.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = tg.Tensor([[3.0, 4.0], [0.6, 0.8]], requires_grad=True)
    >>> nn.regularization.max_norm_(w, 2.5)
    >>> w
    Tensor([[1.5, 2. ],
            [0.6, 0.8]], requires_grad=True)
    """
    if not c > 0:
        raise ValueError(f"max_norm_: expected a length c above 0, but got {c!r}.")
    found = weights(ws) if isinstance(ws, Module) else [ws] if isinstance(ws, Tensor) else list(ws)
    if not found:
        raise ValueError("max_norm_: expected at least one weight, but got none. Biases and scales are not bounded.")
    for w in found:
        axes = checked_axes("max_norm_", tuple(range(min(1, w.ndim - 1), w.ndim)) if axis is None else axis, w.shape)
        lengths = np.sqrt(np.add.reduce(w.data * w.data, axis=axes, keepdims=True))
        if (lengths > c).any():
            np.multiply(w.data, (c / np.maximum(lengths, c)).astype(w.dtype), out=w.data)
            memory.stamp(w.data)
