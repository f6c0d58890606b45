import math

import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.gru import gru
from tinygrad_edu.ops.lstm import lstm
from tinygrad_edu.ops.recurrent import rnn
from tinygrad_edu.testing.strategies import arrays


def sigmoid(v):
    return 1 / (1 + math.exp(-v))


def new_rnn(a, h, c, w, b, nonlinearity="tanh"):
    sums = a + w @ h
    return [math.tanh(v) if nonlinearity == "tanh" else max(v, 0.0) for v in sums], c


def new_lstm(a, h, c, w, b):
    sums, d, cells, outputs = a + w @ h, len(h), [], []
    for j in range(d):
        i, f, o = (sigmoid(sums[k * d + j]) for k in (0, 1, 3))
        cells.append(f * c[j] + i * math.tanh(sums[2 * d + j]))
        outputs.append(o * math.tanh(cells[-1]))
    return outputs, cells


def new_gru(a, h, c, w, b):
    own, d, states = w @ h + (0.0 if b is None else b), len(h), []
    for j in range(d):
        r, z = (sigmoid(a[k * d + j] + own[k * d + j]) for k in (0, 1))
        n = math.tanh(a[2 * d + j] + r * own[2 * d + j])
        states.append((1 - z) * n + z * h[j])
    return states, c


def one_by_one(step, x, h0, c0, w, b, sizes, reverse, **options):
    """All h and all c, of each sequence by itself, a step at a time."""
    d = h0.shape[1]
    flat = x.reshape(-1, x.shape[-1])
    steps = (x.shape[1],) * x.shape[0] if sizes is None else sizes
    found = np.zeros((2, len(flat), d))
    for s in range(len(h0)):
        rows = [sum(steps[:t]) + s for t in range(len(steps)) if s < steps[t]]
        h, c = h0[s], c0[s]
        for row in reversed(rows) if reverse else rows:
            h, c = map(np.array, step(flat[row], h, c, w, b, **options))
            found[:, row] = h, c
    return found.reshape((2, *x.shape[:-1], d))


def of_rnn(x, h0, w, **params):
    return one_by_one(new_rnn, x, h0, h0, w, None, **params)[0]


def of_lstm(x, h0, c0, w, **params):
    return one_by_one(new_lstm, x, h0, c0, w, None, **params)


def of_gru(x, h0, w, b=None, **params):
    return one_by_one(new_gru, x, h0, h0, w, b, **params)[0]


# ---- inputs ----


def sequences(gates, states, bias=False, **params):
    """Sequences of one length, or of several with `sizes`, and their first states."""

    def drawn(layout):
        d, n, t, sizes = layout
        shape = (t, n) if sizes is None else (sum(sizes),)
        parts = [arrays((*shape, gates * d)), *[arrays((n, d))] * states, arrays((gates * d, d), -1.0, 1.0)]
        parts += [arrays((gates * d,)) | st.none()] if bias else []
        return call(*parts, sizes=sizes, reverse=st.booleans(), **params)

    alike = st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(1, 3), st.none())
    several = st.sampled_from([(2, 1), (3, 2, 2), (2, 2, 1, 1)])
    return (alike | several.flatmap(lambda s: st.tuples(st.just(2), st.just(s[0]), st.just(0), st.just(s)))).flatmap(
        drawn
    )


def away_from_the_kink(drawn):
    """Whether no sum of a plain layer with relu is so close to 0 that the differences step across."""
    (x, h0, w), params = drawn
    sums = []

    def step(a, h, c, w, b):
        sums.append(a + w @ h)
        return new_rnn(a, h, c, w, b, "relu")

    one_by_one(step, x, h0, h0, w, None, params["sizes"], params["reverse"])
    return all((np.abs(a) > 0.05).all() for a in sums)


ROWS = [
    Row(rnn, of_rnn, sequences(1, 1, nonlinearity="tanh")),
    Row(rnn, of_rnn, sequences(1, 1, nonlinearity="relu").filter(away_from_the_kink), "relu"),
    Row(lstm, of_lstm, sequences(4, 2)),
    Row(gru, of_gru, sequences(3, 1, bias=True)),
]
