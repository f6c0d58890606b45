"""1,000 small ops on arrays of 8, forward and backward: what the bookkeeping of a graph costs.

A recurrent cell of ten ops (four products, one of them by a number, two sums, a difference, a quotient,
tanh and exp) runs a hundred times; the backward pass goes to the three weights that all turns share.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "1,000 small ops on arrays of 8, forward and backward"
TARGETS = [("tinygrad_edu", "numpy", 3.0), ("tinygrad_edu", "torch", 0.5)]
CHECKED_STEPS = 1
TOLERANCE = 1e-4
SIZE = 8


def data(quick: bool) -> Any:
    """The weights w, u, b as rows, and one constant x per turn."""
    turns = 5 if quick else 100
    rng = np.random.default_rng(0)
    return rng.uniform(0.2, 0.8, (3, SIZE)).astype(np.float32), rng.standard_normal((turns, SIZE), np.float32)


def chain(h: Any, xs: Any, w: Any, u: Any, b: Any, tanh: Any, exp: Any) -> Any:
    """The thousand ops, for anything that has operators."""
    for x in xs:
        t = tanh(h * w + u * x)
        h = h + 0.5 * (t / exp(t) - h) * b
    return h


def numpy(weights: Any, xs: Any) -> Any:
    """The same NumPy calls by hand: `chain` spelt out, then each line's derivative, last line first."""
    w, u, b = weights
    result: dict[str, Any] = {}

    def step() -> None:
        h, saved = w, []
        for x in xs:
            t = np.tanh(h * w + u * x)
            e = np.exp(t)
            r = t / e
            m = 0.5 * (r - h)
            saved.append((h, t, e, r, m))
            h = h + m * b
        loss = h.sum()

        gh = np.ones_like(h)
        gw, gu, gb = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b)
        for x, (h, t, e, r, m) in zip(reversed(xs), reversed(saved), strict=True):
            gb += gh * m
            gr = gh * b * 0.5
            ge = -gr * r / e
            gt = gr / e + ge * e
            gs = gt * (1 - t * t)
            gw += gs * h
            gu += gs * x
            gh = gh - gr + gs * w
        result.update(loss=loss, w=gw + gh, u=gu, b=gb)

    return step, lambda: result


def tinygrad_edu(weights: Any, xs: Any) -> Any:
    import tinygrad_edu as tg

    leaves = w, u, b = [tg.Tensor(a, requires_grad=True) for a in weights]
    xs = [tg.Tensor(x) for x in xs]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.grad = None
        loss = chain(w, xs, w, u, b, tg.tanh, tg.exp).sum()
        loss.backward(keep=False)
        result["loss"] = loss.data

    return step, lambda: result | {"w": w.grad, "u": u.grad, "b": b.grad}


def torch(weights: Any, xs: Any) -> Any:
    import torch

    leaves: Any = [torch.tensor(a, requires_grad=True) for a in weights]
    w, u, b = leaves
    xs = [torch.tensor(x) for x in xs]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.grad = None
        loss = chain(w, xs, w, u, b, torch.tanh, torch.exp).sum()
        loss.backward()
        result["loss"] = loss.detach().numpy()

    return step, lambda: result | {"w": w.grad.numpy(), "u": u.grad.numpy(), "b": b.grad.numpy()}


def mygrad(weights: Any, xs: Any) -> Any:
    import mygrad as mg

    w, u, b = [mg.tensor(a) for a in weights]  # backward() clears the old gradients itself
    xs = [mg.tensor(x, constant=True) for x in xs]
    result: dict[str, Any] = {}

    def step() -> None:
        loss = chain(w, xs, w, u, b, mg.tanh, mg.exp).sum()
        loss.backward()
        result["loss"] = loss.data

    return step, lambda: result | {"w": w.grad, "u": u.grad, "b": b.grad}


def autograd(weights: Any, xs: Any) -> Any:
    import autograd.numpy as anp
    from autograd import value_and_grad

    result: dict[str, Any] = {}

    def loss(w: Any, u: Any, b: Any) -> Any:
        return anp.sum(chain(w, xs, w, u, b, anp.tanh, anp.exp))

    differentiated = value_and_grad(loss, argnum=(0, 1, 2))

    def step() -> None:
        result["loss"], (result["w"], result["u"], result["b"]) = differentiated(*weights)

    return step, lambda: result


def dezero(weights: Any, xs: Any) -> Any:
    import dezero
    import dezero.functions as F

    leaves = w, u, b = [dezero.Parameter(a) for a in weights]
    xs = [dezero.Variable(x) for x in xs]
    result: dict[str, Any] = {}

    def step() -> None:
        for leaf in leaves:
            leaf.cleargrad()
        loss = F.sum(chain(w, xs, w, u, b, F.tanh, F.exp))
        loss.backward()
        result["loss"] = loss.data

    return step, lambda: result | {"w": w.grad.data, "u": u.grad.data, "b": b.grad.data}


def micrograd(weights: Any, xs: Any) -> Any:
    """Numbers only, so the first of the eight; tanh and exp, which it lacks, are written in its style."""
    import math

    from micrograd.engine import Value

    sys.setrecursionlimit(10_000)  # its backward() recurses once per op
    first, xs = [float(a[0]) for a in weights], [float(x[0]) for x in xs]
    result: dict[str, Any] = {}

    def unary(x: Any, y: float, slope: float) -> Any:
        out = Value(y, (x,))

        def _backward() -> None:
            x.grad += slope * out.grad

        out._backward = _backward
        return out

    def tanh(x: Any) -> Any:
        y = math.tanh(x.data)
        return unary(x, y, 1 - y * y)

    def exp(x: Any) -> Any:
        y = math.exp(x.data)
        return unary(x, y, y)

    def step() -> None:
        w, u, b = map(Value, first)
        chain(w, xs, w, u, b, tanh, exp).backward()
        result.update(w=w.grad, u=u.grad, b=b.grad)

    return step, lambda: result


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, mygrad, autograd, dezero, micrograd)}
