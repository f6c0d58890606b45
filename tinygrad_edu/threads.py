"""Work on several cores: parts of an array in Python threads, with the matrix products inside on one core each.

NumPy lets go of the interpreter's lock while it computes, so threads do run at the same time. Its BLAS has threads of
its own, which would get in the way of ours: while parts run they are held to one. So we use as many threads as BLAS
was going to, and none beside the caller's where BLAS cannot be told.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
Range = Callable[[int, int], T]

# How OpenBLAS names the two functions: in NumPy's own wheels, with 64-bit integers, and as it is.
_NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


class _Blas:
    """The number of threads of the BLAS that NumPy calls, and a block that holds it to one."""

    def __init__(self) -> None:
        self.get: Callable[[], int] = lambda: 1
        self.set: Callable[[int], None] = lambda _: None
        self.lock, self.holders, self.before = threading.Lock(), 0, 1
        for name in _NAMES:
            with contextlib.suppress(AttributeError, OSError):
                import ctypes

                # A symbol of a library is looked for in what it depends on as well: here in BLAS.
                library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
                self.get, self.set = getattr(library, name.format("get")), getattr(library, name.format("set"))
                return

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A block in which every matrix product stays on the core of its caller."""
        with self.lock:
            if not self.holders:
                self.before = self.get()
                self.set(1)
            self.holders += 1
        try:
            yield
        finally:
            with self.lock:
                self.holders -= 1
                if not self.holders:
                    self.set(self.before)


_blas: _Blas | None = None
_pool: Any = None


def _forget() -> None:
    """A forked process has none of its parent's threads, and perhaps its lock."""
    global _blas, _pool
    _blas = _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def blas() -> _Blas:
    """What holds the BLAS of this process."""
    global _blas
    if _blas is None:
        _blas = _Blas()
    return _blas


def cores() -> int:
    """How many threads may run: as many as BLAS takes, on the cores that this process may use.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    held = blas()
    return max(1, min(allowed, held.before if held.holders else held.get()))


def in_parts(work: Range[T], n: int, parts: int) -> list[T]:
    """``[work(0, a), work(a, b), ..., work(z, n)]``, each in a thread of its own, and BLAS on its caller's core.

    The results come in order, whichever is ready first, so that a sum of them is the same every time.

    Examples
    --------
    >>> in_parts(lambda first, last: sum(range(first, last)), 10, 2)
    [10, 35]
    """
    global _pool
    parts = min(parts, n)
    if parts < 2:
        with blas().alone():
            return [work(0, n)]
    if _pool is None:
        from concurrent.futures import ThreadPoolExecutor  # costly to import, and most programs never need it

        _pool = ThreadPoolExecutor(max(cores() - 1, 1), "tinygrad_edu")
    ends = [n * i // parts for i in range(parts + 1)]
    with blas().alone():
        others = [
            _pool.submit(contextvars.copy_context().run, work, first, last)
            for first, last in itertools.pairwise(ends[1:])
        ]
        try:
            own = work(0, ends[1])
        finally:  # never leave while others still write
            found = [other.exception() or other for other in others]
        for error in found:
            if isinstance(error, BaseException):
                raise error
        return [own, *(other.result() for other in others)]
