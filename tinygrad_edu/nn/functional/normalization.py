"""Batch and instance normalization, and how their running statistics follow the batches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import memory
from ...ops.elementwise import sqrt
from ...ops.normalization import standardize, standardize_affine
from ...ops.normalizing import Saved, moments
from ...ops.operands import detached
from ...ops.shape import reshape
from ..checks import shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any
Shape = tuple[int, ...]


def normalized(x: Operand, weight: Operand, bias: Operand, axes: Any, eps: float) -> Any:
    """`x` standardized over `axes`, times `weight` and plus `bias`, if there are such."""
    if weight is not None and x.size:
        return standardize_affine(x, weight, bias, axes, eps)
    y = standardize(x, axes, eps) if x.size else x  # nothing has no mean, and needs none
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


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
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel.  (n, c, ...) -> (n, c, ...)

    In training mean and variance are those of the batch, the variance divided by its number of elements m (biased),
    and the running ones are moved towards them in place:
    ``running = (1 - momentum) * running + momentum * batch``. Otherwise the running ones are used. An empty batch
    leaves them as they are.

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
    per_channel = _check("batch_norm", input, running_mean, running_var, weight, bias, training)
    if training and math.prod((input.shape[0], *input.shape[2:])) == 1:
        raise ValueError(
            f"batch_norm: expected more than one value per channel in training, but got shape {input.shape}: "
            f"its variance is 0. Use larger batches, drop the last one, or call eval()."
        )
    if not training:
        return _by_running(input, running_mean, running_var, weight, bias, eps, per_channel)
    axes = (0, *range(2, input.ndim))
    y = normalized(input, _spread(weight, per_channel), _spread(bias, per_channel), axes, eps)
    if running_mean is not None:
        _follow(running_mean, running_var, input, y, axes, momentum, unbiased)
    return y


def instance_norm(
    input: Operand,
    running_mean: Operand = None,
    running_var: Operand = None,
    weight: Operand = None,
    bias: Operand = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` for each channel of each sample.  (n, c, ...) -> (n, c, ...)

    Mean and variance are those of one channel of one sample. Running ones, if given, are moved towards their average
    over the batch, as `batch_norm` does it, and are used instead without `use_input_stats`.

    Parameters
    ----------
    input : Tensor or array, (n, c, ...)
    running_mean, running_var, weight, bias : Tensor or array, (c,), optional
    use_input_stats : bool
    momentum, eps : float

    Raises
    ------
    ValueError
        If shapes do not fit, or a channel of a sample is a single element.

    References
    ----------
    Ulyanov, Vedaldi, Lempitsky: Instance normalization, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.instance_norm(tg.Tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=0.0)
    Tensor([[[-1.,  1.],
             [-1.,  1.]]])
    """
    per_channel = _check("instance_norm", input, running_mean, running_var, weight, bias, use_input_stats)
    if not use_input_stats:
        return _by_running(input, running_mean, running_var, weight, bias, eps, per_channel)
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(
            f"instance_norm: expected more than one value per channel of a sample, but got shape {input.shape}: "
            f"its variance is 0. Use larger inputs, or another normalization."
        )
    axes = tuple(range(2, input.ndim))
    y = normalized(input, _spread(weight, per_channel), _spread(bias, per_channel), axes, eps)
    if running_mean is not None:
        _follow(running_mean, running_var, input, y, axes, momentum, unbiased=True)
    return y


def _spread(x: Operand, per_channel: Shape) -> Operand:
    """One number per channel, in the shape that broadcasts to the input.  (c,) -> (c, 1, ...)"""
    return x if x is None or len(per_channel) == 1 else reshape(x, per_channel)


def _by_running(
    input: Operand, mean: Operand, var: Operand, weight: Operand, bias: Operand, eps: float, per_channel: Shape
) -> Any:
    """The affine map of each channel that a normalization is once its statistics are settled."""
    scale = 1 / sqrt(var + eps)
    scale = scale if weight is None else scale * weight
    y = (input - _spread(mean, per_channel)) * _spread(scale, per_channel)
    return y if bias is None else y + _spread(bias, per_channel)


def _follow(mean: Operand, var: Operand, x: Operand, y: Any, axes: Shape, momentum: float, unbiased: bool) -> None:
    """Move the running `mean` and `var` in place towards those of the batch `x`, averaged over its samples.

    Normalizing `x` has found them already, and kept them if `y` will be differentiated. An empty batch leaves the
    running ones where they are.
    """
    if not math.prod(x.shape):
        return
    m = math.prod(x.shape[k] for k in axes)
    saved = getattr(y, "_saved", None)
    new_mean, new_var = (saved.mean, saved.var) if isinstance(saved, Saved) else moments(detached(x), axes)
    if unbiased:
        new_var = new_var * (m / (m - 1)) if m > 1 else np.zeros_like(new_var)
    for running, new in ((detached(mean), new_mean), (detached(var), new_var)):
        samples = new.reshape(-1, x.shape[1])  # (1, c) for batch norm, (n, c) for instance norm
        per_channel = samples[0] if len(samples) == 1 else samples.mean(0)
        running += (momentum * (per_channel - running)).astype(running.dtype)
        memory.stamp(running)


def _check(
    name: str, input: Operand, running_mean: Operand, running_var: Operand, weight: Operand, bias: Operand, batch: bool
) -> Shape:
    """The shape of one number per channel, if everything fits.  (c, 1, ...)"""
    if len(shape_of(name, input)) < 2:
        raise ValueError(f"{name}: expected an input of shape (n, c) or (n, c, ...), but got shape {input.shape}.")
    c = input.shape[1]
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for label, x in given.items():
        if x is not None and shape_of(name, x) != (c,):
            raise ValueError(
                f"{name}: expected {label} of shape ({c},), one number for each channel of the input "
                f"{input.shape}, but got shape {x.shape}."
            )
    if (running_mean is None) != (running_var is None) or (running_mean is None and not batch):
        raise ValueError(
            f"{name}: expected running_mean and running_var{'' if batch else ' out of training'}, but got "
            f"{'None for both' if running_mean is running_var else 'None for one of them'}."
        )
    return (c, *[1] * (input.ndim - 2))
