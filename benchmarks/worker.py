"""One process per library, alive through a case and idle unless asked.

Two thread pools in one process (OpenBLAS beside PyTorch's OpenMP) spin against each other, so no two
libraries ever meet in one.
"""

from __future__ import annotations

import importlib
import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.libraries import load


class WorkerError(Exception):
    """What went wrong inside a worker, as text."""


class Worker:
    """A process that has imported one library and set up one case."""

    def __init__(self, case: str, library: str, quick: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, case, library, quick), daemon=True)
        self._process.start()
        theirs.close()
        self.version: str = self._answer()

    def ask(self, question: str) -> Any:
        """The answer to ``numbers`` (what all libraries must agree on) or ``measure`` (figures by name)."""
        self._connection.send(question)
        return self._answer()

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.kill()

    def _answer(self) -> Any:
        try:
            fine, answer = self._connection.recv()
        except EOFError:
            self._process.join()
            raise WorkerError(f"the process died with exit code {self._process.exitcode}") from None
        if not fine:
            raise WorkerError(answer)
        return answer


class _Server:
    """The other end: what a worker does when it is asked."""

    def __init__(self, case: str, library: str, quick: bool) -> None:
        self.case, self.library, self.quick = importlib.import_module(f"benchmarks.{case}"), library, quick

    def start(self) -> str:
        version = load(self.library)
        self.step, self.read = self.case.LIBRARIES[self.library](*self.case.data(self.quick))
        return version

    def numbers(self) -> Any:
        for _ in range(self.case.CHECKED_STEPS):
            self.step()
        return self.read()

    def measure(self) -> Any:
        return self.case.measure(self.step, self.quick)


def _serve(connection: Connection, case: str, library: str, quick: bool) -> None:
    """Start, then answer until the other end closes."""
    server = _Server(case, library, quick)
    question = "start"
    while True:
        try:
            connection.send((True, getattr(server, question)()))
        except Exception as error:  # a library's failure is a line of the report, not the end of the run
            connection.send((False, f"{type(error).__name__}: {error}"))
        try:
            question = connection.recv()
        except EOFError:
            return
