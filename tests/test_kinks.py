"""The tables of docs/kinks.md are true."""

import re
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg

PAGE = Path(__file__).parents[1] / "docs" / "kinks.md"
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
NAMES = {"tg": tg, "np": np, "nan": np.nan, "inf": np.inf}


def test_the_tables_are_found():
    assert len(ROWS) > 25


@pytest.mark.parametrize(("expression", "at", "wanted"), ROWS)
def test_the_gradient_is_what_the_page_says(expression, at, wanted):
    x = tg.Tensor(np.array(eval(at, NAMES)), requires_grad=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        eval(expression, {**NAMES, "x": x}).sum().backward()
    np.testing.assert_allclose(x.grad, eval(wanted, NAMES))
