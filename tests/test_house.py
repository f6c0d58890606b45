"""The rules of the house: who may import whom, how long a file may be, what every public name owes its reader."""

import ast
import doctest
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Imports go downwards, or stay on their floor. The package itself ("") hands on the names of floors 0 to 4.
FLOORS = [
    {
        "allocator",
        "context",
        "contributions",
        "dtypes",
        "engine",
        "generator",
        "hooks",
        "lazy",
        "marks",
        "memory",
        "observe",
        "shapes",
        "signature",
        "sweep",
        "text",
        "threads",
        "trees",
    },
    {"ops", "special"},
    {
        "calls",
        "creation",
        "derivatives",
        "dispatch",
        "inplace",
        "linalg",
        "methods",
        "random",
        "sampling",
        "tensor",
        "transforms",
    },
    {"data", "nn", "optim"},
    {"detective", "io", "testing", "train", "viz"},
    {"", "__main__", "cli", "demo", "explaining", "expression"},
]
# `Tensor.draw` and `Tensor.step` import the pictures when they are called.
UPWARD = {("tensor", "viz")}
# Modules, not packages, whose names users write: linalg.inv(a).
NAMESPACES = {"tinygrad_edu.linalg", "tinygrad_edu.nn.utils.rnn", "tinygrad_edu.random"}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(name: str) -> str:
    """The part of the package that a module belongs to: "ops" for tinygrad_edu.ops.arithmetic."""
    return (name.split(".") + [""])[1]


def floor(name: str) -> int:
    found = [i for i, names in enumerate(FLOORS) if name in names]
    assert found, f"{name} has no floor: give it one in FLOORS"
    return found[0]


def imports(path: Path) -> Iterator[str]:
    """Dotted names of the modules of this package that a file imports, also inside functions, but not for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in _run_statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "tinygrad_edu")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *filter(None, [node.module])])
            if base == "tinygrad_edu":  # a name of the package itself, unless there is a module of that name
                for alias in node.names:
                    is_module = (PACKAGE / alias.name).is_dir() or (PACKAGE / f"{alias.name}.py").exists()
                    yield f"{base}.{alias.name}" if is_module else base
            elif base.split(".")[0] == "tinygrad_edu":
                yield base


def _run_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from _run_statements(node)


def upward_imports(path: Path) -> list[str]:
    user = part(module_name(path))
    return [
        f"{module_name(path)} (floor {floor(user)}) imports {used} (floor {floor(part(used))})"
        for used in imports(path)
        if floor(part(used)) > floor(user) and (user, part(used)) not in UPWARD
    ]


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_go_downwards(path):
    assert upward_imports(path) == []


def test_an_import_upwards_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "tinygrad_edu")
    for name in ("ops/shape.py", "tensor.py", "viz/draw.py"):
        path = tmp_path / "tinygrad_edu" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    path = tmp_path / "tinygrad_edu" / "ops" / "exp.py"
    for line in (
        "from ..tensor import Tensor",
        "from .. import tensor",
        "import tinygrad_edu.viz.draw",
        "from tinygrad_edu import viz",
        "from tinygrad_edu import exp",
        "def f():\n    from ..viz.draw import draw",
    ):
        path.write_text(line)
        assert len(upward_imports(path)) == 1, line
    path.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..tensor import Tensor")
    assert upward_imports(path) == []
    path.write_text("from .shape import reshape\nimport numpy")
    assert upward_imports(path) == []


def test_importing_the_package_loads_nothing_but_numpy():
    code = "import sys; before = set(sys.modules); import tinygrad_edu; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    modules = set(run.stdout.split())
    costly = {"concurrent.futures", "importlib.resources", "logging", "numpy.random", "pathlib"}
    assert not modules & costly, "these cost more than the package itself; import them where they are used"
    loaded = {name.split(".")[0] for name in modules}
    assert loaded - set(sys.stdlib_module_names) <= {"numpy", "tinygrad_edu"}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_file_is_longer_than_400_lines(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 400


DUNDERS = ("__all__", "__getattr__", "__version__")


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=module_name)
def test_init_files_only_hand_on_names(path):  # by importing them, or `__getattr__ = on_demand(...)`
    docstring, *rest = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    for node in rest:
        named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DUNDERS
        added = isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "__all__"
        imported = isinstance(node, ast.Import | ast.ImportFrom)
        imported |= isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        assert named or added or imported, f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=module_name)
def test_init_files_list_every_name_that_they_hand_on(path):
    """Type checkers take a name from a package only if it stands in a written-out `__all__`."""
    text = path.read_text(encoding="utf-8")
    assert "__all__ = [\n" in text or re.search(r"__all__ = \[\"", text), "written out, not computed"
    handed = {
        alias.asname or alias.name
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert handed - {"*", "TYPE_CHECKING", "on_demand"} <= set(importlib.import_module(module_name(path)).__all__)


def public_names() -> dict[str, object]:
    """Every class and function that an __init__ file hands on, and those of the modules that are used by name."""
    found: dict[int, tuple[str, object]] = {}
    for path in FILES:
        module = module_name(path)
        if path.name == "__init__.py" or module in NAMESPACES:
            for name, value in vars(importlib.import_module(module)).items():
                origin = getattr(value, "__module__", None) or ""
                ours = origin.split(".")[0] == "tinygrad_edu" if path.name == "__init__.py" else origin == module
                if callable(value) and ours and not name.startswith("_"):
                    found.setdefault(id(value), (f"{module}.{name}", value))
    return dict(found.values())


PUBLIC = public_names()


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring_with_an_example(name):
    doc = inspect.getdoc(PUBLIC[name]) or ""
    assert doc.strip(), f"{name} has no docstring"
    assert ">>>" in doc, f"{name} has no example in its docstring"


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_every_public_method_has_a_docstring(name):
    for method, value in vars(PUBLIC[name]).items():
        if not method.startswith("_") and (inspect.isroutine(value) or isinstance(value, property)):
            assert inspect.getdoc(getattr(PUBLIC[name], method)), f"{name}.{method} has no docstring"


def examples(module) -> list[doctest.DocTest]:
    """The examples in the docstrings of a module, of ops too (doctest alone overlooks decorated functions)."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    globs = {**vars(module), "__name__": "__main__"}
    found = [finder._get_test(module, module.__name__, module, globs, None)]
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) == module.__name__ and (inspect.isclass(value) or callable(value)):
            found += finder.find(value, f"{module.__name__}.{name}", module=False, globs=dict(globs))
    return [test for test in found if test and test.examples]


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_examples_in_docstrings_give_what_they_say(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(module_name(path)) if path.name != "__main__.py" else None
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    told: list[str] = []
    for test in examples(module) if module else []:
        tinygrad_edu.manual_seed(0)
        runner.run(test, out=told.append)
    assert not runner.failures, "".join(told)


def test_examples_of_ops_are_found():
    found = [test.name for test in examples(importlib.import_module("tinygrad_edu.ops.elementwise"))]
    assert "tinygrad_edu.ops.elementwise.exp" in found
