"""The benchmarks run, in their tiny form, and their libraries agree on the numbers; no time is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.run import CASES, agree, ratio
from benchmarks.worker import WorkerError

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("case", CASES)
def test_case_runs_with_ours_and_by_hand_and_they_agree(case):
    report = json.loads(run(case, "--quick", "--json", "--libraries", "numpy", "tinygrad_edu"))
    result = report["cases"][case]
    assert result["absent"] == {}
    assert set(result["figures"]) == {"numpy", "tinygrad_edu"}
    assert all(target["pair"].startswith("tinygrad_edu/") for target in result["targets"])
    assert report["machine"]["processor"]


def test_tables_name_the_machine_the_ratios_and_who_is_missing():
    text = run("adam", "--quick", "--libraries", "numpy", "tinygrad_edu", "micrograd")
    assert "processor" in text
    assert "/ numpy" in text
    assert "without micrograd: not part of this case" in text


@pytest.mark.parametrize("wrong", [1.1, float("nan"), [1.0, 2.0]])
def test_library_with_other_numbers_is_not_timed(wrong):
    with pytest.raises(WorkerError, match="disagrees: loss"):
        agree({"loss": wrong}, {"loss": 1.0}, 1e-3)


def test_one_number_is_compared_with_the_first_of_an_array():
    agree({"w": 2.0}, {"w": [2.0, 5.0]}, 0.0)
    with pytest.raises(WorkerError, match="disagrees: w"):
        agree({"w": 5.0}, {"w": [2.0, 5.0]}, 0.0)


def test_target_may_name_a_figure():
    rounds = {"a": [{"first": 1.0, "second": 6.0}], "b": [{"first": 2.0, "second": 3.0}]}
    assert ratio(rounds, "a", "b") == 0.5
    assert ratio(rounds, "a", "b", "second") == 2
    assert ratio(rounds, "a", "c", "second") is None
