"""Memory that stays with the process."""

import os
import subprocess
import sys

import pytest

import tinygrad_edu as tg

FAULTS = """
import resource
import numpy as np

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        a = np.ones(2**20)
        b = np.ones(2**20)
        del a, b
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
before = pages()
import tinygrad_edu as tg
pages()
imported = pages()
print(tg.keep_freed_memory(0), before, imported, pages())
"""


def run_counting(**environment):
    """Whether it could be set, and the pages asked for before the import, after it, and when all is given back."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    kept, *counts = done.stdout.split()
    return kept == "True", *map(int, counts)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts pages as Linux does")
def test_after_the_import_freed_memory_is_kept_and_needs_no_new_pages():
    kept, before, imported, given_back = run_counting()
    if kept:
        assert imported < 100 < before
        assert given_back > 100


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts pages as Linux does")
def test_what_the_user_told_the_allocator_stands():
    kept, _, imported, _ = run_counting(MALLOC_TRIM_THRESHOLD_="131072")
    if kept:
        assert imported > 100


def test_a_negative_size_is_refused():
    with pytest.raises(ValueError, match="keep_freed_memory: expected a size of at least 0"):
        tg.keep_freed_memory(-1)


def test_without_glibc_nothing_is_set(monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    assert tg.keep_freed_memory() is False
