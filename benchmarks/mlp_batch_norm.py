"""One training step of a network of four hidden layers of 256 with batch norm and dropout: cross-entropy, Adam."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.adam import BETA1, BETA2, EPS, LR
from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "MLP of 4 x (Linear 256, BatchNorm1d, ReLU, Dropout 0.5), batch 256, float32, Adam, one training step"
TARGETS = [("tinygrad_edu", "torch", 1.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-3
CLASSES, DROPPED = 10, 0.5


def data(quick: bool) -> Any:
    """The weights, out x in, the inputs and their labels."""
    n, d = (16, 12) if quick else (256, 256)
    rng = np.random.default_rng(0)
    sizes = [(d, d)] * 4 + [(CLASSES, d)]
    weights = [(rng.standard_normal(size, np.float32) * np.float32((2 / d) ** 0.5)) for size in sizes]
    return weights, rng.standard_normal((n, d), np.float32), rng.integers(0, CLASSES, n)


def numpy(weights: Any, x: Any, labels: Any) -> Any:
    """What the step without dropout gives, by hand: this is for the numbers, not for the time."""
    result: dict[str, Any] = {}

    def step() -> None:
        h = x
        for w in weights[:-1]:
            h = h @ w.T
            h = np.maximum((h - h.mean(0)) / np.sqrt(h.var(0) + 1e-5), 0)
        z = h @ weights[-1].T
        z = z - z.max(1, keepdims=True)
        result["loss"] = (np.log(np.exp(z).sum(1)) - z[np.arange(len(x)), labels]).mean()

    return step, lambda: result


def _layers(nn: Any, weights: Any) -> list[Any]:
    """The layers of either library, which have the same names."""
    layers: list[Any] = []
    for w in weights[:-1]:
        d_out, d_in = w.shape
        layers += [nn.Linear(d_in, d_out), nn.BatchNorm1d(d_out), nn.ReLU(), nn.Dropout(DROPPED)]
    return [*layers, nn.Linear(weights[-1].shape[1], CLASSES)]


def tinygrad_edu(weights: Any, x: Any, labels: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim

    model = nn.Sequential(*_layers(nn, weights))
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    for layer, w in zip(linear, weights, strict=True):
        layer.load_state_dict({"weight": w, "bias": np.zeros(len(w), np.float32)})
    loss_of = nn.CrossEntropyLoss()
    adam = optim.Adam(model.parameters(), lr=LR, betas=(BETA1, BETA2), eps=EPS)
    inputs = tg.Tensor(x)
    result = {"loss": _without_dropout(nn.Dropout, model, lambda: loss_of(model(inputs), labels).item())}

    def step() -> None:
        adam.zero_grad()
        loss = loss_of(model(inputs), labels)
        loss.backward(keep=False)
        adam.step()

    return step, lambda: result


def torch(weights: Any, x: Any, labels: Any) -> Any:
    import torch
    from torch import nn

    model = nn.Sequential(*_layers(nn, weights))
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, w in zip(linear, weights, strict=True):
            layer.weight.copy_(torch.from_numpy(w))
            layer.bias.zero_()
    loss_of = nn.CrossEntropyLoss()
    adam = torch.optim.Adam(model.parameters(), lr=LR, betas=(BETA1, BETA2), eps=EPS)
    inputs, classes = torch.from_numpy(x), torch.from_numpy(labels)
    result = {"loss": _without_dropout(nn.Dropout, model, lambda: loss_of(model(inputs), classes).item())}

    def step() -> None:
        adam.zero_grad()
        loss = loss_of(model(inputs), classes)
        loss.backward()
        adam.step()

    return step, lambda: result


def _without_dropout(kind: Any, model: Any, loss: Any) -> float:
    """The loss before the first step, which no mask of a random generator enters: all libraries agree on it."""
    for layer in model:
        layer.train(not isinstance(layer, kind))
    found: float = loss()
    model.train()
    return found


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
