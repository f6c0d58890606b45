"""A 3 x 3 convolution 32 -> 64 of 16 x 32 x 32 x 32 float32, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "3 x 3 convolution 32 -> 64 of 16 x 32 x 32 x 32 float32, forward and backward"
TARGETS = [("tinygrad_edu", "torch", 2.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-4


def data(quick: bool) -> Any:
    """Images x, weight w, bias b, and the gradient of the result."""
    n, c, o, size = (2, 2, 3, 5) if quick else (16, 32, 64, 32)
    rng = np.random.default_rng(0)
    shapes = (n, c, size, size), (o, c, 3, 3), (o,), (n, o, size, size)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def numpy(x: Any, w: Any, b: Any, g: Any) -> Any:
    """One matrix of all windows (im2col), as it is usually written."""
    result: dict[str, Any] = {}
    (n, c, height, width), o = x.shape, len(w)

    def step() -> None:
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), (2, 3)).transpose(1, 4, 5, 0, 2, 3).reshape(c * 9, -1)
        y = (w.reshape(o, -1) @ windows).reshape(o, n, height, width).swapaxes(0, 1) + b[:, None, None]
        rows = g.swapaxes(0, 1).reshape(o, -1)
        parts = (w.reshape(o, -1).T @ rows).reshape(c, 3, 3, n, height, width)
        sums = np.zeros_like(padded)
        for i in range(3):
            for j in range(3):
                sums[:, :, i : i + height, j : j + width] += parts[:, i, j].swapaxes(0, 1)
        gw = (rows @ windows.T).reshape(w.shape)
        result.update(y=y, x=sums[:, :, 1:-1, 1:-1], w=gw, b=rows.sum(1))

    return step, lambda: result


def tinygrad_edu(*arrays: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu.nn import functional as F

    g = arrays[-1]
    x, w, b = leaves = [tg.Tensor(a, requires_grad=True) for a in arrays[:-1]]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.grad = None
        y = F.conv2d(x, w, b, padding=1)
        y.backward(g, keep=False)
        result["y"] = y.data

    return step, lambda: result | {"x": x.grad, "w": w.grad, "b": b.grad}


def torch(*arrays: Any) -> Any:
    import torch
    from torch.nn import functional as F

    g = torch.tensor(arrays[-1])
    x, w, b = leaves = [torch.tensor(a, requires_grad=True) for a in arrays[:-1]]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.grad = None
        y = F.conv2d(x, w, b, padding=1)
        y.backward(g)
        result["y"] = y.detach().numpy()

    return step, lambda: result | {"x": x.grad.numpy(), "w": w.grad.numpy(), "b": b.grad.numpy()}


def dezero(*arrays: Any) -> Any:
    import dezero.functions as F
    from dezero import Variable

    g = Variable(arrays[-1])
    x, w, b = leaves = [Variable(a) for a in arrays[:-1]]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.cleargrad()
        y = F.conv2d(x, w, b, pad=1)
        y.grad = g
        y.backward()
        result["y"] = y.data

    return step, lambda: result | {"x": x.grad.data, "w": w.grad.data, "b": b.grad.data}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, dezero)}
