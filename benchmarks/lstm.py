"""An LSTM 64 -> 128 over 50 steps of a batch of 32: forward and backward, with the gradients of all its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "LSTM 64 -> 128, 50 steps, batch 32, float32, forward and backward"
TARGETS = [("tinygrad_edu", "torch", 2.5)]
CHECKED_STEPS = 1
TOLERANCE = 1e-3
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def data(quick: bool) -> Any:
    """The sequences x (t, n, d), the weights and biases, and the gradient g of the output (t, n, h)."""
    t, n, d, h = (4, 3, 5, 6) if quick else (50, 32, 64, 128)
    rng = np.random.default_rng(0)
    shapes = ((4 * h, d), (4 * h, h), (4 * h,), (4 * h,))
    parameters = [(rng.uniform(-1, 1, shape) / h**0.5).astype(np.float32) for shape in shapes]
    return rng.standard_normal((t, n, d), np.float32), parameters, rng.standard_normal((t, n, h), np.float32)


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def numpy(x: Any, parameters: Any, g: Any) -> Any:
    """By hand, untuned: gates kept on the way forward, one walk back, weights' gradients as one product at the end."""
    w_ih, w_hh, b_ih, b_hh = parameters
    (t, n, _), d = x.shape, w_hh.shape[1]
    result: dict[str, Any] = {}

    def step() -> None:
        sums = x @ w_ih.T + (b_ih + b_hh)
        h, c, kept = np.zeros((n, d), np.float32), np.zeros((n, d), np.float32), []
        for k in range(t):
            i, f, u, o = np.split(sums[k] + h @ w_hh.T, 4, axis=1)
            i, f, u, o = sigmoid(i), sigmoid(f), np.tanh(u), sigmoid(o)
            before, c_before, c = h, c, f * c + i * u
            tanh_c = np.tanh(c)
            h = o * tanh_c
            kept.append((i, f, u, o, before, c_before, tanh_c))
        gh, gc, ga = np.zeros((n, d), np.float32), np.zeros((n, d), np.float32), np.empty_like(sums)
        for k in reversed(range(t)):
            i, f, u, o, _, c_before, tanh_c = kept[k]
            gh = gh + g[k]
            gc = gc + gh * o * (1 - tanh_c**2)
            parts = (gc * u * i * (1 - i), gc * c_before * f * (1 - f), gc * i * (1 - u**2), gh * tanh_c * o * (1 - o))
            ga[k] = np.concatenate(parts, axis=1)
            gh, gc = ga[k] @ w_hh, gc * f
        rows = ga.reshape(t * n, 4 * d)
        before = np.concatenate([step[4] for step in kept])
        result["x"], bias = ga @ w_ih, rows.sum(0)
        result.update(zip(NAMES, (rows.T @ x.reshape(t * n, -1), rows.T @ before, bias, bias), strict=True))
        result["h"] = h

    return step, lambda: result


def tinygrad_edu(x: Any, parameters: Any, g: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu import nn

    layer = nn.LSTM(x.shape[2], g.shape[2])
    layer.load_state_dict(dict(zip(NAMES, parameters, strict=True)))
    x = tg.Tensor(x, requires_grad=True)
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = None
        layer.zero_grad()
        output, (h, _) = layer(x)
        output.backward(g, keep=False)
        result["h"] = h.data[0]

    return step, lambda: result | {"x": x.grad} | {name: p.grad for name, p in layer.named_parameters()}


def torch(x: Any, parameters: Any, g: Any) -> Any:
    import torch

    layer = torch.nn.LSTM(x.shape[2], g.shape[2])
    with torch.no_grad():
        for name, a in zip(NAMES, parameters, strict=True):
            getattr(layer, name).copy_(torch.from_numpy(a))
    x, g = torch.tensor(x, requires_grad=True), torch.from_numpy(g)
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = None
        layer.zero_grad()
        output, (h, _) = layer(x)
        output.backward(g)
        result["h"] = h.detach().numpy()[0]

    return step, lambda: result | {"x": x.grad.numpy()} | {name: p.grad.numpy() for name, p in layer.named_parameters()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
