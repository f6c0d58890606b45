"""The text of a local derivative, read back from the source of the very formula that runs.

``lambda g, y, x: g * (1 - y * y)`` becomes ``⊙ (1 − h²)`` for an output that the user calls h.  G stands for the
gradient that arrives.  Where a formula has no source, or is too long for the edge of a picture, there is no text.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

from . import numbers

LONGEST = 30  # characters that an edge has room for

# What formulas compute that call helpers, mostly to arrange for shapes.  A test holds each rule to its formula.
RULES: dict[str, tuple[str | None, ...]] = {
    "linear": ("G @ {1}", "Gᵀ @ {0}", "×1"),
    "cross_entropy_of_labels": ("⊙ (softmax({0}) − onehot({1})){n}", None),
    "leaky_relu": ("⊙ (1[{0} > 0] + {negative_slope}·1[{0} ≤ 0])",),
    "dropout": ("⊙ {1} / (1 − {p})", None),
    "mse_loss": ("⊙ 2·({0} − {1}){n}", "⊙ 2·({1} − {0}){n}"),
    "l1_loss": ("⊙ sign({0} − {1}){n}", "⊙ sign({1} − {0}){n}"),
    "matmul": ("G @ {1}ᵀ", "{0}ᵀ @ G"),
    "maximum": ("⊙ 1[{0} > {1}]", "⊙ 1[{1} > {0}]"),
    "minimum": ("⊙ 1[{0} < {1}]", "⊙ 1[{1} < {0}]"),
    "power": ("⊙ {1}·{0}^({1}−1)", "⊙ {0}^{1}·log({0})"),
    "sum": ("×1",),
    "reshape": ("reshape G",),
    "transpose": ("transpose G",),
    "matrix_transpose": ("Gᵀ",),
    "getitem": ("G at [ ]",),
    "softmax": ("{out} ⊙ (G − Σ(G ⊙ {out}))",),
    "log_softmax": ("G − exp({out}) ⊙ Σ(G)",),
    "binary_cross_entropy_with_logits": ("⊙ (sigmoid({0}) − {1}){n}", "⊙ −{0}{n}"),
    "binary_cross_entropy": ("⊙ ({0} − {1}) / ({0} ⊙ (1 − {0})){n}", None),
    "negative_log_likelihood": ("⊙ −onehot({1}){n}", None),
    "take_along_axis": ("G at [ ]",),
    "take": ("G at [ ]",),
    "put": ("part of G",),
    "embedding": ("G at its row",),
    "pad_constant": ("inside of G",),
    "max_pool": ("G at the maximum",),
    "window_sum": ("G to its window",),
    "unfold_columns": ("G to its window",),
    "conv": ("convᵀ(G, {1})", "conv′({0}, G)", "×1"),
    "conv_image": ("conv(G, {1})", "conv′(G, {0})"),
    "concatenate": ("part of G",),
    "stack": ("part of G",),
}

_OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: (" + ", 1),
    ast.Sub: (" − ", 1),
    ast.Mult: (" ⊙ ", 2),
    ast.Div: (" / ", 2),
    ast.MatMult: (" @ ", 2),
    ast.Pow: ("^", 4),
}
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Gt: ">",
    ast.Lt: "<",
    ast.GtE: "≥",
    ast.LtE: "≤",
    ast.Eq: "=",
    ast.NotEq: "≠",
}


def rule(op: Any, position: int, names: Sequence[str], output: str, params: Mapping[str, Any]) -> str | None:
    """The local derivative of `op` for one of its inputs, in the names of the user.

    Parameters
    ----------
    op : callable
        The op.
    position : int
        Which input.
    names : sequence of str
        What to call the inputs.
    output : str
        What to call the result.
    params : mapping
        The parameters of this call.

    Returns
    -------
    str or None
        ``×1``, ``⊙ w``, ``G @ wᵀ``; None where there is nothing short to say.

    Examples
    --------
    >>> from tinygrad_edu import ops
    >>> rule(ops.tanh, 0, ["z"], "h", {})
    '⊙ (1 − h²)'
    >>> rule(ops.matmul, 1, ["x", "w"], "z", {})
    'xᵀ @ G'
    """
    if op.__name__ in RULES:
        return _known(op.__name__, position, names, params, output)
    formula = op.vjps[position] if op.each is None else None  # those of a sequence have no names for its parts
    expression = None if formula is None else source_expression(formula)
    if formula is None or expression is None:
        return None
    arguments = formula.__code__.co_varnames[: formula.__code__.co_argcount]
    known = dict(zip(arguments, ("G", output, *names), strict=False))
    for name, value in params.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            known[name] = numbers.number(value)
    try:
        text = _applied(expression, arguments[0], _Printer(known))
    except _Unprintable:
        return None
    return text if len(text) <= LONGEST else None


def _known(op: str, position: int, names: Sequence[str], params: Mapping[str, Any], output: str) -> str | None:
    """A rule of the table, filled in."""
    if op == "power" and position == 0 and names[1] in ("2", "3"):
        return f"⊙ {names[1]}·{names[0]}{'²' if names[1] == '3' else ''}"
    templates = RULES[op]
    template = templates[min(position, len(templates) - 1)]
    if template is None:
        return None
    mean = "/n" if params.get("reduction") == "mean" else ""
    shown = {name: numbers.number(params.get(name, 0)) for name in ("p", "negative_slope")}
    return template.format(*names, n=mean, out=output, **shown)


def source_expression(formula: Callable[..., Any]) -> ast.expr | None:
    """The expression that a lambda, or a function of one return statement, computes; None without a source."""
    code = getattr(formula, "__code__", None)
    if code is None:
        return None
    tree = _parsed(code.co_filename)
    if tree is None:
        return None
    if code.co_name != "<lambda>":
        return _returned(tree, code)
    where = {p for p in code.co_positions() if None not in p}
    return next((body for body in tree.lambdas if _span(body) in where and body.lineno >= code.co_firstlineno), None)


class _Parsed:
    """The lambdas and functions of one file."""

    def __init__(self, tree: ast.AST) -> None:
        # Inner ones first: the positions of an outer one include them.
        self.lambdas = [node.body for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
        self.functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@lru_cache(maxsize=64)
def _parsed(filename: str) -> _Parsed | None:
    lines = linecache.getlines(filename)
    try:
        return _Parsed(ast.parse("".join(lines))) if lines else None
    except SyntaxError:
        return None


def _span(node: ast.expr) -> tuple[int | None, ...]:
    """Where an expression stands, as `co_positions` gives it."""
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)


def _returned(tree: _Parsed, code: CodeType) -> ast.expr | None:
    for function in tree.functions:
        first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
        if function.name == code.co_name and first == code.co_firstlineno:
            body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
            if len(body) == 1 and isinstance(body[0], ast.Return):
                return body[0].value
    return None


def _applied(expression: ast.expr, g: str, printer: _Printer) -> str:
    """A formula as what it does to the gradient: ``×1``, ``⊙ w``, or all of it with G inside."""
    if _is_name(expression, g):
        return "×1"
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.USub) and _is_name(expression.operand, g):
        return "×−1"
    if isinstance(expression, ast.BinOp):
        left, right, kind = expression.left, expression.right, type(expression.op)
        others = _without(expression, g)
        if others is not None:
            texts = " ⊙ ".join(printer.text(other, 3) for other in others)
            return f"×{texts}" if all(map(printer.is_number, others)) else f"⊙ {texts}"
        if kind is ast.Div and _is_name(left, g):
            return f"÷ {printer.text(right, 3)}"
    return printer.text(expression, 0)


def _without(product: ast.expr, g: str) -> list[ast.expr] | None:
    """The other factors of a product of which g is one; None if it is none."""
    factors: list[ast.expr] = []
    while isinstance(product, ast.BinOp) and isinstance(product.op, ast.Mult):
        factors.insert(0, product.right)
        product = product.left
    factors.insert(0, product)
    others = [factor for factor in factors if not _is_name(factor, g)]
    return others if len(others) == len(factors) - 1 and others else None


def _name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _is_name(node: ast.expr, name: str) -> bool:
    return _name(node) == name


class _Unprintable(Exception):
    """An expression for which there is no short text."""


class _Printer:
    """An expression in the signs of mathematics."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def is_number(self, node: ast.expr) -> bool:
        """Whether the expression is one number."""
        if isinstance(node, ast.UnaryOp):
            return self.is_number(node.operand)
        if isinstance(node, ast.Name):
            return self.names.get(node.id, "?").lstrip("−").replace(".", "", 1).isdecimal()
        return isinstance(node, ast.Constant)

    def text(self, node: ast.expr, strength: int) -> str:
        """The expression, in parentheses if it binds less than `strength`."""
        if isinstance(node, ast.BinOp):
            return self.binary(node, strength)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            text = f"−{self.text(node.operand, 3)}"
            return f"({text})" if strength > 2 else text
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
            sign = _COMPARISONS[type(node.ops[0])]
            return f"1[{self.text(node.left, 1)} {sign} {self.text(node.comparators[0], 1)}]"
        if isinstance(node, ast.Attribute) and node.attr in ("mT", "T"):
            return f"{self.text(node.value, 5)}ᵀ"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.func.id.startswith("_"):
            arguments = [self.argument(a) for a in node.args]
            if not node.keywords:
                return f"{node.func.id}({', '.join(arguments)})"
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return numbers.number(node.value)
        raise _Unprintable

    def argument(self, node: ast.expr) -> str:
        """An argument of a function, where a comparison is a condition and not a number."""
        text = self.text(node, 0)
        return text[2:-1] if isinstance(node, ast.Compare) else text

    def binary(self, node: ast.BinOp, strength: int) -> str:
        """A sum, a product, a power; a product of two equal factors is a square."""
        if type(node.op) not in _OPERATORS:
            raise _Unprintable
        sign, own = _OPERATORS[type(node.op)]
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and isinstance(node.right.value, int):
            return self.text(node.left, 5) + numbers.superscript(node.right.value)
        if isinstance(node.op, ast.Mult):
            if ast.dump(node.left) == ast.dump(node.right):
                return self.text(node.left, 5) + "²"
            if self.is_number(node.left) or self.is_number(node.right):
                sign = "·"
        right_strength = own if isinstance(node.op, (ast.Add, ast.Mult)) else own + 1
        text = f"{self.text(node.left, own)}{sign}{self.text(node.right, right_strength)}"
        return f"({text})" if own < strength else text
