"""Memory that arrays have freed stays with the process, for the next arrays: set when this module is imported."""

from __future__ import annotations

import ctypes
import os

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # the numbers of these options in glibc's malloc.h
_DEFAULT_THRESHOLD = 128 * 2**10  # what glibc starts with
_LARGEST_MMAP_THRESHOLD = 32 * 2**20  # more is refused
_CHOSEN_BY_USER = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory(megabytes: int = 256) -> bool:
    """Let the process keep what arrays have freed, up to so many megabytes, instead of giving it back at once.

    An op on a large array asks for memory, which the system fills with zeros page by page. That takes longer than the
    op: forward and backward of an elementwise chain over 1,000,000 float32 took 25 ms when each step gave its memory
    back, and 6 ms when it stayed. So the import of this package makes this call, unless one of the environment
    variables with which the user tells glibc about it is set: ``MALLOC_TRIM_THRESHOLD_``, ``MALLOC_MMAP_THRESHOLD_``,
    ``GLIBC_TUNABLES``. It is a setting of the whole process. Arrays of more than 32 MB are still given back.

    Parameters
    ----------
    megabytes : int
        How much may stay. With 0 all is given back, now and from now on.

    Returns
    -------
    bool
        Whether it could be set: with glibc, that is on most Linux systems, only.

    Raises
    ------
    ValueError
        If the size is negative.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> tg.keep_freed_memory(512) in (True, False)
    True
    """
    if megabytes < 0:
        raise ValueError(f"keep_freed_memory: expected a size of at least 0 megabytes, but got {megabytes}.")
    try:
        libc = ctypes.CDLL(None)
        mallopt, trim = libc.mallopt, libc.malloc_trim
    except (AttributeError, OSError, TypeError):  # no glibc: macOS, Windows, musl
        return False
    kept = max(_DEFAULT_THRESHOLD, min(megabytes * 2**20, 2**31 - 1))  # a C int
    done = mallopt(_MMAP_THRESHOLD, min(kept, _LARGEST_MMAP_THRESHOLD)) and mallopt(_TRIM_THRESHOLD, kept)
    if not megabytes:
        trim(0)
    return bool(done)


if not any(name in os.environ for name in _CHOSEN_BY_USER):
    keep_freed_memory()
