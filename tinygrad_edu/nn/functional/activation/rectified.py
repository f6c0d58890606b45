"""Activations that leave a positive number as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....generator import generator
from ....ops import activation
from ....ops.comparison import less_equal
from ....ops.selection import where
from ....ops.shape import reshape
from ...checks import check_numbers, shape_of

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array

# The one scale and alpha for which mean 0 and variance 1 are a fixed point (Klambauer et al., 2017).
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def relu(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001 - PyTorch's argument
    """The positive part, ``max(x, 0)``; its slope at 0 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.relu(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """
    return activation.relu(input)


def leaky_relu(input: Operand, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x`` where it is positive, ``negative_slope * x`` elsewhere; its slope at 0 is `negative_slope`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.leaky_relu(tg.Tensor([-1.0, 2.0]), 0.1)
    Tensor([-0.1,  2. ])
    """
    return activation.leaky_relu(input, negative_slope)


def prelu(input: Operand, weight: Operand) -> Tensor:
    """``x`` where it is positive, ``weight * x`` elsewhere, with one slope or one for each channel.

    Parameters
    ----------
    input : Tensor or array, (n, c, ...); an input of fewer than two axes is one channel
    weight : Tensor or array, (c,), (1,) or ()

    Raises
    ------
    ValueError
        If there are neither as many slopes as channels nor a single one.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.prelu(tg.Tensor([[-1.0, -1.0], [2.0, 2.0]]), tg.Tensor([0.5, 0.25]))
    Tensor([[-0.5 , -0.25],
            [ 2.  ,  2.  ]])
    """
    shape, slopes = shape_of("prelu", input), shape_of("prelu", weight)
    channels = shape[1] if len(shape) > 1 else 1
    if slopes not in ((), (1,), (channels,)):
        raise ValueError(
            f"prelu: expected a weight of shape (1,), or ({channels},), one slope for each channel of the input "
            f"{shape}, but got shape {slopes}."
        )
    per_channel = (slopes[0], *[1] * (len(shape) - 2)) if slopes and len(shape) > 1 else ()
    return activation.prelu(input, reshape(weight, per_channel))


def rrelu(
    input: Operand,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,  # noqa: ARG001
) -> Tensor:
    """``x`` where it is positive, elsewhere ``slope * x`` with a slope drawn from `lower` to `upper` for each element.

    Out of training the slope is their mean. The slope at 0 is that of the negative side.

    Raises
    ------
    ValueError
        If `lower` is greater than `upper`.

    References
    ----------
    Xu, Wang, Chen, Li: Empirical evaluation of rectified activations in convolutional network, 2015.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.rrelu(tg.Tensor([-1.0, 2.0]), 0.25, 0.75)
    Tensor([-0.5,  2. ])
    """
    check_numbers("rrelu", lower=lower, upper=upper)
    if not lower <= upper:
        raise ValueError(f"rrelu: expected lower <= upper, but got {lower} and {upper}. Exchange them.")
    if not training:
        return activation.leaky_relu(input, (lower + upper) / 2)
    slopes = generator().uniform(lower, upper, shape_of("rrelu", input))
    return activation.prelu(input, slopes.astype(input.dtype if input.dtype.kind == "f" else np.float32))


def elu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.elu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.63212055,  2.        ])
    """
    return activation.elu(input, alpha)


def selu(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``scale * elu(x, alpha)`` with the scale 1.0507 and the alpha 1.6733.

    These keep mean 0 and variance 1 from layer to layer.

    References
    ----------
    Klambauer, Unterthiner, Mayr, Hochreiter: Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.selu(tg.Tensor([-1.0, 2.0])).round(4)
    Tensor([-1.1113,  2.1014])
    """
    return SELU_SCALE * activation.elu(input, SELU_ALPHA)


def celu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x`` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere; its slope at 0 is 1 on both sides.

    Raises
    ------
    ZeroDivisionError
        For an alpha of 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.celu(tg.Tensor([-1.0, 2.0]), 2.0).round(4)
    Tensor([-0.7869,  2.    ])
    """
    if alpha == 0:
        raise ZeroDivisionError("celu: expected an alpha other than 0, but got 0. For a ReLU take F.relu.")
    return activation.celu(input, alpha)


def threshold(input: Operand, threshold: float, value: float, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x`` where it is above `threshold`, `value` elsewhere; its slope at the threshold is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.threshold(tg.Tensor([-1.0, 0.5, 2.0]), 0.5, -9.0)
    Tensor([-9., -9.,  2.])
    """
    return where(less_equal(input, threshold), value, input)
