"""Reading with repeated indices, 100,000 rows, and every slice of an array in a loop: forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measuring import fastest_step as measure

__all__ = ["CHECKED_STEPS", "LIBRARIES", "TARGETS", "TITLE", "TOLERANCE", "data", "measure"]

TITLE = "100,000 rows read with repeats, and 1,000 slices read in a loop, forward and backward"
TARGETS = [("tinygrad_edu", "torch", 2.0)]
CHECKED_STEPS = 1
TOLERANCE = 1e-2


def data(quick: bool) -> Any:
    """A table, the rows to read of it, and the array that is read slice by slice."""
    rng = np.random.default_rng(0)
    reads, slices = (100, 10) if quick else (100_000, 1000)
    table = rng.standard_normal((reads // 10, 16), np.float32)
    return table, rng.integers(0, len(table), reads), rng.standard_normal((slices, 32), np.float32)


def numpy(table: Any, rows: Any, x: Any) -> Any:
    """The same by hand; repeats are added up with `np.add.at`."""
    result: dict[str, Any] = {}

    def step() -> None:
        read = table[rows]
        total = (read**2).mean()
        gx, gtable = np.zeros_like(x), np.zeros_like(table)
        for i in range(len(x)):
            total = total + x[i].sum()
            gx[i] += 1
        np.add.at(gtable, rows, read * np.float32(2 / read.size))
        result.update(loss=total, table=gtable, x=gx)

    return step, lambda: result


def tinygrad_edu(table: Any, rows: Any, x: Any) -> Any:
    import tinygrad_edu as tg

    table, x = (tg.Tensor(a, requires_grad=True) for a in (table, x))
    result: dict[str, Any] = {}

    def step() -> None:
        table.grad = x.grad = None
        total = (table[rows] ** 2).mean()
        for i in range(len(x)):
            total = total + x[i].sum()
        total.backward(keep=False)
        result["loss"] = total.data

    return step, lambda: result | {"table": table.grad, "x": x.grad}


def torch(table: Any, rows: Any, x: Any) -> Any:
    import torch

    table, x = (torch.tensor(a, requires_grad=True) for a in (table, x))
    rows = torch.from_numpy(rows)
    result: dict[str, Any] = {}

    def step() -> None:
        table.grad = x.grad = None
        total = (table[rows] ** 2).mean()
        for part in x.unbind():
            total = total + part.sum()
        total.backward()
        result["loss"] = total.detach().numpy()

    return step, lambda: result | {"table": table.grad.numpy(), "x": x.grad.numpy()}


LIBRARIES = {f.__name__: f for f in (numpy, tinygrad_edu, torch)}
