import functools
import statistics

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tests.ops.places import along, changed, from_places
from tests.ops.table import Row, call
from tinygrad_edu.ops.padding import _pad_integers
from tinygrad_edu.testing.strategies import arrays, shapes


def pairs(value, ndim):
    return np.broadcast_to(value, (ndim, 2)).tolist() if ndim else []


def constant(array, pad_width, constant_values=0):
    """Axis after axis, as the corners belong to the last one."""
    for k, ((before, after), (low, high)) in enumerate(
        zip(pairs(pad_width, array.ndim), pairs(constant_values, array.ndim), strict=True)
    ):
        n = array.shape[k]
        wide = from_places(
            array, changed(array.shape, k, before + n + after),
            lambda *i, k=k, before=before, n=n: changed(i, k, i[k] - before) if 0 <= i[k] - before < n else None,
        )  # fmt: skip
        np.moveaxis(wide, k, 0)[:before] = low
        np.moveaxis(wide, k, 0)[before + n :] = high
        array = wide
    return array


def mirrored(i, n, edge_twice):
    """Where an index outside of 0..n - 1 is read by reflection."""
    period = 2 * n if edge_twice else max(2 * n - 2, 1)
    i %= period
    return i if i < n else (2 * n - 1 if edge_twice else 2 * n - 2) - i


PLACES = {
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "wrap": lambda i, n: i % n,
    "reflect": lambda i, n: mirrored(i, n, False),
    "symmetric": lambda i, n: mirrored(i, n, True),
}


def moved(array, pad_width, mode):
    for k, (before, after) in enumerate(pairs(pad_width, array.ndim)):
        n = array.shape[k]
        array = along(array, k, [PLACES[mode](i, n) for i in range(-before, n + after)])
    return array


def ramp(array, pad_width, mode, end_values=0):
    for k, ((before, after), (low, high)) in enumerate(
        zip(pairs(pad_width, array.ndim), pairs(end_values, array.ndim), strict=True)
    ):
        a = np.moveaxis(array, k, 0)
        first = [low + (a[0] - low) * i / before for i in range(before)]
        last = [a[-1] + (high - a[-1]) * (i + 1) / after for i in range(after)]
        array = np.moveaxis(np.array([*first, *a, *last]), 0, k)
    return array


def mean(array, pad_width, mode, stat_length=None):
    for k, (before, after) in enumerate(pairs(pad_width, array.ndim)):
        a = np.moveaxis(array, k, 0)
        n = len(a) if stat_length is None else min(stat_length, len(a))
        first, last = sum(a[:n]) / n, sum(a[len(a) - n :]) / n
        array = np.moveaxis(np.array([first] * before + [*a] + [last] * after), 0, k)
    return array


def picked(f, array, pad_width, mode, stat_length=None):
    for k, (before, after) in enumerate(pairs(pad_width, array.ndim)):
        n = array.shape[k] if stat_length is None else min(stat_length, array.shape[k])

        def extended(row, n=n, before=before, after=after):
            xs = row.tolist()
            return [*[f(xs[:n])] * before, *xs, *[f(xs[len(xs) - n :])] * after] if before or after else xs

        array = np.apply_along_axis(extended, k, array) if before or after else array
    return array


def odd(array, pad_width, mode, reflect_type):
    """The image turned around the edge, which is a step on for every time the margin is reflected again."""
    for k, (before, after) in enumerate(pairs(pad_width, array.ndim)):
        a = list(np.moveaxis(array, k, 0))
        while before or after:
            skip = 1 if mode == "reflect" and len(a) > 1 else 0
            low, high = min(before, len(a) - skip), min(after, len(a) - skip)
            if len(a) == 1 and mode == "reflect":
                a, before, after = a * (before + 1 + after), 0, 0
                break
            first = [2 * a[0] - a[i] for i in range(skip, low + skip)][::-1]
            a = first + a
            image = a[low:]
            a = a + [2 * image[-1] - image[-1 - i] for i in range(skip, high + skip)]
            before, after = before - low, after - high
        array = np.moveaxis(np.array(a), 0, k)
    return array


def widths(ndim, most=3):
    width = st.integers(0, most)
    pair = st.tuples(width, width)
    return width | pair | st.lists(pair, min_size=ndim, max_size=ndim)


@st.composite
def padded(draw, most=3, **options):
    shape = draw(shapes(min_dims=1, min_side=1))
    return draw(call(arrays(shape), pad_width=widths(len(shape), most), **options))


@st.composite
def margins(draw):
    shape = draw(shapes())
    n = len(shape)
    pair = st.tuples(st.integers(0, 3), st.integers(0, 3))
    value = st.floats(-2, 2)
    values = value | st.tuples(value, value) | st.lists(st.tuples(value, value), min_size=n, max_size=n)
    width = st.lists(pair, min_size=n, max_size=n)
    return draw(call(arrays(shape), pad_width=width, constant_values=values if n else 0))


some = st.none() | st.integers(1, 5)

ROWS = [
    Row(tg.pad_constant, constant, margins()),
    Row(tg.pad, constant, shapes().flatmap(lambda s: call(arrays(s), pad_width=widths(len(s))))),
    Row(tg.pad, moved, padded(mode=st.sampled_from(sorted(PLACES))), "by moving"),
    Row(tg.pad, ramp, padded(mode="linear_ramp", end_values=st.floats(-2, 2)), "by a ramp"),
    *[
        Row(tg.pad, functools.partial(picked, f), padded(mode=mode, stat_length=some), f"by {mode}")
        for mode, f in {"maximum": max, "minimum": min, "median": statistics.median}.items()
    ],
    Row(tg.pad, mean, padded(mode="mean", stat_length=some), "by means"),
    Row(tg.pad, odd, padded(1, mode=st.sampled_from(["reflect", "symmetric"]), reflect_type="odd"), "turned around"),
    Row(_pad_integers, moved, shapes(min_dims=1, min_side=1).flatmap(
        lambda s: call(arrays(s), pad_width=widths(len(s)), mode="edge"))),
]  # fmt: skip
