"""`tinygrad-edu explain`, as a user types it: formulas, programs, and what it says when something is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tinygrad_edu import Tensor, expression
from tinygrad_edu.cli import main


def page(path: Path) -> dict[str, Any]:
    return json.loads(re.findall(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[0])


def explain(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    out = tmp_path / "page.html"
    assert main(["explain", *arguments, "--output", str(out)]) == 0
    return page(out)


def test_a_formula_becomes_a_page(tmp_path: Path, capsys: Any) -> None:
    values = ["w0=2", "x0=-1", "w1=-3", "x1=-2", "b=-3"]
    shown = explain(tmp_path, "sigmoid(w0*x0 + w1*x1 + b)", "--set", *values)
    printed = capsys.readouterr().out
    assert "= 0.731059" in printed
    assert "d/dw0 = −0.196612" in printed
    nodes = shown["frames"][0]["nodes"]
    assert {n["name"]: n["grad"]["data"][0] for n in nodes if "name" in n} == pytest.approx(
        {"w0": -0.1966119, "x0": 0.3932239, "w1": -0.3932239, "x1": -0.5898358, "b": 0.1966119}, rel=1e-6
    )
    marks = [n["source"]["lines"][0][n["source"]["from"][1] : n["source"]["to"][1]] for n in nodes if "source" in n]
    assert marks == ["w0*x0", "w1*x1", "w0*x0 + w1*x1", "w0*x0 + w1*x1 + b", "sigmoid(w0*x0 + w1*x1 + b)"]


def test_a_formula_may_begin_with_a_minus_after_a_space(tmp_path: Path) -> None:
    assert explain(tmp_path, " -w*2", "--set", "w=3")["frames"][0]["nodes"][-1]["value"]["data"] == [-6]


@pytest.mark.parametrize("formula", ["log(0*x)", "sqrt(x - 2)", "exp(x * 1000)"])
def test_numbers_that_are_not_finite_are_told_without_warnings(formula: str, tmp_path: Path, capsys: Any) -> None:
    explain(tmp_path, formula, "--set", "x=2")  # a warning is an error here
    assert re.search(r"d/dx = (NaN|∞)", capsys.readouterr().out)


def test_values_may_be_matrices_and_functions_take_an_axis() -> None:
    y, leaves, _ = expression.evaluate(
        "mean(sum((x @ w.T) ** 2, axis=-1))", {"x": "[[1, 2], [3, 4]]", "w": "[[1, 0.5]]"}
    )
    assert y.item() == pytest.approx((2.0**2 + 5.0**2) / 2)
    y.backward()
    assert leaves["w"].grad.tolist() == [[17.0, 24.0]]


HOSTILE = [
    "__import__('os').system('true')",
    "x.__class__",
    "(lambda: x)()",
    "[x for x in x]",
    "x if x else x",
    "x and x",
    "x := 1",
    "f'{x}'",
    "'a' * x",
    "x[0]",
    "open(x)",
    "getattr(x, x)",
    "sum(x, axis=print)",
    "sum(*x)",
    "sum(x, **x)",
    "exp.forward",
    "True + x",
    "1j * x",
    "x; x",
    "",
    "x" * 5000,
    "(" * 1500 + "x" + ")" * 400,
    "0" + "-" * 1900 + "x",
    "9**9**9**9 * x",
    "outer(outer(x, x), outer(x, x))",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_and_never_run(text: str, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "page.html"
    assert main(["explain", text, "--set", "x=[1, 2]", "--output", str(out)]) == 1
    assert "expected" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["w*x", "--set", "w=1"], "none for x. Add --set x=..."),
        (["w", "--set", "w=1", "v=2"], "--set for v"),
        (["w", "--set", "w=__import__('os')"], "a number or nested lists for w"),
        (["w", "--set", "w"], "--set name=value"),
        (["2 + 3"], "at least one name"),
        (["w*w", "--set", "w=[1, 2]"], "one number, but got shape (2,)"),
        (["wrong(w)", "--set", "w=1"], "expected one of abs, arctan"),
        (["w*x", "--set", "w=[1,2]", "x=[1,2,3]"], "a (2,) and b (3,)"),
        (["w", "--set", "w=1", "--tensor", "w"], "with a Python file"),
        (["none.py"], "there is none at 'none.py'"),
        (["none.py", "--set", "w=1"], "Edit the file"),
    ],
)
def test_mistakes_are_told(arguments: list[str], said: str, tmp_path: Path, capsys: Any) -> None:
    assert main(["explain", *arguments, "--output", str(tmp_path / "page.html")]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import tinygrad_edu as tg

w = tg.Tensor(3.0, requires_grad=True)
if __name__ == "__main__":
    for _ in range(4):
        w.zero_grad()
        loss = (w - 1.0) ** 2
        loss.backward()
        w.data = w.data - 0.25 * w.grad
last = w * 2.0
"""


def test_a_program_is_run_and_its_loss_explained(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(PROGRAM, "utf-8")
    (frame,) = explain(tmp_path, str(program), "--tensor", "last")["frames"]
    assert [node.get("name") for node in frame["nodes"]] == ["w", None, "last"]
    assert frame["nodes"][2]["source"]["file"] == "train.py"
    assert explain(tmp_path, str(program))["title"] == "train.py"


def test_the_first_backward_passes_of_a_program_are_kept(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(PROGRAM, "utf-8")
    before = Tensor.backward
    frames = explain(tmp_path, str(program), "--iterations", "3")["frames"]
    assert [frame["nodes"][0]["value"]["data"] for frame in frames] == [[3], [2], [1.5]]
    assert Tensor.backward is before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "found none. Assign your loss"),
        ("import sys\nsys.exit(3)", "called exit(3)"),
        ("def f():\n    1 / 0\nf()", "ZeroDivisionError"),
    ],
)
def test_a_program_that_fails_is_told_in_its_own_lines(text: str, said: str, tmp_path: Path, capsys: Any) -> None:
    program = tmp_path / "p.py"
    program.write_text(text, "utf-8")
    assert main(["explain", str(program), "--output", str(tmp_path / "page.html")]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "runpy" not in told


def test_every_function_of_formulas_exists() -> None:
    for name in expression.FUNCTIONS:
        assert callable(getattr(expression.ops, name))
