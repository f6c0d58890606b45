"""Mini-batches."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
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
        self._order: Array | None = None  # of the epoch that is under way
        self._given = 0  # batches of it
        self._resumed = False  # whether the next epoch is the rest of a loaded one

    def __len__(self) -> int:
        batches = len(self.arrays[0]) / self.batch_size
        return math.floor(batches) if self.drop_last else math.ceil(batches)

    def __iter__(self) -> Iterator[Any]:
        if not self._resumed:
            self._given, m = 0, len(self.arrays[0])
            self._order = generator("DataLoader", self._seed).permutation(m) if self.shuffle else None
        self._resumed, order = False, self._order
        for i in range(self._given, len(self)):
            rows: Any = slice(i * self.batch_size, (i + 1) * self.batch_size)
            batch = tuple(self._take(array, rows if order is None else order[rows]) for array in self.arrays)
            self._given, self._order = i + 1, order
            yield batch if len(batch) > 1 else batch[0]
        self._given, self._order = 0, None  # between two epochs

    def state_dict(self) -> dict[str, Any]:
        """Where the loader stands: the order of its epoch, how many batches it gave, and where the next order is from.

        The orders of a loader without a seed come from `tg.random`, whose state is kept beside this one.

        Examples
        --------
        >>> import numpy as np
        >>> import tinygrad_edu as tg
        >>> loader = tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=True, seed=0)
        >>> batches = iter(loader)
        >>> _ = next(batches)
        >>> twin = tg.data.DataLoader(np.arange(5), batch_size=2, shuffle=True)
        >>> twin.load_state_dict(loader.state_dict())
        >>> [batch.tolist() for batch in twin] == [batch.tolist() for batch in batches]
        True
        """
        drawn = None if self._seed is None else self._seed.bit_generator.state
        order = None if self._order is None else self._order.copy()
        return {"order": order, "given": self._given, "batch_size": self.batch_size, "random": drawn}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken: the next pass gives the batches that its epoch had left.

        Raises
        ------
        ValueError
            If it is the state of a loader of other samples or batches; nothing was changed.
        """
        try:
            order, given, size, drawn = (state_dict[key] for key in ("order", "given", "batch_size", "random"))
            fits = (
                size == self.batch_size
                and 0 <= given <= len(self)
                and (order is not None) == (self.shuffle and given > 0)
            )
            fits = fits and (order is None or np.array_equal(np.sort(order), np.arange(len(self.arrays[0]))))
            source = np.random.default_rng(0) if self._seed is None else self._seed
            if drawn is not None:
                copy.deepcopy(source).bit_generator.state = drawn  # an error if it is of another kind
        except (KeyError, TypeError, ValueError) as error:
            fits, what = False, f"{type(error).__name__}: {error}"
        else:
            what = f"{given} batches of {size} given, {'no' if order is None else len(order)} samples in order"
        if not fits:
            raise ValueError(
                f"DataLoader.load_state_dict: expected the state of a loader like this one, {self!r}, but got another "
                f"({what}). Make the loader as it was when its state was saved; nothing was changed."
            )
        self._order, self._given, self._resumed = order, int(given), given > 0
        if drawn is None:
            self._seed = None
        else:
            source.bit_generator.state = drawn
            self._seed = source

    @staticmethod
    def _take(array: Array, rows: Any) -> Array:
        taken: Array = array[rows]
        return taken

    def __repr__(self) -> str:
        return (
            f"DataLoader({len(self.arrays[0])} samples, batch_size={self.batch_size}, "
            f"shuffle={self.shuffle}, drop_last={self.drop_last})"
        )
