"""Batch normalization: the function, and how its running statistics follow the batches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import memory
from ...engine import is_tensor
from ...ops.elementwise import sqrt
from ...ops.normalization import standardize
from ...ops.shape import reshape
from ..checks import shape_of

Operand = Any


def batch_norm(
    input: Operand,
    running_mean: Operand,
    running_var: Operand,
    weight: Operand = None,
    bias: Operand = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
    unbiased: bool = True,
) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel.  (n, c, ...) -> (n, c, ...)

    In training mean and variance are those of the batch, the variance divided by its number of elements m (biased),
    and the running ones are moved towards them in place:
    ``running = (1 - momentum) * running + momentum * batch``. Otherwise the running ones are used.

    Parameters
    ----------
    input : Tensor or array, (n, c) or (n, c, ...)
    running_mean, running_var : Tensor or array, (c,), or None
        None in training keeps none.
    weight, bias : Tensor or array, (c,), optional
        gamma and beta of the paper.
    training : bool
    momentum : float
        The share of the new batch; a course's ``beta`` is ``1 - momentum``.
    eps : float
        Added to the variance.
    unbiased : bool
        Whether the running variance takes the batch's divided by m - 1, as in PyTorch, or by m.

    Raises
    ------
    ValueError
        If shapes do not fit, or the batch has a single element per channel.

    References
    ----------
    Ioffe and Szegedy, Batch normalization, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.batch_norm(tg.Tensor([[1.0], [3.0]]), None, None, training=True, eps=0.0)
    Tensor([[-1.],
            [ 1.]])
    """
    per_channel = _check(input, running_mean, running_var, weight, bias, training)
    if training:
        axes = tuple(i for i in range(input.ndim) if i != 1)
        y = standardize(input, axes, eps)
        if running_mean is not None:
            _follow(_array(running_mean), _array(running_var), _array(input), axes, momentum, unbiased)
        if weight is not None:
            y = y * reshape(weight, per_channel)
    else:
        scale = 1 / sqrt(running_var + eps)
        scale = scale if weight is None else scale * weight
        y = (input - reshape(running_mean, per_channel)) * reshape(scale, per_channel)
    return y if bias is None else y + reshape(bias, per_channel)


def _array(x: Operand) -> np.ndarray:
    return x._data if is_tensor(x) else x  # type: ignore[no-any-return]


def _follow(
    mean: np.ndarray, var: np.ndarray, x: np.ndarray, axes: tuple[int, ...], momentum: float, unbiased: bool
) -> None:
    """Move the running `mean` and `var` in place towards those of the batch `x`."""
    m = x.size // x.shape[1]
    batch_var = x.var(axis=axes, ddof=1 if unbiased else 0) if m > 1 else np.zeros_like(var)
    for running, batch in ((mean, x.mean(axis=axes)), (var, batch_var)):
        running += (momentum * (batch - running)).astype(running.dtype)
        memory.stamp(running)


def _check(
    input: Operand, running_mean: Operand, running_var: Operand, weight: Operand, bias: Operand, training: bool
) -> tuple[int, ...]:
    """The shape of one number per channel, if everything fits.  (1, c, 1, ...)"""
    if len(shape_of("batch_norm", input)) < 2:
        raise ValueError(f"batch_norm: expected an input of shape (n, c) or (n, c, ...), but got shape {input.shape}.")
    c = input.shape[1]
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, x in given.items():
        if x is not None and x.shape != (c,):
            raise ValueError(
                f"batch_norm: expected {name} of shape ({c},), one number for each channel of the input "
                f"{input.shape}, but got shape {x.shape}."
            )
    if (running_mean is None) != (running_var is None) or (running_mean is None and not training):
        raise ValueError(
            f"batch_norm: expected running_mean and running_var{'' if training else ' out of training'}, but got "
            f"{'None for both' if running_mean is running_var else 'None for one of them'}."
        )
    if training and math.prod((input.shape[0], *input.shape[2:])) == 1:
        raise ValueError(
            f"batch_norm: expected more than one value per channel in training, but got shape {input.shape}: "
            f"its variance is 0. Use larger batches, drop the last one, or call eval()."
        )
    return (1, c, *[1] * (input.ndim - 2))
