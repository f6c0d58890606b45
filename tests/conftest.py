"""What every test stands on: Hypothesis profiles, and a guard that no test leaves anything behind.

``HYPOTHESIS_PROFILE=quick`` (the default) is fast, ``ci`` always draws the same examples, ``thorough`` many.
"""

import gc
import os

# The matrices here are small. Threads of OpenBLAS would spin against each other where other programs compute too
# (30 times slower was seen). Read when NumPy is loaded, here and in the programs that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

from tests.leaks import in_cycles
from tinygrad_edu import is_grad_enabled, manual_seed

_common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=10, **_common)
settings.register_profile("ci", max_examples=25, derandomize=True, print_blob=True, **_common)
settings.register_profile("thorough", max_examples=500, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def guard():
    """A test starts from the same random state, and leaves neither flag nor reference cycle behind.

    What is alive before is frozen, so that the collection afterwards looks at new objects only and is cheap.
    """
    recording = is_grad_enabled()
    manual_seed(0)
    gc.disable()
    gc.freeze()
    yield
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        cyclic = [type(found).__name__ for found in in_cycles(gc.garbage)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.collect()
        gc.enable()
    assert not cyclic, f"only the collector could free {cyclic[:10]}: a reference cycle keeps them"
    assert is_grad_enabled() == recording, "the test changed the recording flag and did not set it back"
