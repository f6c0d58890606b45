"""A chain of 1,000,000 ops, forward, backward and released: depth, time and memory.

y = x + x + x + ... on an array of 8, so the value is (n + 1) x and the derivative n + 1, exactly.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from benchmarks.measuring import memory

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "a chain of 1,000,000 ops, forward, backward, released"
TARGETS: list[tuple[str, str, float]] = []
CHECKED_STEPS = 1
TOLERANCE = 0.0


def measure(step: Any, quick: bool) -> dict[str, float]:
    """Seconds for the whole, the highest memory meanwhile, and what is left of it afterwards."""
    before = memory("VmRSS")
    start = time.perf_counter()
    step(1_000 if quick else 1_000_000)
    seconds = time.perf_counter() - start
    return {"s": seconds, "peak MB": memory("VmHWM") - before, "left MB": memory("VmRSS") - before}


def data(_quick: bool) -> Any:
    """The array that is added."""
    return (np.ones(8),)


def numpy(x: Any) -> Any:
    """Nothing to remember: the sum forward, and as many additions of g backward."""
    result: dict[str, Any] = {}

    def step(n: int = 900) -> None:
        y = x
        for _ in range(n):
            y = y + x
        g, gx = np.ones_like(x), np.zeros_like(x)
        for _ in range(n):
            gx += g
        result["x"] = gx + g

    return step, lambda: result


def tinygrad_edu(ones: Any) -> Any:
    import tinygrad_edu as tg

    x = tg.Tensor(ones, requires_grad=True)

    def step(n: int = 900) -> None:
        x.grad = None
        y = x
        for _ in range(n):
            y = y + x
        y.sum().backward()

    return step, lambda: {"x": x.grad}


def torch(ones: Any) -> Any:
    import torch

    x: Any = torch.tensor(ones, requires_grad=True)

    def step(n: int = 900) -> None:
        x.grad = None
        y = x
        for _ in range(n):
            y = y + x
        y.sum().backward()

    return step, lambda: {"x": x.grad.numpy()}


def mygrad(ones: Any) -> Any:
    import mygrad as mg

    x = mg.tensor(ones)

    def step(n: int = 900) -> None:
        y = x
        for _ in range(n):
            y = y + x
        y.sum().backward()

    return step, lambda: {"x": x.grad}


def autograd(ones: Any) -> Any:
    import autograd.numpy as anp
    from autograd import grad

    result: dict[str, Any] = {}

    def chain(x: Any, n: int) -> Any:
        y = x
        for _ in range(n):
            y = y + x
        return anp.sum(y)

    def step(n: int = 900) -> None:
        result["x"] = grad(chain)(ones, n)

    return step, lambda: result


def dezero(ones: Any) -> Any:
    import dezero
    import dezero.functions as F

    x = dezero.Parameter(ones)

    def step(n: int = 900) -> None:
        x.cleargrad()
        y = x
        for _ in range(n):
            y = y + x
        F.sum(y).backward()

    return step, lambda: {"x": x.grad.data}


def micrograd(ones: Any) -> Any:
    """One number instead of eight; backward() recurses, so a million needs more than Python allows."""
    from micrograd.engine import Value

    sys.setrecursionlimit(10_000)
    result: dict[str, Any] = {}

    def step(n: int = 900) -> None:
        x = Value(float(ones[0]))
        y = x
        for _ in range(n):
            y = y + x
        y.backward()
        result["x"] = x.grad

    return step, lambda: result


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, mygrad, autograd, dezero, micrograd)}
