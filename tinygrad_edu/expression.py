"""Formulas typed by a user, computed by our ops and by nothing else: they are parsed, and never run as code."""

from __future__ import annotations

import ast
import linecache
import math
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import ops
from .tensor import Tensor
from .viz.sources import Place, Sources

FILE = "<expression>"
LONGEST = 2000  # characters of an expression
MOST_NUMBERS = 1000  # of one value that is given
MOST_COMPUTED = 1_000_000  # of one value that is computed

FUNCTIONS = (
    "abs", "arctan", "cos", "cosh", "dot", "exp", "expm1", "gelu", "log", "log1p", "log_softmax", "logsumexp",
    "matmul", "max", "maximum", "mean", "min", "minimum", "outer", "power", "prod", "reciprocal", "relu", "sigmoid",
    "silu", "sin", "sinh", "softmax", "softplus", "sqrt", "square", "sum", "tan", "tanh", "transpose", "var",
)  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}
BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


def evaluate(text: str, values: Mapping[str, str]) -> tuple[Tensor, dict[str, Tensor], Sources]:
    """The result of an expression, with its history.

    Parameters
    ----------
    text : str
        Numbers, names, ``+ - * / ** @``, parentheses, ``x.T`` and the functions in `FUNCTIONS`.
    values : mapping of str to str
        For each name a number or nested lists of numbers, as text.

    Returns
    -------
    Tensor
        One number, in double precision.
    dict of str to Tensor
        The leaves, each of which requires grad.
    Sources
        Which part of the expression made what.

    Raises
    ------
    ValueError
        For whatever is no such expression, or does not fit.

    Examples
    --------
    >>> y, leaves, _ = evaluate("w * x + 1", {"w": "2", "x": "3"})
    >>> y.backward()
    >>> y.item(), leaves["w"].grad
    (7.0, array(3.))
    """
    tree = parsed(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    names -= set(CONSTANTS) - set(values)
    _check_names(names, values)
    leaves = {name: leaf(name, values[name]) for name in sorted(names)}
    linecache.cache[FILE] = (len(text), None, [text + "\n"], FILE)
    evaluation = _Evaluation(leaves)
    try:
        with np.errstate(all="ignore"):
            y = evaluation.value(tree)
    except (ArithmeticError, RecursionError, TypeError, IndexError, MemoryError) as error:
        raise ValueError(f"explain: expected an expression that can be computed, but got {error}.") from error
    if not isinstance(y, Tensor):
        raise ValueError(f"explain: expected an expression with at least one name, but got {text!r}. Write w * 3.")
    if y.size != 1:
        raise ValueError(
            f"explain: expected an expression whose result is one number, but got shape {y.shape}. "
            "Reduce it: mean(...) or sum(...)."
        )
    return y, leaves, evaluation.sources


def parsed(text: str) -> ast.expr:
    """The syntax tree of an expression, on one line."""
    if len(text) > LONGEST:
        raise ValueError(f"explain: expected an expression of at most {LONGEST} characters, but got {len(text)}.")
    try:
        with warnings.catch_warnings(action="ignore"):  # of a name that runs into a number, say
            return ast.parse(text, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ValueError(
            f'explain: expected an expression like "sigmoid(w*x + b)", but got {text!r} ({said}).'
        ) from error


def leaf(name: str, text: str) -> Tensor:
    """A leaf with the value that a text gives: a number, or nested lists of numbers."""
    try:
        array = np.array(ast.literal_eval(text.strip()), np.float64)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise ValueError(
            f"explain: expected a number or nested lists for {name}, but got {text!r}. "
            f"Write --set {name}=2 or --set '{name}=[[1, 2], [3, 4]]'."
        ) from error
    if array.size > MOST_NUMBERS:
        raise ValueError(f"explain: expected at most {MOST_NUMBERS:,} numbers for {name}, but got {array.size:,}.")
    found = Tensor(array, requires_grad=True)
    found.name = name
    return found


def _check_names(names: set[str], values: Mapping[str, str]) -> None:
    missing, unused = sorted(names - set(values)), sorted(set(values) - names)
    if missing:
        shown = " ".join(f"--set {name}=..." for name in missing)
        raise ValueError(
            f"explain: expected a value for every name, but got none for {', '.join(missing)}. Add {shown}."
        )
    if unused:
        raise ValueError(f"explain: expected names of the expression, but got --set for {', '.join(unused)}.")


class _Evaluation:
    """One walk over a syntax tree; every part that is not expected is an error."""

    def __init__(self, leaves: Mapping[str, Tensor]) -> None:
        self.leaves = leaves
        self.sources = Sources()

    def value(self, node: ast.expr) -> Any:
        """A Tensor or a float."""
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and type(node.value) is not bool:
            return float(node.value)
        if isinstance(node, ast.Name) and (node.id in self.leaves or node.id in CONSTANTS):
            return self.leaves[node.id] if node.id in self.leaves else CONSTANTS[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            return self.noted(node, BINARY[type(node.op)](self.value(node.left), self.value(node.right)))
        if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
            return self.noted(node, UNARY[type(node.op)](self.value(node.operand)))
        if isinstance(node, ast.Attribute) and node.attr == "T":
            return self.noted(node, ops.transpose(self.tensor(node.value)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.noted(node, self.call(node, node.func.id))
        raise self.refusal(node)

    def call(self, node: ast.Call, name: str) -> Any:
        """A function of the list, with positions and integer options: ``sum(x, axis=0)``."""
        if name not in FUNCTIONS:
            raise ValueError(f"explain: expected one of {', '.join(FUNCTIONS)}, but got {name!r}.")
        options = {}
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg not in ("axis", "keepdims") or not isinstance(value, (ast.Constant, ast.UnaryOp)):
                raise self.refusal(value)
            options[keyword.arg] = ast.literal_eval(value)
        arguments: Sequence[Any] = [self.value(argument) for argument in node.args]
        if not any(isinstance(x, Tensor) for x in arguments):
            arguments = [Tensor(np.float64(x)) for x in arguments]
        return getattr(ops, name)(*arguments, **options)

    def tensor(self, node: ast.expr) -> Tensor:
        """A value that must be a Tensor."""
        value = self.value(node)
        if not isinstance(value, Tensor):
            raise self.refusal(node)
        return value

    def noted(self, node: ast.expr, value: Any) -> Any:
        """Remember which part of the expression made a tensor."""
        if isinstance(value, Tensor) and value.size > MOST_COMPUTED:
            raise ValueError(f"explain: expected values of at most {MOST_COMPUTED:,} numbers, but got {value.shape}.")
        if isinstance(value, Tensor):
            place = Place(FILE, node.lineno, node.end_lineno or 1, node.col_offset, node.end_col_offset or 0)
            self.sources.places[value.serial] = place
        elif not isinstance(value, float):
            raise self.refusal(node)
        return value

    @staticmethod
    def refusal(node: ast.expr) -> ValueError:
        """The error for a part that has no place in a formula."""
        return ValueError(
            f"explain: expected numbers, names, + - * / ** @ and functions, but got {ast.unparse(node)[:60]!r}. "
            f"The functions are {', '.join(FUNCTIONS)}."
        )
