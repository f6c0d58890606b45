"""Gradients that are too long, made shorter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ... import memory
from ...tensor import Tensor
from ..checks import check_numbers

Tensors = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,  # noqa: ARG001 - how PyTorch computes it
) -> Any:
    """Scale all gradients by one number, so that their norm as one long vector is at most `max_norm`.

    ::

        g <- g min(1, max_norm / (norm + 1e-6))

    The direction stays: one bad batch moves the parameters no further than a good one. Call it between ``backward``
    and ``step``.

    Parameters
    ----------
    parameters : Tensor, or iterable of Tensor
        Whose gradients are altered in place; those without one are passed over.
    max_norm : float
    norm_type : float
        p of ``(sum |g|^p)^(1/p)``; ``math.inf`` is the largest number.
    error_if_nonfinite : bool
        Raise if the norm is NaN or infinite, before anything is altered. Otherwise all gradients become NaN, or 0.
    foreach : bool, optional
        How PyTorch computes it; of no meaning here.

    Returns
    -------
    NumPy scalar
        The norm before the clipping.

    Raises
    ------
    RuntimeError
        If the norm is not finite and `error_if_nonfinite`.
    ValueError
        If `max_norm` is negative, which would turn every gradient round.

    References
    ----------
    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w, b = tg.Tensor([1.0], requires_grad=True), tg.Tensor([1.0], requires_grad=True)
    >>> (3 * w + 4 * b).sum().backward()
    >>> float(nn.utils.clip_grad_norm_([w, b], max_norm=1.0))
    5.0
    >>> [round(float(p.grad[0]), 3) for p in (w, b)]
    [0.6, 0.8]
    """
    _check_bound("clip_grad_norm_", "max_norm", max_norm)
    gradients = _gradients("clip_grad_norm_", parameters)
    total = _norm("clip_grad_norm_", gradients, norm_type, error_if_nonfinite)
    _scale(gradients, max_norm, total)
    return total


def clip_grads_with_norm_(
    parameters: Tensors,
    max_norm: float,
    total_norm: Any,
    foreach: bool | None = None,  # noqa: ARG001 - how PyTorch computes it
) -> None:
    """Scale all gradients by ``min(1, max_norm / (total_norm + 1e-6))``: the second half of `clip_grad_norm_`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = tg.Tensor([1.0], requires_grad=True)
    >>> (3 * w).sum().backward()
    >>> nn.utils.clip_grads_with_norm_(w, max_norm=1.0, total_norm=6.0)
    >>> round(float(w.grad[0]), 3)
    0.5
    """
    _check_bound("clip_grads_with_norm_", "max_norm", max_norm)
    _scale(_gradients("clip_grads_with_norm_", parameters), max_norm, total_norm)


def get_total_norm(
    tensors: Any,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,  # noqa: ARG001 - how PyTorch computes it
) -> Any:
    """The norm of several tensors or arrays, such as gradients, as one long vector.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> float(nn.utils.get_total_norm([np.array([3.0]), np.array([[4.0]])]))
    5.0
    """
    arrays = [tensors] if isinstance(tensors, Tensor | np.ndarray) else list(tensors)
    return _norm("get_total_norm", arrays, norm_type, error_if_nonfinite)


def clip_grad_value_(
    parameters: Tensors,
    clip_value: float,
    foreach: bool | None = None,  # noqa: ARG001 - how PyTorch computes it
) -> None:
    """Cut every number of every gradient to between ``-clip_value`` and ``clip_value``; their direction changes.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> w = tg.Tensor([1.0, 1.0], requires_grad=True)
    >>> (tg.Tensor([0.5, -7.0]) * w).sum().backward()
    >>> nn.utils.clip_grad_value_(w, 1.0)
    >>> w.grad
    array([ 0.5, -1. ], dtype=float32)
    """
    _check_bound("clip_grad_value_", "clip_value", clip_value)
    for g in _gradients("clip_grad_value_", parameters):
        np.clip(g, -float(clip_value), float(clip_value), out=g)
        memory.stamp(g)


def _check_bound(name: str, what: str, bound: Any) -> None:
    """Raise unless `bound` is a number of at least 0."""
    check_numbers(name, **{what: bound})
    if not bound >= 0:
        raise ValueError(f"{name}: expected {what} of at least 0, but got {bound!r}.")


def _scale(gradients: list[np.ndarray], max_norm: float, total: Any) -> None:
    share = float(np.minimum(max_norm / (np.asarray(total, np.float64) + 1e-6), 1.0))  # NaN stays NaN
    with np.errstate(invalid="ignore"):  # infinity times 0
        for g in gradients:
            g *= share
            memory.stamp(g)


def _norm(name: str, arrays: list[Any], norm_type: float, error_if_nonfinite: bool) -> Any:
    """The norm of the norms, which is that of all numbers; in float64, and returned in the dtype of the arrays."""
    arrays = [x._data if isinstance(x, Tensor) else np.asarray(x) for x in arrays]
    if not arrays:
        return np.float32(0)
    dtype = np.result_type(*arrays)
    with np.errstate(over="ignore"):
        norms = [float(np.linalg.norm(x.ravel(), norm_type)) for x in arrays if x.size] or [0.0]
        total = (dtype if dtype.kind == "f" else np.dtype(float)).type(np.linalg.norm(np.array(norms), norm_type))
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"{name}: expected a finite norm of order {norm_type}, but got {total}: some numbers are NaN or infinite. "
            f"tg.detect_anomaly() finds the op that made the first; error_if_nonfinite=False lets them pass."
        )
    return total


def _gradients(name: str, parameters: Any) -> list[np.ndarray]:
    """The gradients that there are, as arrays."""
    found = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for i, p in enumerate(found):
        if not isinstance(p, Tensor):
            raise TypeError(
                f"{name}: expected Tensors, but number {i} is {type(p).__name__} {p!r:.40}. "
                f"Hand over model.parameters()."
            )
    return [g._data if isinstance(g, Tensor) else g for g in (p.grad for p in found) if g is not None]
