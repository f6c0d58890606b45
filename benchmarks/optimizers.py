"""Every optimizer over ten parameters of 1000 x 1000, one after the other: a step of each, in milliseconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

# name in the table -> class, settings
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9, "weight_decay": 0.01}),
    "Nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "ASGD": ("ASGD", {}),
    "Adagrad": ("Adagrad", {}),
    "Adadelta": ("Adadelta", {}),
    "RMSprop": ("RMSprop", {}),
    "centered": ("RMSprop", {"centered": True, "momentum": 0.9}),
    "Adam": ("Adam", {}),
    "AMSGrad": ("Adam", {"amsgrad": True}),
    "AdamW": ("AdamW", {}),
    "Adamax": ("Adamax", {}),
    "NAdam": ("NAdam", {}),
    "RAdam": ("RAdam", {}),
    "Rprop": ("Rprop", {}),
}
LR, EPS = 1e-2, 1e-8
STEPS = 6  # RAdam takes rates of its own for each number from the sixth on

TITLE = "A step of every optimizer over ten 1000 x 1000 parameters, float32"
TARGETS = [("tinygrad_edu", "torch", 2.0, name) for name in KINDS]
CHECKED_STEPS = 1
TOLERANCE = 1e-3

Step = Callable[[], object]


class Suite:
    """All optimizers of one library, each made when its turn comes: their state together would be gigabytes."""

    def __init__(self, make: Callable[[str, dict[str, Any]], Step], parameter: np.ndarray) -> None:
        self.make, self.parameter = make, parameter
        self.numbers: dict[str, np.ndarray] = {}

    def turns(self) -> Iterator[tuple[str, Step]]:
        """Each name with a step of a new optimizer, parameters at 0."""
        for name, (kind, settings) in KINDS.items():
            self.parameter[...] = 0
            yield name, self.make(kind, settings)

    def __call__(self) -> None:
        for name, step in self.turns():
            for _ in range(STEPS):
                step()
            self.numbers[name] = self.parameter.copy()


def measure(suite: Suite, quick: bool) -> dict[str, float]:
    """The fastest step of each, the first left out: it makes the state."""
    times = {}
    for name, step in suite.turns():
        for _ in range(STEPS):
            step()
        times[name] = fastest_step(step, quick)["ms"]
    return times


def data(quick: bool) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Ten parameters and their gradients."""
    side = 30 if quick else 1000
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((side, side), np.float32) for _ in range(10)]
    return [np.zeros_like(g) for g in gradients], gradients


def numpy(parameters: Any, gradients: Any) -> Any:
    """The formulas as a textbook has them, with a new array for each operation."""

    def make(kind: str, settings: dict[str, Any]) -> Step:
        rule, states, steps = BY_HAND[kind], [{} for _ in parameters], iter(range(1, 10**9))

        def step() -> None:
            t = next(steps)
            for w, g, state in zip(parameters, gradients, states, strict=True):
                w -= rule(w, g, state, t, **settings)

        return step

    suite = Suite(make, parameters[-1])
    return suite, lambda: suite.numbers


def sgd(w: Any, g: Any, s: Any, t: int, momentum: float = 0, weight_decay: float = 0, nesterov: bool = False) -> Any:
    g = g + weight_decay * w
    s["b"] = momentum * s["b"] + g if t > 1 else g
    return LR * (g + momentum * s["b"] if nesterov else s["b"])


def asgd(w: Any, g: Any, s: Any, t: int) -> Any:
    eta = LR / (1 + 1e-4 * LR * (t - 1)) ** 0.75
    return 1e-4 * eta * w + eta * g


def adagrad(w: Any, g: Any, s: Any, t: int) -> Any:
    s["v"] = s.get("v", 0) + g**2
    return LR * g / (np.sqrt(s["v"]) + 1e-10)


def adadelta(w: Any, g: Any, s: Any, t: int) -> Any:
    s["v"] = 0.9 * s.get("v", 0) + 0.1 * g**2
    d = np.sqrt(s.get("u", 0) + np.float32(1e-6)) / np.sqrt(s["v"] + np.float32(1e-6)) * g
    s["u"] = 0.9 * s.get("u", 0) + 0.1 * d**2
    return LR * d


