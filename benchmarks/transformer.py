"""A transformer encoder layer, d = 128, 8 heads, feedforward 512: forward and backward of a batch of 16 x 64.

In training mode, and the libraries must agree, so nothing is dropped; what dropout of 0.1 costs is a figure beside it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "transformer encoder layer, d = 128, 8 heads, feedforward 512, 16 x 64, float32, forward and backward"
DROPPING = "ms, dropout 0.1"
TARGETS = [("tinygrad_edu", "torch", 1.5), ("tinygrad_edu", "torch", 1.5, DROPPING)]
CHECKED_STEPS = 1
TOLERANCE = 1e-3


def data(quick: bool) -> Any:
    """Sequences x (n, t, d), the gradient of what becomes of them, the weights by PyTorch's names, and the heads."""
    n, t, d, hidden, heads = (2, 3, 4, 6, 2) if quick else (16, 64, 128, 512, 8)
    rng = np.random.default_rng(0)
    shapes = {
        "self_attn.in_proj_weight": (3 * d, d),
        "self_attn.in_proj_bias": (3 * d,),
        "self_attn.out_proj.weight": (d, d),
        "self_attn.out_proj.bias": (d,),
        "linear1.weight": (hidden, d),
        "linear1.bias": (hidden,),
        "linear2.weight": (d, hidden),
        "linear2.bias": (d,),
    }
    state = {name: (rng.uniform(-1, 1, shape) / math.sqrt(d)).astype(np.float32) for name, shape in shapes.items()}
    for i in (1, 2):
        state |= {f"norm{i}.weight": np.ones(d, np.float32), f"norm{i}.bias": np.zeros(d, np.float32)}
    return *(rng.standard_normal((n, t, d), np.float32) for _ in range(2)), state, heads


def measure(step: Any, quick: bool) -> dict[str, float]:
    """The step, and where a library can, also with dropout."""
    figures = fastest_step(step, quick)
    dropping = getattr(step, "dropping", None)
    return figures if dropping is None else figures | {DROPPING: fastest_step(dropping, quick)["ms"]}


def numpy(x: Any, g: Any, state: Any, heads: int) -> Any:
    """By hand, untuned: everything that the way back needs is kept."""
    w_in, b_in, w_out, b_out, w1, b1, w2, b2 = list(state.values())[:8]
    (n, t, d), e = x.shape, x.shape[2] // heads
    result: dict[str, Any] = {}

    def normed(a: Any) -> Any:
        centred = a - a.mean(-1, keepdims=True)
        scale = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
        return centred * scale, scale

    def through_norm(g: Any, y: Any, scale: Any) -> Any:
        return scale * (g - g.mean(-1, keepdims=True) - y * (g * y).mean(-1, keepdims=True))

    def rows(a: Any) -> Any:
        return a.reshape(n * t, -1)

    def step() -> None:
        q, k, v = np.moveaxis((rows(x) @ w_in.T + b_in).reshape(n, t, 3, heads, e), (2, 3), (0, 2))
        scores = q @ k.mT / np.float32(math.sqrt(e))
        p = np.exp(scores - scores.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        mixed = rows((p @ v).swapaxes(1, 2))
        y1, scale1 = normed(rows(x) + mixed @ w_out.T + b_out)
        hidden = np.maximum(y1 @ w1.T + b1, 0)
        y2, scale2 = normed(y1 + hidden @ w2.T + b2)

        found = {"norm2.weight": (rows(g) * y2).sum(0), "norm2.bias": rows(g).sum(0)}
        g2 = through_norm(rows(g), y2, scale2)
        gh = (g2 @ w2) * (hidden > 0)
        found |= {"linear2.weight": g2.T @ hidden, "linear2.bias": g2.sum(0)}
        found |= {"linear1.weight": gh.T @ y1, "linear1.bias": gh.sum(0)}
        g1 = g2 + gh @ w1
        found |= {"norm1.weight": (g1 * y1).sum(0), "norm1.bias": g1.sum(0)}
        g1 = through_norm(g1, y1, scale1)
        found |= {"self_attn.out_proj.weight": g1.T @ mixed, "self_attn.out_proj.bias": g1.sum(0)}
        gy = (g1 @ w_out).reshape(n, t, heads, e).swapaxes(1, 2)
        gp = gy @ v.mT
        gs = p * (gp - (gp * p).sum(-1, keepdims=True)) / np.float32(math.sqrt(e))
        parts = np.stack([gs @ k, gs.mT @ q, p.mT @ gy])  # (3, n, heads, t, e)
        projected = rows(np.moveaxis(parts, (0, 2), (2, 3)))
        found |= {"self_attn.in_proj_weight": projected.T @ rows(x), "self_attn.in_proj_bias": projected.sum(0)}
        result.update(found, y=y2.reshape(n, t, d), x=(g1 + projected @ w_in).reshape(n, t, d))

    return step, lambda: result


def tinygrad_edu(x: Any, g: Any, state: Any, heads: int) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu import nn

    x = tg.Tensor(x, requires_grad=True)
    result: dict[str, Any] = {}

    def made(dropout: float) -> Any:
        layer = nn.TransformerEncoderLayer(x.shape[2], heads, len(state["linear1.bias"]), dropout, batch_first=True)
        layer.load_state_dict(state)

        def step() -> None:
            x.grad = None
            layer.zero_grad()
            y = layer(x)
            y.backward(g, keep=False)
            result["y"] = y.data

        return layer, step

    layer, step = made(0.0)
    step.dropping = made(0.1)[1]
    return step, lambda: result | {"x": x.grad} | {name: p.grad for name, p in layer.named_parameters()}


def torch(x: Any, g: Any, state: Any, heads: int) -> Any:
    import torch

    x, g = torch.tensor(x, requires_grad=True), torch.tensor(g)
    result: dict[str, Any] = {}

    def made(dropout: float) -> Any:
        hidden = len(state["linear1.bias"])
        layer = torch.nn.TransformerEncoderLayer(x.shape[2], heads, hidden, dropout, batch_first=True)
        layer.load_state_dict({name: torch.tensor(array) for name, array in state.items()})

        def step() -> None:
            x.grad = None
            layer.zero_grad()
            y = layer(x)
            y.backward(g)
            result["y"] = y.detach().numpy()

        return layer, step

    layer, step = made(0.0)
    step.dropping = made(0.1)[1]
    return step, lambda: result | {"x": x.grad.numpy()} | {name: p.grad.numpy() for name, p in layer.named_parameters()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
