"""Adam over ten parameters of 1000 x 1000: ten million numbers, so memory traffic and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "AdamByHand", "data", "measure"]

TITLE = "Adam, one step over ten 1000 x 1000 parameters, float32"
TARGETS = [("tinygrad_edu", "torch", 2.0)]
CHECKED_STEPS = 3
TOLERANCE = 1e-3
LR, BETA1, BETA2 = 1e-4, 0.9, 0.999
EPS = 1e-10  # smaller than usual, because DeZero adds it before the bias correction and the others after


class AdamByHand:
    """Adam in preallocated buffers, PyTorch's formula; for NumPy by hand, and for peers without an optimizer.

    lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) is lr' m / (sqrt(v) + eps') with both corrections
    taken into lr' and eps', which saves two passes.
    """

    def __init__(self, parameters: Sequence[np.ndarray]) -> None:
        self.parameters = parameters
        self.m = [np.zeros_like(w) for w in parameters]
        self.v = [np.zeros_like(w) for w in parameters]
        self.scratch = [np.empty_like(w) for w in parameters]
        self.t = 0

    def step(self, gradients: Sequence[np.ndarray]) -> None:
        """Alter the parameters in place."""
        self.t += 1
        correction = math.sqrt(1 - BETA2**self.t)
        lr, eps = LR * correction / (1 - BETA1**self.t), EPS * correction
        for w, g, m, v, s in zip(self.parameters, gradients, self.m, self.v, self.scratch, strict=True):
            np.multiply(m, BETA1, out=m)  # m <- beta1 m + (1 - beta1) g
            np.multiply(g, 1 - BETA1, out=s)
            np.add(m, s, out=m)
            np.multiply(v, BETA2, out=v)  # v <- beta2 v + (1 - beta2) g^2
            np.multiply(g, g, out=s)
            np.multiply(s, 1 - BETA2, out=s)
            np.add(v, s, out=v)
            np.sqrt(v, out=s)  # w <- w - lr m / (sqrt(v) + eps)
            np.add(s, eps, out=s)
            np.divide(m, s, out=s)
            np.multiply(s, lr, out=s)
            np.subtract(w, s, out=w)


def data(quick: bool) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Ten parameters, all zero (so what they become is the sum of the updates), and their gradients."""
    side = 30 if quick else 1000
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((side, side), np.float32) for _ in range(10)]
    return [np.zeros_like(g) for g in gradients], gradients


def numpy(parameters: Any, gradients: Any) -> Any:
    adam = AdamByHand(parameters)
    return lambda: adam.step(gradients), lambda: {"updates": parameters[-1]}


def tinygrad_edu(parameters: Any, gradients: Any) -> Any:
    from tinygrad_edu import nn, optim

    ours = [nn.Parameter(w) for w in parameters]
    for w, g in zip(ours, gradients, strict=True):
        w.grad = g
    adam = optim.Adam(ours, lr=LR, betas=(BETA1, BETA2), eps=EPS)
    return adam.step, lambda: {"updates": ours[-1].data}


def torch(parameters: Any, gradients: Any) -> Any:
    import torch

    theirs = [torch.nn.Parameter(torch.from_numpy(w)) for w in parameters]
    for w, g in zip(theirs, gradients, strict=True):
        w.grad = torch.from_numpy(g)
    adam = torch.optim.Adam(theirs, lr=LR, betas=(BETA1, BETA2), eps=EPS)
    return adam.step, lambda: {"updates": theirs[-1].detach().numpy()}


def dezero(parameters: Any, gradients: Any) -> Any:
    from dezero import Layer, Parameter, Variable
    from dezero.optimizers import Adam

    layer = Layer()
    for i, (w, g) in enumerate(zip(parameters, gradients, strict=True)):
        parameter = Parameter(w)
        parameter.grad = Variable(g)
        setattr(layer, f"w{i}", parameter)
    adam = Adam(LR, BETA1, BETA2, EPS).setup(layer)
    return adam.update, lambda: {"updates": layer.w9.data}


# MyGrad and micrograd have no optimizers; autograd's adam is a whole training loop, not a step.
LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, dezero)}
