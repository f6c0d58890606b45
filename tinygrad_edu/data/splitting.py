"""Train, dev and test sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tinygrad_edu.data.arrays import Array, generator, samples

if TYPE_CHECKING:
    from tinygrad_edu.data.arrays import Seed


def split(
    *arrays: npt.ArrayLike,
    ratios: Sequence[float] = (0.6, 0.2, 0.2),
    seed: Seed = None,
    stratify: npt.ArrayLike | None = None,
) -> tuple[Any, ...]:
    """Parts of a data set, drawn at random without overlap: train, dev and test.

    Part k holds the shuffled samples from round(m (r_1 + ... + r_{k-1})) to round(m (r_1 + ... + r_k)),
    so that the parts add up to m and each size is within one of m r_k.

    Parameters
    ----------
    *arrays : array-like
        One or more arrays with the same number m of samples along their first axis, e.g. ``X, y``.
    ratios : sequence of float, default (0.6, 0.2, 0.2)
        The share of each part; they sum to 1. ``(0.7, 0.3)`` is usual for small data sets without a dev set,
        ``(0.98, 0.01, 0.01)`` for a million samples.
    seed : int or numpy.random.Generator, optional
        Where the order comes from. By default the generator that `manual_seed` starts.
    stratify : (m,) array-like, optional
        Labels, each of which every part shall hold in (nearly) its share.

    Returns
    -------
    tuple
        One entry for each ratio: a tuple with the part of every array, or the part itself where there is only
        one array. All are copies.

    Raises
    ------
    ValueError
        If the numbers of samples differ or are 0, if the ratios are not positive or do not sum to 1, or if a
        part would be empty.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> X, y = np.arange(2000).reshape(1000, 2), np.arange(1000) % 2
    >>> train, dev, test = tg.data.split(X, y, seed=0)
    >>> [len(X_part) for X_part, y_part in (train, dev, test)]
    [600, 200, 200]
    >>> train, test = tg.data.split(y, ratios=(0.7, 0.3), stratify=y, seed=0)
    >>> len(train), int(train.sum())
    (700, 350)
    """
    taken = samples("split", arrays)
    m = len(taken[0])
    sizes = _sizes(m, ratios)
    rng = generator("split", seed)
    order = rng.permutation(m)
    if stratify is not None:
        (labels,) = samples("split", (stratify,))
        if labels.shape != (m,):
            raise ValueError(
                f"split: stratify must hold one label for each of the {m} samples, but got shape "
                f"{labels.shape}. Pass e.g. stratify=y."
            )
        order = order[_evenly(labels[order])]
    parts = [rng.permutation(part) for part in np.split(order, np.cumsum(sizes)[:-1])]
    if len(taken) == 1:
        return tuple(taken[0][part] for part in parts)
    return tuple(tuple(array[part] for array in taken) for part in parts)


def _sizes(m: int, ratios: Sequence[float]) -> list[int]:
    shares = [float(ratio) for ratio in ratios]
    if len(shares) < 2 or not all(share > 0 for share in shares) or not math.isclose(sum(shares), 1):
        raise ValueError(
            f"split: ratios must be at least two positive numbers that sum to 1, but got {tuple(shares)} "
            f"with sum {sum(shares):.6g}. Use e.g. (0.6, 0.2, 0.2)."
        )
    # Half a sample counts as one; the inner rounding takes off what 0.1 + 0.2 leaves beside 0.3.
    ends = [math.floor(round(m * sum(shares[:k]), 6) + 0.5) for k in range(len(shares))] + [m]
    sizes = [end - start for start, end in pairwise(ends)]
    if 0 in sizes:
        raise ValueError(
            f"split: every part needs at least one sample, but {m} samples in ratios {tuple(shares)} give "
            f"sizes {sizes}. Use more data, fewer parts or larger ratios."
        )
    return sizes


def _evenly(labels: Array) -> Array:
    """An order of the samples whose every beginning holds each label in its share.

    The k-th of the n samples with one label goes to the place (k + 1/2) / n of the whole.
    """
    _, kind, counts = np.unique(labels, return_inverse=True, return_counts=True)
    grouped = np.argsort(kind, kind="stable")  # positions, label by label
    rank = np.empty(len(labels))
    rank[grouped] = np.concatenate([np.arange(n) for n in counts])
    return np.argsort((rank + 0.5) / counts[kind], kind="stable")
