"""Memory that stays with the process."""

import subprocess
import sys

import pytest

import tinygrad_edu as tg

FAULTS = """
import resource
import numpy as np
import tinygrad_edu as tg

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        a = np.ones(2**20)
        b = np.ones(2**20)
        del a, b
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
before = pages()
kept = tg.keep_freed_memory()
pages()
print(kept, before, pages())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts pages as Linux does")
def test_freed_memory_that_is_kept_needs_no_new_pages():
    run = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    kept, before, after = run.stdout.split()
    if kept == "True":
        assert int(after) < 100 < int(before)


def test_a_negative_size_is_refused():
    with pytest.raises(ValueError, match="keep_freed_memory: expected a size of at least 0"):
        tg.keep_freed_memory(-1)


def test_without_glibc_nothing_is_set(monkeypatch):
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())
    assert tg.keep_freed_memory() is False
