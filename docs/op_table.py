"""Write docs/ops.md from the ops themselves: ``python docs/op_table.py``; ``--count`` says how many are proved.

Everything on that page is read from the package: the first line and the gradient of each docstring, the formulas from
their own source, the first example. tests/test_docs.py fails when the page is not what this writes.
"""

import argparse
import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import tinygrad_edu as tg  # noqa: E402
from tests.ops import table  # noqa: E402

INTRODUCTION = """\
# The ops

Every op has NumPy's name and arguments where NumPy has the function, works on Tensors and on arrays, and is reached
by NumPy's own function too: `np.exp(t)` is `tg.exp(t)`. A *formula* is the source of the op, as it runs: `g` is the
gradient that arrives at the output `y`, and the formula is the gradient for one input, in the order of the arguments;
where an input was broadcast, the engine sums over what was stretched. What has no formula of its own is made of others.
{counts}

What the derivative is where calculus has none is on a [page of its own](kinks.md), and so are the
[functions of NumPy that have no rule](numpy.md).
"""


SPACES = [tg.ops, tg.linalg, tg.special]


def families():
    """The modules that ops live in, by name."""
    package = tg.ops
    modules = [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    return sorted(modules, key=lambda module: module.__name__)


def public_ops(module):
    """The ops and functions made of ops that a family hands on."""
    handed_on = {id(getattr(space, name)) for space in SPACES for name in space.__all__}
    found = [f for f in vars(module).values() if callable(f) and getattr(f, "__module__", "") == module.__name__]
    return sorted((f for f in found if id(f) in handed_on), key=lambda f: f.__name__)


def other_names(op):
    """What else the op goes by: ``, also `abs```."""
    names = {name for space in SPACES for name in space.__all__ if getattr(space, name) is op} - {op.__name__}
    return "".join(f", also `{name}`" for name in sorted(names))


def call(op):
    """The op with its arguments, without their types."""
    shown = []
    for p in inspect.signature(getattr(op, "forward", op)).parameters.values():
        star = "*" if p.kind is p.VAR_POSITIONAL else ""
        default = "" if p.default is p.empty else f"={getattr(p.default, '__name__', repr(p.default))}"
        shown.append(f"{star}{p.name}{default}")
    return f"{op.__name__}({', '.join(shown)})"


def lambdas(op):
    """The formulas of an op, as they stand in its source."""
    source = textwrap.dedent(inspect.getsource(op.forward))
    decorators = ast.parse(source).body[0].decorator_list
    call = next(d for d in decorators if isinstance(d, ast.Call))
    named = [k.value for k in call.keywords if k.arg == "each"]
    texts = []
    for argument in [*call.args, *named]:
        if isinstance(argument, ast.Constant):
            texts.append("none")
        else:
            body = argument.body if isinstance(argument, ast.Lambda) else argument
            texts.append(f"`{' '.join(ast.get_source_segment(source, body).split())}`")
    return texts


def formulas(op):
    """What stands in the column of formulas."""
    if not hasattr(op, "vjps"):
        return "made of other ops"
    if not op.differentiable:
        return "no derivative"
    return "<br>".join(lambdas(op))


def paragraph(text, head):
    """The paragraph of a docstring that begins with `head`, without it."""
    for part in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if part.startswith(head):
            return " ".join(part[len(head) :].split())
    return ""


def example(op):
    """The last expression of the docstring's examples and its value."""
    shown = [e for e in doctest.DocTestParser().get_examples(op.__doc__) if e.want]
    if not shown:
        return ""
    code, value = (" ".join(part.split()) for part in (shown[-1].source, shown[-1].want))
    return f"`{code}`<br>`{value}`"


def cell(text):
    """Text that stays in its column."""
    return text.replace("|", "\\|").replace("``", "`")


def page():
    """The whole page."""
    parts = [INTRODUCTION.format(counts=counts())]
    for module in families():
        ops = public_ops(module)
        if not ops:
            continue
        title = module.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        parts.append(f"## {title}\n\n{module.__doc__.splitlines()[0]}\n")
        parts.append("| op | what it computes | formulas | gradient, and choices | example |\n|---|---|---|---|---|")
        for op in ops:
            first = " ".join(inspect.cleandoc(op.__doc__).split("\n\n")[0].split())
            cells = [
                f"`{call(op)}`{other_names(op)}",
                first,
                formulas(op),
                paragraph(op.__doc__, "Gradient:"),
                example(op),
            ]
            parts.append("| " + " | ".join(map(cell, cells)) + " |")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def counts():
    """How many ops there are, and how many of them the table of tests proves to which order."""
    proved = {}
    for row in table.rows():
        if row.differentiable:
            proved[row.op] = max(proved.get(row.op, 0), row.order)
    functions = [op for module in families() for op in public_ops(module)]
    second = sum(order >= 2 for order in proved.values())
    return (
        f"{len(functions)} functions; {len(proved)} with a derivative that Hypothesis checks against central "
        f"differences, {second} of them to second order."
    )


def main():
    """Write the page, or print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", action="store_true", help="print how many ops are proved, and write nothing")
    if parser.parse_args().count:
        print(counts())
    else:
        (HERE / "ops.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
