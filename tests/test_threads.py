import os
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

from tinygrad_edu import threads


def test_parts_cover_everything_once_and_come_in_order():
    for n, parts in ((0, 2), (1, 2), (5, 2), (7, 3), (4, 4), (3, 9)):
        ranges = threads.in_parts(lambda first, last: (first, last), n, parts)
        assert [i for first, last in ranges for i in range(first, last)] == list(range(n))
        assert len(ranges) == max(1, min(n, parts))


def test_each_part_has_a_thread_of_its_own():
    meeting = threading.Barrier(2, timeout=10)  # nobody passes alone
    names = threads.in_parts(lambda *_: (meeting.wait(), threading.current_thread().name)[1], 2, 2)
    assert len(set(names)) == 2


def test_blas_is_on_one_core_inside_and_as_it_was_after():
    blas = threads.blas()
    before = blas.get()
    for parts in (1, 2):
        assert threads.in_parts(lambda *_: blas.get(), 2, parts) == [1] * parts
        assert blas.get() == before
    assert threads.cores() <= max(before, 1)


def test_an_error_in_any_part_is_raised_after_all_have_ended():
    ended = []

    def work(first, _):
        try:
            if first == fails:
                raise KeyError(first)
        finally:
            ended.append(first)

    for fails in (0, 1):
        ended.clear()
        with pytest.raises(KeyError, match=str(fails)):
            threads.in_parts(work, 2, 2)
        assert sorted(ended) == [0, 1]


def test_what_numpy_was_told_about_floating_point_holds_in_every_part():
    with np.errstate(over="ignore"):
        threads.in_parts(lambda *_: np.float32(1e38) * np.float32(1e38), 2, 2)
    with pytest.raises(RuntimeWarning, match="overflow"), warnings.catch_warnings():
        threads.in_parts(lambda *_: np.float32(1e38) * np.float32(1e38), 2, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_makes_threads_of_its_own():
    code = """
import os, warnings
warnings.simplefilter("ignore")
from tinygrad_edu import threads
work = lambda first, last: last - first
threads.in_parts(work, 4, 2)
child = os.fork()
if child == 0:
    os._exit(threads.in_parts(work, 4, 2) != [2, 2])
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
