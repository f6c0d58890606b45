"""Penalties on the size of weights, as courses write them: for m samples, with lambda / 2m, and without biases.

A penalty is added to the loss: ``(loss + l2_penalty(net, 0.1, m)).backward()``. The ``weight_decay`` of PyTorch's
optimizers adds ``weight_decay * w`` to each gradient: it is L2 with ``weight_decay = lambda_ / m``, on biases too,
unless they are in a group of their own. With `SGD` both give the same steps. With `Adam` both are coupled, as the
penalty passes through its averages; `AdamW` shrinks the weights beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...ops.arithmetic import add, multiply
from ...ops.elementwise import absolute
from ...tensor import Tensor
from ..module import Module

Weights = Module | Iterable[Tensor]


def weights(module: Module) -> list[Tensor]:
    """The parameters of `module` that penalties are for: those of two or more axes, so neither biases nor scales.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    >>> [w.shape for w in nn.regularization.weights(net)]
    [(3, 4), (1, 3)]
    """
    return [p for p in module.parameters() if p.ndim > 1]


def _penalty(name: str, size: Callable[[Tensor], Tensor], ws: Weights, lambda_: float, m: int) -> Tensor:
    """``lambda / 2m`` times the sum of the sizes of all weights."""
    if not lambda_ >= 0:
        raise ValueError(f"{name}: expected lambda_ of at least 0, but got {lambda_!r}.")
    if not m > 0:
        raise ValueError(f"{name}: expected a number of samples m above 0, but got {m!r}.")
    found = weights(ws) if isinstance(ws, Module) else list(ws)
    if not found:
        raise ValueError(f"{name}: expected at least one weight, but got none. Biases and scales are not penalized.")
    total = size(found[0])
    for w in found[1:]:
        total = add(total, size(w))
    return multiply(total, lambda_ / (2 * m))


def l2_penalty(ws: Weights, lambda_: float, m: int) -> Tensor:
    """``lambda / 2m * sum(w**2)`` over all weights; its gradient is ``lambda / m * w``.

    Parameters
    ----------
    ws : Module or iterable of Tensors
        The weights; of a module those of two or more axes: see `weights`.
    lambda_ : float
        How strong it is.
    m : int
        The number of samples that the loss is the mean of.

    Raises
    ------
    ValueError
        For a negative `lambda_`, an `m` that is not positive, or no weights.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = tg.Tensor([[1.0, -2.0]], requires_grad=True)
    >>> penalty = nn.regularization.l2_penalty([w], 0.8, m=4)
    >>> penalty
    Tensor(0.5, op=multiply)
    >>> penalty.backward()
    >>> w.grad
    array([[ 0.2, -0.4]], dtype=float32)
    """
    return _penalty("l2_penalty", lambda w: (w * w).sum(), ws, lambda_, m)


def l1_penalty(ws: Weights, lambda_: float, m: int) -> Tensor:
    """``lambda / 2m * sum(abs(w))`` over all weights; its gradient is ``lambda / 2m * sign(w)``, 0 at 0.

    The parameters are those of `l2_penalty`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.regularization.l1_penalty([tg.Tensor([[1.0, -2.0]])], 0.8, m=4)
    Tensor(0.3)
    """
    return _penalty("l1_penalty", lambda w: absolute(w).sum(), ws, lambda_, m)


def elastic_net_penalty(ws: Weights, l1: float, l2: float, m: int) -> Tensor:
    """`l1_penalty` of strength `l1` plus `l2_penalty` of strength `l2`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> nn.regularization.elastic_net_penalty([tg.Tensor([[1.0, -2.0]])], 0.8, 0.8, m=4)
    Tensor(0.8)
    """
    ws = ws if isinstance(ws, Module) else list(ws)
    return add(l1_penalty(ws, l1, m), l2_penalty(ws, l2, m))