def rmsprop(w: Any, g: Any, s: Any, t: int, centered: bool = False, momentum: float = 0) -> Any:
    s["v"] = 0.99 * s.get("v", 0) + 0.01 * g**2
    s["m"] = 0.99 * s.get("m", 0) + 0.01 * g
    d = g / (np.sqrt(s["v"] - centered * s["m"] ** 2) + EPS)
    s["b"] = momentum * s.get("b", 0) + d
    return LR * s["b"]


def moments(g: Any, s: Any) -> tuple[Any, Any]:
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
    return s["m"], s["v"]


def adam(w: Any, g: Any, s: Any, t: int, amsgrad: bool = False) -> Any:
    m, v = moments(g, s)
    s["largest"] = np.maximum(s.get("largest", 0), v)
    v = s["largest"] if amsgrad else v
    return LR * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + EPS)


def adamax(w: Any, g: Any, s: Any, t: int) -> Any:
    m, _ = moments(g, s)
    s["largest"] = np.maximum(0.999 * s.get("largest", 0), abs(g) + EPS)
    return LR / (1 - 0.9**t) * m / s["largest"]


def nadam(w: Any, g: Any, s: Any, t: int) -> Any:
    m, v = moments(g, s)
    mu = [0.9 * (1 - 0.5 * 0.96 ** (k * 4e-3)) for k in range(1, t + 2)]
    ahead = (1 - mu[-2]) / (1 - math.prod(mu[:-1])) * g + mu[-1] / (1 - math.prod(mu)) * m
    return LR * ahead / (np.sqrt(v / (1 - 0.999**t)) + EPS)


def radam(w: Any, g: Any, s: Any, t: int) -> Any:
    m, v = moments(g, s)
    most, correction = 2 / (1 - 0.999) - 1, 1 - 0.999**t
    seen = most - 2 * t * 0.999**t / correction
    if seen <= 5:
        return LR * m / (1 - 0.9**t)
    known = math.sqrt((seen - 4) * (seen - 2) * most / ((most - 4) * (most - 2) * seen))
    return LR * known * math.sqrt(correction) / (1 - 0.9**t) * m / (np.sqrt(v) + EPS)


def rprop(w: Any, g: Any, s: Any, t: int) -> Any:
    kept = g * s.get("before", 0)
    s["d"] = np.clip(s.get("d", LR) * np.where(kept > 0, 1.2, np.where(kept < 0, 0.5, 1)), 1e-6, 50)
    s["before"] = np.where(kept < 0, 0, g)
    return np.sign(s["before"]) * s["d"]


BY_HAND: dict[str, Any] = {
    "SGD": sgd, "ASGD": asgd, "Adagrad": adagrad, "Adadelta": adadelta, "RMSprop": rmsprop, "Adam": adam,
    "AdamW": lambda w, g, s, t: 0.01 * LR * w + adam(w, g, s, t), "Adamax": adamax, "NAdam": nadam, "RAdam": radam,
    "Rprop": rprop,
}  # fmt: skip


def tinygrad_edu(parameters: Any, gradients: Any) -> Any:
    from tinygrad_edu import nn, optim

    ours = [nn.Parameter(w) for w in parameters]
    for w, g in zip(ours, gradients, strict=True):
        w.grad = g
    suite = Suite(lambda kind, settings: getattr(optim, kind)(ours, lr=LR, **settings).step, ours[-1].data)
    return suite, lambda: suite.numbers


def torch(parameters: Any, gradients: Any) -> Any:
    import torch

    theirs = [torch.nn.Parameter(torch.from_numpy(w)) for w in parameters]
    for w, g in zip(theirs, gradients, strict=True):
        w.grad = torch.from_numpy(g)
    suite = Suite(lambda kind, settings: getattr(torch.optim, kind)(theirs, lr=LR, **settings).step, parameters[-1])
    return suite, lambda: suite.numbers


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
