"""Every layer, activation and loss as a function of PyTorch's name and arguments.

They take Tensors or arrays, and are the ops of this package where these have the same arguments. PyTorch's ``inplace``
is taken everywhere and changes nothing: a new tensor is made all the same, as the graph keeps the old numbers.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..generator import generator
from ..ops import activation, layer, trigonometric
from ..ops.cross_entropy import cross_entropy as cross_entropy
from ..ops.cross_entropy import nll_loss as nll_loss
from ..ops.loss import binary_cross_entropy as binary_cross_entropy
from ..ops.loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from ..ops.loss import l1_loss as l1_loss
from ..ops.loss import mse_loss as mse_loss
from ..ops.selection import where
from ..ops.shape import reshape
from ..ops.softmax import hardmax as hardmax_op
from ..ops.softmax import log_softmax as log_softmax_op
from ..ops.softmax import one_hot as one_hot
from ..ops.softmax import softmax as softmax_op
from .batch_norm import batch_norm as batch_norm
from .checks import check_probability, shape_of

Operand = Any  # a Tensor or an array


def linear(input: Operand, weight: Operand, bias: Operand = None) -> Any:
    """``input @ weight.T + bias``.  (..., in), (out, in), (out,) -> (..., out)

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.linear(tg.Tensor([1.0, 2.0]), tg.Tensor([[3.0, 4.0]]), tg.Tensor([0.5]))
    Tensor([11.5])
    """
    return layer.linear(input, weight, bias)


def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes start_dim..end_dim laid out as one.

    Raises
    ------
    IndexError
        If `input` has no such axis.
    ValueError
        If `start_dim` comes after `end_dim`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.flatten(tg.zeros((2, 3, 4)), 1).shape
    (2, 12)
    """
    shape = shape_of("flatten", input) or (1,)
    n = len(shape)
    for name, axis in (("start_dim", start_dim), ("end_dim", end_dim)):
        if not -n <= axis < n:
            raise IndexError(f"flatten: expected {name} in {-n}..{n - 1}, but got {axis} for shape {input.shape}.")
    first, last = start_dim % n, end_dim % n
    if first > last:
        raise ValueError(
            f"flatten: expected a start_dim that is not after end_dim, but got {start_dim} and {end_dim} "
            f"for shape {input.shape}."
        )
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


# ---- activations ----


def relu(input: Operand, inplace: bool = False) -> Any:  # noqa: ARG001 - PyTorch's argument
    """The positive part, ``max(x, 0)``; its slope at 0 is 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.relu(tg.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """
    return activation.relu(input)


def leaky_relu(input: Operand, negative_slope: float = 0.01, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x`` where it is positive, ``negative_slope * x`` elsewhere; its slope at 0 is `negative_slope`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.leaky_relu(tg.Tensor([-1.0, 2.0]), 0.1)
    Tensor([-0.1,  2. ])
    """
    return activation.leaky_relu(input, negative_slope)


def elu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.elu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.63212055,  2.        ])
    """
    return activation.elu(input, alpha)


def gelu(input: Operand, approximate: Literal["none", "tanh"] = "none") -> Any:
    """``x * Φ(x)``, where Φ is the distribution function of the normal, or its approximation by a tanh.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gelu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.15865526,  1.9544997 ])
    """
    return activation.gelu(input, approximate)


def silu(input: Operand, inplace: bool = False) -> Any:  # noqa: ARG001
    """``x * sigmoid(x)``, also called swish.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.silu(tg.Tensor([-1.0, 2.0]))
    Tensor([-0.2689414,  1.761594 ])
    """
    return activation.silu(input)


def softplus(input: Operand, beta: float = 1.0, threshold: float = 20.0) -> Any:
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
    y = activation.softplus(input, beta)
    return y if threshold >= 20 else where(input * beta > threshold, input, y)


def sigmoid(input: Operand) -> Any:
    """The logistic function, ``1 / (1 + exp(-x))``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.sigmoid(tg.Tensor([0.0, 1000.0]))
    Tensor([0.5, 1. ])
    """
    return activation.sigmoid(input)


def tanh(input: Operand) -> Any:
    """The hyperbolic tangent.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.tanh(tg.Tensor([0.0, 1.0]))
    Tensor([0.       , 0.7615942])
    """
    return trigonometric.tanh(input)


def _axis(name: str, input: Operand, dim: int | None) -> int:
    """`dim`; the only sensible one, the last, for a vector and a batch of them."""
    shape = shape_of(name, input)
    if dim is None and len(shape) > 2:
        raise ValueError(
            f"{name}: expected dim, the axis of the classes, for an input of more than two axes, but got None and "
            f"shape {shape}. For the last axis pass dim=-1."
        )
    return -1 if dim is None else dim


def softmax(input: Operand, dim: int | None = None) -> Any:
    """Positive numbers that add up to 1 over `dim`: ``exp(x) / sum(exp(x))``.

    Parameters
    ----------
    input : Tensor or array
    dim : int, optional
        The axis of the classes; may be left out for a vector, and for a batch of them (the last axis).

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softmax(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), dim=1)
    Tensor([[0.5, 0.5],
            [0. , 1. ]])
    """
    return softmax_op(input, _axis("softmax", input, dim))


def log_softmax(input: Operand, dim: int | None = None) -> Any:
    """The logarithm of `softmax`, exact also where the probability rounds to 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.log_softmax(tg.Tensor([0.0, 1000.0]), dim=0)
    Tensor([-1000.,     0.])
    """
    return log_softmax_op(input, _axis("log_softmax", input, dim))


def hardmax(input: Operand, dim: int = -1) -> Any:
    """1 at the largest number over `dim`, 0 elsewhere; no gradient. What softmax is the soft form of; not in PyTorch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardmax(tg.Tensor([5.0, 2.0, -1.0, 3.0]))
    Tensor([1., 0., 0., 0.])
    """
    return hardmax_op(input, dim)


def dropout(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:  # noqa: ARG001
    """Each element set to 0 with probability `p`, the others divided by ``1 - p``; the input itself out of training.

    So the expected value of each element stays what it was ("inverted" dropout).

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.dropout(tg.ones(8), 0.5)
    Tensor([2., 2., 2., 0., 0., 0., 0., 0.])
    """
    check_probability("dropout", "a probability p", p)
    if not training or p == 0:
        return input
    kept = generator().random(shape_of("dropout", input), np.float32) >= p
    return layer.dropout(input, kept, p)
