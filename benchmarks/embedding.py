"""32 x 100 vectors of 128 looked up among 10,000, forward and backward, the gradient a whole array."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "Embedding 10,000 x 128, 32 x 100 numbers, forward and backward"
TARGETS = [("tinygrad_edu", "torch", 2.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-4


def data(quick: bool) -> Any:
    """The table, the numbers to look up, and the gradient that arrives."""
    rng = np.random.default_rng(0)
    n, d = (100, 8) if quick else (10_000, 128)
    ids = rng.integers(0, n, (4, 5) if quick else (32, 100))
    return rng.standard_normal((n, d), np.float32), ids, rng.standard_normal((*ids.shape, d), np.float32)


def numpy(table: Any, ids: Any, g: Any) -> Any:
    """By hand; rows that were read several times are added up with `np.add.at`."""
    result: dict[str, Any] = {}

    def step() -> None:
        rows = table[ids]
        gradient = np.zeros_like(table)
        np.add.at(gradient, ids, g)
        result.update(rows=rows, table=gradient)

    return step, lambda: result


def tinygrad_edu(table: Any, ids: Any, g: Any) -> Any:
    from tinygrad_edu import nn

    layer = nn.Embedding(*table.shape, _weight=table)
    result: dict[str, Any] = {}

    def step() -> None:
        layer.weight.grad = None
        rows = layer(ids)
        rows.backward(g, keep=False)
        result["rows"] = rows.data

    return step, lambda: result | {"table": layer.weight.grad}


def torch(table: Any, ids: Any, g: Any) -> Any:
    import torch
    from torch import nn

    layer = nn.Embedding(*table.shape, _weight=torch.tensor(table))
    numbers, gradient = torch.from_numpy(ids), torch.from_numpy(g)
    result: dict[str, Any] = {}

    def step() -> None:
        layer.weight.grad = None
        rows = layer(numbers)
        rows.backward(gradient)
        result["rows"] = rows.detach().numpy()

    return step, lambda: result | {"table": layer.weight.grad.numpy()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
