"""Where backpropagation and central differences disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tensor import Tensor
from .differences import numerical_gradient
from .point import Arrays, Point, gradients, recorded_gradients

MOST = 2000  # elements of an input to look at one by one, once it is known to be wrong


@dataclass(frozen=True)
class Tolerance:
    """The step of the differences, and how far a gradient may be from them."""

    eps: float = 1e-5
    rtol: float = 1e-5
    atol: float = 1e-7

    def accepts(self, got: float, wanted: float, magnitude: float = 0.0) -> bool:
        """Whether `got` is `wanted`, which is the difference of two numbers of this `magnitude`."""
        rounding = 20 * float(np.finfo(float).eps) * magnitude / self.eps
        return abs(got - wanted) <= self.atol + self.rtol * abs(wanted) + rounding  # and a NaN is never accepted


@dataclass(frozen=True)
class Mismatch:
    """A number that backpropagation got wrong: what it is, for which array, and at which index if that is known."""

    what: str
    place: int
    index: tuple[int, ...] | None
    got: float
    wanted: float


def mismatches(point: Point, order: int, tolerance: Tolerance, rng: np.random.Generator) -> Iterator[Mismatch]:
    """Every disagreement found, one by one: whoever wants the first only, pays for no more."""
    leaves, y = point.run(point.values, record=True)
    c = rng.standard_normal(y.shape) if y.size > 1 else np.ones(y.shape)  # a single number can be told in its own scale
    directions = [rng.standard_normal(v.shape) for v in point.values]
    got = gradients(y, c, leaves)
    # Before anything is moved: a parameter moved in place ends the graph that it is in.
    recorded, second = _second(y, c, leaves, directions) if order == 2 else ([], [])

    changes = [_change(point, _only(directions, i), tolerance.eps) for i in range(len(got))]
    yield from _first_order(point, c, y.data, got, directions, changes, tolerance)
    if order == 2:
        yield from _two_ways(point, got, recorded)
        yield from _by_cotangent(point, rng.standard_normal(y.shape), y.data, changes, second, tolerance)
        yield from _curvature(point, c, directions, second, tolerance)


def _second(y: Tensor, c: np.ndarray, leaves: Sequence[Tensor], directions: Arrays) -> tuple[Arrays, list[Arrays]]:
    """The gradients by the formulas on Tensors; and of each, along its direction, the gradients for leaves and `c`."""
    cotangent = Tensor(c, requires_grad=True)
    first = recorded_gradients(y, cotangent, leaves)
    return [gx.data for gx in first], [
        gradients(gx, d, [*leaves, cotangent]) for gx, d in zip(first, directions, strict=True)
    ]


def _first_order(
    point: Point,
    c: np.ndarray,
    y: np.ndarray,
    got: Arrays,
    directions: Arrays,
    changes: Arrays,
    tolerance: Tolerance,
) -> Iterator[Mismatch]:
    """The gradient along a direction of each input separately, then of all of them at once."""
    magnitude = _dot(abs(c), abs(y))
    slopes = [_dot(g, d) for g, d in zip(got, directions, strict=True)]
    for i, change in enumerate(changes):
        if not tolerance.accepts(slopes[i], _dot(c, change), magnitude):
            yield _located(point, c, got, i, tolerance) or Mismatch(
                f"slope along a random direction for {point.label(i)}", i, None, slopes[i], _dot(c, change)
            )
    together = _dot(c, _change(point, directions, tolerance.eps))
    if not tolerance.accepts(sum(slopes), together, magnitude):
        yield Mismatch("slope along a random direction of all inputs", 0, None, sum(slopes), together)


def _two_ways(point: Point, got: Arrays, recorded: Arrays) -> Iterator[Mismatch]:
    """A sweep over arrays may take short cuts (`joint`, `into`); over Tensors it takes the formulas."""
    for i, (a, b) in enumerate(zip(recorded, got, strict=True)):
        if not np.allclose(a, b, rtol=1e-7, atol=1e-9):
            at = _furthest(a, b)
            what = f"gradient by the formulas, as by the joint backward, for {point.label(i)}"
            yield Mismatch(what, i, at, float(a[at]), float(b[at]))


def _by_cotangent(
    point: Point, e: np.ndarray, y: np.ndarray, changes: Arrays, second: list[Arrays], tolerance: Tolerance
) -> Iterator[Mismatch]:
    """``<gradient for i, d>`` is linear in the cotangent: its derivative is the change of f along d."""
    for i, change in enumerate(changes):
        found = _dot(e, second[i][-1])
        if not tolerance.accepts(found, _dot(e, change), _dot(abs(e), abs(y))):
            what = f"derivative by g of the gradient for {point.label(i)}"
            yield Mismatch(what, i, None, found, _dot(e, change))


def _curvature(
    point: Point, c: np.ndarray, directions: Arrays, second: list[Arrays], tolerance: Tolerance
) -> Iterator[Mismatch]:
    """The change of the gradient for i when j is moved, for every pair."""
    for j, direction in enumerate(directions):
        along = _only(directions, j)
        ahead = point.slopes(point.moved(along, tolerance.eps), c)
        behind = point.slopes(point.moved(along, -tolerance.eps), c)
        for i, d in enumerate(directions):
            found = _dot(second[i][j], direction)
            wanted = _dot(d, (ahead[i] - behind[i]) / (2 * tolerance.eps))
            if not tolerance.accepts(found, wanted, _dot(abs(d), abs(ahead[i]))):
                what = f"second derivative for {point.label(i)} and {point.label(j)}"
                yield Mismatch(what, i, None, found, wanted)


def has_kink(point: Point, i: int, eps: float) -> bool:
    """Whether the slope, or the function itself, jumps in array `i`: the differences to either side disagree."""
    rng = np.random.default_rng(0)
    here = point.value(point.values)
    c, along = rng.standard_normal(here.shape), _only([rng.standard_normal(v.shape) for v in point.values], i)
    ahead = _dot(c, point.value(point.moved(along, eps)) - here) / eps
    behind = _dot(c, here - point.value(point.moved(along, -eps))) / eps
    return abs(ahead - behind) > 1e-3 * (abs(ahead) + abs(behind)) + 1e-6


def _located(point: Point, c: np.ndarray, got: Arrays, i: int, tolerance: Tolerance) -> Mismatch | None:
    """The element of gradient `i` that is furthest off; None if none is, or if there are too many to look at."""
    if got[i].size > MOST:
        return None

    def value(x: np.ndarray) -> Any:
        return _dot(c, point.value([x if j == i else v for j, v in enumerate(point.values)]))

    wanted = numerical_gradient(value, point.values[i], tolerance.eps)
    at = _furthest(got[i], wanted)
    if tolerance.accepts(float(got[i][at]), float(wanted[at])):
        return None
    return Mismatch(f"gradient for {point.label(i)}", i, at, float(got[i][at]), float(wanted[at]))


def _change(point: Point, directions: Sequence[np.ndarray | None], eps: float) -> np.ndarray:
    """The central difference of the function along `directions`, per unit of length."""
    ahead, behind = point.value(point.moved(directions, eps)), point.value(point.moved(directions, -eps))
    return np.asarray((ahead - behind) / (2 * eps))


def _only(directions: Arrays, i: int) -> list[np.ndarray | None]:
    return [d if j == i else None for j, d in enumerate(directions)]


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sum(a * b))


def _furthest(a: np.ndarray, b: np.ndarray) -> tuple[int, ...]:
    """The index at which two arrays differ most; a NaN counts as more than anything."""
    difference = np.nan_to_num(abs(a - b), nan=np.inf)
    return tuple(int(k) for k in np.unravel_index(np.argmax(difference), a.shape))
