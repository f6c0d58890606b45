"""Mini-batches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tinygrad_edu.data.arrays import Array, generator, samples

if TYPE_CHECKING:
    from tinygrad_edu.data.arrays import Seed


class DataLoader:
    """Arrays in mini-batches: each pass over the loader is one epoch.

    ``batch_size=m`` is batch gradient descent, ``batch_size=1`` stochastic gradient descent, and what lies
    between is mini-batch gradient descent. The last batch is smaller where ``batch_size`` does not divide m.

    Parameters
    ----------
    *arrays : array-like
        One or more arrays with the same number m of samples along their first axis, e.g. ``X, y``.
    batch_size : int, default 1
        Samples per batch.
    shuffle : bool, default False
        Put the samples in a new random order before every epoch. Batches are then copies; in the given order
        they are views of the arrays.
    drop_last : bool, default False
        Leave out a last batch that is smaller than ``batch_size``.
    seed : int or numpy.random.Generator, optional
        Where the orders come from. By default the generator that `manual_seed` starts, asked at every epoch.

    Raises
    ------
    ValueError
        If the numbers of samples differ or are 0, if ``batch_size`` is below 1, or if no batch is left.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> loader = tg.data.DataLoader(X, y, batch_size=2)
    >>> len(loader)  # ceil(5 / 2)
    3
    >>> [batch_y.tolist() for batch_X, batch_y in loader]
    [[0, 1], [2, 3], [4]]
    >>> loader = tg.data.DataLoader(y, batch_size=2, shuffle=True, drop_last=True, seed=0)
    >>> [batch.tolist() for batch in loader]  # one array: its batches themselves
    [[2, 4], [3, 0]]
    """

    def __init__(
        self,
        *arrays: npt.ArrayLike,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: Seed = None,
    ) -> None:
        self.arrays = samples("DataLoader", arrays)
        if not isinstance(batch_size, int | np.integer) or isinstance(batch_size, bool) or batch_size < 1:
            raise ValueError(
                f"DataLoader: batch_size must be an integer of at least 1, but got {batch_size!r}. "
                "Use e.g. batch_size=64."
            )
        if drop_last and batch_size > len(self.arrays[0]):
            raise ValueError(
                f"DataLoader: expected at least one whole batch, but got {len(self.arrays[0])} samples for "
                f"batch_size={batch_size} with drop_last=True. Lower batch_size, or keep the last batch."
            )
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        # An integer starts one generator here: its epochs differ, and a new loader repeats them.
        self._seed = None if seed is None else generator("DataLoader", seed)

    def __len__(self) -> int:
        batches = len(self.arrays[0]) / self.batch_size
        return math.floor(batches) if self.drop_last else math.ceil(batches)

    def __iter__(self) -> Iterator[Any]:
        order = generator("DataLoader", self._seed).permutation(len(self.arrays[0])) if self.shuffle else None
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            rows: Any = slice(start, start + self.batch_size)
            batch = tuple(self._take(array, rows if order is None else order[rows]) for array in self.arrays)
            yield batch if len(batch) > 1 else batch[0]

    @staticmethod
    def _take(array: Array, rows: Any) -> Array:
        taken: Array = array[rows]
        return taken

    def __repr__(self) -> str:
        return (
            f"DataLoader({len(self.arrays[0])} samples, batch_size={self.batch_size}, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last})"
        )
