"""Activations that bend smoothly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ....ops import activation, trigonometric
from ....ops.arithmetic import negative
from ....ops.selection import where
from ...checks import check_numbers, check_size, shape_of

if TYPE_CHECKING:
    from ....tensor import Tensor

Operand = Any  # a Tensor or an array


def gelu(input: Operand, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """``x * Φ(x)``, where Φ is the distribution function of the normal, or its approximation by a tanh.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gelu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.15865526,  1.9544997 ])
    """
    return activation.gelu(input, approximate)


def silu(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001 - PyTorch's argument
    """``x * sigmoid(x)``, also called swish.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.silu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.2689414,  1.761594 ])
    """
    return activation.silu(input)


def mish(input: Operand, inplace: bool = False) -> Tensor:  # noqa: ARG001
    """``x * tanh(softplus(x))``.

    References
    ----------
    Misra: Mish: a self regularized non-monotonic activation function, 2019.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.mish(tg.Tensor([-1.0, 2.0])).round(4)
    Tensor([-0.3034,  1.944 ])
    """
    return input * trigonometric.tanh(activation.softplus(input))


def glu(input: Operand, dim: int = -1) -> Tensor:
    """``a * sigmoid(b)``, where a and b are the halves of the input along `dim`: the second says how much passes.

    Raises
    ------
    IndexError
        If the input has no such axis.
    ValueError
        If the axis cannot be halved.

    References
    ----------
    Dauphin, Fan, Auli, Grangier: Language modeling with gated convolutional networks, 2016.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.glu(tg.Tensor([1.0, 2.0, 0.0, 1000.0]))
    Tensor([0.5, 2. ])
    """
    shape = shape_of("glu", input)
    check_size("glu", "dim", dim, least=None)
    if not -len(shape) <= dim < len(shape):
        raise IndexError(f"glu: expected an axis of the input as dim, but got dim={dim} for shape {shape}.")
    if shape[dim] % 2:
        raise ValueError(f"glu: expected an axis of even length to halve, but got dim={dim} of shape {shape}.")
    before, half = (slice(None),) * (dim % len(shape)), shape[dim] // 2
    return input[(*before, slice(half))] * activation.sigmoid(input[(*before, slice(half, None))])


def softplus(input: Operand, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta * x)) / beta``, the smooth positive part.

    Where ``beta * x`` is above a `threshold` of less than 20 it is x itself. For 20 and more that would change the
    result by less than 2.1e-9 / beta and is not done: PyTorch needs it against overflow, this softplus does not.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softplus(tg.Tensor([0.0, 1000.0]))
    Tensor([6.931472e-01, 1.000000e+03])
    """
    check_numbers("softplus", beta=beta, threshold=threshold)
    y = activation.softplus(input, beta)
    return y if threshold >= 20 else where(input * beta > threshold, input, y)


def logsigmoid(input: Operand) -> Tensor:
    """``log(sigmoid(x))`` as ``-softplus(-x)``, which is exact also where the sigmoid rounds to 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.logsigmoid(tg.Tensor([-1000.0]))
    Tensor([-1000.])
    """
    return -activation.softplus(negative(input))


def sigmoid(input: Operand) -> Tensor:
    """The logistic function, ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.sigmoid(tg.Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """
    return activation.sigmoid(input)


def tanh(input: Operand) -> Tensor:
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.tanh(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """
    return trigonometric.tanh(input)


def softsign(input: Operand) -> Tensor:
    """``x / (1 + |x|)``: like tanh, but it nears its limits slowly.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softsign(tg.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75])
    """
    return activation.softsign(input)


def tanhshrink(input: Operand) -> Tensor:
    """``x - tanh(x)``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.tanhshrink(tg.Tensor([0.0, 1000.0]))
    Tensor([  0., 999.])
    """
    return input - trigonometric.tanh(input)
