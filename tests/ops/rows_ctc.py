import itertools
import math

import numpy as np
from hypothesis import strategies as st

from tests.ops.table import Row, call
from tinygrad_edu.ops.ctc import ctc
from tinygrad_edu.testing.strategies import arrays

STEPS, CLASSES, LONGEST = 3, 3, 2


def spelt(alignment, blank):
    """An alignment with repeats merged and then blanks dropped."""
    return [k for k, _ in itertools.groupby(alignment) if k != blank]


def of_every_alignment(log_probs, labels, steps, lengths, blank, zero_infinity=False):
    """Minus the logarithm of the probability, from every alignment that spells the labels, one by one."""
    losses = []
    for i, (t, s) in enumerate(zip(steps, lengths, strict=True)):
        likelihood = math.fsum(
            math.exp(math.fsum(log_probs[k, i, c] for k, c in enumerate(alignment)))
            for alignment in itertools.product(range(log_probs.shape[2]), repeat=int(t))
            if spelt(alignment, blank) == labels[i, :s].tolist()
        )
        losses.append(-math.log(likelihood) if likelihood else 0.0 if zero_infinity else math.inf)
    return np.array(losses)


@st.composite
def calls(draw, samples=2):
    """Labels that fit into the steps: two of the same need a blank between them."""
    blank = draw(st.integers(0, CLASSES - 1))
    others = [k for k in range(CLASSES) if k != blank]
    steps = draw(arrays((samples,), 0, STEPS, dtype=int))
    labels = np.array([[draw(st.sampled_from(others)) for _ in range(LONGEST)] for _ in range(samples)])
    lengths = []
    for t, row in zip(steps, labels, strict=True):
        room = 2 if t == 3 or (t == 2 and row[0] != row[1]) else min(t, 1)
        lengths.append(draw(st.integers(0, room)))
    log_probs = arrays((STEPS, samples, CLASSES), -3.0, 0.0)
    zero_infinity = draw(st.booleans())
    return draw(call(log_probs, labels, steps, np.array(lengths), blank=blank, zero_infinity=zero_infinity))


ROWS = [Row(ctc, of_every_alignment, calls())]
