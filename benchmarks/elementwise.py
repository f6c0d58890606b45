"""An elementwise chain over 1,000,000 float32, with a row that is broadcast, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "elementwise chain over 1,000,000 float32 with broadcasting, forward and backward"
TARGETS = [("tinygrad_edu", "numpy", 1.3), ("tinygrad_edu", "torch", 1.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-3


def data(quick: bool) -> Any:
    """A matrix x and a row b."""
    rng = np.random.default_rng(0)
    rows = 10 if quick else 1000
    return rng.standard_normal((rows, 1000), np.float32), rng.uniform(0.5, 1.5, 1000).astype(np.float32)


def numpy(x: Any, b: Any) -> Any:
    """``mean(tanh(x * b) * exp(-x * x) + x)`` and its derivatives, each line spelt out."""
    result: dict[str, Any] = {}

    def step() -> None:
        t = np.tanh(x * b)
        e = np.exp(-x * x)
        loss = (t * e + x).mean()
        g = np.float32(1 / x.size)
        gs = g * e * (1 - t * t)
        ge = g * t * e
        result.update(loss=loss, x=g + gs * b - 2 * ge * x, b=(gs * x).sum(0))

    return step, lambda: result


def tinygrad_edu(x: Any, b: Any) -> Any:
    import tinygrad_edu as tg

    x, b = (tg.Tensor(a, requires_grad=True) for a in (x, b))
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = b.grad = None
        loss = (tg.tanh(x * b) * tg.exp(-x * x) + x).mean()
        loss.backward(keep=False)
        result["loss"] = loss.data

    return step, lambda: result | {"x": x.grad, "b": b.grad}


def torch(x: Any, b: Any) -> Any:
    import torch

    torch.set_num_threads(1)
    x, b = (torch.tensor(a, requires_grad=True) for a in (x, b))
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = b.grad = None
        loss = (torch.tanh(x * b) * torch.exp(-x * x) + x).mean()
        loss.backward()
        result["loss"] = loss.detach().numpy()

    return step, lambda: result | {"x": x.grad.numpy(), "b": b.grad.numpy()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
