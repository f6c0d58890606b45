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


def _attention_softmax(scores: Any) -> Any:
    e = np.exp(scores - np.maximum(np.max(scores, axis=-1, keepdims=True), np.finfo(scores.dtype).min))
    total = np.sum(e, axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)  # where nothing may be attended to, 0


def _attention(q: Any, k: Any, v: Any, bias: Any = None, mask: Any = None, scale: Any = 1.0, p: Any = 0.0) -> Any:
    scores = scale * (q @ k.mT)
    scores = scores if bias is None else scores + bias
    e = np.exp(scores - np.maximum(np.max(scores, axis=-1, keepdims=True), np.finfo(scores.dtype).min))
    total = np.sum(e, axis=-1, keepdims=True)
    weights = e / np.where(total == 0, 1, total)  # where nothing may be attended to, 0
    return (weights if mask is None else weights * mask / (1 - p)) @ v


def _log_softmax(x: Any, axis: Any = -1) -> Any:
    z = x - np.max(x, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


def _added_at(a: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape, a.dtype)
    np.add.at(out, index, a)
    return out


def _read(windows: Any, place: Any) -> Any:
    """The part of an image that the window at a place reads; what lies in the margin is left out."""
    part = []
    for (size, starts, widths, step), i in zip(windows, place, strict=True):
        first = starts[i] if starts[i] >= 0 else starts[i] % step
        part.append(slice(first, min(starts[i] + step * widths[i], size), step))
    return (..., *part)


def _window_sum(x: Any, windows: Any) -> Any:
    lead, places = x.shape[: x.ndim - len(windows)], tuple(len(starts) for _, starts, _, _ in windows)
    out = np.zeros(lead + places, x.dtype)
    for place in np.ndindex(*places):
        out[(..., *place)] = x[_read(windows, place)].reshape((*lead, -1)).sum(-1)
    return out


def _window_spread(a: Any, windows: Any) -> Any:
    lead = a.shape[: a.ndim - len(windows)]
    out = np.zeros(lead + tuple(size for size, _, _, _ in windows), a.dtype)
    for place in np.ndindex(*a.shape[len(lead) :]):
        out[_read(windows, place)] += a[(..., *place)].reshape(lead + (1,) * len(windows))
    return out


def _max_pool(x: Any, windows: Any) -> Any:
    lead, places = x.shape[: x.ndim - len(windows)], tuple(len(starts) for _, starts, _, _ in windows)
    out = np.zeros(lead + places, x.dtype)
    for place in np.ndindex(*places):
        out[(..., *place)] = x[_read(windows, place)].reshape((*lead, -1)).max(-1)
    return out


def _max_indices(x: Any, y: Any, windows: Any) -> Any:
    lead, plane = x.shape[: x.ndim - len(windows)], x.shape[x.ndim - len(windows) :]
    numbers = np.broadcast_to(np.arange(np.prod(plane)).reshape(plane), x.shape)
    out = np.zeros(y.shape, int)
    for place in np.ndindex(*y.shape[len(lead) :]):
        part = _read(windows, place)
        first = x[part].reshape((*lead, -1)).argmax(-1)[..., None]
        out[(..., *place)] = np.take_along_axis(numbers[part].reshape((*lead, -1)), first, -1)[..., 0]
    return out


def _plane_put(a: Any, index: Any, shape: Any, axes: Any) -> Any:
    out = np.zeros(shape, a.dtype)
    planes = out.reshape((*shape[: len(shape) - axes], -1))  # a view
    for lead in np.ndindex(*planes.shape[:-1]):
        np.add.at(planes[lead], index[lead].ravel(), a[lead].ravel())
    return out


def _plane_take(x: Any, index: Any, axes: Any) -> Any:
    lead = x.shape[: x.ndim - axes]
    return np.take_along_axis(x.reshape((*lead, -1)), index.reshape((*lead, -1)), -1).reshape(index.shape)


def _embedding(weight: Any, indices: Any, padding_idx: Any = None) -> Any:  # noqa: ARG001 - matters to the gradient
    return weight[indices]


def _mse_loss(input: Any, target: Any) -> Any:
    return np.mean((input - target) ** 2)


def _taps(a: Any, places: Any, weights: Any, axis: Any) -> Any:
    """For each element that a result is made of: which it is, and its weight."""
    across = (-1,) + (1,) * (a.ndim - 1 - axis % a.ndim)
    for at, w in zip(np.asarray(places), np.asarray(weights), strict=True):
        yield at, w.astype(a.dtype).reshape(across)


def _blend(x: Any, places: Any, weights: Any, axis: Any) -> Any:
    return sum(np.take(x, at, axis) * w for at, w in _taps(x, places, weights, axis))


def _blend_back(a: Any, places: Any, weights: Any, axis: Any, n: Any) -> Any:
    axis %= a.ndim
    out = np.zeros((*a.shape[:axis], n, *a.shape[axis + 1 :]), a.dtype)
    for at, w in _taps(a, places, weights, axis):
        np.add.at(out, (slice(None),) * axis + (at,), a * w)
    return out


def _met(k: Any, places: Any, stride: Any, dilation: Any) -> Any:
    """The elements of a padded image that meet element k of a kernel, one for each place of it."""
    rows = zip(k, places, stride, dilation, strict=True)
    return (..., *(slice(d * i, d * i + s * (n - 1) + 1, s) for i, n, s, d in rows))


def _conv(x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int = 1) -> Any:
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    rows = zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)
    places = tuple((size - d * (k - 1) - 1) // s + 1 for size, k, s, d in rows)
    y = np.zeros((len(x), len(w), *places), x.dtype)
    for k in np.ndindex(*w.shape[2:]):
        part = x[_met(k, places, stride, dilation)].reshape((len(x), groups, w.shape[1], -1))
        kernel = w[(..., *k)].reshape((groups, -1, w.shape[1]))
        y += np.einsum("ngcp,goc->ngop", part, kernel).reshape(y.shape)
    return y


def _conv_image(g: Any, w: Any, size: Any, stride: Any, padding: Any, dilation: Any, groups: int = 1) -> Any:
    places, wide = g.shape[2:], tuple(n + a + b for n, (a, b) in zip(size, padding, strict=True))
    x: Any = np.zeros((len(g), groups * w.shape[1], *wide), g.dtype)
    parts = g.reshape((len(g), groups, len(w) // groups, -1))
    for k in np.ndindex(*w.shape[2:]):
        met, kernel = _met(k, places, stride, dilation), w[(..., *k)].reshape((groups, -1, w.shape[1]))
        x[met] += np.einsum("ngop,goc->ngcp", parts, kernel).reshape((*x.shape[:2], *places))
    return x[(..., *(slice(a, a + n) for n, (a, _) in zip(size, padding, strict=True)))]


def _conv_kernel(x: Any, g: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int = 1) -> Any:
    x, c = np.pad(x, ((0, 0), (0, 0), *padding)), x.shape[1] // groups
    w = np.zeros((g.shape[1], c, *kernel), x.dtype)
    parts = g.reshape((len(g), groups, g.shape[1] // groups, -1))
    for k in np.ndindex(*kernel):
        part = x[_met(k, g.shape[2:], stride, dilation)].reshape((len(x), groups, c, -1))
        w[(..., *k)] = np.einsum("ngcp,ngop->goc", part, parts).reshape((-1, c))
    return w


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


def _cross_entropy(x: Any, labels: Any) -> Any:
    z = x - np.max(x, axis=-1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]


def _cross_entropy_of_probabilities(x: Any, target: Any) -> Any:
    z = x - np.max(x, axis=-1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    return -np.sum(target * log_p, axis=-1)


def _negative_log_likelihood(x: Any, labels: Any) -> Any:
    return -np.take_along_axis(x, labels[..., None], axis=-1)[..., 0]


def _binary_cross_entropy(p: Any, target: Any) -> Any:
    return -(target * np.maximum(np.log(p), -100) + (1 - target) * np.maximum(np.log(1 - p), -100))


def _binary_cross_entropy_with_logits(x: Any, target: Any) -> Any:
    return np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x)))


def _squared_error(input: Any, target: Any) -> Any:
    return (input - target) ** 2


def _absolute_error(input: Any, target: Any) -> Any:
    return np.abs(input - target)


def _huber(input: Any, target: Any, delta: float = 1.0) -> Any:
    error = np.abs(input - target)
    small = np.minimum(error, delta)
    return small * (error - small / 2)


# What each is before it is averaged or summed.
LOSSES: Mapping[str, Callable[..., Any]] = {
    "cross_entropy_of_labels": _cross_entropy,
    "cross_entropy_of_probabilities": _cross_entropy_of_probabilities,
    "negative_log_likelihood": _negative_log_likelihood,
    "binary_cross_entropy": _binary_cross_entropy,
    "binary_cross_entropy_with_logits": _binary_cross_entropy_with_logits,
    "mse_loss": _squared_error,
    "l1_loss": _absolute_error,
    "huber_loss": _huber,
}
PLAIN: Mapping[str, Callable[..., Any]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "attention": _attention,
    "attention_softmax": _attention_softmax,
    "window_sum": _window_sum,
    "window_spread": _window_spread,
    "max_pool": _max_pool,
    "max_indices": _max_indices,
    "plane_put": _plane_put,
    "plane_take": _plane_take,
    "blend": _blend,
    "blend_back": _blend_back,
    "conv": _conv,
    "conv_image": _conv_image,
    "conv_kernel": _conv_kernel,
    "put": _added_at,
    "embedding": _embedding,
    "standardize": _standardize,
    "standardize_affine": _standardize_affine,
    "scale_to_unit": _scale_to_unit,
    "erf": _erf,
    "ndtr": _ndtr,
    "gelu": _gelu,
}
