import itertools
import math

import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.columns import Geometry
from tinygrad_edu.ops.convolution import conv, conv_image, conv_kernel
from tinygrad_edu.ops.folding import fold_columns, unfold_columns
from tinygrad_edu.testing.strategies import arrays


def pairs(kernel, stride, padding, dilation):
    """The widths of the padding as pairs."""
    if padding == "valid":
        return [(0, 0) for _ in kernel]
    if padding == "same":
        totals = [d * (k - 1) for k, d in zip(kernel, per_axis(kernel, dilation), strict=True)]
        return [(total // 2, (total + 1) // 2) for total in totals]
    return [p if isinstance(p, tuple) else (p, p) for p in per_axis(kernel, padding)]


def per_axis(kernel, value):
    return value if isinstance(value, tuple) else (value,) * len(kernel)


def places(size, kernel, stride, padding, dilation):
    """How often the kernel fits on the padded image, by trying."""
    found = []
    for n, k, s, (before, after), d in zip(
        size, kernel, per_axis(kernel, stride), pairs(kernel, stride, padding, dilation), per_axis(kernel, dilation),
        strict=True,
    ):  # fmt: skip
        found.append(sum(start % s == 0 and start + d * (k - 1) < before + n + after for start in range(n + 20)))
    return tuple(found)


def meetings(size, kernel, stride=1, padding=0, dilation=1):
    """Each place, each element of the kernel, and the element of the image that they meet at, if it is no padding."""
    stride, dilation, widths = (
        per_axis(kernel, stride), per_axis(kernel, dilation), pairs(kernel, stride, padding, dilation),
    )  # fmt: skip
    for p in np.ndindex(places(size, kernel, stride, padding, dilation)):
        for k in np.ndindex(kernel):
            at = [s * i + d * j - w[0] for i, j, s, d, w in zip(p, k, stride, dilation, widths, strict=True)]
            if all(0 <= i < n for i, n in zip(at, size, strict=True)):
                yield p, k, tuple(at)


def products(size, kernel, channels, outputs, groups, **how):
    """All index triples (of y, of x, of w) that are multiplied with each other in a sample."""
    for p, k, at in meetings(size, kernel, **how):
        for o in range(outputs):
            group = o // (outputs // groups)
            for c in range(channels // groups):
                yield (o, *p), (group * (channels // groups) + c, *at), (o, c, *k)


def by_definition(x, w, b=None, groups=1, **how):
    size, kernel = x.shape[2:], w.shape[2:]
    where = {"stride": 1, "padding": 0, "dilation": 1} | how
    y = np.zeros((len(x), len(w), *places(size, kernel, **where)))
    if b is not None:
        y += b.reshape(-1, *[1] * len(kernel))
    for i, j, k in products(size, kernel, x.shape[1], len(w), groups, **how):
        y[(slice(None), *i)] += x[(slice(None), *j)] * w[k]
    return y


def image(g, w, size, groups=1, **how):
    x = np.zeros((len(g), w.shape[1] * groups, *size))
    for i, j, k in products(size, w.shape[2:], x.shape[1], len(w), groups, **how):
        x[(slice(None), *j)] += g[(slice(None), *i)] * w[k]
    return x


def kernel_of(x, g, kernel, groups=1, **how):
    w = np.zeros((g.shape[1], x.shape[1] // groups, *kernel))
    for i, j, k in products(x.shape[2:], kernel, x.shape[1], g.shape[1], groups, **how):
        w[k] += (g[(slice(None), *i)] * x[(slice(None), *j)]).sum()
    return w


@st.composite
def geometries(draw, max_axes=3):
    """The size of an image, the kernel, and how it is laid over the image; it always fits."""
    axes = draw(st.integers(1, max_axes))

    def numbers(low, high):
        return tuple(draw(st.lists(st.integers(low, high), min_size=axes, max_size=axes)))

    kernel, stride, dilation = numbers(1, 3 if axes < 3 else 2), numbers(1, 3), numbers(1, 2)
    padding = draw(st.sampled_from(["valid", "same", 0, 1, "pairs", "numbers"]))
    if padding == "same":
        stride = (1,) * axes
    if padding == "numbers":
        padding = numbers(0, 2)
    if padding == "pairs":
        padding = tuple(zip(numbers(0, 2), numbers(0, 2), strict=True))
    widths = pairs(kernel, stride, padding, dilation)
    least = [max(d * (k - 1) + 1 - sum(w), 1) for k, d, w in zip(kernel, dilation, widths, strict=True)]
    size = tuple(n + extra for n, extra in zip(least, numbers(0, 2), strict=True))
    if draw(st.booleans()) and len(set(stride)) == len(set(dilation)) == 1:
        stride, dilation = stride[0], dilation[0]
    return size, kernel, {"stride": stride, "padding": padding, "dilation": dilation}


@st.composite
def convolutions(draw):
    """The shapes of x, w and y, and the parameters."""
    size, kernel, how = draw(geometries())
    n, c, o = draw(st.integers(0, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    groups = draw(st.integers(1, 2))
    w = (o * groups, c, *kernel)
    return (n, c * groups, *size), w, (n, o * groups, *places(size, kernel, **how)), how | {"groups": groups}


def drawn(of):
    return convolutions().flatmap(lambda shapes: of(*shapes))


@st.composite
def windows(draw, folded):
    size, kernel, how = draw(geometries())
    stride, dilation = per_axis(kernel, how["stride"]), per_axis(kernel, how["dilation"])
    widths = tuple(pairs(kernel, stride, how["padding"], dilation))
    n, c = draw(st.integers(0, 2)), draw(st.integers(1, 2))
    shape = Geometry(kernel, stride, widths, dilation)
    number = math.prod(places(size, kernel, stride, widths, dilation))
    if folded:
        return draw(call(arrays((n, c * math.prod(kernel), number)), size=size, geometry=shape))
    return draw(call(arrays((n, c, *size)), geometry=shape))


def unfolded(x, geometry):
    kernel, stride, padding, dilation, _ = geometry
    n, c, *size = x.shape
    fits = places(tuple(size), kernel, stride, padding, dilation)
    y = np.zeros((n, c, *kernel, *fits))
    for p, k, at in meetings(tuple(size), kernel, stride, padding, dilation):
        for sample, channel in itertools.product(range(n), range(c)):
            y[(sample, channel, *k, *p)] = x[(sample, channel, *at)]
    return y.reshape(n, c * math.prod(kernel), math.prod(fits))


def folded(columns, size, geometry):
    kernel, stride, padding, dilation, _ = geometry
    n, c = len(columns), columns.shape[1] // math.prod(kernel)
    parts = columns.reshape(n, c, *kernel, *places(size, kernel, stride, padding, dilation))
    x = np.zeros((n, c, *size))
    for p, k, at in meetings(size, kernel, stride, padding, dilation):
        x[(slice(None), slice(None), *at)] += parts[(slice(None), slice(None), *k, *p)]
    return x


ROWS = [
    Row(conv, by_definition, drawn(lambda x, w, _, how: call(arrays(x), arrays(w), arrays(w[:1]) | st.none(), **how))),
    Row(conv_image, image, drawn(lambda x, w, y, how: call(arrays(y), arrays(w), size=x[2:], **how))),
    Row(conv_kernel, kernel_of, drawn(lambda x, w, y, how: call(arrays(x), arrays(y), kernel=w[2:], **how))),
    Row(unfold_columns, unfolded, windows(False)),
    Row(fold_columns, folded, windows(True)),
]
