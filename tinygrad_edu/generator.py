"""The random generator that everything draws from: one for the process, seeded by `manual_seed`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

_generator: np.random.Generator | None = None  # made when first asked for: `import numpy` leaves np.random out too


def generator() -> np.random.Generator:
    """The generator that initializers, dropout, `randn` and the data loader draw from.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.manual_seed(0).random() == np.random.default_rng(0).random()
    True
    """
    global _generator
    if _generator is None:
        _generator = np.random.default_rng()
    return _generator


def manual_seed(seed: int) -> np.random.Generator:
    """Start the process-wide generator anew from `seed`, and return it.

    Raises
    ------
    TypeError, ValueError
        If `seed` is not an integer of at least 0.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> _ = tg.manual_seed(1)
    >>> a = tg.randn(3)
    >>> _ = tg.manual_seed(1)
    >>> bool((a == tg.randn(3)).all())
    True
    """
    global _generator
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise TypeError(f"manual_seed: expected an integer, but got {seed!r}. Use e.g. manual_seed(0).")
    if seed < 0:
        raise ValueError(f"manual_seed: expected a seed of at least 0, but got {seed}. Use e.g. manual_seed(0).")
    _generator = np.random.default_rng(int(seed))
    return _generator


@contextmanager
def seeded(seed: int) -> Iterator[np.random.Generator]:
    """A block that draws from a generator of its own; the one outside goes on afterwards as if nothing had been.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> with tg.random.seeded(0) as generator:
    ...     generator.random() == np.random.default_rng(0).random()
    True
    """
    global _generator
    before = _generator
    try:
        yield manual_seed(seed)
    finally:
        _generator = before


def get_state() -> dict[str, Any]:
    """Where the process-wide generator stands: what `replayed` goes back to, and what a checkpoint file keeps.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> state = tg.random.get_state()
    >>> a = tg.random.generator().random()
    >>> tg.random.set_state(state)
    >>> a == tg.random.generator().random()
    True
    """
    return dict(generator().bit_generator.state)


def set_state(state: Mapping[str, Any]) -> None:
    """Put the process-wide generator back to where `get_state` found it.

    Raises
    ------
    ValueError, TypeError
        If `state` is not of this kind of generator.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> before = tg.random.get_state()
    >>> _ = tg.rand(3)
    >>> tg.random.set_state(before)
    >>> tg.random.get_state() == before
    True
    """
    own = generator().bit_generator
    if not isinstance(state, Mapping) or state.keys() != own.state.keys():
        raise TypeError(
            f"set_state: expected the state of {type(own).__name__}, a dict of {', '.join(own.state)}, but got "
            f"{type(state).__name__} {state!r:.60}. Hand over what get_state() returned."
        )
    own.state = dict(state)


get_rng_state, set_rng_state = get_state, set_state  # PyTorch's names


@contextmanager
def replayed(state: Mapping[str, Any]) -> Iterator[None]:
    """A block that draws what was drawn after `get_state`; outside, the generator goes on as if nothing had been.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> state = tg.random.get_state()
    >>> a = tg.random.generator().random()
    >>> with tg.random.replayed(state):
    ...     a == tg.random.generator().random()
    True
    """
    before = get_state()
    set_state(state)
    try:
        yield
    finally:
        set_state(before)
