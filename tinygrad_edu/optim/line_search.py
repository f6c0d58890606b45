"""How far to go along a direction: the line search of the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Point(NamedTuple):
    """What is known at ``x + t d``: the loss, its gradient, and its slope along ``d``."""

    t: float
    loss: float
    gradient: np.ndarray
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point],
    start: Point,
    t: float,
    length: float,
    most: int,
    tolerance: float,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> tuple[Point, int]:
    """A point that lies low enough, and is flat enough; and how many points were evaluated.

    The strong Wolfe conditions: ``f(t) <= f(0) + c1 t f'(0)`` and ``|f'(t)| <= c2 |f'(0)|``. First steps go out until
    an interval must hold such a point, then the interval shrinks by cubic interpolation. `length` is the largest entry
    of the direction: an interval of less than `tolerance` along it is given up, as is the search after `most` points.
    Nocedal and Wright, Numerical optimization, 2006, algorithms 3.5 and 3.6, in the form of minFunc and PyTorch.
    """

    def is_high(point: Point) -> bool:
        return point.loss > start.loss + c1 * point.t * start.slope

    def is_flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    before, now, evaluated, rounds = start, evaluate(t), 1, 0
    while rounds < most:
        if is_high(now) or (rounds > 1 and now.loss >= before.loss):
            break
        if is_flat(now):
            return now, evaluated
        if now.slope >= 0:
            break
        further = cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), 10 * now.t)
        before, now = now, evaluate(further)
        evaluated, rounds = evaluated + 1, rounds + 1
    else:
        before = start

    ends = [before, now]
    low = 0 if ends[0].loss <= ends[1].loss else 1
    stuck = False
    while rounds < most:
        left, right = sorted(end.t for end in ends)
        if (right - left) * length < tolerance:
            break
        t = cubic_minimum(ends[0], ends[1], left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) >= margin:
            stuck = False
        elif stuck or not left < t < right:  # too near an end for the second time: step inside
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            stuck = False
        else:
            stuck = True
        new = evaluate(t)
        evaluated, rounds = evaluated + 1, rounds + 1
        if is_high(new) or new.loss >= ends[low].loss:
            ends[1 - low] = new
            low = 0 if ends[0].loss <= ends[1].loss else 1
        elif is_flat(new):
            return new, evaluated
        else:
            if new.slope * (ends[1 - low].t - ends[low].t) >= 0:
                ends[1 - low] = ends[low]
            ends[low] = new
    return ends[low], evaluated


def cubic_minimum(a: Point, b: Point, least: float, most: float) -> float:
    """Where the cubic through two points, with their slopes, is least between `least` and `most`; else the middle."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    d2 = math.sqrt(square)
    curvature = b.slope - a.slope + 2 * d2
    if curvature == 0:
        return (least + most) / 2
    return min(max(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / curvature), least), most)
