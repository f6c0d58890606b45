"""The source of an op that NumPy does not have, as a function of its own: read back from what runs."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np


class Helpers:
    """Functions that stand above the text that calls them, each with all that it needs itself."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken  # the names of the text, which grow with it
        self._names: dict[int, str] = {}  # by the id of the function
        self._texts: list[str] = []
        self._constants: dict[str, str] = {}
        self.imports: set[str] = set()

    @property
    def text(self) -> str:
        """The constants and the functions, with two blank lines after each function."""
        constants = "".join(f"{name} = {value}\n" for name, value in self._constants.items())
        return (constants + "\n\n" if constants else "") + "".join(f"{text}\n\n\n" for text in self._texts)

    def _free(self, name: str) -> str:
        """That name, or one like it that nobody has."""
        while name in self.taken or hasattr(builtins, name):
            name += "_"
        self.taken.add(name)
        return name

    def call(self, op: Any, name: str | None = None, caller: Any = None) -> str:
        """The name under which an op, or a function, can be called.

        Raises
        ------
        NotImplementedError
            If its source is not at hand, or uses what cannot be written down.
        """
        function = inspect.unwrap(getattr(op, "forward", op))
        if id(function) in self._names:
            return self._names[id(function)]
        # With its underscore, where it has one: so it does not meet a variable of the function that calls it.
        name = self._names[id(function)] = self._free(function.__name__ if name is None else name)
        caller = op if caller is None else caller
        tree = _source(function, caller)
        _Plain(function, self, caller).visit(tree)
        tree.name = name
        ast.fix_missing_locations(tree)
        text = ast.unparse(tree)
        self._texts.append(text if '"' in text else text.replace("'", '"'))
        return name

    def constant(self, name: str, value: Any) -> str:
        """A number of the module, under its name."""
        if name not in self._constants:
            self.taken.add(name)
            self._constants[name] = repr(value)
        return name


def _source(function: Callable[..., Any], op: Any) -> ast.FunctionDef:
    """The definition of a function, without decorators, annotations and docstring."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        tree = None
    if not isinstance(tree, ast.FunctionDef):
        raise _unknown(op)
    tree.decorator_list, tree.returns = [], None
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    return tree


def _unknown(op: Any) -> NotImplementedError:
    return NotImplementedError(
        f"to_numpy: expected ops that can be written in NumPy, but got {op.__name__}, whose source is not at hand or "
        f"uses more than NumPy. Compute it from other ops."
    )


class _Plain(ast.NodeTransformer):
    """A function of this package as one that needs NumPy only: without checks, and calling its helpers by name."""

    def __init__(self, function: Any, helpers: Helpers, op: Any) -> None:
        self.globals = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
        self.helpers, self.op = helpers, op
        self.local = {*function.__code__.co_varnames, *function.__code__.co_cellvars}

    def visit_Expr(self, node: ast.Expr) -> Any:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        return None if name.lstrip("_").startswith("check") else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if all(isinstance(each, ast.Raise) for each in node.body):  # a mistake of the user: not in a run that went well
            return [self.visit(each) for each in node.orelse]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return self.visit(ast.Assign([node.target], node.value)) if node.value is not None else None

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        module = self.globals.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if isinstance(module, ModuleType) and module.__name__.startswith("tinygrad_edu"):
            return self._known(node.attr, getattr(module, node.attr))
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.local or not isinstance(node.ctx, ast.Load) or node.id not in self.globals:
            return node
        return self._known(node.id, self.globals[node.id])

    def _known(self, name: str, value: Any) -> ast.expr:
        if value is np:
            return ast.Name("np")
        if isinstance(value, ModuleType) and value.__name__ == "math":
            self.helpers.imports.add("math")
            return ast.Name("math")
        if isinstance(value, (int, float, str)):
            return ast.Name(self.helpers.constant(name, value))
        if inspect.isfunction(value):
            return ast.Name(self.helpers.call(value, caller=self.op))
        raise _unknown(self.op)
