"""A process per library, one working at a time; rounds interleaved A B C A B C; ratios per round."""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.libraries import LIBRARIES
from benchmarks.report import case_text, machine, machine_text
from benchmarks.worker import Worker, WorkerError

# case module -> rounds; the memory cases measure the life of a process, which has only one
CASES = {
    "small_ops": 15,
    "mlp": 15,
    "mlp_batch_norm": 15,
    "adam": 9,
    "embedding": 9,
    "optimizers": 5,
    "import_time": 9,
    "elementwise": 9,
    "einsum": 9,
    "indexing": 9,
    "conv": 9,
    "cnn": 9,
    "lstm": 9,
    "pooling": 9,
    "transformer": 9,
    "deep_chain": 1,
    "many_steps": 1,
}
REST = 0.25  # seconds between two measurements: thread pools go to sleep, the processor cools


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the cases that were asked for, and print tables or JSON."""
    options = parse(arguments)
    about = machine()
    if not options.json:
        print(machine_text(about), flush=True)
    results = {}
    for name in options.cases:
        rounds = 1 if options.quick or CASES[name] == 1 else options.rounds or CASES[name]
        results[name] = run_case(name, options.libraries, rounds, options.quick)
        if not options.json:
            print(case_text(results[name]), flush=True)
    if options.json:
        print(json.dumps({"machine": about, "cases": results}, indent=2))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"some of {', '.join(CASES)}; all if none is named")
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=list(LIBRARIES), metavar="NAME")
    parser.add_argument("--rounds", type=int, help="rounds of the timed cases (default: each case's own number)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one round: does everything run?")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args(arguments)
    options.cases = options.cases or list(CASES)
    for name in options.cases:
        if name not in CASES:
            parser.error(f"no case {name!r}; there are {', '.join(CASES)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds: expected at least 1, but got {options.rounds}")
    return options


def run_case(name: str, libraries: Sequence[str], rounds: int, quick: bool) -> dict[str, Any]:
    """Start, check, measure in rounds, and sum up one case."""
    case = importlib.import_module(f"benchmarks.{name}")
    absent: dict[str, str] = {}
    workers: dict[str, Worker] = {}
    reference: dict[str, Any] | None = None
    try:
        for library in libraries:
            if library not in case.LIBRARIES:
                absent[library] = "not part of this case"
                continue
            try:
                worker = Worker(name, library, quick)
                numbers = worker.ask("numbers")
                if reference is None:  # by hand, unless that was not asked for
                    reference = numbers
                agree(numbers, reference, case.TOLERANCE)
                workers[library] = worker
            except WorkerError as error:
                absent[library] = str(error)
        measured = interleaved(workers, rounds, absent)
        versions = {library: workers[library].version for library in measured}
    finally:
        for worker in workers.values():
            worker.close()
    return summary(case, quick, rounds, versions, measured, absent)


def agree(numbers: dict[str, Any], reference: dict[str, Any], tolerance: float) -> None:
    """Raise WorkerError unless every number is within `tolerance` of the reference, in norm.

    A library that has one number where the others have an array is compared with the first of them.
    """
    for name in numbers.keys() & reference.keys():
        got = np.asarray(numbers[name], np.float64)
        wanted = np.asarray(reference[name], np.float64)
        if got.ndim == 0:
            wanted = wanted.ravel()[:1].reshape(())
        if got.shape != wanted.shape:
            raise WorkerError(f"disagrees: {name} has shape {got.shape}, by hand {wanted.shape}")
        error = np.linalg.norm(got - wanted) / np.linalg.norm(wanted)
        if not error <= tolerance:
            raise WorkerError(f"disagrees: {name} is off by {error:.1e} (allowed {tolerance:.0e})")


def interleaved(workers: dict[str, Worker], rounds: int, absent: dict[str, str]) -> dict[str, list[Any]]:
    """A B C A B C: the figures of each library, one entry a round.  Who fails is moved to `absent`."""
    measured: dict[str, list[dict[str, float]]] = {library: [] for library in workers}
    for _ in range(rounds):
        for library in list(measured):
            time.sleep(REST)
            try:
                measured[library].append(workers[library].ask("measure"))
            except WorkerError as error:
                absent[library] = str(error)
                del measured[library]
    return measured


def summary(
    case: Any,
    quick: bool,
    rounds: int,
    versions: dict[str, str],
    measured: dict[str, list[Any]],
    absent: dict[str, str],
) -> dict[str, Any]:
    """Medians of every figure, and for each pair the median of the ratios of each round's first figure.

    A target may name another figure than the first.
    """
    figures = {
        library: {name: statistics.median(r[name] for r in rounds_) for name in rounds_[0]}
        for library, rounds_ in measured.items()
    }
    ratios = {f"{a}/{b}": ratio(measured, a, b) for a, b in itertools.permutations(measured, 2)}
    targets = [
        {"pair": " ".join([f"{a}/{b}", *which]), "at most": limit, "measured": ratio(measured, a, b, *which)}
        for a, b, limit, *which in case.TARGETS
    ]
    return {
        "title": case.TITLE + " (quick: tiny sizes)" * quick,
        "rounds": rounds,
        "versions": versions,
        "figures": figures,
        "ratios": ratios,
        "targets": targets,
        "absent": absent,
    }


def ratio(measured: dict[str, list[Any]], a: str, b: str, figure: str | None = None) -> float | None:
    """The median of the ratios of each round: of the first figure, the time, or of that which is named."""
    if a not in measured or b not in measured:
        return None
    return statistics.median(
        x[figure or next(iter(x))] / y[figure or next(iter(y))] for x, y in zip(measured[a], measured[b], strict=True)
    )
