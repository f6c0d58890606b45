"""Max pooling 2 x 2 of 64 x 32 x 28 x 28 float32, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "max pooling 2 x 2 of 64 x 32 x 28 x 28 float32, forward and backward"
TARGETS = [("tinygrad_edu", "torch", 2.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-5


def data(quick: bool) -> Any:
    """Images, and the gradient of what they are pooled to."""
    rng = np.random.default_rng(0)
    lead = (2, 3) if quick else (64, 32)
    return rng.standard_normal((*lead, 28, 28), np.float32), rng.standard_normal((*lead, 14, 14), np.float32)


def numpy(x: Any, g: Any) -> Any:
    """The maximum of four strided slices, and the first that equals it."""
    result: dict[str, Any] = {}
    corners = [(..., slice(i, None, 2), slice(j, None, 2)) for i in range(2) for j in range(2)]

    def step() -> None:
        y = np.maximum(np.maximum(x[corners[0]], x[corners[1]]), np.maximum(x[corners[2]], x[corners[3]]))
        gx, left = np.empty_like(x), np.ones(y.shape, bool)
        for corner in corners:
            first = (x[corner] == y) & left
            left ^= first
            np.multiply(g, first, out=gx[corner])
        result.update(y=y, x=gx)

    return step, lambda: result


def tinygrad_edu(x: Any, g: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu.nn import functional as F

    x = tg.Tensor(x, requires_grad=True)
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = None
        y = F.max_pool2d(x, 2)
        y.backward(g, keep=False)
        result["y"] = y.data

    return step, lambda: result | {"x": x.grad}


def torch(x: Any, g: Any) -> Any:
    import torch
    from torch.nn import functional as F

    x, g = torch.tensor(x, requires_grad=True), torch.tensor(g)
    result: dict[str, Any] = {}

    def step() -> None:
        x.grad = None
        y = F.max_pool2d(x, 2)
        y.backward(g)
        result["y"] = y.detach().numpy()

    return step, lambda: result | {"x": x.grad.numpy()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
