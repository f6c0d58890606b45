"""One training step of a network 784-256-128-10 on a batch of 128: cross-entropy, float32, Adam."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.adam import BETA1, BETA2, EPS, LR, AdamByHand
from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "MLP 784-256-128-10, batch 128, float32, Adam, one training step"
TARGETS = [("tinygrad_edu", "numpy", 1.15), ("tinygrad_edu", "torch", 1.0)]
CHECKED_STEPS = 3
TOLERANCE = 1e-3


def data(quick: bool) -> Any:
    """Weights and biases w1 b1 w2 b2 w3 b3, the images x and their labels.  y = x @ w + b."""
    batch, *widths = (8, 20, 12, 9, 5) if quick else (128, 784, 256, 128, 10)
    rng = np.random.default_rng(0)
    start = []
    for d_in, d_out in itertools.pairwise(widths):
        start.append((rng.standard_normal((d_in, d_out)) * (2 / d_in) ** 0.5).astype(np.float32))
        start.append(np.zeros(d_out, np.float32))
    x = rng.standard_normal((batch, widths[0]), np.float32)
    return start, x, rng.integers(0, widths[-1], batch)


def updates(start: list[np.ndarray], after: list[np.ndarray]) -> dict[str, np.ndarray]:
    """How far each parameter went; a wrong gradient anywhere shows in it."""
    names = ("w1", "b1", "w2", "b2", "w3", "b3")
    return {name: new - old for name, new, old in zip(names, after, start, strict=True)}


def numpy(start: Any, x: Any, labels: Any) -> Any:
    """By hand, and well: every array of the step is allocated once and written with out=."""
    parameters = [a.copy() for a in start]
    w1, b1, w2, b2, w3, b3 = parameters
    gradients = gw1, gb1, gw2, gb2, gw3, gb3 = [np.empty_like(a) for a in parameters]
    adam = AdamByHand(parameters)
    n = len(x)
    rows = np.arange(n)
    h1, g1 = np.empty((2, n, len(b1)), np.float32)
    h2, g2 = np.empty((2, n, len(b2)), np.float32)
    p = np.empty((n, len(b3)), np.float32)
    row = np.empty((n, 1), np.float32)
    alive1, alive2 = np.empty(h1.shape, bool), np.empty(h2.shape, bool)
    result: dict[str, Any] = {}

    def step() -> None:
        np.matmul(x, w1, out=h1)
        np.add(h1, b1, out=h1)
        np.maximum(h1, 0, out=h1)
        np.matmul(h1, w2, out=h2)
        np.add(h2, b2, out=h2)
        np.maximum(h2, 0, out=h2)
        np.matmul(h2, w3, out=p)
        np.add(p, b3, out=p)
        np.maximum.reduce(p, axis=1, keepdims=True, out=row)
        np.subtract(p, row, out=p)
        np.exp(p, out=p)
        np.add.reduce(p, axis=1, keepdims=True, out=row)
        np.divide(p, row, out=p)
        result["loss"] = -np.log(p[rows, labels]).mean()

        p[rows, labels] -= 1
        np.divide(p, n, out=p)
        np.matmul(h2.T, p, out=gw3)
        np.add.reduce(p, axis=0, out=gb3)
        np.matmul(p, w3.T, out=g2)
        np.greater(h2, 0, out=alive2)
        np.multiply(g2, alive2, out=g2)
        np.matmul(h1.T, g2, out=gw2)
        np.add.reduce(g2, axis=0, out=gb2)
        np.matmul(g2, w2.T, out=g1)
        np.greater(h1, 0, out=alive1)
        np.multiply(g1, alive1, out=g1)
        np.matmul(x.T, g1, out=gw1)
        np.add.reduce(g1, axis=0, out=gb1)
        adam.step(gradients)

    return step, lambda: result | updates(start, parameters)


def tinygrad_edu(start: Any, x: Any, labels: Any) -> Any:
    import tinygrad_edu as tg
    from tinygrad_edu import nn, optim

    d, h1, h2, o = len(start[0]), *map(len, start[1::2])
    model = nn.Sequential(nn.Linear(d, h1), nn.ReLU(), nn.Linear(h1, h2), nn.ReLU(), nn.Linear(h2, o))
    with tg.no_grad():
        for parameter, a in zip(model.parameters(), start, strict=True):
            parameter.data = a.T.copy()
    loss_of = nn.CrossEntropyLoss()
    adam = optim.Adam(model.parameters(), lr=LR, betas=(BETA1, BETA2), eps=EPS)
    images = tg.Tensor(x)
    result: dict[str, Any] = {}

    def step() -> None:
        adam.zero_grad()
        loss = loss_of(model(images), labels)
        loss.backward(keep=False)
        adam.step()
        result["loss"] = loss.item()

    return step, lambda: result | updates(start, [p.data.T for p in model.parameters()])


def torch(start: Any, x: Any, labels: Any) -> Any:
    import torch
    from torch import nn

    d, h1, h2, o = len(start[0]), *map(len, start[1::2])
    model = nn.Sequential(nn.Linear(d, h1), nn.ReLU(), nn.Linear(h1, h2), nn.ReLU(), nn.Linear(h2, o))
    with torch.no_grad():
        for parameter, a in zip(model.parameters(), start, strict=True):
            parameter.copy_(torch.from_numpy(a.T))
    loss_of = nn.CrossEntropyLoss()
    adam = torch.optim.Adam(model.parameters(), lr=LR, betas=(BETA1, BETA2), eps=EPS)
    images, classes = torch.from_numpy(x), torch.from_numpy(labels)
    result: dict[str, Any] = {}

    def step() -> None:
        adam.zero_grad()
        loss = loss_of(model(images), classes)
        loss.backward()
        adam.step()
        result["loss"] = loss.item()

    return step, lambda: result | updates(start, [p.detach().numpy().T for p in model.parameters()])


def mygrad(start: Any, x: Any, labels: Any) -> Any:
    """MyGrad has no optimizers: Adam is the one by hand."""
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    parameters = [a.copy() for a in start]
    tensors = w1, b1, w2, b2, w3, b3 = [mg.tensor(a, copy=False) for a in parameters]
    adam = AdamByHand(parameters)
    result: dict[str, Any] = {}

    def step() -> None:
        h = relu(mg.matmul(x, w1) + b1)
        h = relu(mg.matmul(h, w2) + b2)
        loss = softmax_crossentropy(mg.matmul(h, w3) + b3, labels)
        loss.backward()
        adam.step([t.grad for t in tensors])
        result["loss"] = loss.item()

    return step, lambda: result | updates(start, parameters)


def autograd(start: Any, x: Any, labels: Any) -> Any:
    """autograd has no layers and no Adam step: log-softmax is written out, Adam is the one by hand."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    parameters = [a.copy() for a in start]
    rows = np.arange(len(x))
    adam = AdamByHand(parameters)
    result: dict[str, Any] = {}

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        h = anp.maximum(x @ w1 + b1, 0)
        h = anp.maximum(h @ w2 + b2, 0)
        z = h @ w3 + b3
        z = z - anp.max(z, axis=1, keepdims=True)
        log_p = z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))
        return -anp.mean(log_p[rows, labels])

    differentiated = value_and_grad(loss)

    def step() -> None:
        result["loss"], gradients = differentiated(parameters)
        adam.step(gradients)

    return step, lambda: result | updates(start, parameters)


def dezero(start: Any, x: Any, labels: Any) -> Any:
    import dezero.functions as F
    from dezero import Variable
    from dezero.models import MLP
    from dezero.optimizers import Adam

    parameters = [a.copy() for a in start]
    model = MLP([len(b) for b in parameters[1::2]], activation=F.relu)
    images = Variable(x)
    model(images)  # makes the weights
    theirs = [p for layer in model.layers for p in (layer.W, layer.b)]
    for parameter, a in zip(theirs, parameters, strict=True):
        parameter.data = a
    adam = Adam(LR, BETA1, BETA2, EPS).setup(model)
    result: dict[str, Any] = {}

    def step() -> None:
        model.cleargrads()
        loss = F.softmax_cross_entropy(model(images), labels)
        loss.backward()
        adam.update()
        result["loss"] = float(loss.data)

    return step, lambda: result | updates(start, [p.data for p in theirs])


# micrograd knows numbers only: this step would make some seventy million of its nodes.
LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch, mygrad, autograd, dezero)}
