"""Normalization of each sample by itself: layer, group and root mean square normalization."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...ops.normalization import scale_to_unit
from ...ops.shape import reshape
from ..checks import check_size, shape_of
from .normalization import normalized

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any


def layer_norm(
    input: Operand, normalized_shape: Sequence[int], weight: Operand = None, bias: Operand = None, eps: float = 1e-5
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance over the last axes, those of each sample.

    Parameters
    ----------
    input : Tensor or array, (..., *normalized_shape)
    normalized_shape : sequence of int
        The lengths of the last axes, which are normalized together.
    weight, bias : Tensor or array of that shape, optional
    eps : float
        Added to the variance, which is the biased one.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Ba, Kiros, Hinton: Layer normalization, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.layer_norm(tg.Tensor([[1.0, 3.0], [10.0, 30.0]]), (2,), eps=0.0)
    Tensor([[-1.,  1.],
            [-1.,  1.]])
    """
    axes = _last_axes("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    return normalized(input, weight, bias, axes, eps)


def rms_norm(
    input: Operand, normalized_shape: Sequence[int], weight: Operand = None, eps: float | None = None
) -> Tensor:
    """``x / sqrt(mean(x**2) + eps) * weight`` over the last axes: layer norm without taking away the mean.

    Parameters
    ----------
    input : Tensor or array, (..., *normalized_shape)
    normalized_shape : sequence of int
    weight : Tensor or array of that shape, optional
    eps : float, optional
        None is the smallest step from 1 in the dtype of the input, ``np.finfo(dtype).eps``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Zhang, Sennrich: Root mean square layer normalization, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.rms_norm(tg.Tensor([[1.0, 7.0], [10.0, 70.0]]), (2,)).round(4)
    Tensor([[0.2, 1.4],
            [0.2, 1.4]])
    """
    axes = _last_axes("rms_norm", input, normalized_shape, weight=weight)
    if eps is None:
        eps = float(np.finfo(input.dtype if input.dtype.kind == "f" else np.float32).eps)
    y = scale_to_unit(input, axes, eps)
    return y if weight is None else y * weight


def group_norm(
    input: Operand, num_groups: int, weight: Operand = None, bias: Operand = None, eps: float = 1e-5
) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance over a group of channels of each sample.

    One group is layer norm (with a weight per channel), one group per channel is instance norm.

    Parameters
    ----------
    input : Tensor or array, (n, c, ...)
    num_groups : int
        Into how many groups the channels are divided, in order.
    weight, bias : Tensor or array, (c,), optional
    eps : float

    Raises
    ------
    ValueError
        If the channels cannot be divided so, shapes do not fit, or there is a single element per group.

    References
    ----------
    Wu, He: Group normalization, 2018.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.group_norm(tg.Tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=0.0)
    Tensor([[-1.,  1., -1.,  1.]])
    """
    shape = shape_of("group_norm", input)
    check_size("group_norm", "num_groups", num_groups, least=1)
    if len(shape) < 2 or shape[1] % num_groups:
        raise ValueError(
            f"group_norm: expected an input of shape (n, c, ...) whose channels can be divided into {num_groups} "
            f"groups, but got shape {shape}."
        )
    n, c = shape[:2]
    for label, x in (("weight", weight), ("bias", bias)):
        if x is not None and shape_of("group_norm", x) != (c,):
            raise ValueError(
                f"group_norm: expected {label} of shape ({c},), one number for each channel of the input {shape}, "
                f"but got shape {x.shape}."
            )
    if math.prod((n, c // num_groups, *shape[2:])) == 1:
        raise ValueError(
            f"group_norm: expected more than one value per group, but got shape {shape} for {num_groups} groups: "
            f"its variance is 0. Use fewer groups."
        )
    grouped = (num_groups, c // num_groups, 1)
    weight, bias = (x if x is None else reshape(x, grouped) for x in (weight, bias))
    x = reshape(input, (n, *grouped[:2], math.prod(shape[2:])))  # (n, c, ...) -> (n, groups, c / groups, l)
    return reshape(normalized(x, weight, bias, (2, 3), eps), shape)


def _last_axes(name: str, input: Operand, normalized_shape: Sequence[int], **given: Operand) -> tuple[int, ...]:
    """The axes that are normalized, if input and parameters have the shapes that they should."""
    if not isinstance(normalized_shape, Sequence):
        raise TypeError(
            f"{name}: expected a tuple as normalized_shape, but got {normalized_shape!r}. For the last axis: (d,)."
        )
    wanted, shape = tuple(normalized_shape), shape_of(name, input)
    if not wanted or shape[-len(wanted) :] != wanted:
        expected = ", ".join(["...", *map(str, wanted)])
        raise ValueError(
            f"{name}: expected an input of shape ({expected}) for normalized_shape={wanted}, but got shape {shape}."
        )
    for label, x in given.items():
        if x is not None and shape_of(name, x) != wanted:
            raise ValueError(
                f"{name}: expected {label} of shape {wanted}, as normalized_shape says, but got shape {x.shape}."
            )
    return tuple(range(-len(wanted), 0))
