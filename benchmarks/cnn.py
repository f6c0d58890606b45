"""One training step of a small convolutional network, as LeNet: time, and the memory that it takes at its highest.

5 x 5 convolution 1 -> 6, max pooling, 5 x 5 convolution 6 -> 16, max pooling, 400-120-84-10, on 64 x 1 x 28 x 28.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.measuring import fastest_step, memory

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "LeNet on 64 x 1 x 28 x 28, float32, SGD, one training step"
TARGETS = [("tinygrad_edu", "torch", 2.0), ("tinygrad_edu", "dezero", 1 / 3)]
CHECKED_STEPS = 3
TOLERANCE = 1e-3
LR = 0.05

idle = {"MB": 0.0}  # what the process has before the network and its data are made


def data(quick: bool) -> Any:
    """Weights and biases of the five layers, linear ones as (out, in); the images and their labels."""
    forget_peak()
    idle["MB"] = memory("VmRSS")
    batch = 4 if quick else 64
    rng = np.random.default_rng(0)
    start = []
    for shape in ((6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)):
        scale = (2 / np.prod(shape[1:])) ** 0.5
        start += [(rng.standard_normal(shape) * scale).astype(np.float32), np.zeros(shape[0], np.float32)]
    return start, rng.standard_normal((batch, 1, 28, 28), np.float32), rng.integers(0, 10, batch)


def forget_peak() -> None:
    """Let the system forget the highest memory so far, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def measure(step: Any, quick: bool) -> dict[str, float]:
    """The fastest step, and the highest memory of all steps so far above that of the idle process."""
    return fastest_step(step, quick) | {"MB": memory("VmHWM") - idle["MB"]}


def updates(start: list[np.ndarray], after: list[np.ndarray]) -> dict[str, np.ndarray]:
    """How far each parameter went."""
    return {f"{'wb'[i % 2]}{i // 2}": new - old for i, (new, old) in enumerate(zip(after, start, strict=True))}


def numpy(start: Any, x: Any, labels: Any) -> Any:
    """By hand: every convolution one matrix of all windows, every pooling a maximum over an axis."""
    parameters = [a.copy() for a in start]
    result: dict[str, Any] = {}

    def conv(x: Any, w: Any, b: Any) -> tuple[Any, Any]:
        windows = sliding_window_view(x, (5, 5), (2, 3))  # (n, c, i, j, 5, 5)
        n, c, i, j = windows.shape[:4]
        columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * 25, i * j)
        return (w.reshape(len(w), -1) @ columns + b[:, None]).reshape(n, -1, i, j), columns

    def pool(x: Any) -> tuple[Any, Any]:
        n, c, h, w = x.shape
        parts = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)
        chosen = parts.argmax(-1)[..., None]
        return np.take_along_axis(parts, chosen, -1)[..., 0], chosen

    def unpool(g: Any, chosen: Any) -> Any:
        n, c, h, w = g.shape
        parts = np.zeros((*g.shape, 4), g.dtype)
        np.put_along_axis(parts, chosen, g[..., None], -1)
        return parts.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, 2 * h, 2 * w)

    def step() -> None:
        w0, b0, w1, b1, w2, b2, w3, b3, w4, b4 = parameters
        n = len(x)
        a0, columns0 = conv(np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))), w0, b0)
        h0, chosen0 = pool(np.maximum(a0, 0))
        a1, columns1 = conv(h0, w1, b1)
        h1, chosen1 = pool(np.maximum(a1, 0))
        flat = h1.reshape(n, -1)
        h2 = np.maximum(flat @ w2.T + b2, 0)
        h3 = np.maximum(h2 @ w3.T + b3, 0)
        z = h3 @ w4.T + b4
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        result["loss"] = -np.log(p[np.arange(n), labels]).mean()

        p[np.arange(n), labels] -= 1
        g4 = p / np.float32(n)
        g3 = g4 @ w4 * (h3 > 0)
        g2 = g3 @ w3 * (h2 > 0)
        g1 = (unpool((g2 @ w2).reshape(h1.shape), chosen1) * (a1 > 0)).reshape(n, 16, -1)
        parts = (w1.reshape(16, -1).T @ g1).reshape(n, 6, 5, 5, 10, 10)
        gh0 = np.zeros_like(h0)
        for i in range(5):
            for j in range(5):
                gh0[:, :, i : i + 10, j : j + 10] += parts[:, :, i, j]
        g0 = (unpool(gh0, chosen0) * (a0 > 0)).reshape(n, 6, -1)
        gw0, gw1 = ((g @ c.swapaxes(1, 2)).sum(0) for g, c in ((g0, columns0), (g1, columns1)))
        gradients = [
            gw0.reshape(w0.shape), g0.sum((0, 2)), gw1.reshape(w1.shape), g1.sum((0, 2)),
            g2.T @ flat, g2.sum(0), g3.T @ h2, g3.sum(0), g4.T @ h3, g4.sum(0),
        ]  # fmt: skip
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= LR * gradient

    return step, lambda: result | updates(start, parameters)


def tinygrad_edu(start: Any, x: Any, labels: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim

    model = network(nn)
    with tg.no_grad():
        for parameter, a in zip(model.parameters(), start, strict=True):
            parameter.data = a.copy()
    loss_of = nn.CrossEntropyLoss()
    sgd = optim.SGD(model.parameters(), lr=LR)
    images = tg.Tensor(x)
    result: dict[str, Any] = {}

    def step() -> None:
        sgd.zero_grad()
        loss = loss_of(model(images), labels)
        loss.backward(keep=False)
        sgd.step()
        result["loss"] = loss.item()

    return step, lambda: result | updates(start, [p.data for p in model.parameters()])


def network(nn: Any) -> Any:
    """The network, in PyTorch's words."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def torch(start: Any, x: Any, labels: Any) -> Any:
    import torch
    from torch import nn

    model = network(nn)
    with torch.no_grad():
        for parameter, a in zip(model.parameters(), start, strict=True):
            parameter.copy_(torch.from_numpy(a))
    loss_of = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(model.parameters(), lr=LR)
    images, classes = torch.from_numpy(x), torch.from_numpy(labels)
    result: dict[str, Any] = {}

    def step() -> None:
        sgd.zero_grad()
        loss = loss_of(model(images), classes)
        loss.backward()
        sgd.step()
        result["loss"] = loss.item()

    return step, lambda: result | updates(start, [p.detach().numpy() for p in model.parameters()])


def dezero(start: Any, x: Any, labels: Any) -> Any:
    import dezero.functions as F
    from dezero import Parameter, Variable

    parameters = [Parameter(a.T.copy() if a.ndim == 2 else a.copy()) for a in start]  # x @ w, with w as (in, out)
    images = Variable(x)
    result: dict[str, Any] = {}

    def step() -> None:
        w0, b0, w1, b1, w2, b2, w3, b3, w4, b4 = parameters
        for parameter in parameters:
            parameter.cleargrad()
        h = F.pooling(F.relu(F.conv2d(images, w0, b0, pad=2)), 2, 2)
        h = F.pooling(F.relu(F.conv2d(h, w1, b1)), 2, 2).reshape(len(x), -1)
        h = F.relu(F.linear(F.relu(F.linear(h, w2, b2)), w3, b3))
        loss = F.softmax_cross_entropy(F.linear(h, w4, b4), labels)
        loss.backward()
        for parameter in parameters:
            parameter.data -= LR * parameter.grad.data
        result["loss"] = float(loss.data)

    return step, lambda: result | updates(start, [p.data.T if p.ndim == 2 else p.data for p in parameters])


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, dezero)}
