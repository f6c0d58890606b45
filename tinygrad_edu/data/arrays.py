"""What the functions of this folder ask of their arrays, and where they draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tinygrad_edu import random

Array = npt.NDArray[Any]
if TYPE_CHECKING:  # to name np.random here would import it, a third of the time that `import numpy` takes
    Seed = int | np.random.Generator | None


def samples(name: str, arrays: tuple[npt.ArrayLike, ...]) -> tuple[Array, ...]:
    """Arrays whose first axes count the same samples, at least one of them."""
    if not arrays:
        raise TypeError(f"{name}: expected at least one array, but got none. Pass X, or X and y.")
    taken = tuple(as_array(name, each) for each in arrays)
    for i, each in enumerate(taken):
        if each.ndim == 0:
            raise ValueError(
                f"{name}: expected arrays whose first axis counts the samples, but array {i} has shape (). "
                "Pass an array of at least one axis."
            )
    counts = [len(each) for each in taken]
    if len(set(counts)) > 1:
        shapes = ", ".join(str(each.shape) for each in taken)
        raise ValueError(
            f"{name}: all arrays must hold the same number of samples, but got {counts} (shapes {shapes}). "
            "The first axis counts the samples; transpose if yours is the last."
        )
    if counts[0] == 0:
        raise ValueError(f"{name}: expected at least one sample, but got shape {taken[0].shape}. Pass some data.")
    return taken


def as_array(name: str, values: npt.ArrayLike) -> Array:
    """An array of numbers; a Tensor or a ragged list is an error."""
    if hasattr(values, "requires_grad"):
        raise TypeError(f"{name}: expected an array, but got a Tensor. Pass t.numpy().")
    array = np.asarray(values)
    if array.dtype == object:
        raise TypeError(f"{name}: expected an array of numbers, but got dtype object. Are all rows equally long?")
    return array


def generator(name: str, seed: Seed) -> np.random.Generator:
    """Where to draw from: the given generator, a new one from an integer, or that of the process."""
    if seed is None:
        return random.generator()
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        return np.random.default_rng(int(seed))
    raise ValueError(
        f"{name}: seed must be an integer of at least 0, a numpy.random.Generator or None, but got {seed!r}. "
        "Pass e.g. seed=0."
    )
