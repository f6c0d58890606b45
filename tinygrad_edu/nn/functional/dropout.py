"""Dropping elements, or whole channels."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ...generator import generator
from ...ops import layer
from ..checks import check_probability, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array
Shape = tuple[int, ...]

_DROPPED = -1.0507009873554805 * 1.6732632423543772  # what SELU makes of minus infinity: -scale * alpha


def _draw(shape: Shape, p: float) -> np.ndarray:
    """A mask that is True, kept, with probability ``1 - p``, exact to 2**-53.

    One random byte decides most elements: kept below ``256 * (1 - p)``, dropped above. Only where it falls on that very
    number, once in 256, its fraction is drawn for. That takes half the time of one float32 for each element.
    """
    limit = 256 * (1 - p)
    whole = math.floor(limit)
    drawn = np.frombuffer(generator().bytes(math.prod(shape)), np.uint8)
    kept = drawn < whole
    if limit > whole:
        open_ = np.flatnonzero(drawn == whole)
        kept[open_] = generator().random(len(open_)) < limit - whole
    return kept.reshape(shape)


def dropout(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """Each element set to 0 with probability `p`, the others divided by ``1 - p``; the input itself out of training.

    So the expected value of each element stays what it was ("inverted" dropout). The probability is exact to 2**-53.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout(tg.ones(8), 0.5)
    Tensor([2., 0., 0., 0., 0., 0., 2., 0.])
    """
    check_probability("dropout", "a probability p", p)
    if not training or p == 0:
        return input
    return layer.dropout(input, _draw(shape_of("dropout", input), p), p)


def _per_channel(name: str, input: Operand, ndim: int) -> Shape:
    """The shape of one number for each channel.  (n, c, ...) -> (n, c, 1, ...) and (c, ...) -> (c, 1, ...)"""
    shape = shape_of(name, input)
    if len(shape) not in (ndim, ndim - 1):
        raise ValueError(
            f"{name}: expected an input of {ndim} axes, or {ndim - 1} for a single sample, but got shape {shape}. "
            f"dropout drops single elements of any shape."
        )
    alone = len(shape) < ndim and ndim != 4
    return shape[: 2 - alone] + (1,) * (len(shape) - 2 + alone)


def _channels(name: str, input: Operand, p: float, training: bool, ndim: int) -> Any:
    check_probability(name, "a probability p", p)
    shape = _per_channel(name, input, ndim)
    if not training or p == 0:
        return input
    return layer.dropout(input, _draw(shape, p), p)


def dropout1d(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """Each channel, as a whole, set to 0 with probability `p`, the others divided by ``1 - p``.  (n, c, l) or (c, l)

    Neighbours in a channel are alike, so that dropping single elements would take little away.

    References
    ----------
    Tompson et al., Efficient object localization using convolutional networks, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout1d(tg.ones((4, 2)), 0.5)
    Tensor([[2., 2.],
            [0., 0.],
            [0., 0.],
            [0., 0.]])
    """
    return _channels("dropout1d", input, p, training, 3)


def dropout2d(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """`dropout1d` for images.  (n, c, h, w)

    Three axes are taken as (n, c, l), as PyTorch does it, with its warning.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout2d(tg.ones((1, 4, 1, 2)), 0.5).reshape(4, 2)
    Tensor([[2., 2.],
            [0., 0.],
            [0., 0.],
            [0., 0.]])
    """
    if len(shape_of("dropout2d", input)) == 3:
        warnings.warn(
            f"dropout2d: expected an input of shape (n, c, h, w), but got shape {input.shape}, which is taken as "
            f"(n, c, l). Use dropout1d for that, or add an axis: x[None].",
            stacklevel=2,
        )
    return _channels("dropout2d", input, p, training, 4)


def dropout3d(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """`dropout1d` for volumes.  (n, c, d, h, w) or (c, d, h, w)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout3d(tg.ones((2, 3, 4, 5, 5)), 0.5).shape
    (2, 3, 4, 5, 5)
    """
    return _channels("dropout3d", input, p, training, 5)


def _alpha(input: Operand, p: float, kept_shape: Shape) -> Any:
    """``a * (input where kept, else SELU's lowest number) + b``: mean 0 and variance 1 stay what they are."""
    kept = _draw(kept_shape, p)
    a = ((1 - p) * (1 + p * _DROPPED**2)) ** -0.5 if p < 1 else 0.0
    dtype = input.dtype if input.dtype.kind == "f" else np.float64
    factor = np.multiply(kept, a, dtype=dtype)
    return input * factor + np.multiply(1 - p - kept, a * _DROPPED).astype(dtype)


def alpha_dropout(input: Operand, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """Elements set, with probability `p`, to the lowest value of SELU, so that mean 0 and variance 1 are kept.

    ``a * (x where kept, else alpha) + b`` with ``alpha = -1.758``, ``a = ((1 - p) * (1 + p * alpha**2))**-0.5`` and
    ``b = -a * alpha * p``.

    Parameters
    ----------
    input : Tensor or array
    p : float
    training : bool
        As in PyTorch, here False is the default.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.alpha_dropout(tg.ones(5), 0.4, training=True).round(2)
    Tensor([ 1.47,  1.47, -0.91, -0.91, -0.91])
    """
    check_probability("alpha_dropout", "a probability p", p)
    shape = shape_of("alpha_dropout", input)
    return _alpha(input, p, shape) if training and p else input


def feature_alpha_dropout(input: Operand, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """`alpha_dropout` of whole channels.  (n, c, ...)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.feature_alpha_dropout(tg.ones((1, 3, 2)), 0.4, training=True).round(2)
    Tensor([[[ 1.47,  1.47],
             [ 1.47,  1.47],
             [-0.91, -0.91]]])
    """
    check_probability("feature_alpha_dropout", "a probability p", p)
    shape = shape_of("feature_alpha_dropout", input)
    if len(shape) < 2:
        raise ValueError(f"feature_alpha_dropout: expected an input of shape (n, c, ...), but got shape {shape}.")
    return _alpha(input, p, shape[:2] + (1,) * (len(shape) - 2)) if training and p else input
