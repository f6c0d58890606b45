"""From scores to probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import DTypeLike

from ...engine import is_tensor
from ...ops.casting import astype
from ...ops.softmax import hardmax as hardmax_op
from ...ops.softmax import log_softmax as log_softmax_op
from ...ops.softmax import softmax as softmax_op
from ...sampling import gumbel_softmax as gumbel_softmax_sample
from ..checks import check_numbers, shape_of

if TYPE_CHECKING:
    from ...tensor import Tensor

Operand = Any  # a Tensor or an array


def _axis(name: str, input: Operand, dim: int | None) -> int:
    """`dim`; the only sensible one, the last, for a vector and a batch of them."""
    shape = shape_of(name, input)
    if dim is None and len(shape) > 2:
        raise ValueError(
            f"{name}: expected dim, the axis of the classes, for an input of more than two axes, but got None and "
            f"shape {shape}. For the last axis pass dim=-1."
        )
    return -1 if dim is None else dim


def _in(input: Operand, dtype: DTypeLike | None) -> Any:
    """`input` in another dtype, if one is given."""
    return input if dtype is None else astype(input, dtype)


def softmax(input: Operand, dim: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Positive numbers that add up to 1 over `dim`: ``exp(x) / sum(exp(x))``.

    Parameters
    ----------
    input : Tensor or array
    dim : int, optional
        The axis of the classes; may be left out for a vector, and for a batch of them (the last axis).
    dtype : dtype, optional
        What the input is converted to first.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softmax(tg.Tensor([[0.0, 0.0], [0.0, 1000.0]]), dim=1)
    Tensor([[0.5, 0.5],
            [0. , 1. ]])
    """
    return softmax_op(_in(input, dtype), _axis("softmax", input, dim))


def softmin(input: Operand, dim: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`softmax` of the negative: the smallest number gets the largest probability.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.softmin(tg.Tensor([0.0, 0.0, 1000.0]))
    Tensor([0.5, 0.5, 0. ])
    """
    axis = _axis("softmin", input, dim)
    return softmax_op(-_in(input, dtype), axis)


def log_softmax(input: Operand, dim: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """The logarithm of `softmax`, exact also where the probability rounds to 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.log_softmax(tg.Tensor([0.0, 1000.0]), dim=0)
    Tensor([-1000.,     0.])
    """
    return log_softmax_op(_in(input, dtype), _axis("log_softmax", input, dim))


def gumbel_softmax(logits: Operand, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:  # noqa: ARG001
    """Samples of a class for each slice along `dim`, softened so that a gradient flows.

    ``softmax((logits + noise) / tau)`` with noise ``-log(-log(u))``, u uniform. With `hard` the value is one-hot, the
    gradient that of the soft sample. PyTorch's `eps` is taken, and without effect there and here.

    References
    ----------
    Jang, Gu, Poole: Categorical reparameterization with Gumbel-softmax, 2017.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.gumbel_softmax(tg.zeros((2, 3)), hard=True).sum()
    Tensor(2.)
    """
    check_numbers("gumbel_softmax", tau=tau)
    sample = gumbel_softmax_sample(logits, tau, hard, dim)
    result: Tensor = sample if is_tensor(logits) else sample.data  # type: ignore[assignment]
    return result


def hardmax(input: Operand, dim: int = -1) -> Tensor:
    """1 at the largest number over `dim`, 0 elsewhere; no gradient. What softmax is the soft form of; not in PyTorch.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import functional as F
    >>> F.hardmax(tg.Tensor([5.0, 2.0, -1.0, 3.0]))
    Tensor([1., 0., 0., 0.])
    """
    shape_of("hardmax", input)
    return hardmax_op(input, dim)
