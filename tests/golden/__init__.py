"""Golden numbers: worked cases of the course this package follows, each recomputed independently in float64.

``case("chain.single_layer")`` gives one case; ``case(...).check(actual)`` compares with its expected values,
to the tolerance of that case. The tests of each part of the package reach its cases through the public API.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """One worked case: what it says, its inputs, and the values to reach."""

    id: str
    what: str
    inputs: Any
    expected: Any
    atol: float
    rtol: float
    note: str = ""

    def check(self, actual: Any, key: str | None = None) -> None:
        """Compare ``actual`` with ``expected`` (or with ``expected[key]``), values of a mapping one by one.

        A mapping may leave out keys: what is given must be there and agree.
        """
        self._compare(actual, self.expected if key is None else self.expected[key], key or "expected")

    def check_between(self, actual: float) -> None:
        """A measured value lies between ``expected["min"]`` and ``expected["max"]``."""
        low, high = self.expected["min"], self.expected["max"]
        assert low <= actual <= high, f"{self.id}: should lie in {low}..{high}, got {actual}"

    def _compare(self, actual: Any, wanted: Any, where: str) -> None:
        if isinstance(actual, Mapping):
            assert actual, f"{self.id}: nothing to compare at {where}"
            for name, value in actual.items():
                self._compare(value, wanted[name], f"{where}[{name!r}]")
        elif isinstance(wanted, bool | str) or (isinstance(wanted, list) and wanted and isinstance(wanted[0], str)):
            assert actual == wanted, f"{self.id}: {where} should be {wanted!r}, got {actual!r}"
        else:
            values = actual.data if hasattr(actual, "requires_grad") else np.asarray(actual)
            np.testing.assert_allclose(
                values.astype(float),
                np.asarray(wanted, dtype=float),
                rtol=self.rtol,
                atol=self.atol,
                err_msg=f"{self.id}: {where}",
                strict=True,
            )


@functools.cache
def cases() -> dict[str, Case]:
    """Every case by its id."""
    rows = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))
    return {row["id"]: Case(**row) for row in rows}


def case(id: str) -> Case:
    """The case of this id."""
    return cases()[id]
