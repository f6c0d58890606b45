"""Ops as a textbook writes them, for texts that are to be read: without options and corner cases.

`to_numpy` runs what it has written and compares it with the engine, so a corner case is noticed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _softmax(x: Any, axis: Any = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))  # the largest first, so that exp cannot overflow
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = -1) -> Any:
    z = x - np.max(x, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


def _cross_entropy(x: Any, labels: Any) -> Any:
    z = x - np.max(x, axis=-1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return -np.mean(np.take_along_axis(log_p, labels[..., None], axis=-1))


def _added_at(a: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape, a.dtype)
    np.add.at(out, index, a)
    return out


def _mse_loss(input: Any, target: Any) -> Any:
    return np.mean((input - target) ** 2)


def _standardize(x: Any, axes: Any = None, eps: float = 1e-5) -> Any:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=axes, keepdims=True) + eps)


def _standardize_affine(x: Any, weight: Any, bias: Any, axes: Any, eps: float = 1e-5) -> Any:
    y = _standardize(x, axes, eps) * weight
    return y if bias is None else y + bias


def _scale_to_unit(x: Any, axes: Any, eps: float) -> Any:
    return x / np.sqrt(np.mean(x**2, axis=axes, keepdims=True) + eps)


def _erf(x: Any) -> Any:
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


def _ndtr(x: Any) -> Any:
    return (1 + _erf(x / math.sqrt(2))) / 2


def _gelu(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return x * _ndtr(x)


PLAIN: Mapping[str, Callable[..., Any]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "cross_entropy_of_labels": _cross_entropy,
    "mse_loss": _mse_loss,
    "put": _added_at,
    "standardize": _standardize,
    "standardize_affine": _standardize_affine,
    "scale_to_unit": _scale_to_unit,
    "erf": _erf,
    "ndtr": _ndtr,
    "gelu": _gelu,
}
