"""The pages under docs/ say what the package does."""

import importlib.util
import re
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.dispatch import find_op

DOCS = Path(__file__).parent.parent / "docs"


def load_generator():
    spec = importlib.util.spec_from_file_location("op_table", DOCS / "op_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_ops_is_what_the_ops_say_now():
    found = load_generator().page()
    assert found == (DOCS / "ops.md").read_text(encoding="utf-8"), "run: python docs/op_table.py"


def test_every_public_op_is_on_the_page():
    text = (DOCS / "ops.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)\(.*?`((?:, also `\w+`)*) \|", text, re.MULTILINE)
    listed = {name for first, others in rows for name in [first, *re.findall(r"`(\w+)`", others)]}
    assert listed >= {name for space in (tg.ops, tg.linalg, tg.special) for name in space.__all__}


def test_the_functions_of_numpy_without_a_rule_are_listed_with_a_reason():
    text = (DOCS / "numpy.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`((?:linalg\.|fft\.)?\w+)`", text.partition("| functions | reason |")[2]))
    assert listed == without_rule()


def without_rule():
    """NumPy's functions that answer a Tensor with an error: they take arrays, and we have none of that name."""
    found = set()
    for prefix, space in (("", np), ("linalg.", np.linalg), ("fft.", np.fft)):
        for name in dir(space):
            function = getattr(space, name)
            takes_arrays = isinstance(function, np.ufunc) or type(function).__name__ == "_ArrayFunctionDispatcher"
            if not name.startswith("_") and takes_arrays and find_op(function) is None:
                found.add(prefix + name)
    return found
